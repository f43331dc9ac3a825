import fc from 'fast-check'
import type { Raw } from '../reference/definitions/conditions.ts'
import { accountReferences, baseKinds, userReferences } from './base-traits.ts'
import { leaf, subjectsOf, tree } from './condition-arbitraries.ts'
import { event, excluded, options, types, where, window } from './event-arbitraries.ts'
import { accountTraits, eventNames, instants, kinds, properties, userTraits } from './world-arbitraries.ts'

/** Where what happened before a definition was made does not count. */
export const history: fc.Arbitrary<Raw> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  fc.constantFrom(...instants).map((since) => ({ history_since: since })),
)

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
