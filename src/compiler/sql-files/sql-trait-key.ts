import type { IdentifierRule } from '../../definitions/definitions.ts'
import type { Dialect, Sql } from '../../dialects/dialect.ts'
import { columnSql, textSql } from '../sources/field-sql.ts'
import type { IdentifierColumn, SqlTraitShape } from './sql-trait-shape.ts'

/** Type and value of the identifier of a row of `sql_rows`, as identity compares it; NULL where it has none. */
export interface RowKey {
  readonly type: Sql
  readonly value: Sql
}

export function rowKey(
  dialect: Dialect,
  { keys }: Pick<SqlTraitShape, 'keys'>,
  rules: readonly IdentifierRule[],
): RowKey {
  const values = keys.map((key) => identifierSql(dialect, key, rules))
  const [first = dialect.nullOf('text'), ...rest] = values
  if (rest.length === 0) return { type: dialect.text(keys[0]?.type ?? ''), value: first }
  const cases = keys.map(({ type }, index) => `when ${values[index]} is not null then ${dialect.text(type)}`)
  return { type: `case ${cases.join(' ')} end`, value: `coalesce(${values.join(', ')})` }
}

/** Trimmed and normalised as the rule of its type says; account ids are only trimmed, as those of group calls. */
export function identifierSql(
  dialect: Dialect,
  key: IdentifierColumn,
  rules: readonly IdentifierRule[],
): Sql {
  const trimmed = sentSql(dialect, key)
  const rule = rules.find(({ type }) => type === key.type)
  return rule?.normalize === 'lowercase' && key.type !== 'group_id' ? dialect.lower(trimmed) : trimmed
}

/** The value as a call would bring it; NULL where it is blank. */
export function sentSql(dialect: Dialect, { column }: IdentifierColumn): Sql {
  return `nullif(${dialect.trim(textSql(dialect, columnSql(dialect, 'sql_rows', column)))}, '')`
}
