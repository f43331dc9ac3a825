import fc from 'fast-check'
import type { Raw } from '../reference/definitions/conditions.ts'
import type { Kind, Plain } from '../reference/definitions/values.ts'
import type { World, WorldRow } from '../reference/definitions/world.ts'

const asOf = '2026-06-01T00:00:00Z'
const secondsAgo = [0, 1, 60, 3599, 3600, 3601, 86_400, 86_401, 90_000, 172_800]
const durations = ['1m', '1h', '1d', '2d', '3d']

function at(seconds: number): string {
  return new Date(Date.parse(asOf) - seconds * 1000).toISOString().replace('.000Z', 'Z')
}

const instants = [...secondsAgo, -1, -3600, -3601, -86_400].map(at)
const texts = [
  ...['a', 'b', 'B', 'ab', '', '5', '5.0', '-1', '2.5', '1e1', 'five', 'true', 'FALSE', 'é', '\u{1F642}'],
  ...[
    '2026-05-31',
    '2026-05-31T23:00:00Z',
    '2026-05-31 23:00:00+01:00',
    '2026-05-31T23:00:00',
    "it's",
    'x\ny',
  ],
]
const numbers = [-1, 0, 1, 2, 2.5, 5, 10, 0.1, 0.2]

const kinds = {
  // Few values come often, so that conditions hold for some and not for others.
  text: fc.oneof({ weight: 2, arbitrary: fc.constantFrom('a', 'b', 'ab', '5') }, fc.constantFrom(...texts)),
  integer: fc.constantFrom(-1, 0, 1, 2, 5, 10),
  number: fc.constantFrom(...numbers),
  boolean: fc.boolean(),
  timestamp: fc.constantFrom(...instants),
} as const

const arrays = fc.array(fc.constantFrom('a', 'b', 'ab', '5', 5, 2.5, true, null), { maxLength: 3 })

function storedValue(kind: Kind): fc.Arbitrary<Plain> {
  const value: fc.Arbitrary<Plain> = kind === 'list' ? arrays : kinds[kind]
  return fc.option(value, { nil: null, freq: 4 })
}

const properties: Readonly<Record<string, Kind>> = {
  label: 'text',
  amount: 'number',
  quantity: 'integer',
  gift: 'boolean',
  due: 'timestamp',
  tags: 'list',
}
const contexts: Readonly<Record<string, Kind>> = { 'page.url': 'text' }
const userTraits: Readonly<Record<string, Kind>> = {
  plan: 'text',
  score: 'number',
  visits: 'integer',
  vip: 'boolean',
  renews: 'timestamp',
}
export const accountTraits: Readonly<Record<string, Kind>> = { plan: 'text', seats: 'integer' }
export const eventNames = ['Order Completed', 'Product Viewed', 'order'] as const
const users = ['u1', 'u2', 'u3', 'u4', 'u5']

export function values(of: Readonly<Record<string, Kind>>): fc.Arbitrary<Record<string, Plain>> {
  return fc.record(Object.fromEntries(Object.entries(of).map(([name, kind]) => [name, storedValue(kind)])))
}

export const worlds: fc.Arbitrary<World> = fc
  .record({
    users: fc.tuple(
      ...users.map((id) =>
        fc.record({ id: fc.constant(id), known: fc.boolean(), traits: values(userTraits) }),
      ),
    ),
    accounts: fc.tuple(
      ...['a1', 'a2', 'a3'].map((id) =>
        fc.record({ id: fc.constant(id), users: fc.subarray(users), traits: values(accountTraits) }),
      ),
    ),
    rows: fc.array(
      fc.record({
        event: fc.constantFrom(...eventNames),
        user: fc.constantFrom(...users),
        source: fc.constantFrom('web', 'web', "joe's app"),
        at: fc.constantFrom(...instants),
        properties: values(properties),
        contexts: values(contexts),
      }),
      { minLength: 20, maxLength: 50 },
    ),
  })
  .map(({ rows, ...rest }) => ({
    asOf,
    userTraits,
    accountTraits,
    events: Object.fromEntries(eventNames.map((name) => [name, { properties, contexts }])),
    rows: rows.map((row, index): WorldRow => ({ ...row, id: `e${String(index).padStart(3, '0')}` })),
    ...rest,
  }))

const duration = fc.constantFrom(...durations)
const scalar = fc.oneof(kinds.text, kinds.number, fc.boolean(), kinds.timestamp)
const compared = ['less_than', 'less_than_or_equal', 'greater_than', 'greater_than_or_equal'] as const
const relative = ['within_last', 'within_next', 'before_last', 'after_next'] as const

const one = (names: readonly string[], value: fc.Arbitrary<unknown>): fc.Arbitrary<Raw> =>
  fc.tuple(fc.constantFrom(...names), value).map(([name, right]) => ({ [name]: right }))
const listOf = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.array(value, { minLength: 1, maxLength: 3 })

/** Operators that suit values of a kind, so that conditions often come close to holding. */
export const fitting: Readonly<Record<Kind, fc.Arbitrary<Raw>>> = {
  text: fc.oneof(
    one(['equals', 'not_equals', 'contains', 'starts_with', 'ends_with'], kinds.text),
    one(['one_of', 'none_of', 'contains_one_of'], listOf(kinds.text)),
  ),
  number: fc.oneof(one(['equals', 'not_equals', ...compared], kinds.number), one(['one_of'], listOf(scalar))),
  integer: fc.oneof(
    one(['equals', 'not_equals', ...compared], kinds.integer),
    one(['none_of'], listOf(scalar)),
  ),
  boolean: one(['equals', 'not_equals'], fc.constantFrom(true, false, 'true', 'FALSE')),
  timestamp: fc.oneof(one(['before', 'after', 'equals', 'not_equals'], kinds.timestamp), {
    weight: 2,
    arbitrary: one(relative, duration),
  }),
  list: one(['contains', 'does_not_contain', 'equals', 'not_equals'], fc.constantFrom('a', 'b', '5')),
}

/** Any operator on anything; `references` are other right-hand sides where they have a meaning. */
export function test(references: readonly Raw[]): fc.Arbitrary<Raw> {
  const orReference = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
    references.length === 0 ? value : fc.oneof(value, fc.constantFrom(...references))
  return fc.oneof(
    { weight: 4, arbitrary: one(['equals', 'not_equals'], orReference(scalar)) },
    { weight: 2, arbitrary: one(compared, orReference(kinds.number)) },
    { weight: 2, arbitrary: one(['one_of', 'none_of'], listOf(scalar)) },
    one(['contains', 'does_not_contain', 'starts_with', 'ends_with'], orReference(kinds.text)),
    one(['contains', 'does_not_contain'], listOf(kinds.text)),
    one(['contains_one_of'], listOf(scalar)),
    { weight: 2, arbitrary: one(['exists'], fc.boolean()) },
    one(['before', 'after'], orReference(kinds.timestamp)),
    one(relative, duration),
  )
}

interface Subject {
  readonly of: Raw
  readonly kind: Kind
}

export function leaf(subjects: readonly Subject[], references: readonly Raw[]): fc.Arbitrary<Raw> {
  return fc
    .constantFrom(...subjects)
    .chain(({ of, kind }) =>
      fc
        .tuple(
          fc.oneof({ weight: 3, arbitrary: fitting[kind] }, { weight: 2, arbitrary: test(references) }),
          fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, test(references)),
        )
        .map(([first, second]) => ({ ...of, ...second, ...first })),
    )
}

export function subjectsOf(key: string, of: Readonly<Record<string, Kind>>): readonly Subject[] {
  return Object.entries(of).map(([name, kind]) => ({ of: { [key]: name }, kind }))
}

export function tree(leaves: fc.Arbitrary<Raw>): fc.Arbitrary<Raw> {
  const built = fc.letrec<{ tree: Raw }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 4, arbitrary: leaves },
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
      tie('tree').map((not) => ({ not })),
    ),
  }))
  return built.tree
}

/** Traits that are computed before the others, which may refer to them: of known users, of all, with a default, of accounts. */
export const baseTraits: readonly Raw[] = [
  { name: 'known_orders', entity: 'user', type: 'count', event: 'Order Completed' },
  { name: 'all_orders', entity: 'user', type: 'count', event: 'order', include_anonymous: true },
  { name: 'spent', entity: 'user', type: 'sum', event: 'Product Viewed', property: 'amount', default: 1 },
  { name: 'firm_orders', entity: 'account', type: 'count', event: 'Order Completed', default: 0 },
]
export const baseKinds = {
  user: { known_orders: 'integer', all_orders: 'integer', spent: 'number' },
  account: { firm_orders: 'integer' },
} as const
export const userReferences = Object.keys({ ...userTraits, ...baseKinds.user }).map((trait) => ({ trait }))
export const accountReferences = Object.keys({ ...accountTraits, ...baseKinds.account }).map((trait) => ({
  trait,
}))
const own = ['label', 'amount', 'quantity', 'gift', 'due'].map((property) => ({ property }))
const parents = ['label', 'amount', 'quantity', 'gift', 'due'].map((parent) => ({ parent }))

const eventSubjects: readonly Subject[] = [
  ...subjectsOf('property', properties),
  ...subjectsOf('property', { 'tags.$': 'text', 'label.$': 'text' }),
  ...subjectsOf('context', contexts),
]

/**
 * @param traitsOf of those whose events they are
 * @param deep how many events may follow each other here
 */
function where(
  traitsOf: Readonly<Record<string, Kind>>,
  references: readonly Raw[],
  deep = 2,
): fc.Arbitrary<readonly Raw[]> {
  const base = traitsOf === accountTraits ? baseKinds.account : baseKinds.user
  const subjects = [
    ...eventSubjects,
    ...subjectsOf('trait', traitsOf).slice(0, 2),
    ...subjectsOf('trait', base).slice(0, 2),
  ]
  const leaves = leaf(subjects, [...references, ...own])
  const outer = references.filter((reference) => !('parent' in reference))
  const conditions = tree(
    deep === 0
      ? leaves
      : fc.oneof(
          { weight: 6, arbitrary: leaves },
          followed(traitsOf, outer, deep - 1).map((then) => ({ then })),
        ),
  )
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.tuple(conditions) },
    fc.tuple(conditions, conditions),
  )
}

export const rowWindow: fc.Arbitrary<Raw> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: duration.map((within) => ({ within })) },
  fc
    .tuple(fc.nat({ max: durations.length - 2 }), fc.nat({ max: durations.length - 2 }))
    .map(([near, more]) => ({
      between: [durations[near], durations[Math.min(durations.length - 1, near + 1 + more)]],
    })),
  fc.constantFrom(...instants).map((since) => ({ since })),
  fc.constantFrom(...instants).map((until) => ({ until })),
)
export const window: fc.Arbitrary<Raw> = fc.oneof(
  { weight: 4, arbitrary: rowWindow },
  { weight: 1, arbitrary: fc.constantFrom('30m', '1h', '1d', '25h').map((session) => ({ session })) },
)

export const count: fc.Arbitrary<Raw> = fc.oneof(
  fc.constant({}),
  fc.integer({ min: 1, max: 3 }).map((least) => ({ count: { at_least: least } })),
  fc.integer({ min: 0, max: 2 }).map((exactly) => ({ count: { exactly } })),
  fc.integer({ min: 0, max: 2 }).map((most) => ({ count: { at_most: most } })),
)

/** Some of whose sources are left out. */
const excluded: fc.Arbitrary<Raw> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  fc.constantFrom(['web'], ['web', "joe's app"]).map((sources) => ({ exclude_sources: sources })),
)

function followed(
  traitsOf: Readonly<Record<string, Kind>>,
  references: readonly Raw[],
  deep: number,
): fc.Arbitrary<Raw> {
  return fc
    .tuple(
      fc.record({
        not: fc.boolean(),
        event: fc.constantFrom(...eventNames),
        within: duration,
        where: where(traitsOf, [...parents, ...references], deep),
        require_window_elapsed: fc.boolean(),
      }),
      count,
      excluded,
    )
    .map(([of, counted, left]) => ({ ...of, ...counted, ...left }))
}
const then = followed(userTraits, userReferences, 1)

export const types = [
  ...[
    'count',
    'sum',
    'avg',
    'min',
    'max',
    'median',
    'percentile',
    'most_frequent',
    'first',
    'last',
    'unique_list',
    'unique_list_count',
  ],
] as const

export const countedEvent: fc.Arbitrary<Raw> = fc
  .tuple(
    fc.record({ event: fc.constantFrom(...eventNames), where: where(userTraits, userReferences) }),
    count,
    window,
    fc.option(then, { nil: undefined, freq: 2 }),
    excluded,
  )
  .map(([of, counted, during, followed, left]) => ({
    ...of,
    ...counted,
    ...during,
    // biome-ignore lint/suspicious/noThenProperty: the public word for what follows an event
    ...(followed !== undefined && { then: followed }),
    ...left,
  }))

/** Where what happened before a definition was made does not count. */
export const history: fc.Arbitrary<Raw> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  fc.constantFrom(...instants).map((since) => ({ history_since: since })),
)

/** What stands beside a reducer. */
export const options: fc.Arbitrary<(type: string) => Raw> = fc
  .record({
    frequency: fc.constantFrom(1, 2, 3),
    whole: fc.boolean(),
    text: fc.boolean(),
    p: fc.constantFrom(0, 0.07, 0.25, 0.5, 0.9, 1),
  })
  .map(({ frequency, whole, text, p }) => (type) => {
    if (type === 'most_frequent') return { min_frequency: frequency, ...(whole && { as: 'array' }) }
    if (type === 'percentile') return { p }
    return type === 'min' || type === 'max' ? { as: text ? 'text' : 'number' } : {}
  })

/** Conditions on what events are reduced to. */
const reducedEvent: fc.Arbitrary<Raw> = fc
  .record({
    event: countedEvent,
    type: fc.constantFrom(...types.filter((type) => type !== 'count')),
    property: fc.constantFrom(...Object.keys(properties), 'tags.$'),
    beside: options,
    holds: fc.oneof(test(userReferences), fitting.number, fitting.text, fitting.integer),
  })
  .map(({ event: of, type, property, beside, holds }) => ({
    ...Object.fromEntries(Object.entries(of).filter(([key]) => key !== 'count')),
    [type]: property,
    ...beside(type),
    ...holds,
  }))

const event: fc.Arbitrary<Raw> = fc.oneof({ weight: 3, arbitrary: countedEvent }, reducedEvent)

export const userTrait = leaf(subjectsOf('trait', { ...userTraits, ...baseKinds.user }), userReferences)
/** Of any account of the user, or of the account whose users are asked. */
const traitOfAccount = leaf(subjectsOf('account_trait', accountTraits), userReferences)
export const accountTrait = leaf(
  subjectsOf('account_trait', { ...accountTraits, ...baseKinds.account }),
  accountReferences,
)

export function audienceOf(name: string): fc.Arbitrary<Raw> {
  return fc.constant({ audience: name })
}

/** What audiences may ask membership of; both are compiled before them. */
export const baseAudiences: readonly Raw[] = [
  { name: 'vips', entity: 'user', include_anonymous: true, match: { trait: 'vip', equals: true } },
  { name: 'big_accounts', entity: 'account', match: { account_trait: 'seats', greater_than: 1 } },
]

const userCondition = tree(
  fc.oneof(
    { weight: 3, arbitrary: event },
    { weight: 2, arbitrary: userTrait },
    traitOfAccount,
    audienceOf('vips'),
    audienceOf('big_accounts'),
  ),
)
const quantified = fc
  .tuple(
    fc.constantFrom('any_user', 'all_users', 'none_of_users'),
    fc.oneof(
      userCondition,
      userTrait,
      event.map((of) => ({ not: of })),
    ),
  )
  .map(([quantifier, condition]) => ({ [quantifier]: condition }))
const accountCondition = tree(
  fc.oneof(
    { weight: 3, arbitrary: quantified },
    event,
    accountTrait,
    audienceOf('vips'),
    audienceOf('big_accounts'),
  ),
)

export const audiences: fc.Arbitrary<Raw> = fc
  .tuple(
    fc.oneof(
      {
        weight: 2,
        arbitrary: fc.record({
          entity: fc.constant('user'),
          include_anonymous: fc.boolean(),
          match: userCondition,
        }),
      },
      fc.record({ entity: fc.constant('account'), match: accountCondition }),
    ),
    history,
  )
  .map(([of, since]) => ({ ...of, ...since }))

/** A default that suits the type; of `first` and `last` the type is the property's. */
export const fallback: fc.Arbitrary<(type: string) => Raw> = fc
  .record({
    text: kinds.text,
    number: kinds.number,
    integer: kinds.integer,
    list: fc.array(kinds.text, { maxLength: 3 }),
  })
  .map(({ text, number, integer, list }) => (type) => {
    if (type === 'first' || type === 'last') return {}
    if (type === 'count' || type === 'unique_list_count') return { default: integer }
    if (type === 'most_frequent') return { default: text }
    return { default: type === 'unique_list' ? list : number }
  })

/** What of an event is reduced, a property or a trait of the acting user. */
function reduced(
  entity: string,
  type: string,
  of: {
    readonly property: string
    readonly userTrait: string | undefined
    readonly beside: (type: string) => Raw
  },
): Raw {
  if (type === 'count') return {}
  const { as, ...rest } = of.beside(type)
  if (entity === 'account' && of.userTrait !== undefined && ['most_frequent', 'first', 'last'].includes(type))
    return { user_trait: of.userTrait, ...rest }
  return { property: of.property, ...rest, ...(as !== undefined && { as }) }
}

export function withFallback(type: string, of: Raw, fallback: ((type: string) => Raw) | undefined): Raw {
  // Least and greatest texts are texts, as the most frequent are.
  return { ...of, ...fallback?.(of.as === 'text' ? 'most_frequent' : type) }
}

export const traits: fc.Arbitrary<Raw> = fc
  .record({
    entity: fc.constantFrom('user', 'account'),
    anonymous: fc.boolean(),
    type: fc.constantFrom(...types),
    event: fc.constantFrom(...eventNames),
    property: fc.constantFrom(...Object.keys(properties), 'tags.$'),
    beside: options,
    during: window,
    user: where(userTraits, userReferences),
    account: where(accountTraits, accountReferences),
    left: excluded,
    since: history,
    userTrait: fc.constantFrom(undefined, ...Object.keys({ ...userTraits, ...baseKinds.user })),
    fallback: fc.option(fallback, { nil: undefined, freq: 2 }),
  })
  .map(
    ({
      entity,
      anonymous,
      type,
      event: name,
      during,
      user,
      account,
      left,
      since,
      fallback: otherwise,
      ...of
    }) => ({
      entity,
      type,
      event: name,
      ...withFallback(type, reduced(entity, type, of), otherwise),
      ...(entity === 'user' && { include_anonymous: anonymous }),
      ...during,
      ...left,
      ...since,
      where: entity === 'user' ? user : account,
    }),
  )
