/** Values as a warehouse column of one type holds them; arrays are text columns that hold JSON. */
export type Kind = 'text' | 'integer' | 'number' | 'boolean' | 'timestamp' | 'list'
export type Plain = string | number | boolean | null | readonly (string | number | boolean | null)[]

export interface Typed {
  readonly kind: Kind
  readonly value: Plain
}

const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?$/
const instant = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d))?$/

export function textOf(of: Typed): string | undefined {
  const { kind, value } = of
  if (value === null) return undefined
  if (Array.isArray(value)) return JSON.stringify(value)
  if (kind === 'timestamp') {
    const iso = new Date(String(value)).toISOString()
    return iso.replace(/\.?0*Z$/, 'Z').replace(/:Z$/, ':00Z')
  }
  return String(value)
}

export function numberOf(of: Typed): number | undefined {
  if (of.value === null || of.kind === 'boolean' || of.kind === 'timestamp') return undefined
  if (typeof of.value === 'number') return of.value
  const text = textOf(of)
  return text !== undefined && number.test(text) ? Number(text) : undefined
}

/** Milliseconds since 1970. */
export function instantOf(of: Typed): number | undefined {
  if (of.value === null || of.kind === 'boolean' || of.kind === 'integer' || of.kind === 'number')
    return undefined
  const text = String(of.value)
  if (!instant.test(text)) return undefined
  const found = Date.parse(text.length === 10 ? `${text}T00:00:00Z` : text.replace(' ', 'T'))
  return Number.isNaN(found) ? undefined : found
}

export function sameValue(left: Typed, right: Typed): boolean {
  const kinds = [left.kind, right.kind].map((kind) =>
    kind === 'list' ? 'text' : kind === 'integer' ? 'number' : kind,
  )
  const special = kinds.filter((kind) => kind !== 'text')
  if (special.length === 0) return textOf(left) !== undefined && textOf(left) === textOf(right)
  if (special.length === 2 && special[0] !== special[1]) return false
  const read = (of: Typed): number | string | undefined => {
    switch (special[0]) {
      case 'number':
        return numberOf(of)
      case 'timestamp':
        return instantOf(of)
      default: {
        const word = textOf(of)?.toLowerCase()
        return word === 'true' || word === 'false' ? word : undefined
      }
    }
  }
  return read(left) !== undefined && read(left) === read(right)
}

/** Scalars of an array; nothing for what is no array of scalars. */
export function elementsOf(of: Typed): readonly Typed[] {
  if (!Array.isArray(of.value)) return []
  return of.value
    .filter((element) => element !== null)
    .map((element) => ({ kind: 'text', value: String(element) }))
}

export function byCodePoint(left: string, right: string): number {
  const [a, b] = [[...left], [...right]]
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference = (a[index]?.codePointAt(0) ?? 0) - (b[index]?.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}
