import type { IdentifierRule } from '../../definitions/definitions.ts'
import type { OrderKey, Sql } from '../../dialects/dialect.ts'
import { createState } from '../../identity/state.ts'
import type { CompiledNode } from '../../ir/node.ts'
import type { ValueType } from '../../ir/value-type.ts'
import { type Context, work, workSql } from '../context.ts'
import { header, steps } from '../header.ts'
import { type CallLog, createLog } from '../sql-files/sql-trait-calls.ts'
import { eventRowsSelect, hasExternalIds, identifierColumns } from './event-rows.ts'

/**
 * The node that reads the sources: `event_rows` with the calls that earlier runs have not seen (all of them on a full
 * refresh), then one numbered row per event in `new_events`, then every identifier found on it in `new_event_identifiers`.
 * `new_late_events` are those that landed behind what has been taken in.
 *
 * @param logs calls that SQL traits bring; those of a trait that runs after identity are of earlier runs
 */
export function eventsNode(
  context: Context,
  rules: readonly IdentifierRule[],
  dependsOn: readonly string[],
  logs: readonly CallLog[],
): CompiledNode {
  const { dialect } = context
  const users = rules.filter((rule) => rule.type !== 'group_id')
  const create = (name: string, select: Sql): readonly Sql[] =>
    dialect.createTableAs(work(context, name), select)
  const statements = [
    ...createState(dialect, context.workSchema).map(({ sql }) => sql),
    ...logs.flatMap((log) => createLog(context, log)),
    ...create('intake', `select run.full_refresh\nfrom ${workSql(context, 'run')} as run`),
    ...create('event_rows', eventRowsSelect(context, users)),
    ...create('new_late_events', lateEventsSelect(context)),
    ...create('new_events', newEventsSelect(context)),
    ...create('new_event_identifiers', eventIdentifiersSelect(context, users)),
    // Nobody reads it any more, and it may hold what identity refuses.
    `delete from ${workSql(context, 'event_rows')}\nwhere true`,
  ]
  return {
    id: 'identity.events',
    type: 'identity',
    name: 'events',
    description:
      'New calls of all sources, one row each, numbered in order of arrival, with the identifiers found on them.',
    tags: [],
    meta: {},
    dependsOn: [...dependsOn].sort(),
    relation: work(context, 'new_events'),
    columns: [],
    steps: steps('events', header('identity', 'events'), statements),
  }
}

function lateEventsSelect(context: Context): Sql {
  const { dialect, templates } = context
  const id = (table: string, column: string): Sql => dialect.binaryText(`${table}.${column}`)
  return templates.render('late-events', {
    rows: workSql(context, 'event_rows'),
    events: workSql(context, 'events'),
    batches: workSql(context, 'state_batches'),
    lateEvents: workSql(context, 'state_late_events'),
    run: workSql(context, 'run'),
    isBehind: [
      '(',
      '  event_rows.received_at < last_batch.last_received_at',
      '  or (',
      '    event_rows.received_at = last_batch.last_received_at',
      '    and (',
      `      ${id('event_rows', 'event_id')} < ${id('last_batch', 'last_event_id')}`,
      '      or (',
      '        event_rows.event_id = last_batch.last_event_id',
      `        and ${id('event_rows', 'source')} < ${id('last_batch', 'last_source')}`,
      '      )',
      '    )',
      '  )',
      ')',
    ].join('\n'),
  })
}

function newEventsSelect(context: Context): Sql {
  const { dialect, templates } = context
  const keys: readonly (readonly [string, ValueType])[] = [
    ['received_at', 'timestamp'],
    ['event_id', 'text'],
    ['source', 'text'],
  ]
  const order: readonly OrderKey[] = [
    ...keys.map(
      ([column, type]): OrderKey => ({
        sql: `coalesce(late_events.after_${column}, calls.${column})`,
        type,
        descending: false,
      }),
    ),
    { sql: 'coalesce(late_events.batch, 0)', type: 'integer', descending: false },
    ...keys.map(([column, type]): OrderKey => ({ sql: `calls.${column}`, type, descending: false })),
  ]
  return templates.render('new-events', {
    rows: workSql(context, 'event_rows'),
    lateEvents: workSql(context, 'new_late_events'),
    batches: workSql(context, 'state_batches'),
    run: workSql(context, 'run'),
    order: dialect.orderBy(order),
  })
}

function eventIdentifiersSelect(context: Context, rules: readonly IdentifierRule[]): Sql {
  const { dialect, templates, tables } = context
  const external = hasExternalIds(tables)
  const member = (name: string): Sql => dialect.jsonMember('external_id.element', [name], 'text')
  const lowercase = rules
    .filter((rule) => rule.normalize === 'lowercase')
    .map((rule) => dialect.text(rule.type))
  const value = dialect.trim(member('id'))
  const accepted = rules
    .filter((rule) => rule.locations.includes('external_ids'))
    .map((rule) => dialect.text(rule.type))
  return templates.render('event-identifiers', {
    rows: workSql(context, 'event_rows'),
    events: workSql(context, 'new_events'),
    found: identifierColumns(tables, rules)
      .filter(({ type }) => rules.some((rule) => rule.type === type))
      .map(({ type, column, location }) => ({
        type: dialect.text(type),
        column,
        location: dialect.integer(location),
      })),
    externalIds: external &&
      accepted.length > 0 && {
        from: dialect.jsonObjects('numbered.external_ids', 'external_id'),
        type: member('type'),
        value:
          lowercase.length === 0
            ? value
            : `case when ${member('type')} in (${lowercase.join(', ')}) then ${dialect.lower(value)} else ${value} end`,
        where: [
          `${member('type')} in (${accepted.join(', ')})`,
          `${member('collection')} = ${dialect.text('users')}`,
          `${member('encoding')} = ${dialect.text('none')}`,
          `${value} <> ''`,
        ].join('\nand '),
      },
  })
}
