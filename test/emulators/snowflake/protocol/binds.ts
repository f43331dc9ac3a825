import { castTo } from '../binder/casts.ts'
import { literal } from '../binder/names.ts'
import { boolean, float, numberOf, type Typed, text, unknown } from '../binder/types.ts'
import { type Binds, type BoundColumn, noBinds } from '../engine/engine.ts'
import { notModelled } from '../errors.ts'
import { isRecord } from './json.ts'

/** `bindings` of a request: one value each, or as many as there are rows. `?` counts up within its statement. */
export function bindsOf(bindings: unknown): Binds {
  if (!isRecord(bindings)) return noBinds
  const columns = Object.entries(bindings).map(([key, bind]): BoundColumn => {
    if (!isRecord(bind)) throw notModelled('a bind without a type')
    const values: readonly unknown[] = Array.isArray(bind.value) ? bind.value : [bind.value]
    const type = String(bind.type)
    return {
      key,
      values: values.map((value) => (value === null || value === undefined ? null : String(value))),
      typed: (sql) => typed(type, sql),
    }
  })
  return {
    rows: Math.max(1, ...columns.map(({ values }) => values.length)),
    columns,
    value(key) {
      const bind = columns.find((column) => column.key === key)
      if (bind === undefined) return noBinds.value(key)
      const [first = null] = bind.values
      return first === null ? { sql: 'NULL', type: unknown } : bind.typed(literal(first))
    },
  }
}

function typed(type: string, sql: string): Typed {
  switch (type) {
    case 'TEXT':
      return { sql: `CAST(${sql} AS VARCHAR)`, type: text }
    case 'FIXED':
      return castTo({ sql, type: text }, numberOf(38, 0))
    case 'REAL':
      return castTo({ sql, type: text }, float)
    case 'BOOLEAN':
      return castTo({ sql, type: text }, boolean)
    default:
      throw notModelled(`binds of type ${type}`)
  }
}
