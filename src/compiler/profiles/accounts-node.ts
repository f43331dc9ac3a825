import type { IdentifierRule } from '../../definitions/definitions.ts'
import type { CompiledNode } from '../../ir/node.ts'
import { type Context, work, workSql } from '../context.ts'
import { header, steps } from '../header.ts'

/**
 * Accounts and their users, by group calls: `group_calls` with the account of each, `accounts`, `account_users`.
 * A blocked group id names no account; limits and priorities do not concern accounts, whose one identifier is the group id.
 */
export function accountsNode(context: Context, rules: readonly IdentifierRule[]): CompiledNode {
  const { dialect, templates } = context
  const blocked = rules.find((rule) => rule.type === 'group_id')?.blocked ?? []
  const where = [
    `events.type = ${dialect.text('group')}`,
    `events.group_id <> ''`,
    ...blocked.map((value) =>
      'exact' in value
        ? `events.group_id <> ${dialect.text(value.exact)}`
        : `not ${dialect.matches('events.group_id', value.pattern)}`,
    ),
  ]
  const calls = templates.render('group-calls', {
    events: workSql(context, 'events'),
    profiles: workSql(context, 'event_profiles'),
    where: where.join('\nand '),
  })
  const distinct = (columns: readonly string[], having: string): string =>
    `select distinct\n  ${columns.map((column) => `group_calls.${column}`).join(',\n  ')}\nfrom ${workSql(context, 'group_calls')} as group_calls${having}`
  return {
    id: 'identity.accounts',
    type: 'identity',
    name: 'accounts',
    description: 'Accounts named by group calls, and the users these calls link to them.',
    tags: [],
    meta: {},
    dependsOn: ['identity.events', 'identity.profiles'],
    relation: work(context, 'accounts'),
    columns: [],
    steps: steps('accounts', header('identity', 'accounts'), [
      ...dialect.createTableAs(work(context, 'group_calls'), calls),
      ...dialect.createTableAs(work(context, 'accounts'), distinct(['account_id'], '')),
      ...dialect.createTableAs(
        work(context, 'account_users'),
        distinct(
          ['account_id', 'canonical_segment_id'],
          '\nwhere group_calls.canonical_segment_id is not null',
        ),
      ),
    ]),
  }
}
