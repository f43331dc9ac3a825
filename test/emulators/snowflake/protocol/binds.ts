import { literal } from '../binder/names.ts'
import { boolean, float, numberOf, type Typed, text, unknown } from '../binder/types.ts'
import { type Binds, noBinds } from '../engine/engine.ts'
import { notModelled, SnowflakeError } from '../errors.ts'
import { isRecord } from './json.ts'

/** `bindings` of a request: one value each, or as many as there are rows. `?` counts up within its statement. */
export function bindsOf(bindings: unknown): Binds {
  if (!isRecord(bindings)) return noBinds
  const columns = new Map(
    Object.entries(bindings).map(([key, bind]): [string, { type: string; values: readonly unknown[] }] => {
      if (!isRecord(bind)) throw notModelled('a bind without a type')
      return [key, { type: String(bind.type), values: Array.isArray(bind.value) ? bind.value : [bind.value] }]
    }),
  )
  const rows = Math.max(1, ...[...columns.values()].map(({ values }) => values.length))
  return {
    rows,
    value(key, row) {
      const [name = '', at] = key.split('@')
      const bind = columns.get(name)
      if (bind === undefined)
        throw new SnowflakeError(
          '002049',
          '42601',
          `SQL compilation error: error line 1 at position 0\nBind variable ${key} not set.`,
        )
      const value = bind.values[at === undefined ? row : Number(at)]
      return typed(bind.type, value === undefined ? bind.values[0] : value)
    },
  }
}

function typed(type: string, value: unknown): Typed {
  if (value === null || value === undefined)
    return type === 'TEXT' ? { sql: 'CAST(NULL AS VARCHAR)', type: unknown } : { sql: 'NULL', type: unknown }
  const written = String(value)
  switch (type) {
    case 'TEXT':
      return { sql: `CAST(${literal(written)} AS VARCHAR)`, type: text }
    case 'FIXED': {
      if (!/^-?\d{1,38}$/.test(written))
        throw new SnowflakeError('100038', '22018', `Numeric value '${written}' is not recognized`)
      return { sql: `CAST('${written}' AS DECIMAL(38, 0))`, type: numberOf(38, 0) }
    }
    case 'REAL':
      return { sql: `CAST(${literal(written)} AS DOUBLE)`, type: float }
    case 'BOOLEAN':
      return { sql: written === 'true' || written === '1' ? 'TRUE' : 'FALSE', type: boolean }
    default:
      throw notModelled(`binds of type ${type}`)
  }
}
