import type { Dialect, Sql } from '../../dialects/dialect.ts'
import type { CatalogColumn } from '../../ir/catalog.ts'
import { type ValueType, valueTypeOf } from '../../ir/value-type.ts'
import type { Field } from './source-table.ts'

export interface TypedSql {
  readonly sql: Sql
  readonly type: ValueType
}

/** A column of `alias`, read as a value; several columns that hold the same thing are unified by {@link inType}. */
export function columnSql(dialect: Dialect, alias: string, column: CatalogColumn): TypedSql {
  return {
    sql: dialect.read(`${alias}.${dialect.ident(column.name)}`, column.type),
    type: valueTypeOf(column.type),
  }
}

export function fieldSql(dialect: Dialect, alias: string, field: Field): TypedSql {
  if (field.kind === 'column') return columnSql(dialect, alias, field.column)
  return {
    sql: dialect.jsonMember(
      `${alias}.${dialect.ident(field.column.name)}`,
      field.path,
      field.column.type === 'json' ? 'json' : 'text',
    ),
    type: 'text',
  }
}

export function textSql(dialect: Dialect, value: TypedSql): Sql {
  return dialect.toText(value.sql, value.type)
}

/** The one type that values of these types share: themselves, a double for numbers, text for anything mixed. */
export function unify(types: readonly ValueType[]): ValueType {
  const distinct = [...new Set(types)]
  const [first] = distinct
  if (first !== undefined && distinct.length === 1) return first
  return distinct.length > 1 && distinct.every((type) => type === 'integer' || type === 'number')
    ? 'number'
    : 'text'
}

/** The value in the unified type; NULL of it where there is no value. */
export function inType(dialect: Dialect, value: TypedSql | undefined, type: ValueType): Sql {
  if (value === undefined) return dialect.nullOf(type)
  if (value.type === type) return value.sql
  return type === 'number' ? `cast(${value.sql} as ${dialect.typeName('number')})` : textSql(dialect, value)
}
