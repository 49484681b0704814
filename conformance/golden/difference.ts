/** One difference between the original's answer and ours, at a place that rules can name. */

export interface Difference {
  readonly kind: 'different' | 'missing' | 'unexpected'
  /**
   * `status`, `header location`, `header allow[GET]`, `body`, `xml /instances/instance[inst1]/name`, `json $.instance.actions[stop].href`,
   * `html form /api/keys`, `html form /api/keys name`, `html field hwp_cpu`.
   */
  readonly at: string
  /** What the original has there; undefined where it has nothing. */
  readonly expected?: string
  /** What ours has there; undefined where it has nothing. */
  readonly ours?: string
}

export const different = (at: string, expected: string, ours: string): Difference => ({ kind: 'different', at, expected, ours })

export const missing = (at: string, expected: string): Difference => ({ kind: 'missing', at, expected })

export const unexpected = (at: string, ours: string): Difference => ({ kind: 'unexpected', at, ours })

/** Whether a place is meant by a pattern: `*` stands for anything without `/` or `]`, `**` for anything. */
export const isAt = (pattern: string, at: string): boolean => expressionOf(pattern).test(at)

const expressions = new Map<string, RegExp>()

const expressionOf = (pattern: string): RegExp => {
  const known = expressions.get(pattern)
  if (known !== undefined) return known
  const source = pattern.split(/(\*\*|\*)/).map(part => (part === '**' ? '.*' : part === '*' ? '[^/\\]]*' : escapePattern(part)))
  const made = new RegExp(`^${source.join('')}$`, 's')
  expressions.set(pattern, made)
  return made
}

/** Text as a regular expression that matches just it. */
export const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
