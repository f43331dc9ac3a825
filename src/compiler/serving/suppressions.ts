import type { Dialect, Sql } from '../../dialects/dialect.ts'
import type { NodeColumn } from '../../ir/node.ts'
import { relation } from '../../ir/relation.ts'

export const suppressionsTable = 'suppressions'

/** A row for each time that somebody was suppressed; `value` in lower case, `ended_at` is NULL while it lasts. */
const columns: readonly NodeColumn[] = [
  { name: 'type', type: 'text' },
  { name: 'value', type: 'text' },
  { name: 'suppressed_at', type: 'timestamp' },
  { name: 'ended_at', type: 'timestamp' },
]

interface Statements {
  readonly before: readonly Sql[]
  readonly together: readonly Sql[]
}

/** Statements that begin and end the suppression of whoever has an identifier; once begun it is not begun again. */
export function suppressionStatements(
  dialect: Dialect,
  schema: string,
  { type, value }: { readonly type: string; readonly value: string },
  now = new Date().toISOString(),
): { readonly begin: Statements; readonly end: Statements } {
  const target = relation(schema, suppressionsTable)
  const table = dialect.relation(target)
  const key = [dialect.text(type), dialect.text(value.toLowerCase())] as const
  const open = `type = ${key[0]} and value = ${key[1]} and ended_at is null`
  const before = [...dialect.createSchema(schema), ...dialect.createTableIfMissing(target, columns)]
  const end = `update ${table}\nset ended_at = ${dialect.timestamp(now)}\nwhere ${open}`
  return {
    begin: {
      before,
      together: [
        // Begun before, it goes on.
        `delete from ${table}\nwhere ${open}`,
        `insert into ${table} (type, value, suppressed_at, ended_at)\nvalues (${key[0]}, ${key[1]}, ${dialect.timestamp(now)}, ${dialect.nullOf('timestamp')})`,
      ],
    },
    end: { before, together: [end] },
  }
}
