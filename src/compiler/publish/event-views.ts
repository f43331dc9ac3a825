import type { IdentifierRule } from '../../definitions/definitions.ts'
import type { Sql } from '../../dialects/dialect.ts'
import type { NodeColumn } from '../../ir/node.ts'
import { relation } from '../../ir/relation.ts'
import { type ValueType, valueTypeOf } from '../../ir/value-type.ts'
import { shortName } from '../../sql/names.ts'
import type { Context } from '../context.ts'
import { cteName, eventTables, rowTimes, tableAlias } from '../events/event-rows.ts'
import { columnSql, fieldSql, inType, type TypedSql, textSql, unify } from '../sources/field-sql.ts'
import { type SourceTable, snakeCase } from '../sources/source-table.ts'

export interface View {
  readonly name: string
  readonly select: Sql
  readonly columns: readonly NodeColumn[]
}

interface Holder {
  readonly table: SourceTable
  readonly only?: Sql
}

/**
 * `identifies`, `tracks`, `pages`, `screens`, `groups`, `aliases` and one view per track event: the rows of all sources, each event
 * once, with `event_source_id` and the `segment_id` it was resolved to (spec 3.2).
 *
 * @param aliases tables of alias calls, which get the view `aliases`
 * @param named event names that definitions use; sources that keep names in a column cannot list them
 * @param taken names of other public tables
 */
export function eventViews(
  context: Context,
  rules: readonly IdentifierRule[],
  aliases: readonly SourceTable[],
  named: readonly string[],
  taken: ReadonlySet<string>,
): readonly View[] {
  const tables = eventTables(context.tables)
  const byCall = [
    ['identifies', 'identify'],
    ['tracks', 'track'],
    ['pages', 'page'],
    ['screens', 'screen'],
    ['groups', 'group'],
  ] as const
  const resolved = resolvedSegment(context)
  const views = [
    ...byCall.map(([name, call]) => ({ name, holders: callHolders(tables, call), segment: resolved })),
    {
      name: 'aliases',
      holders: eventTables(aliases).map((table) => ({ table })),
      segment: lookedUpSegment(context, rules, aliases),
    },
  ]
  const perEvent = [...eventHolders(context, tables, named)].map(([written, holders]) => {
    // An event whose name has no letters.
    const slug = written || 'event'
    return {
      name: taken.has(slug) || views.some((view) => view.name === slug) ? `${slug}_event` : slug,
      holders,
      segment: resolved,
    }
  })
  return [...views, ...perEvent]
    .filter(({ holders }) => holders.length > 0)
    .map(({ name, holders, segment }) => ({
      name: shortName(context.dialect, name),
      ...eventView(context, holders, segment),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Tables of one event repeat rows of `tracks`, so they stand in only where a source has no `tracks`. */
function callHolders(tables: readonly SourceTable[], call: SourceTable['call']): readonly Holder[] {
  const ofCall = tables.filter((table) => table.call === call)
  const complete = new Set(
    ofCall.filter(({ events }) => events.kind !== 'table').map((table) => table.source),
  )
  return ofCall
    .filter((table) => table.events.kind !== 'table' || !complete.has(table.source))
    .map((table) => ({ table }))
}

function eventHolders(
  context: Context,
  tables: readonly SourceTable[],
  named: readonly string[],
): ReadonlyMap<string, readonly Holder[]> {
  const { dialect } = context
  const found = new Map<string, Holder[]>()
  const add = (slug: string, holder: Holder): void => {
    found.set(slug, [...(found.get(slug) ?? []), holder])
  }
  for (const table of tables) {
    const { events } = table
    if (table.call !== 'track') continue
    if (events.kind === 'table') add(events.slug, { table })
    if (events.kind === 'literal') add(snakeCase(events.name), { table })
    if (events.kind === 'column' && table.relation.name !== 'tracks') {
      const column = textSql(dialect, columnSql(dialect, tableAlias(dialect, table), events.column))
      for (const name of named) add(snakeCase(name), { table, only: `${column} = ${dialect.text(name)}` })
    }
  }
  return new Map(
    [...found]
      .filter(([slug]) => slug !== 'page_viewed' && slug !== 'screen_viewed')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** How a view finds the `segment_id` of a row of `copies`. */
interface SegmentSql {
  readonly segment: Sql
  readonly joins: readonly {
    readonly kind: 'inner' | 'left'
    readonly relation: Sql
    readonly alias: string
    readonly on: Sql
  }[]
}

/** As identity resolved the event; what no run has taken in, or will, is not shown. */
function resolvedSegment({ dialect, schema }: Context): SegmentSql {
  return {
    segment: 'event_segments.segment_id',
    joins: [
      {
        kind: 'inner',
        relation: dialect.relation(relation(schema, 'event_segments')),
        alias: 'event_segments',
        on: 'event_segments.event_source_id = copies.event_source_id\nand event_segments.event_id = copies.id',
      },
    ],
  }
}

/** The profile that an identifier of the call was first linked to: the new ids before the one that is given up. */
function lookedUpSegment(
  { dialect, schema }: Context,
  rules: readonly IdentifierRule[],
  aliases: readonly SourceTable[],
): SegmentSql {
  const previous = aliases.flatMap(({ columns }) =>
    columns.filter(({ name }) => name === 'previous_id').map(({ type }) => valueTypeOf(type)),
  )
  const lookUps: readonly (readonly [column: string, of: ValueType, type: string])[] = [
    ['user_id', 'text', 'user_id'],
    ['anonymous_id', 'text', 'anonymous_id'],
    ...(previous.length === 0
      ? []
      : (['anonymous_id', 'user_id'] as const).map(
          (type) => ['previous_id', unify(previous), type] as const,
        )),
  ]
  const joins = lookUps.map(([column, of, type], index) => {
    const alias = `mapping_${index + 1}`
    const trimmed = dialect.trim(dialect.toText(`copies.${column}`, of))
    const lowercase = rules.some((rule) => rule.type === type && rule.normalize === 'lowercase')
    return {
      kind: 'left' as const,
      relation: dialect.relation(relation(schema, 'external_id_mapping_updates')),
      alias,
      on: [
        `${alias}.external_id_type = ${dialect.text(type)}`,
        `and ${alias}.external_id_value = ${lowercase ? dialect.lower(trimmed) : trimmed}`,
      ].join('\n'),
    }
  })
  return { segment: `coalesce(${joins.map(({ alias }) => `${alias}.segment_id`).join(', ')})`, joins }
}

function eventView(context: Context, holders: readonly Holder[], segment: SegmentSql): Omit<View, 'name'> {
  const { dialect, templates } = context
  const perTable = holders.map(({ table, only }) => ({ table, only, columns: columnsOf(context, table) }))
  const names = [...new Set(perTable.flatMap(({ columns }) => [...columns.keys()]))]
  const types = new Map<string, ValueType>(
    names.map((name) => [name, unify(perTable.flatMap(({ columns }) => columns.get(name)?.type ?? []))]),
  )
  const select = templates.render('event-view', {
    tables: perTable.map(({ table, only, columns }) => ({
      cte: cteName(table),
      relation: dialect.relation(table.relation),
      alias: tableAlias(dialect, table),
      columns: [
        `${dialect.text(table.source)} as event_source_id`,
        ...names.map(
          (name) =>
            `${inType(dialect, columns.get(name), types.get(name) ?? 'text')} as ${dialect.ident(name)}`,
        ),
      ].join(',\n'),
      where: only ?? '1 = 1',
    })),
    names: names.map((name) => `,\ncopies.${dialect.ident(name)}`).join(''),
    order: dialect.orderBy([
      { sql: 'calls.received_at', type: 'timestamp', descending: false },
      { sql: 'calls.timestamp', type: 'timestamp', descending: false },
    ]),
    ...segment,
  })
  const added: readonly NodeColumn[] = [
    { name: 'event_source_id', type: 'text' },
    { name: 'segment_id', type: 'text' },
  ]
  return { select, columns: [...added, ...names.map((name) => ({ name, type: types.get(name) ?? 'text' }))] }
}

/** What the table shows in a view: its own columns if it is Segment's, the mapped ones otherwise. */
function columnsOf(context: Context, table: SourceTable): ReadonlyMap<string, TypedSql> {
  const { dialect } = context
  const alias = tableAlias(dialect, table)
  const times = rowTimes(dialect, alias, table)
  const text = (column: SourceTable['userId']): TypedSql => ({
    sql: column === undefined ? dialect.nullOf('text') : textSql(dialect, columnSql(dialect, alias, column)),
    type: 'text',
  })
  const columns = new Map<string, TypedSql>([
    ['id', text(table.id)],
    ['user_id', text(table.userId)],
    ['anonymous_id', text(table.anonymousId)],
    ['received_at', { sql: times.receivedAt, type: 'timestamp' }],
    ['timestamp', { sql: times.timestamp, type: 'timestamp' }],
  ])
  if (table.groupId !== undefined) columns.set('group_id', text(table.groupId))
  if (table.events.kind === 'column') columns.set('event_text', text(table.events.column))
  if (table.format === 'segment') {
    for (const column of table.columns) {
      if (!columns.has(column.name)) columns.set(column.name, columnSql(dialect, alias, column))
    }
    return columns
  }
  if (table.json !== undefined) columns.set('properties', columnSql(dialect, alias, table.json))
  for (const [name, field] of table.properties) {
    const column = snakeCase(name)
    columns.set(columns.has(column) ? `${column}_property` : column, fieldSql(dialect, alias, field))
  }
  return columns
}
