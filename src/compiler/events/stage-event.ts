import type { Sql } from '../../dialects/dialect.ts'
import type { CompiledNode } from '../../ir/node.ts'
import type { ValueType } from '../../ir/value-type.ts'
import { shortName } from '../../sql/names.ts'
import type { StagedEvent, StagedProperty } from '../compile-scope.ts'
import type { EventNeed } from '../conditions/collect-event-needs.ts'
import { asOfSql, type Context, work, workSql } from '../context.ts'
import { header, steps } from '../header.ts'
import { columnSql, fieldSql, inType, textSql, unify } from '../sources/field-sql.ts'
import { contextFieldOf, type Field, fieldOf, type SourceTable, snakeCase } from '../sources/source-table.ts'
import { cteName, eventTables, rowTimes, tableAlias } from './event-rows.ts'

/** A table that may hold the event, and which of its rows do. */
interface Holder {
  readonly table: SourceTable
  /** The rows of the event; absent: all. */
  readonly only?: (alias: string) => Sql
}

interface StagedColumn extends StagedProperty {
  readonly fieldIn: (table: SourceTable) => Field | undefined
}

const fixedColumns = [
  'arrival',
  'event_id',
  'source',
  'timestamp',
  'received_at',
  'profile_number',
  'known',
  'canonical_segment_id',
  'copy',
]

/** The node that stages one event name, and what definitions may read of it. */
export interface Staging {
  readonly event: StagedEvent
  readonly node: CompiledNode
}

/**
 * One row per resolved event of a name, up to the as-of instant, each property in one type over all sources.
 *
 * @param slug unique among the staged events of the project
 */
export function stageEvent(context: Context, name: string, slug: string, need: EventNeed): Staging {
  const { dialect, templates } = context
  const holders = holdersOf(context, name)
  const columns = stagedColumns(context, holders, need)
  const relation = work(context, shortName(dialect, `event_${slug}`))
  const id = `event.${slug}`
  const all = [
    ...new Map(
      [...columns.properties, ...columns.contexts].map(([, column]) => [column.column, column]),
    ).values(),
  ]
  const names = ['source', 'event_id', 'received_at', ...all.map(({ column }) => dialect.ident(column))]
  const select =
    holders.length === 0
      ? emptySelect(context, all)
      : templates.render('event', {
          tables: holders.map(({ table, only }) => holderSql(context, table, only, all, names)),
          order: dialect.orderBy([
            { sql: 'calls.received_at', type: 'timestamp', descending: false },
            ...all.map(({ column, type }) => ({
              sql: `calls.${dialect.ident(column)}`,
              type,
              descending: false,
            })),
          ]),
          properties: all.map(({ column }) => `,\ncopies.${dialect.ident(column)}`).join(''),
          events: workSql(context, 'events'),
          profiles: workSql(context, 'event_profiles'),
          asOf: asOfSql(context),
        })
  return {
    event: {
      node: id,
      relation,
      known: holders.some(({ table }) => !isFallback(table, name)),
      property: (path) => columns.properties.get(wholePath(path)),
      context: (path) => columns.contexts.get(wholePath(path)),
      propertyPaths: [...new Set(holders.flatMap(({ table }) => [...table.properties.keys()]))].sort(),
      contextPaths: [
        ...new Set(
          holders.flatMap(({ table }) =>
            table.columns
              .filter((column) => column.name.startsWith('context_'))
              .map((column) => column.name.slice('context_'.length)),
          ),
        ),
      ].sort(),
    },
    node: {
      id,
      type: 'event',
      name: slug,
      description: `Each ${name} with its profile and the properties that definitions read.`,
      tags: [],
      meta: {},
      dependsOn: ['identity.events', 'identity.profiles'],
      relation,
      columns: all.map(({ column, type }) => ({ name: column, type })),
      steps: steps(slug, header('event', name), dialect.createTableAs(relation, select)),
    },
  }
}

/** `.$` speaks of the elements of the same column. */
function wholePath(path: string): string {
  return path.replace(/(\.\$)+$/, '')
}

function holdersOf(context: Context, name: string): readonly Holder[] {
  const tables = eventTables(context.tables)
  const slug = snakeCase(name)
  const ownTable = new Set(
    tables
      .filter(({ events }) => events.kind === 'table' && events.slug === slug)
      .map((table) => table.source),
  )
  return tables.flatMap((table): readonly Holder[] => {
    const { events } = table
    switch (events.kind) {
      case 'none':
        return []
      case 'literal':
        return events.name === name ? [{ table }] : []
      case 'table':
        if (events.slug !== slug) return []
        // A definition may name the event by its slug; then letters and spaces of the original do not matter.
        return [
          events.column === undefined || name === slug
            ? { table }
            : { table, only: named(context, events.column, name) },
        ]
      case 'column':
        return ownTable.has(table.source) ? [] : [{ table, only: named(context, events.column, name) }]
    }
  })
}

/** Segment writes a table per event, so that finding an event only by its name in `tracks` means that nothing sent it. */
function isFallback(table: SourceTable, name: string): boolean {
  return table.events.kind === 'column' && table.relation.name === 'tracks' && snakeCase(name) !== 'tracks'
}

function named(
  context: Context,
  column: Parameters<typeof columnSql>[2],
  name: string,
): (alias: string) => Sql {
  const { dialect } = context
  return (alias) => `${textSql(dialect, columnSql(dialect, alias, column))} = ${dialect.text(name)}`
}

function stagedColumns(context: Context, holders: readonly Holder[], need: EventNeed) {
  const { dialect } = context
  const column = (name: string, fieldIn: StagedColumn['fieldIn']): StagedColumn | undefined => {
    const types = holders.flatMap(({ table }): readonly ValueType[] => {
      const field = fieldIn(table)
      return field === undefined ? [] : [fieldSql(dialect, '', field).type]
    })
    return types.length === 0 ? undefined : { column: name, type: unify(types), fieldIn }
  }
  const collect = (
    paths: ReadonlySet<string>,
    nameOf: (path: string) => string,
    fieldIn: (table: SourceTable, path: string) => Field | undefined,
  ): Map<string, StagedColumn> => {
    const found = new Map<string, StagedColumn>()
    for (const path of [...new Set([...paths].map(wholePath))].sort()) {
      const staged = column(shortName(dialect, nameOf(path)), (table) => fieldIn(table, path))
      if (staged !== undefined) found.set(path, staged)
    }
    return found
  }
  return {
    properties: collect(
      need.properties,
      (path) => (fixedColumns.includes(snakeCase(path)) ? `${snakeCase(path)}_property` : snakeCase(path)),
      fieldOf,
    ),
    contexts: collect(need.contexts, (path) => `context_${snakeCase(path)}`, contextFieldOf),
  }
}

function holderSql(
  context: Context,
  table: SourceTable,
  only: Holder['only'],
  all: readonly StagedColumn[],
  names: readonly string[],
) {
  const { dialect } = context
  const alias = tableAlias(dialect, table)
  const id = textSql(dialect, columnSql(dialect, alias, table.id))
  const values = [
    dialect.text(table.source),
    id,
    rowTimes(dialect, alias, table).receivedAt,
    ...all.map(({ fieldIn, type }) => {
      const field = fieldIn(table)
      return inType(dialect, field && fieldSql(dialect, alias, field), type)
    }),
  ]
  return {
    cte: cteName(table),
    relation: dialect.relation(table.relation),
    alias,
    columns: values.map((sql, index) => `${sql} as ${names[index]}`).join(',\n'),
    where: [`${id} is not null`, ...(only === undefined ? [] : [only(alias)])].join('\nand '),
  }
}

function emptySelect(context: Context, all: readonly StagedColumn[]): Sql {
  const { dialect } = context
  const columns: readonly (readonly [string, ValueType])[] = [
    ['arrival', 'integer'],
    ['event_id', 'text'],
    ['source', 'text'],
    ['timestamp', 'timestamp'],
    ['profile_number', 'integer'],
    ['known', 'boolean'],
    ['canonical_segment_id', 'text'],
    ...all.map(({ column, type }) => [column, type] as const),
  ]
  const values = columns.map(([name, type]) => `  ${dialect.nullOf(type)} as ${dialect.ident(name)}`)
  return `select\n${values.join(',\n')}\nlimit 0`
}
