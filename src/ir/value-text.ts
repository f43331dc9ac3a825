import type { ValueType } from './value-type.ts'

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue }

/** What a value written by `Dialect.toText` was: texts, numbers, booleans, and lists of them. */
export function valueOfText(text: unknown, type: ValueType): JsonValue {
  if (typeof text !== 'string') return null
  switch (type) {
    case 'text':
    case 'timestamp':
      return text
    case 'integer': {
      const number = Number(text)
      // As a text it stays exact.
      return Number.isSafeInteger(number) ? number : text
    }
    case 'number': {
      const number = Number(text)
      return Number.isFinite(number) ? number : text
    }
    case 'boolean':
      return text === 'true'
    case 'list':
      return JSON.parse(text)
  }
}
