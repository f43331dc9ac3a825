import { nearest } from '../../diagnostics/nearest.ts'

export const selectorMethods = ['name', 'tag', 'type', 'path', 'owner', 'source'] as const
export type SelectorMethod = (typeof selectorMethods)[number]

/** One term of a selector: what it names, and how far up and down the graph it reaches. */
export interface SelectorTerm {
  readonly method: SelectorMethod
  /** May hold `*`, `?` and `[…]`. */
  readonly value: string
  /** Steps towards what it reads; Infinity for all. */
  readonly up: number
  /** Steps towards what reads it; Infinity for all. */
  readonly down: number
  /** `@`: also everything that its dependents read. */
  readonly childrensParents: boolean
}

/** Terms that must all hold, as written with commas. */
export type Intersection = readonly SelectorTerm[]

/** A selector that cannot be read: wrong usage. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError'
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

/**
 * Reads selectors as dbt writes them: spaces (and repeated flags) for union, commas for intersection.
 *
 * @throws {SelectorError} unknown method, or nothing between the marks
 */
export function parseSelectors(texts: readonly string[]): readonly Intersection[] {
  return texts
    .flatMap((text) => text.split(/\s+/))
    .filter((text) => text !== '')
    .map((union) => union.split(',').map(parseTerm))
}

const term = /^(?<at>@)?(?:(?<up>\d*)\+)?(?<body>[^+@]*?)(?:\+(?<down>\d*))?$/

function parseTerm(text: string): SelectorTerm {
  const groups = term.exec(text)?.groups
  const body = groups?.body ?? ''
  if (groups === undefined || body === '') {
    throw new SelectorError(
      `\`${text}\` is not a selector`,
      'write a name, tag:x, type:x, path:x, owner:x or source:x, with + before or after it, or @ before it',
    )
  }
  return {
    ...methodOf(body),
    up: reach(groups.up),
    down: reach(groups.down),
    childrensParents: groups.at !== undefined,
  }
}

function reach(digits: string | undefined): number {
  if (digits === undefined) return 0
  return digits === '' ? Number.POSITIVE_INFINITY : Number(digits)
}

function methodOf(body: string): { method: SelectorMethod; value: string } {
  const colon = body.indexOf(':')
  if (colon === -1) {
    const isPath = body.includes('/') || /\.(ya?ml|sql)$/.test(body)
    return { method: isPath ? 'path' : 'name', value: body }
  }
  const written = body.slice(0, colon)
  const method = selectorMethods.find((known) => known === written)
  if (method === undefined) {
    const near = nearest(written, selectorMethods)
    const methods = `methods are ${selectorMethods.join(', ')}`
    throw new SelectorError(
      `unknown selector method \`${written}\``,
      near === undefined ? methods : `did you mean \`${near}:\`? ${methods}`,
    )
  }
  return { method, value: body.slice(colon + 1) }
}
