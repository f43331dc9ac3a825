import type { IdentifierRule } from '../../definitions/definitions.ts'
import type { Dialect, Sql } from '../../dialects/dialect.ts'
import { type Context, workSql } from '../context.ts'
import { columnSql, textSql } from '../sources/field-sql.ts'
import {
  type DeviceGuard,
  type IdentifierField,
  type SourceTable,
  snakeCase,
} from '../sources/source-table.ts'

/** A column of the working table `event_rows` that holds the identifiers of one type from one location. */
export interface IdentifierColumn {
  readonly type: string
  readonly location: number
  readonly column: string
}

const externalIds = 'external_ids'

/** Every (type, location) that some table offers, in the order of the rules; user_id and anonymous_id come first and always. */
export function identifierColumns(
  tables: readonly SourceTable[],
  rules: readonly IdentifierRule[],
): readonly IdentifierColumn[] {
  const topLevel = ['user_id', 'anonymous_id'].map((type) => ({ type, location: 1, column: type }))
  const found = new Map<string, IdentifierColumn>()
  for (const rule of rules) {
    for (const table of tables) {
      for (const field of table.identifiers) {
        if (field.kind !== 'column' || field.type !== rule.type) continue
        const column = `${snakeCase(field.type)}_${field.location}`
        found.set(column, { type: field.type, location: field.location, column })
      }
    }
  }
  return [
    ...topLevel,
    ...[...found.values()].sort((a, b) => rank(rules, a) - rank(rules, b) || a.location - b.location),
  ]
}

function rank(rules: readonly IdentifierRule[], column: IdentifierColumn): number {
  return rules.findIndex((rule) => rule.type === column.type)
}

export function hasExternalIds(tables: readonly SourceTable[]): boolean {
  return tables.some((table) => table.identifiers.some((field) => field.kind === 'externalIds'))
}

/** Tables that can give events: an id and at least one time. */
export function eventTables(tables: readonly SourceTable[]): readonly SourceTable[] {
  return tables.filter((table) => table.timestamp !== undefined || table.receivedAt !== undefined)
}

/** When a row happened and when it arrived; each stands in for the other. */
export function rowTimes(
  dialect: Dialect,
  alias: string,
  table: SourceTable,
): { timestamp: Sql; receivedAt: Sql } {
  const timestamp = table.timestamp && columnSql(dialect, alias, table.timestamp).sql
  const receivedAt = table.receivedAt && columnSql(dialect, alias, table.receivedAt).sql
  const either = (first: Sql | undefined, second: Sql | undefined): Sql =>
    first !== undefined && second !== undefined
      ? `coalesce(${first}, ${second})`
      : (first ?? second ?? dialect.nullOf('timestamp'))
  return { timestamp: either(timestamp, receivedAt), receivedAt: either(receivedAt, timestamp) }
}

export function tableAlias(dialect: Dialect, table: SourceTable): Sql {
  return dialect.ident(table.relation.name)
}

/** A CTE name for the table, unique within one statement. */
export function cteName(table: SourceTable): string {
  return snakeCase(`${table.source}_${table.relation.name}`)
}

/** The select of `event_rows`: one row per call and table, identifiers side by side. */
export function eventRowsSelect(context: Context, rules: readonly IdentifierRule[]): Sql {
  const { dialect, templates } = context
  const tables = eventTables(context.tables)
  const identifiers = identifierColumns(tables, rules)
  const external = hasExternalIds(tables)
  const names = [
    'source',
    'table_rank',
    'event_id',
    'type',
    'event',
    'timestamp',
    'received_at',
    'group_id',
    ...identifiers.map(({ column }) => column),
    ...(external ? [externalIds] : []),
  ]
  const order = [
    { sql: 'calls.received_at', type: 'timestamp' as const, descending: false },
    { sql: 'calls.timestamp', type: 'timestamp' as const, descending: false },
    ...[...identifiers.map(({ column }) => column), 'group_id'].map((column) => ({
      sql: `calls.${column}`,
      type: 'text' as const,
      descending: false,
    })),
  ]
  return templates.render('event-rows', {
    events: workSql(context, 'events'),
    run: workSql(context, 'run'),
    tables: tables.map((table, index) => {
      const alias = tableAlias(dialect, table)
      const times = rowTimes(dialect, alias, table)
      const text = (column: SourceTable['userId']): Sql =>
        column === undefined
          ? dialect.nullOf('text')
          : dialect.trim(textSql(dialect, columnSql(dialect, alias, column)))
      const id = textSql(dialect, columnSql(dialect, alias, table.id))
      const values: readonly Sql[] = [
        dialect.text(table.source),
        // A per-event table repeats the row of `tracks`; the call tables are believed first.
        dialect.integer(table.events.kind === 'table' ? tables.length + index : index),
        id,
        dialect.text(table.call),
        eventName(dialect, alias, table),
        times.timestamp,
        times.receivedAt,
        text(table.groupId),
        ...identifiers.map((wanted) => identifierSql(dialect, alias, table, wanted, rules)),
        ...(external ? [externalIdsSql(dialect, alias, table)] : []),
      ]
      return {
        cte: cteName(table),
        relation: dialect.relation(table.relation),
        alias,
        id,
        source: dialect.text(table.source),
        columns: values.map((sql, position) => `${sql} as ${names[position]}`).join(',\n'),
        where: `${id} is not null\nand ${times.timestamp} is not null`,
      }
    }),
    order: dialect.orderBy(order),
    columns: names.map((name) => `copies.${name}`).join(',\n'),
  })
}

function eventName(dialect: Dialect, alias: string, table: SourceTable): Sql {
  switch (table.events.kind) {
    case 'none':
      return dialect.nullOf('text')
    case 'literal':
      return dialect.text(table.events.name)
    case 'column':
      return textSql(dialect, columnSql(dialect, alias, table.events.column))
    case 'table':
      return table.events.column === undefined
        ? dialect.text(table.events.slug)
        : textSql(dialect, columnSql(dialect, alias, table.events.column))
  }
}

function identifierSql(
  dialect: Dialect,
  alias: string,
  table: SourceTable,
  wanted: IdentifierColumn,
  rules: readonly IdentifierRule[],
): Sql {
  const lowercase = rules.some((rule) => rule.type === wanted.type && rule.normalize === 'lowercase')
  const normal = (text: Sql): Sql => (lowercase ? dialect.lower(dialect.trim(text)) : dialect.trim(text))
  const topLevel =
    wanted.type === 'user_id' ? table.userId : wanted.type === 'anonymous_id' ? table.anonymousId : undefined
  if (topLevel !== undefined) return normal(textSql(dialect, columnSql(dialect, alias, topLevel)))
  const field = table.identifiers.find(
    (candidate): candidate is Extract<IdentifierField, { kind: 'column' }> =>
      candidate.kind === 'column' && candidate.type === wanted.type && candidate.location === wanted.location,
  )
  if (field === undefined) return dialect.nullOf('text')
  const value = normal(textSql(dialect, columnSql(dialect, alias, field.column)))
  return field.guard === undefined
    ? value
    : `case when ${guardSql(dialect, alias, field.guard)} then ${value} end`
}

function guardSql(dialect: Dialect, alias: string, guard: DeviceGuard): Sql {
  const platform = dialect.lower(textSql(dialect, columnSql(dialect, alias, guard.deviceType)))
  const onPlatform = `${platform} = ${dialect.text(guard.platform)}`
  if (guard.tracking === undefined) return onPlatform
  const tracking = dialect.lower(textSql(dialect, columnSql(dialect, alias, guard.tracking)))
  return `${onPlatform} and ${tracking} = ${dialect.text('true')}`
}

function externalIdsSql(dialect: Dialect, alias: string, table: SourceTable): Sql {
  const field = table.identifiers.find((candidate) => candidate.kind === 'externalIds')
  return field === undefined
    ? dialect.nullOf('text')
    : textSql(dialect, columnSql(dialect, alias, field.column))
}
