import type { IdentifierRule, SqlTrait } from '../../definitions/definitions.ts'
import type { Dialect, Sql } from '../../dialects/dialect.ts'
import { suppressionsRelation } from '../../identity/suppressions.ts'
import type { CatalogColumn } from '../../ir/catalog.ts'
import type { NodeColumn } from '../../ir/node.ts'
import type { Relation } from '../../ir/relation.ts'
import { shortName } from '../../sql/names.ts'
import { asOfSql, type Context, work } from '../context.ts'
import { type SourceTable, snakeCase } from '../sources/source-table.ts'
import { rowKey, sentSql } from './sql-trait-key.ts'
import type { IdentifierColumn, SqlTraitShape } from './sql-trait-shape.ts'

/**
 * The calls that a SQL trait's rows bring: a row, when its identifiers are first seen or differ from what they were. A
 * table of the state, which goes on from run to run and is never rewritten.
 */
export interface CallLog {
  readonly trait: string
  readonly call: 'identify' | 'group' | 'account'
  readonly relation: Relation
  readonly keys: readonly IdentifierColumn[]
  readonly others: readonly IdentifierColumn[]
}

export function callLogs(context: Context, trait: SqlTrait, shape: SqlTraitShape): readonly CallLog[] {
  if (shape.creation === 'never') return []
  const { keys, identifiers, links } = shape
  const log = (
    call: CallLog['call'],
    name: string,
    others: readonly IdentifierColumn[],
  ): readonly CallLog[] => [
    {
      trait: trait.name,
      call,
      relation: work(context, shortName(context.dialect, `state_${name}_${trait.name}`)),
      keys,
      others,
    },
  ]
  return [
    ...(trait.entity === 'user'
      ? log('identify', 'identifies', identifiers)
      : log('account', 'accounts', [])),
    ...(links.length === 0 ? [] : log('group', 'links', links)),
  ]
}

const fixedColumns: readonly NodeColumn[] = [
  { name: 'event_id', type: 'text' },
  { name: 'received_at', type: 'timestamp' },
  { name: 'key_type', type: 'text' },
  { name: 'key_value', type: 'text' },
  { name: 'place', type: 'integer' },
]

/** Creates the log, or what is missing of it. */
export function createLog({ dialect }: Context, log: CallLog): readonly Sql[] {
  const columns = [...log.keys, ...log.others].map(
    (each): NodeColumn => ({ name: columnOf(each), type: 'text' }),
  )
  return [
    ...dialect.createTableIfMissing(log.relation, [...fixedColumns, ...columns]),
    ...columns.flatMap((column) => dialect.addColumnIfMissing(log.relation, column)),
  ]
}

/** Adds the calls of the rows in `rows`; each has the run's instant as its time. */
export function addCalls(context: Context, log: CallLog, rows: Sql, rules: readonly IdentifierRule[]): Sql {
  const { dialect, templates } = context
  const key = rowKey(dialect, log, rules)
  const place = 'coalesce(last_calls.place, 0) + 1'
  const eventId = [
    dialect.text(`${log.trait}:${log.call}:`),
    'keyed_rows.key_type',
    dialect.text(':'),
    dialect.toText(place, 'integer'),
    dialect.text(':'),
    'keyed_rows.key_value',
  ]
  return templates.render('sql-trait-calls', {
    calls: dialect.relation(log.relation),
    rows,
    asOf: asOfSql(context),
    keyType: key.type,
    keyValue: key.value,
    place,
    eventId: dialect.md5(eventId.join(' || ')),
    sent: [...log.keys, ...log.others].map((each) => ({
      name: dialect.ident(columnOf(each)),
      value: sentSql(dialect, each),
    })),
    others: log.others.map((each) => dialect.ident(columnOf(each))),
    // A group call without one of its sides links nothing.
    link: log.call === 'group',
  })
}

/** Takes out the calls that identity refuses, so that nothing of who is suppressed is kept. */
export function withoutSuppressed(
  { dialect, schema, templates }: Context,
  log: CallLog,
  rules: readonly IdentifierRule[],
): readonly Sql[] {
  const sent = [...log.keys, ...log.others]
  // In order of priority: the first one leads the call.
  const leads = rules.flatMap(({ type, normalize }) => {
    const found = type === 'group_id' ? undefined : sent.find((each) => each.type === type)
    if (found === undefined) return []
    const column = `calls.${dialect.ident(columnOf(found))}`
    return [`${dialect.text(`${type}:`)} || ${normalize === 'lowercase' ? dialect.lower(column) : column}`]
  })
  if (leads.length === 0) return []
  return [
    templates.render('sql-trait-calls-suppressed', {
      calls: dialect.relation(log.relation),
      suppressions: dialect.relation(suppressionsRelation(schema)),
      digest: dialect.md5(leads.length === 1 ? leads.join('') : `coalesce(${leads.join(', ')})`),
    }),
  ]
}

/** The log as a table of calls like those of the sources. */
export function callTable(
  log: CallLog,
  { timestampColumn }: Pick<Dialect, 'timestampColumn'>,
): SourceTable | undefined {
  const { call } = log
  if (call === 'account') return undefined
  const text = (name: string): CatalogColumn => ({ name, type: 'text' })
  const columns = [...log.keys, ...log.others]
  const top = (type: string): CatalogColumn | undefined =>
    columns.some((each) => each.type === type) ? text(type) : undefined
  const userId = top('user_id')
  const anonymousId = top('anonymous_id')
  const groupId = top('group_id')
  const named = columns.filter(({ type }) => !['user_id', 'anonymous_id', 'group_id'].includes(type))
  return {
    source: `trait.${log.trait}`,
    format: 'table',
    relation: log.relation,
    call,
    events: { kind: 'none' },
    id: text('event_id'),
    receivedAt: { name: 'received_at', type: timestampColumn },
    ...(userId && { userId }),
    ...(anonymousId && { anonymousId }),
    ...(groupId && { groupId }),
    identifiers: named.map((each) => ({
      kind: 'column',
      type: each.type,
      column: text(columnOf(each)),
      location: 2,
    })),
    properties: new Map(
      call === 'group'
        ? []
        : named.map((each) => [columnOf(each), { kind: 'column', column: text(columnOf(each)) }]),
    ),
    columns: [],
  }
}

function columnOf({ type }: IdentifierColumn): string {
  return snakeCase(type)
}
