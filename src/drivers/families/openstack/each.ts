/** The same question about many things, a few at a time. */

/** How many are asked at a time. */
const atOnce = 8

/** In the order of the items. @throws what the first failure threw; no more are then begun */
export const each = async <T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<readonly R[]> => {
  const answers: R[] = []
  for (let n = 0; n < items.length; n += atOnce) answers.push(...(await Promise.all(items.slice(n, n + atOnce).map(ask))))
  return answers
}
