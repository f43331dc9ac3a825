import type { Sql } from '../../dialects/dialect.ts'
import type { CatalogColumn } from '../../ir/catalog.ts'
import { type ValueType, valueTypeOf } from '../../ir/value-type.ts'
import type { Context } from '../context.ts'
import { cteName, eventTables, rowTimes, tableAlias } from '../events/event-rows.ts'
import { columnSql, fieldSql, textSql } from '../sources/field-sql.ts'
import type { SourceTable } from '../sources/source-table.ts'

/** What the fields of an event's row are, in their order. */
export interface EventLayout {
  readonly table: SourceTable
  readonly fields: readonly LayoutField[]
}

export interface LayoutField {
  /** `json`: the text of an object that holds all properties. */
  readonly kind: 'property' | 'context' | 'json'
  /** Of the property; of a context column without its `context_`. */
  readonly name: string
  readonly type: ValueType
}

const contextPrefix = 'context_'

/** Of each table of track calls: first those of one event, which have its properties. */
export function eventLayouts(context: Context): readonly EventLayout[] {
  const tables = eventTables(context.tables).filter(({ call }) => call === 'track')
  const ofOne = (table: SourceTable): boolean => table.events.kind === 'table'
  return [...tables.filter(ofOne), ...tables.filter((table) => !ofOne(table))].map((table) => ({
    table,
    fields: fieldsOf(table).map(({ kind, name, type }) => ({ kind, name, type })),
  }))
}

/** A row of the table with the place of its layout and the fields as one text. */
export function layoutRows(
  context: Context,
  layout: EventLayout,
  place: number,
  between: { readonly from: Sql; readonly asOf: Sql },
) {
  const { dialect } = context
  const { table } = layout
  const alias = tableAlias(dialect, table)
  const id = textSql(dialect, columnSql(dialect, alias, table.id))
  const times = rowTimes(dialect, alias, table)
  const texts = fieldsOf(table).map(({ sql }) => sql(context, alias))
  return {
    cte: cteName(table),
    relation: dialect.relation(table.relation),
    alias,
    columns: [
      `${dialect.text(table.source)} as source`,
      `${id} as event_id`,
      `${dialect.integer(place)} as place`,
      `${dialect.text(String(place))} as layout`,
      `${dialect.rowText(dialect.text(''), texts)} as fields`,
    ].join(',\n'),
    where: [
      `${id} is not null`,
      `and ${times.timestamp} > ${between.from}`,
      `and ${times.timestamp} <= ${between.asOf}`,
    ].join('\n'),
  }
}

interface TableField extends LayoutField {
  readonly sql: (context: Context, alias: Sql) => Sql
}

function fieldsOf(table: SourceTable): readonly TableField[] {
  const column = (kind: LayoutField['kind'], name: string, of: CatalogColumn): TableField => ({
    kind,
    name,
    type: valueTypeOf(of.type),
    sql: ({ dialect }, alias) => textSql(dialect, columnSql(dialect, alias, of)),
  })
  if (table.json !== undefined) return [column('json', table.json.name, table.json)]
  return [
    ...[...table.properties].map(
      ([name, field]): TableField => ({
        kind: 'property',
        name,
        type: field.kind === 'column' ? valueTypeOf(field.column.type) : 'text',
        sql: ({ dialect }, alias) => textSql(dialect, fieldSql(dialect, alias, field)),
      }),
    ),
    ...table.columns
      .filter(({ name }) => name.startsWith(contextPrefix))
      .map((of) => column('context', of.name.slice(contextPrefix.length), of)),
  ]
}
