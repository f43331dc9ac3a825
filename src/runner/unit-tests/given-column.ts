import type { Value } from '../../adapters/adapter.ts'
import type { ValueType } from '../../ir/value-type.ts'

export interface GivenColumn {
  readonly name: string
  readonly type: ValueType
}

const instant = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/

/**
 * The type that holds all values a test gives for a column: ISO instants with a zone are timestamps, arrays and
 * objects JSON text. Nothing but nulls is text.
 *
 * @returns undefined where they are of different types
 */
export function typeOfValues(values: readonly unknown[]): ValueType | undefined {
  const types = new Set(values.filter((value) => value !== null && value !== undefined).map(typeOfValue))
  if (types.size === 0) return 'text'
  const [only] = types
  if (types.size === 1) return only
  if (types.size === 2 && types.has('integer') && types.has('number')) return 'number'
  // A date without time, or the empty text, beside instants.
  if (types.size === 2 && types.has('text') && types.has('timestamp')) return 'text'
  return undefined
}

function typeOfValue(value: unknown): ValueType {
  switch (typeof value) {
    case 'boolean':
      return 'boolean'
    case 'bigint':
      return 'integer'
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'number'
    case 'string':
      return instant.test(value) ? 'timestamp' : 'text'
    default:
      return 'text'
  }
}

/** A value of a test as its column holds it. */
export function columnValue(value: unknown, type: ValueType): Value {
  if (value === null || value === undefined) return null
  if (type === 'timestamp') return new Date(String(value)).toISOString()
  if (typeof value === 'boolean' || typeof value === 'bigint' || typeof value === 'string') return value
  if (typeof value === 'number') return type === 'integer' ? BigInt(value) : value
  return JSON.stringify(value)
}
