import type { Audience, Entity } from '../../definitions/definitions.ts'
import type { Sql } from '../../dialects/dialect.ts'
import type { NodeColumn } from '../../ir/node.ts'
import type { PublishedTable } from '../../ir/published.ts'
import { keyColumn, type ScopedTrait } from '../compile-scope.ts'
import { asOfSql, type Context, workSql } from '../context.ts'

/** What the wide and long trait tables show of an entity. */
export interface EntityTraits {
  readonly entity: Entity
  /** Columns of `<entity>_profiles` but the key and `known`. */
  readonly columns: readonly NodeColumn[]
  readonly computed: readonly ScopedTrait[]
  readonly audiences: readonly Audience[]
}

/**
 * `profile_traits`: a row per profile ever created; merged ones say where they went and have no traits. The working table
 * `next_profile_traits` is made first, since the history compares it with what was published before.
 */
export function profileTraits(
  context: Context,
  traits: EntityTraits,
): { readonly next: Sql; readonly published: PublishedTable } {
  const { dialect, templates } = context
  const columns: readonly NodeColumn[] = [
    { name: 'canonical_segment_id', type: 'text' },
    { name: 'merged_to', type: 'text' },
    ...traits.columns,
    ...traits.audiences.map(({ name }): NodeColumn => ({ name, type: 'boolean' })),
    { name: 'etl_ts', type: 'timestamp' },
  ]
  return {
    next: templates.render('profile-traits', {
      profiles: workSql(context, 'profiles'),
      wide: workSql(context, 'user_profiles'),
      traits: wideColumns(context, traits),
      memberships: membershipFlags(context, traits),
      memberColumns: traits.audiences
        .map(({ name }) => {
          const column = dialect.ident(name)
          return `,\ncase when profiles.segment_id = profiles.canonical_segment_id then coalesce(memberships.${column}, 0) = 1 end as ${column}`
        })
        .join(''),
      asOf: asOfSql(context),
    }),
    published: {
      name: 'profile_traits',
      columns,
      select: [
        'select',
        columns.map(({ name }) => `  traits.${dialect.ident(name)}`).join(',\n'),
        `from ${workSql(context, 'next_profile_traits')} as traits`,
      ].join('\n'),
    },
  }
}

/** `account_traits`: a row per account. */
export function accountTraits(context: Context, traits: EntityTraits): PublishedTable {
  const { dialect, templates } = context
  return {
    name: 'account_traits',
    columns: [
      { name: 'account_id', type: 'text' },
      ...traits.columns,
      ...traits.audiences.map(({ name }): NodeColumn => ({ name, type: 'boolean' })),
      { name: 'etl_ts', type: 'timestamp' },
    ],
    select: templates.render('account-traits', {
      wide: workSql(context, 'account_profiles'),
      traits: wideColumns(context, traits),
      memberships: membershipFlags(context, traits),
      memberColumns: traits.audiences
        .map(({ name }) => `,\ncoalesce(memberships.${dialect.ident(name)}, 0) = 1 as ${dialect.ident(name)}`)
        .join(''),
      asOf: asOfSql(context),
    }),
  }
}

function wideColumns(context: Context, traits: EntityTraits): Sql {
  return traits.columns.map(({ name }) => `,\nwide.${context.dialect.ident(name)}`).join('')
}

/** One row per member, a 1 in the column of each audience; absent where the entity has no audience. */
function membershipFlags(context: Context, traits: EntityTraits) {
  const { dialect } = context
  return (
    traits.audiences.length > 0 && {
      members: workSql(context, 'next_audience_members'),
      entity: dialect.text(traits.entity),
      columns: traits.audiences
        .map(
          ({ name }) =>
            `,\nmax(case when audience_members.audience_key = ${dialect.text(name)} then 1 end) as ${dialect.ident(name)}`,
        )
        .join(''),
    }
  )
}

/** `user_traits`: every value a live profile has, as text; an audience is `true` for its members. */
export function userTraits(context: Context, traits: EntityTraits): PublishedTable {
  const { dialect } = context
  const asOf = asOfSql(context)
  const seq = (timestamp: Sql): Sql => sequence(context, timestamp)
  const row = (
    from: Sql,
    alias: string,
    name: Sql,
    value: Sql,
    times: readonly [Sql, Sql],
    where: Sql,
  ): Sql =>
    [
      'select',
      `  ${alias}.${keyColumn('user')} as canonical_segment_id,`,
      `  ${name} as name,`,
      `  ${value} as value,`,
      `  ${seq(times[0])} as seq,`,
      `  ${times[1]} as received_at,`,
      `  ${asOf} as uuid_ts,`,
      `  ${times[0]} as timestamp`,
      `from ${from} as ${alias}`,
      `where ${where}`,
    ].join('\n')
  const hidden = [
    ...traits.computed.map(({ column }) => column),
    ...traits.audiences.map(({ name }) => name),
  ].map((name) => dialect.text(name))
  const custom = row(
    workSql(context, 'user_custom_trait_values'),
    'trait_values',
    'trait_values.name',
    'trait_values.value',
    ['trait_values.timestamp', 'trait_values.received_at'],
    hidden.length === 0 ? '1 = 1' : `trait_values.name not in (${hidden.join(', ')})`,
  )
  const computed = traits.computed.map((trait) => {
    const column = `wide.${dialect.ident(trait.column)}`
    return row(
      workSql(context, 'user_profiles'),
      'wide',
      dialect.text(trait.name),
      dialect.toText(column, trait.type),
      [asOf, asOf],
      `${column} is not null`,
    )
  })
  const members = row(
    `(select members.profile_id as canonical_segment_id, members.audience_key from ${workSql(context, 'next_audience_members')} as members where members.entity = ${dialect.text('user')})`,
    'audience_members',
    'audience_members.audience_key',
    dialect.text('true'),
    [asOf, asOf],
    '1 = 1',
  )
  return {
    name: 'user_traits',
    columns: [
      { name: 'canonical_segment_id', type: 'text' },
      { name: 'name', type: 'text' },
      { name: 'value', type: 'text' },
      { name: 'seq', type: 'text' },
      { name: 'received_at', type: 'timestamp' },
      { name: 'uuid_ts', type: 'timestamp' },
      { name: 'timestamp', type: 'timestamp' },
    ],
    select: [custom, ...computed, members].join('\nunion all\n'),
  }
}

/** A text that sorts like the instant. */
function sequence(context: Context, timestamp: Sql): Sql {
  const { dialect } = context
  return dialect.padLeft(dialect.toText(dialect.epochMicros(timestamp), 'integer'), 20, '0')
}
