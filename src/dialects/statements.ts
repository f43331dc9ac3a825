import type { Relation } from '../ir/relation.ts'
import type { ValueType } from '../ir/value-type.ts'
import type { Dialect, Sql } from './dialect.ts'
import { assertStorable } from './literals.ts'
import { shortNameOf } from './short-name.ts'

type Column = { readonly name: string; readonly type: ValueType }
type Names = Pick<Dialect, 'ident' | 'relation' | 'typeName'>

/** DDL that DuckDB and Postgres spell alike. */
export function createTableIfMissing(names: Names, target: Relation, columns: readonly Column[]): Sql {
  return `create table if not exists ${names.relation(target)} (\n${tableColumns(names, columns)}\n)`
}

/** A line a column. */
export function tableColumns(names: Names, columns: readonly Column[]): Sql {
  return columns.map(({ name, type }) => `  ${names.ident(name)} ${names.typeName(type)}`).join(',\n')
}

export function addColumnIfMissing(names: Names, target: Relation, column: Column): Sql {
  const definition = `${names.ident(column.name)} ${names.typeName(column.type)}`
  return `alter table ${names.relation(target)} add column if not exists ${definition}`
}

export function dropColumnIfThere(names: Names, target: Relation, column: string): Sql {
  return `alter table ${names.relation(target)} drop column if exists ${names.ident(column)}`
}

export function widenColumn(
  names: Names & Pick<Dialect, 'toText'>,
  target: Relation,
  { name, type }: Column,
  from: ValueType,
): Sql {
  const column = names.ident(name)
  const value =
    type === 'text' || type === 'list'
      ? names.toText(column, from)
      : `cast(${column} as ${names.typeName(type)})`
  return `alter table ${names.relation(target)} alter column ${column} type ${names.typeName(type)} using ${value}`
}

/** A name, shortened where it is too long: as it stands where the dialect reads it so, else quoted. */
export function identifier(
  name: string,
  keywords: ReadonlySet<string>,
  quote: (name: string) => Sql,
  maxBytes = Number.POSITIVE_INFINITY,
): Sql {
  assertStorable(name, 'a name')
  if (name === '') throw new Error('a name is empty')
  const short = shortNameOf(maxBytes, name)
  return /^[a-z_][a-z0-9_]*$/.test(short) && !keywords.has(short) ? short : quote(short)
}

/** `database.schema.name`, as far as given. */
export function qualified(ident: (name: string) => Sql, of: Relation): Sql {
  const parts = of.database === undefined ? [of.schema, of.name] : [of.database, of.schema, of.name]
  return parts.map((part) => ident(part)).join('.')
}
