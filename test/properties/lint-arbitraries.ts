import fc from 'fast-check'
import type { Raw } from '../reference/definitions/conditions.ts'
import type { Kind, Plain } from '../reference/definitions/values.ts'
import type { World, WorldRow } from '../reference/definitions/world.ts'

/*
 * Few names, few values and few lengths of time, so that conditions meet on the same things: contradictions, conditions
 * that follow from others and audiences within others are common. Columns are of any type, since the linter must not
 * rely on one.
 */

const asOf = '2026-06-01T00:00:00Z'
const ago = [0, 1800, 3600, 3601, 86_400, 90_000, 172_800, 200_000, -3600]
const instants = ago.map((seconds) =>
  new Date(Date.parse(asOf) - seconds * 1000).toISOString().replace('.000', ''),
)
const words = ['a', 'ab', 'b', 'true', '1', '2', '1.0', '2026-05-31', '2026-05-31T00:00:00Z']
const numbers = [0, 1, 1.5, 2, 3]
const durations = ['1h', '1d', '2d'] as const

const values: Readonly<Record<Kind, fc.Arbitrary<Plain>>> = {
  text: fc.constantFrom(...words),
  integer: fc.constantFrom(0, 1, 2, 3),
  number: fc.constantFrom(...numbers),
  boolean: fc.boolean(),
  timestamp: fc.constantFrom(...instants),
  list: fc.array(fc.constantFrom('a', 'ab', 'b', '1', 2, null), { maxLength: 3 }),
}
const kinds = fc.constantFrom<Kind>('text', 'integer', 'number', 'boolean', 'timestamp', 'list')

const users = ['u1', 'u2', 'u3', 'u4', 'u5', 'u6']
const names = {
  userTraits: ['plan', 'score'],
  accountTraits: ['plan', 'seats'],
  properties: ['label', 'amount', 'tags'],
} as const
const eventNames = ['order', 'view'] as const

const columns = (of: readonly string[]): fc.Arbitrary<Record<string, Kind>> =>
  fc.record(Object.fromEntries(of.map((name) => [name, kinds])))
const filled = (of: Readonly<Record<string, Kind>>): fc.Arbitrary<Record<string, Plain>> =>
  fc.record(
    Object.fromEntries(
      Object.entries(of).map(([name, kind]) => [name, fc.option(values[kind], { nil: null, freq: 4 })]),
    ),
  )

export const tightWorlds: fc.Arbitrary<World> = fc
  .record({
    userTraits: columns(names.userTraits),
    accountTraits: columns(names.accountTraits),
    properties: columns(names.properties),
  })
  .chain(({ userTraits, accountTraits, properties }) =>
    fc.record({
      asOf: fc.constant(asOf),
      userTraits: fc.constant(userTraits),
      accountTraits: fc.constant(accountTraits),
      events: fc.constant(Object.fromEntries(eventNames.map((name) => [name, { properties, contexts: {} }]))),
      users: fc.tuple(
        ...users.map((id) =>
          fc.record({ id: fc.constant(id), known: fc.boolean(), traits: filled(userTraits) }),
        ),
      ),
      accounts: fc.tuple(
        ...['a1', 'a2', 'a3'].map((id) =>
          fc.record({ id: fc.constant(id), users: fc.subarray(users), traits: filled(accountTraits) }),
        ),
      ),
      rows: fc
        .array(
          fc.record({
            event: fc.constantFrom(...eventNames),
            user: fc.constantFrom(...users),
            at: fc.constantFrom(...instants),
            properties: filled(properties),
            contexts: fc.constant({}),
          }),
          { maxLength: 30 },
        )
        .map((rows) => rows.map((row, index): WorldRow => ({ ...row, id: `e${index}` }))),
    }),
  )

const of = (operators: readonly string[], right: fc.Arbitrary<unknown>): fc.Arbitrary<Raw> =>
  fc.tuple(fc.constantFrom(...operators), right).map(([operator, value]) => ({ [operator]: value }))

function test(references: readonly Raw[]): fc.Arbitrary<Raw> {
  const word = fc.constantFrom('a', 'ab', 'b')
  const scalar = fc.oneof(
    { weight: 4, arbitrary: word },
    fc.constantFrom(1, 2, true, '1', '1.0', '2026-05-31'),
    ...(references.length === 0 ? [] : [fc.constantFrom(...references)]),
  )
  const list = fc.array(fc.oneof({ weight: 4, arbitrary: word }, fc.constantFrom(1, true, '1')), {
    minLength: 1,
    maxLength: 3,
  })
  return fc.oneof(
    { weight: 4, arbitrary: of(['equals', 'not_equals'], scalar) },
    { weight: 3, arbitrary: of(['one_of', 'none_of'], list) },
    {
      weight: 4,
      arbitrary: of(
        ['less_than', 'less_than_or_equal', 'greater_than', 'greater_than_or_equal'],
        fc.constantFrom(...numbers),
      ),
    },
    { weight: 2, arbitrary: of(['contains', 'does_not_contain', 'starts_with', 'ends_with'], word) },
    { weight: 2, arbitrary: of(['exists'], fc.boolean()) },
    { weight: 1, arbitrary: of(['before', 'after'], fc.constantFrom(...instants)) },
    {
      weight: 2,
      arbitrary: of(
        ['within_last', 'within_next', 'before_last', 'after_next'],
        fc.constantFrom(...durations),
      ),
    },
  )
}

function leaf(key: string, subjects: readonly string[], references: readonly Raw[]): fc.Arbitrary<Raw> {
  return fc
    .tuple(
      fc.constantFrom(...subjects),
      test(references),
      fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, test(references)),
    )
    .map(([name, first, second]) => ({ [key]: name, ...second, ...first }))
}

/** Trees, often with a condition twice, or beside its opposite. */
function tree(leaves: fc.Arbitrary<Raw>): fc.Arbitrary<Raw> {
  const join = (all: readonly Raw[], kind: string): Raw => ({ [kind]: all })
  const built = fc.letrec<{ tree: Raw }>((tie) => {
    const kind = fc.constantFrom('all', 'any')
    return {
      tree: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        { weight: 3, arbitrary: leaves },
        {
          weight: 3,
          arbitrary: fc
            .tuple(fc.array(tie('tree'), { minLength: 2, maxLength: 3 }), kind)
            .map(([all, how]) => join(all, how)),
        },
        { weight: 1, arbitrary: tie('tree').map((not) => ({ not })) },
        {
          weight: 1,
          arbitrary: fc
            .tuple(tie('tree'), tie('tree'), kind)
            .map(([one, other, how]) => join([one, other, one], how)),
        },
        {
          weight: 1,
          arbitrary: fc.tuple(tie('tree'), kind).map(([one, how]) => join([one, { not: one }], how)),
        },
      ),
    }
  })
  return built.tree
}

const traitReferences = names.userTraits.map((trait) => ({ trait }))

function where(references: readonly Raw[]): fc.Arbitrary<readonly Raw[]> {
  const leaves = leaf('property', ['label', 'amount', 'tags.$'], references)
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.tuple(leaves) },
    { weight: 2, arbitrary: fc.tuple(leaves, leaves) },
    { weight: 1, arbitrary: fc.tuple(tree(leaves)) },
  )
}

const window: fc.Arbitrary<Raw> = fc.oneof(
  fc.constant({}),
  fc.constantFrom(...durations).map((within) => ({ within })),
  fc.constantFrom(['1h', '1d'], ['1h', '2d'], ['1d', '2d']).map((between) => ({ between })),
  fc.constantFrom(...instants).map((since) => ({ since })),
  fc.constantFrom(...instants).map((until) => ({ until })),
)

const count: fc.Arbitrary<Raw> = fc.oneof(
  fc.constant({}),
  fc.integer({ min: 1, max: 3 }).map((least) => ({ count: { at_least: least } })),
  fc.integer({ min: 0, max: 2 }).map((exactly) => ({ count: { exactly } })),
  fc.integer({ min: 0, max: 2 }).map((most) => ({ count: { at_most: most } })),
)

const then: fc.Arbitrary<Raw> = fc
  .tuple(
    fc.record({
      not: fc.boolean(),
      event: fc.constantFrom(...eventNames),
      within: fc.constantFrom(...durations),
      where: where([{ parent: 'label' }]),
      require_window_elapsed: fc.boolean(),
    }),
    count,
  )
  .map(([one, counted]) => ({ ...one, ...counted }))

const event: fc.Arbitrary<Raw> = fc
  .tuple(
    fc.record({ event: fc.constantFrom(...eventNames), where: where(traitReferences) }),
    count,
    window,
    fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, then),
  )
  .map(([one, counted, during, followed]) => ({
    ...one,
    ...counted,
    ...during,
    // biome-ignore lint/suspicious/noThenProperty: the public word for what follows an event
    ...(followed === undefined ? {} : { then: followed }),
  }))

const named = (audiences: readonly string[]): fc.Arbitrary<Raw> =>
  fc.constantFrom(...audiences).map((audience) => ({ audience }))

const userLeaves = (audiences: readonly string[]): fc.Arbitrary<Raw> =>
  fc.oneof(
    { weight: 4, arbitrary: leaf('trait', names.userTraits, traitReferences) },
    { weight: 4, arbitrary: event },
    { weight: 1, arbitrary: leaf('trait', ['orders'], []) },
    { weight: 2, arbitrary: named(audiences) },
  )

const accountLeaves = (audiences: readonly string[]): fc.Arbitrary<Raw> => {
  const one = userLeaves(audiences)
  return fc.oneof(
    { weight: 2, arbitrary: leaf('account_trait', names.accountTraits, []) },
    { weight: 1, arbitrary: event },
    { weight: 2, arbitrary: named(audiences) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.constantFrom('any_user', 'all_users', 'none_of_users'), fc.oneof(one, tree(one)))
        .map(([quantifier, condition]) => ({ [quantifier]: condition })),
    },
  )
}

const firstUsers = ['one', 'two'] as const
const firstAccounts = ['big'] as const

const userAudience = (name: string, audiences: readonly string[]): fc.Arbitrary<Raw> =>
  fc.record({
    name: fc.constant(name),
    entity: fc.constant('user'),
    include_anonymous: fc.boolean(),
    match:
      audiences.length === 0
        ? tree(fc.oneof(leaf('trait', names.userTraits, []), event))
        : tree(userLeaves(audiences)),
  })
const accountAudience = (name: string, audiences: readonly string[]): fc.Arbitrary<Raw> =>
  fc.record({
    name: fc.constant(name),
    entity: fc.constant('account'),
    match:
      audiences.length === 0
        ? tree(leaf('account_trait', names.accountTraits, []))
        : tree(accountLeaves(audiences)),
  })

/** In an order in which they can be evaluated. */
export const tightAudiences: fc.Arbitrary<readonly Raw[]> = fc
  .tuple(
    ...firstUsers.map((name) => userAudience(name, [])),
    ...firstAccounts.map((name) => accountAudience(name, [])),
    ...['three', 'four', 'five', 'six'].map((name) => userAudience(name, [...firstUsers, ...firstAccounts])),
    ...['seven', 'eight'].map((name) => accountAudience(name, [...firstUsers, ...firstAccounts])),
  )
  .map((all) => all)

export const tightTraits: fc.Arbitrary<readonly Raw[]> = fc.array(
  fc
    .tuple(
      fc.record({
        entity: fc.constantFrom('user', 'account'),
        type: fc.constantFrom('count', 'sum', 'unique_list', 'last'),
        event: fc.constantFrom(...eventNames),
        where: where([]),
      }),
      window,
    )
    .map(([{ type, ...rest }, during]) => ({
      ...rest,
      ...during,
      type,
      ...(type === 'count' ? {} : { property: 'amount' }),
    })),
  { minLength: 4, maxLength: 4 },
)
