/** The console's script: it keeps the page as it is now, and sends its forms without leaving it. Runs in the browser, served as it stands here. */

export const script = `'use strict'
{
  const main = document.getElementById('content')
  const status = document.getElementById('console-status')
  const live = document.getElementById('console-live')
  const pause = document.getElementById('console-pause')
  const search = document.getElementById('console-search')
  const stream = document.getElementById('console').dataset.stream
  let paused = false
  let busy = false
  let again = false
  // Which page this is, so that the server needn't say it again.
  let address = ''
  let tag = null

  const say = (text, bad) => {
    status.textContent = text
    status.className = bad ? 'note note-bad' : text === '' ? '' : 'note'
  }

  const connected = is => {
    live.hidden = false
    live.textContent = is ? 'live' : 'connection lost'
    live.className = is ? 'state state-good' : 'state state-bad'
  }

  // The parts that show something are taken from the page as the server has it now; forms with fields stay as they are.
  const refresh = async () => {
    if (busy) {
      again = true
      return
    }
    busy = true
    try {
      const headers = { Accept: 'text/html' }
      if (address === location.href && tag !== null) headers['If-None-Match'] = tag
      address = location.href
      const answer = await fetch(address, { headers, cache: 'no-store' })
      if (answer.ok) {
        tag = answer.headers.get('ETag')
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
        for (const part of document.querySelectorAll('[data-live]')) {
          const now = page.getElementById(part.id)
          if (now !== null && now.innerHTML !== part.innerHTML) replace(part, now)
        }
        clock()
      }
      connected(answer.ok || answer.status === 304)
    } catch {
      connected(false)
    }
    setTimeout(() => {
      busy = false
      if (again) {
        again = false
        refresh()
      }
    }, 200)
  }

  const replace = (part, now) => {
    const focused = part.contains(document.activeElement) ? document.activeElement.id : ''
    const open = new Set([...part.querySelectorAll('details[open]')].map(details => details.id))
    const shut = new Set([...part.querySelectorAll('details:not([open])')].map(details => details.id))
    part.replaceChildren(...now.childNodes)
    for (const details of part.querySelectorAll('details')) {
      if (open.has(details.id)) details.open = true
      if (shut.has(details.id)) details.open = false
    }
    if (focused !== '') document.getElementById(focused)?.focus()
  }

  // Between two looks the clock goes on as fast as it's told to.
  let base = 0
  let since = 0
  const clock = () => {
    const shown = document.getElementById('console-time')
    base = Number(shown.dataset.now)
    since = performance.now()
  }
  const tick = () => {
    const shown = document.getElementById('console-time')
    const { mode, scale } = shown.dataset
    if (mode !== 'manual') shown.textContent = new Date(Math.min(253402300799999, base + (performance.now() - since) * Number(scale))).toISOString().replace('T', ' ').replace('Z', '')
  }

  main.addEventListener('submit', async event => {
    const form = event.target
    if (form.method !== 'post' || form.dataset.plain !== undefined) return
    event.preventDefault()
    const fields = new FormData(form, event.submitter)
    const body = form.enctype === 'multipart/form-data' ? fields : new URLSearchParams(fields)
    try {
      const answer = await fetch(form.action, { method: 'POST', body, headers: { Accept: 'application/json' } })
      const told = answer.status === 204 ? {} : await answer.json()
      if (answer.ok) {
        say(form.dataset.done ?? '', false)
        if (form.dataset.clears !== undefined) form.reset()
      } else say([told.message, told.details].filter(text => text !== undefined).join(': '), true)
    } catch (error) {
      say('The server can’t be reached: ' + error.message, true)
    }
    refresh()
  })

  pause.hidden = false
  pause.addEventListener('click', () => {
    paused = !paused
    pause.textContent = paused ? 'Go on' : 'Pause'
    pause.setAttribute('aria-pressed', String(paused))
    if (!paused) refresh()
  })

  let typing
  search.addEventListener('input', () => {
    clearTimeout(typing)
    typing = setTimeout(() => {
      const url = new URL(location.href)
      if (search.value === '') url.searchParams.delete('text')
      else url.searchParams.set('text', search.value)
      history.replaceState(null, '', url)
      refresh()
    }, 200)
  })

  const events = new EventSource(stream)
  events.onmessage = () => {
    if (!paused) refresh()
  }
  events.onopen = () => {
    connected(true)
  }
  events.onerror = () => {
    connected(false)
  }
  // Rules, limits and the clock leave no trace in the log.
  setInterval(() => {
    if (!paused && !document.hidden) refresh()
  }, 2000)
  clock()
  setInterval(tick, 100)
}
`
