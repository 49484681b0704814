/** What a page must have so that everyone can use it; each finding is a sentence. Runs in the browser. */

export const findings = (): string[] => {
  const found: string[] = []
  const describe = (element: Element): string => element.outerHTML.slice(0, 120)
  const all = (selector: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(selector)]

  if (document.documentElement.lang === '') found.push('The page has no language')
  if (document.title.trim() === '') found.push('The page has no title')
  if (all('h1').length !== 1) found.push(`The page has ${all('h1').length} first headings`)
  let level = 0
  for (const heading of all('h1, h2, h3, h4, h5, h6')) {
    const next = Number(heading.tagName.slice(1))
    if (next > level + 1) found.push(`A heading of level ${next} follows one of level ${level}: ${describe(heading)}`)
    level = next
  }
  for (const landmark of ['header', 'main', 'footer', 'nav']) {
    if (all(landmark).length === 0) found.push(`The page has no ${landmark}`)
  }
  if (all('main').length > 1) found.push('The page has more than one main part')
  for (const nav of all('nav')) if (nav.getAttribute('aria-label') === null) found.push(`A navigation has no name: ${describe(nav)}`)

  const ids = all('[id]').map(element => element.id)
  for (const id of new Set(ids)) if (ids.filter(one => one === id).length > 1) found.push(`The id ${id} is there more than once`)
  for (const element of all('[aria-describedby], [aria-labelledby]')) {
    for (const name of ['aria-describedby', 'aria-labelledby'] as const) {
      for (const id of (element.getAttribute(name) ?? '').split(' ')) {
        if (id !== '' && document.getElementById(id) === null) found.push(`${name} names ${id}, which isn't there`)
      }
    }
  }

  for (const field of document.querySelectorAll<HTMLInputElement>('input:not([type="hidden"]), select, textarea')) {
    const named = [...(field.labels ?? [])].some(label => label.textContent?.trim() !== '')
    if (!named && field.getAttribute('aria-label') === null) found.push(`A field has no label: ${describe(field)}`)
  }
  for (const set of all('fieldset'))
    if (set.querySelector(':scope > legend') === null) found.push(`A group of fields has no legend: ${describe(set)}`)
  const names = new Map<string, string>()
  for (const button of document.querySelectorAll('button')) {
    const name = (button.textContent ?? '').replace(/\s+/g, ' ').trim()
    const { form } = button
    const does = `${form?.method} ${form?.action} ${form?.querySelector<HTMLInputElement>('[name="_method"]')?.value ?? ''}`
    if (name === '') found.push(`A button has no name: ${describe(button)}`)
    if ((names.get(name) ?? does) !== does) found.push(`Two buttons are called '${name}' and do different things`)
    names.set(name, does)
  }
  for (const link of all('a')) if ((link.textContent ?? '').trim() === '') found.push(`A link has no text: ${describe(link)}`)
  for (const head of all('th')) if (head.getAttribute('scope') === null) found.push(`A head of a table has no scope: ${describe(head)}`)
  for (const image of all('svg')) {
    if (image.getAttribute('aria-hidden') !== 'true' && image.getAttribute('aria-label') === null)
      found.push('A picture has no description')
  }
  return found
}

/** Texts whose contrast with what is behind them is less than 4.5 : 1 (3 : 1 for large ones). Runs in the browser. */
export const faintTexts = (): string[] => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const read = (colour: string): [number, number, number, number] => {
    if (canvas === null) throw new TypeError('A canvas is needed to read colours')
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    const [red = 0, green = 0, blue = 0, alpha = 0] = canvas.getImageData(0, 0, 1, 1).data
    return [red, green, blue, alpha / 255]
  }
  const behind = (element: Element): [number, number, number] => {
    const layers: [number, number, number, number][] = []
    for (let at: Element | null = element; at !== null; at = at.parentElement) {
      const layer = read(getComputedStyle(at).backgroundColor)
      if (layer[3] > 0) layers.push(layer)
      if (layer[3] === 1) break
    }
    return layers.reduceRight<[number, number, number]>(
      ([r, g, b], [red, green, blue, alpha]) => [r + (red - r) * alpha, g + (green - g) * alpha, b + (blue - b) * alpha],
      [255, 255, 255],
    )
  }
  const luminance = (colour: readonly number[]): number => {
    const [red = 0, green = 0, blue = 0] = colour.map(value => {
      const part = value / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const found: string[] = []
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '')
    if (!own || element instanceof SVGElement || !element.checkVisibility()) continue
    const style = getComputedStyle(element)
    const [red, green, blue] = read(style.color)
    const [text, ground] = [luminance([red, green, blue]), luminance(behind(element))]
    const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05)
    const size = Number.parseFloat(style.fontSize)
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
    if (contrast < (isLarge ? 3 : 4.5)) found.push(`${contrast.toFixed(2)} : 1 is too faint: ${element.outerHTML.slice(0, 120)}`)
  }
  return found
}
