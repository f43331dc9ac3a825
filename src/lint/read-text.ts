const number = /^[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})([eE][+-]?\d{1,2})?$/
const instant = /^[1-9]\d{3}-\d{2}-\d{2}([T ]\d{2}:\d{2}:\d{2}(\.\d{1,3})?(Z|[+-]\d{2}:\d{2}))?$/

/** What a text reads as; `unclear` where warehouses might see more in it than is judged here. */
export type Read = number | 'none' | 'unclear'

/** A plain decimal number. */
export function readNumber(text: string): Read {
  if (number.test(text)) return plainNumber(Number(text))
  // Long digits, large exponents, spaces around.
  return /^\s*[+-]?\s*\.?\d/.test(text) && !/[^\d\s.+eE-]/.test(text) ? 'unclear' : 'none'
}

/** Beyond 2^53 integers of a warehouse are finer than doubles. */
export function plainNumber(value: number): number | 'unclear' {
  return Math.abs(value) < 2 ** 53 ? value + 0 : 'unclear'
}

/** An ISO date, or an ISO instant with a zone, as milliseconds since 1970. */
export function readInstant(text: string): Read {
  if (!/^\s*\d{4}-\d/.test(text)) return 'none'
  if (!instant.test(text)) return 'unclear'
  const day = text.slice(0, 10)
  const midnight = new Date(`${day}T00:00:00Z`)
  const exists = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day)
  const found = Date.parse(text.length === 10 ? `${day}T00:00:00Z` : text.replace(' ', 'T'))
  return exists && !Number.isNaN(found) ? found : 'unclear'
}

/** `true` and `false` in any letter case. */
export function readWord(text: string): 'true' | 'false' | undefined {
  const word = text.toLowerCase()
  return word === 'true' || word === 'false' ? word : undefined
}
