import type { IdentifierRule } from '../../definitions/definitions.ts'
import type { Sql } from '../../dialects/dialect.ts'
import type { CompiledNode } from '../../ir/node.ts'
import { type Context, work, workSql } from '../context.ts'
import { header, steps } from '../header.ts'
import type { CallLog } from '../sql-files/sql-trait-calls.ts'

/**
 * Accounts and their users, by group calls: `group_calls` with the account of each, `accounts`, `account_users`.
 * SQL traits name accounts too. A blocked group id names no account; limits and priorities do not concern accounts, whose one identifier is the group id.
 */
export function accountsNode(
  context: Context,
  rules: readonly IdentifierRule[],
  logs: readonly CallLog[],
): CompiledNode {
  const { dialect, templates } = context
  const blocked = rules.find((rule) => rule.type === 'group_id')?.blocked ?? []
  const allowed = (column: Sql): readonly Sql[] =>
    blocked.map((value) =>
      'exact' in value
        ? `${column} <> ${dialect.text(value.exact)}`
        : `not ${dialect.matches(column, value.pattern)}`,
    )
  const where = [
    `events.type = ${dialect.text('group')}`,
    `events.group_id <> ''`,
    ...allowed('events.group_id'),
  ]
  const named = logs
    .filter(({ call }) => call === 'account')
    .map(({ relation }) => {
      const condition = allowed('named_accounts.key_value').map((each) => `\n  and ${each}`)
      return `\n${dialect.union}\nselect\n  named_accounts.key_value as account_id\nfrom ${dialect.relation(relation)} as named_accounts\nwhere named_accounts.key_value is not null${condition.join('')}`
    })
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
      ...dialect.createTableAs(work(context, 'accounts'), `${distinct(['account_id'], '')}${named.join('')}`),
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
