import { notModelled, SnowflakeError } from '../errors.ts'

export type JsonKind = 'null' | 'string' | 'number' | 'boolean' | 'array' | 'object'

/** Of JSON text without blanks around it. */
export function jsonKind(json: string): JsonKind {
  switch (json[0]) {
    case 'n':
      return 'null'
    case '"':
      return 'string'
    case 't':
    case 'f':
      return 'boolean'
    case '[':
      return 'array'
    case '{':
      return 'object'
    default:
      return 'number'
  }
}

/**
 * JSON text without blanks, NULL for blank text. A key that comes twice is an error. NaN, undefined, single quotes and spare
 * commas, which Snowflake reads in ways of its own, are refused.
 *
 * @see https://docs.snowflake.com/en/sql-reference/functions/parse_json
 */
export function parseJson(text: string, trying: boolean): string | null {
  if (/^\s*$/.test(text)) return null
  try {
    JSON.parse(text)
  } catch {
    if (/NaN|Infinity|undefined|,\s*[\]},]|[[{]\s*,|'/.test(text))
      throw notModelled(`JSON beyond the standard: ${text}`)
    if (trying) return null
    throw new SnowflakeError('100069', '22P02', `Error parsing JSON: ${text}`)
  }
  const reader = new Reader(text)
  const compact = reader.value()
  if (!reader.repeated) return compact
  if (trying) return null
  throw new SnowflakeError('100069', '22P02', `Error parsing JSON: duplicate object attribute in ${text}`)
}

/** Reads what JSON.parse has found to be JSON; numbers and strings stay as they are written. */
class Reader {
  readonly #text: string
  #at = 0
  repeated = false

  constructor(text: string) {
    this.#text = text
  }

  value(): string {
    this.#blanks()
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object()
      case '[':
        return `[${this.#items(']', () => this.value()).join(',')}]`
      default:
        return this.#scalar()
    }
  }

  #object(): string {
    const keys = new Set<string>()
    const members = this.#items('}', () => {
      this.#blanks()
      const key = this.#scalar()
      const name: unknown = JSON.parse(key)
      this.repeated ||= keys.has(String(name))
      keys.add(String(name))
      this.#blanks()
      this.#at += 1
      return `${key}:${this.value()}`
    })
    return `{${members.join(',')}}`
  }

  #items(close: string, item: () => string): readonly string[] {
    const items: string[] = []
    this.#at += 1
    this.#blanks()
    while (this.#text[this.#at] !== close) {
      items.push(item())
      this.#blanks()
      if (this.#text[this.#at] === ',') this.#at += 1
    }
    this.#at += 1
    return items
  }

  #scalar(): string {
    const token = /"(?:[^"\\]|\\[\s\S])*"|[^\s,\]}:]+/y
    token.lastIndex = this.#at
    const found = token.exec(this.#text)?.[0] ?? ''
    this.#at += found.length
    return found
  }

  #blanks(): void {
    while (/[ \t\n\r]/.test(this.#text[this.#at] ?? '')) this.#at += 1
  }
}
