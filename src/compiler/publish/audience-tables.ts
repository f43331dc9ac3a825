import type { Audience } from '../../definitions/definitions.ts'
import type { Sql } from '../../dialects/dialect.ts'
import type { CompiledNode, NodeColumn } from '../../ir/node.ts'
import type { PublishedTable } from '../../ir/published.ts'
import { relation } from '../../ir/relation.ts'
import { shortName } from '../../sql/names.ts'
import { keyColumn } from '../compile-scope.ts'
import { asOfSql, type Context, work, workSql } from '../context.ts'
import { erasedProfiles } from './erasure.ts'
import type { View } from './event-views.ts'

/** The working table with the members of every audience as of this run. */
export function audienceMembersSelect(context: Context, audiences: readonly Audience[]): Sql {
  const { dialect } = context
  if (audiences.length === 0) {
    const columns = ['audience_key', 'entity', 'profile_id'].map(
      (name) => `  ${dialect.nullOf('text')} as ${name}`,
    )
    return `select\n${columns.join(',\n')}\nlimit 0`
  }
  return audiences
    .map(({ name, entity }) => {
      const table = workSql(context, shortName(dialect, `audience_${name}`))
      return [
        'select',
        `  ${dialect.text(name)} as audience_key,`,
        `  ${dialect.text(entity)} as entity,`,
        `  members.${keyColumn(entity)} as profile_id`,
        `from ${table} as members`,
      ].join('\n')
    })
    .join('\nunion all\n')
}

const membershipColumns: readonly NodeColumn[] = [
  { name: 'audience_key', type: 'text' },
  { name: 'entity', type: 'text' },
  { name: 'profile_id', type: 'text' },
  { name: 'entered_at', type: 'timestamp' },
  { name: 'exited_at', type: 'timestamp' },
  { name: 'entered_run_id', type: 'text' },
  { name: 'exited_run_id', type: 'text' },
]

/**
 * `audience_memberships`: who was a member from when to when. The working table `next_audience_memberships` holds what the
 * public one held before, with open rows of merged profiles moved to the profile that survived, closed and opened as of this run.
 */
export function audienceMemberships(context: Context): {
  readonly next: Sql
  readonly published: PublishedTable
} {
  const { dialect, templates } = context
  const name = 'audience_memberships'
  return {
    next: templates.render('audience-memberships', {
      memberships: dialect.relation(relation(context.schema, name)),
      members: workSql(context, 'next_audience_members'),
      profiles: workSql(context, 'profiles'),
      user: dialect.text('user'),
      erased: erasedProfiles(context),
      nullText: dialect.nullOf('text'),
      nullTimestamp: dialect.nullOf('timestamp'),
      asOf: asOfSql(context),
      runId: runIdSql(context),
    }),
    published: {
      name,
      columns: membershipColumns,
      select: selectAll(context, `next_${name}`, membershipColumns),
    },
  }
}

/** `audience_sizes`: one row per audience and run. */
export function audienceSizes(context: Context, audiences: readonly Audience[]): PublishedTable {
  const { dialect, templates } = context
  const columns: readonly NodeColumn[] = [
    { name: 'audience_key', type: 'text' },
    { name: 'run_id', type: 'text' },
    { name: 'as_of', type: 'timestamp' },
    { name: 'size', type: 'integer' },
    { name: 'entered', type: 'integer' },
    { name: 'exited', type: 'integer' },
  ]
  const keys =
    audiences.length === 0
      ? `select ${dialect.nullOf('text')} as audience_key limit 0`
      : audiences.map(({ name }) => `select ${dialect.text(name)} as audience_key`).join('\nunion all\n')
  return {
    name: 'audience_sizes',
    columns,
    keepsRuns: true,
    select: templates.render('audience-sizes', {
      keys,
      memberships: workSql(context, 'next_audience_memberships'),
      run: workSql(context, 'run'),
    }),
  }
}

/** `audience_<name>__<relationship>`: the rows that qualified its members as of this run, for those who send them. */
export function memberRowsTable(
  context: Context,
  { relation: working, columns }: CompiledNode,
): readonly PublishedTable[] {
  return working === undefined
    ? []
    : [{ name: working.name, columns, select: selectAll(context, working.name, columns) }]
}

/** A view per audience: its members now, each with one value of every identifier type. */
export function audienceViews(
  context: Context,
  audiences: readonly Audience[],
  identifierTypes: readonly string[],
): readonly View[] {
  const { dialect, templates } = context
  const publicTable = (name: string): Sql => dialect.relation(relation(context.schema, name))
  const memberships = publicTable('audience_memberships')
  const identifiers = identifierTypes.length > 0 && identifiersOf(context, identifierTypes)
  const names = identifierTypes.map((type): NodeColumn => ({ name: columnOf(type), type: 'text' }))
  // Rendered once: there may be thousands, and they differ in the name alone.
  const entities = [...new Set(audiences.map(({ entity }) => entity))]
  const selects = new Map(
    entities.map((entity) => [
      entity,
      templates.render('audience-view', {
        key: keyColumn(entity),
        memberships,
        audience: standIn,
        identifiers: entity === 'user' && identifiers,
      }),
    ]),
  )
  return audiences.map(({ name, entity }) => ({
    name: shortName(dialect, `audience_${name}`),
    columns: [
      { name: keyColumn(entity), type: 'text' },
      { name: 'entered_at', type: 'timestamp' },
      ...(entity === 'user' ? names : []),
    ],
    select: (selects.get(entity) ?? '').replaceAll(standIn, () => dialect.text(name)),
  }))
}

/** For the name of an audience; no name and no SQL has it. */
const standIn = '\0audience\0'

/** What the view of every user audience joins. */
function identifiersOf({ dialect, schema }: Context, types: readonly string[]) {
  const columns = types.map((type) => {
    const first = dialect.firstBy(
      'user_identifiers.value',
      'text',
      [
        { sql: 'user_identifiers.seq', type: 'text', descending: false },
        { sql: 'user_identifiers.value', type: 'text', descending: false },
      ],
      `user_identifiers.type = ${dialect.text(type)}`,
    )
    return `,\n${first} as ${dialect.ident(columnOf(type))}`
  })
  return {
    table: dialect.relation(relation(schema, 'user_identifiers')),
    columns: columns.join(''),
    names: types.map((type) => `,\nidentifiers.${dialect.ident(columnOf(type))}`).join(''),
  }
}

function columnOf(identifierType: string): string {
  return identifierType.replaceAll('.', '_')
}

export function runIdSql(context: Context): Sql {
  return `(select run.run_id from ${workSql(context, 'run')} as run)`
}

function selectAll(context: Context, table: string, columns: readonly NodeColumn[]): Sql {
  const { dialect } = context
  const list = columns.map(({ name }) => `  ${dialect.ident(table)}.${dialect.ident(name)}`).join(',\n')
  return `select\n${list}\nfrom ${dialect.relation(work(context, table))} as ${dialect.ident(table)}`
}
