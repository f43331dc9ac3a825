import type { IdentifierRule } from '../../definitions/definitions.ts'
import type { Sql } from '../../dialects/dialect.ts'
import type { CompiledNode } from '../../ir/node.ts'
import { type Context, work, workSql } from '../context.ts'
import { header, steps } from '../header.ts'
import { eventRowsSelect, hasExternalIds, identifierColumns } from './event-rows.ts'

/**
 * The node that reads all sources: `event_rows`, then one numbered row per event in `events`, then every identifier
 * found on it in `event_identifiers`.
 */
export function eventsNode(
  context: Context,
  rules: readonly IdentifierRule[],
  sourceNodes: readonly string[],
): CompiledNode {
  const { dialect } = context
  const users = rules.filter((rule) => rule.type !== 'group_id')
  const create = (name: string, select: Sql): readonly Sql[] =>
    dialect.createTableAs(work(context, name), select)
  const statements = [
    ...create('event_rows', eventRowsSelect(context, users)),
    ...create('events', eventsSelect(context)),
    ...create('event_identifiers', eventIdentifiersSelect(context, users)),
  ]
  return {
    id: 'identity.events',
    type: 'identity',
    name: 'events',
    description:
      'All calls of all sources, one row each, numbered in order of arrival, with the identifiers found on them.',
    tags: [],
    meta: {},
    dependsOn: sourceNodes,
    relation: work(context, 'events'),
    columns: [],
    steps: steps('events', header('identity', 'events'), statements),
  }
}

function eventsSelect(context: Context): Sql {
  const { dialect, templates } = context
  return templates.render('events', {
    rows: workSql(context, 'event_rows'),
    order: dialect.orderBy([
      { sql: 'calls.received_at', type: 'timestamp', descending: false },
      { sql: 'calls.event_id', type: 'text', descending: false },
      { sql: 'calls.source', type: 'text', descending: false },
    ]),
  })
}

function eventIdentifiersSelect(context: Context, rules: readonly IdentifierRule[]): Sql {
  const { dialect, templates, tables } = context
  const external = hasExternalIds(tables)
  const member = (name: string): Sql => dialect.jsonMember('external_id.element', [name])
  const lowercase = rules
    .filter((rule) => rule.normalize === 'lowercase')
    .map((rule) => dialect.text(rule.type))
  const value = dialect.trim(member('id'))
  const accepted = rules
    .filter((rule) => rule.locations.includes('external_ids'))
    .map((rule) => dialect.text(rule.type))
  return templates.render('event-identifiers', {
    rows: workSql(context, 'event_rows'),
    events: workSql(context, 'events'),
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
