import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { World, WorldRow } from '../../reference/definitions/world.ts'
import { engines, type Place } from '../../support/engines.ts'
import { define, runWorld } from './world-on-engine.ts'

const asOf = Date.parse('2026-06-01T00:00:00Z')
let events = 0

function did(user: string, event: string, secondsAgo: number, product = 'p1'): WorldRow {
  events += 1
  const at = new Date(asOf - secondsAgo * 1000).toISOString()
  return { event, id: `e${events}`, user, at, properties: { product, price: 10 }, contexts: {} }
}

const added = 'Product Added'
const ordered = 'Order Completed'
const day = 86_400
const columns = { properties: { product: 'text', price: 'number' }, contexts: {} } as const

/** `none` did nothing and `anon` is anonymous; the other names say what they did. */
const world: World = {
  asOf: '2026-06-01T00:00:00Z',
  users: [
    'none',
    'once',
    'twice',
    'old',
    'edge',
    'converted',
    'again',
    'late',
    'other',
    'recent',
    'due',
    'anon',
  ].map((id) => ({ id, known: id !== 'anon', traits: { plan: id === 'twice' ? 'pro' : 'free', spend: 10 } })),
  accounts: [
    { id: 'all_pro', users: ['twice'], traits: { tier: 'gold' } },
    { id: 'some_pro', users: ['twice', 'once'], traits: { tier: 'silver' } },
    { id: 'no_pro', users: ['once', 'none', 'anon'], traits: { tier: 'gold' } },
    { id: 'empty', users: [], traits: {} },
  ],
  userTraits: { plan: 'text', spend: 'number' },
  accountTraits: { tier: 'text' },
  events: { [added]: columns, [ordered]: columns, Login: columns },
  rows: [
    did('once', 'Login', 10),
    did('twice', 'Login', 10),
    did('twice', 'Login', 3 * day),
    did('old', 'Login', 2 * day + 1),
    did('edge', 'Login', 2 * day),
    did('anon', 'Login', 10),
    // Added, ordered within the hour, to the second.
    did('converted', added, 3 * day),
    did('converted', ordered, 3 * day - 3600),
    // Added, ordered, added once more: the second is left over.
    did('again', added, 3 * day),
    did('again', ordered, 3 * day - 60),
    did('again', added, 2 * day),
    // A second too late; and at the same instant, which is not after.
    did('late', added, 3 * day),
    did('late', ordered, 3 * day - 3601),
    did('late', ordered, 3 * day),
    did('other', added, 3 * day, 'p1'),
    did('other', ordered, 3 * day - 60, 'p2'),
    did('other', ordered, 3 * day - 59, 'p3'),
    did('due', added, 3600),
    did('recent', added, 3599),
    did('recent', added, 3600 * 24, 'p9'),
    did('recent', ordered, 3600 * 24 - 5, 'p9'),
  ],
}

const known = world.users.filter((user) => user.known).map(({ id }) => id)
const but = (...ids: readonly string[]): readonly string[] => known.filter((id) => !ids.includes(id))
const followed = `event: ${added}, then: { event: ${ordered}, within: 1h`
const unfollowed = `event: ${added}, then: { not: true, event: ${ordered}, within: 1h`

const cases: readonly (readonly [string, readonly string[]])[] = [
  ['{ event: Login }', ['once', 'twice', 'old', 'edge']],
  ['{ event: Login, count: { at_least: 2 } }', ['twice']],
  ['{ event: Login, count: { exactly: 1 } }', ['once', 'old', 'edge']],
  ['{ event: Login, count: { exactly: 0 } }', but('once', 'twice', 'old', 'edge')],
  ['{ event: Login, count: { at_most: 1 } }', but('twice')],
  ['{ event: Login, count: { at_most: 0 } }', but('once', 'twice', 'old', 'edge')],
  ['{ not: { event: Login } }', but('once', 'twice', 'old', 'edge')],
  ['{ event: Login, within: 2d }', ['once', 'twice', 'edge']],
  ['{ event: Login, count: { exactly: 1 }, within: 2d }', ['once', 'twice', 'edge']],
  ['{ event: Login, between: [2d, 3d] }', ['twice', 'old', 'edge']],
  ["{ event: Login, since: '2026-05-29T23:59:59Z', until: '2026-05-30T00:00:00Z' }", ['old']],
  ['{ event: Never Seen, count: { exactly: 0 } }', known],
  ['{ event: Never Seen }', []],
  [`{ ${followed} } }`, ['converted', 'again', 'other', 'recent']],
  [`{ ${unfollowed} } }`, ['again', 'late', 'recent', 'due']],
  [`{ ${unfollowed}, require_window_elapsed: true } }`, ['again', 'late', 'due']],
  [`{ ${followed}, count: { at_least: 2 } } }`, ['other']],
  [`{ ${followed}, count: { exactly: 0 } } }`, ['again', 'late', 'recent', 'due']],
  // Literally not exactly one: two orders satisfy it as well as none.
  [`{ ${unfollowed}, count: { exactly: 1 } } }`, ['again', 'late', 'other', 'recent', 'due']],
  [
    `{ ${followed}, where: [{ property: product, equals: { parent: product } }] } }`,
    ['converted', 'again', 'recent'],
  ],
  [
    `{ ${unfollowed}, where: [{ property: product, equals: { parent: product } }] } }`,
    ['again', 'late', 'other', 'recent', 'due'],
  ],
  [
    `{ ${followed}, where: [{ property: price, greater_than_or_equal: { trait: spend } }] } }`,
    ['converted', 'again', 'other', 'recent'],
  ],
  [`{ ${followed}, where: [{ property: price, greater_than: { trait: spend } }] } }`, []],
  // The parents that are left are what the outer count counts.
  [`{ count: { exactly: 1 }, ${unfollowed} } }`, ['again', 'late', 'recent', 'due']],
  [`{ count: { exactly: 0 }, ${unfollowed} } }`, but('again', 'late', 'recent', 'due')],
  [`{ within: 1d, ${followed} } }`, ['recent']],
  [`{ event: ${added}, then: { event: ${added}, within: 1d } }`, ['again', 'recent']],
  ['{ audience: pros }', ['twice']],
  ['{ not: { audience: pros } }', but('twice')],
  // A user audience may ask whether any of the user's accounts is a member.
  ['{ audience: gold }', ['twice', 'once', 'none']],
  [
    '{ any: [{ all: [{ event: Login }, { not: { trait: plan, equals: free } }] }, { not: { any: [{ event: Login }, { event: Product Added }] } }] }',
    ['twice', 'none'],
  ],
]

const accountCases: readonly (readonly [string, readonly string[]])[] = [
  ['{ any_user: { trait: plan, equals: pro } }', ['all_pro', 'some_pro']],
  ['{ all_users: { trait: plan, equals: pro } }', ['all_pro']],
  ['{ none_of_users: { trait: plan, equals: pro } }', ['no_pro', 'empty']],
  ['{ all_users: { not: { trait: plan, equals: pro } } }', ['no_pro']],
  ['{ not: { all_users: { trait: plan, equals: pro } } }', ['some_pro', 'no_pro', 'empty']],
  ['{ event: Login, count: { at_least: 2 } }', ['all_pro', 'some_pro']],
  ['{ any_user: { event: Login, count: { exactly: 0 } } }', ['no_pro']],
  ['{ none_of_users: { event: Login } }', ['empty']],
  // An anonymous user of the account counts too.
  ['{ all_users: [{ event: Login }, { trait: plan, equals: free }] }', []],
  ['{ audience: pros }', ['all_pro', 'some_pro']],
  ['{ all_users: { audience: pros } }', ['all_pro']],
  ['{ audience: gold }', ['all_pro', 'no_pro']],
  ['{ account_trait: tier, exists: false }', ['empty']],
  // Asked of a user inside an account audience, it is the trait of that account.
  ['{ any_user: { account_trait: tier, equals: silver } }', ['some_pro']],
  ['{ all_users: [{ account_trait: tier, equals: gold }, { trait: plan, equals: free }] }', ['no_pro']],
  [
    '{ all: [{ account_trait: tier, equals: gold }, { none_of_users: { trait: plan, equals: pro } }] }',
    ['no_pro'],
  ],
]

describe.each(engines)('audiences on $name', ({ open }) => {
  let place: Place
  let found: Awaited<ReturnType<typeof runWorld>>

  beforeAll(async () => {
    place = await open()
    const text = [
      'audiences:',
      '  - { name: pros, match: { trait: plan, equals: pro } }',
      '  - { name: gold, entity: account, match: { account_trait: tier, equals: gold } }',
      '  - { name: with_anonymous, include_anonymous: true, match: { event: Login, within: 2d } }',
      '  - { name: with_gold, match: { account_trait: tier, equals: gold } }',
      ...cases.map(([match], index) => `  - { name: people_${index}, match: ${match} }`),
      ...accountCases.map(
        ([match], index) => `  - { name: firms_${index}, entity: account, match: ${match} }`,
      ),
    ].join('\n')
    found = await runWorld(place.adapter, world, define(text), place.workSchema)
  })
  afterAll(() => place.drop())

  const membersOf = (name: string): readonly string[] =>
    [...(found.audiences.get(name) ?? ['not run'])].sort()

  test.each(cases.map(([match, ids], index) => [match, ids, index] as const))('%s', (_, ids, index) => {
    expect(membersOf(`people_${index}`)).toEqual([...ids].sort())
  })

  test.each(accountCases.map(([match, ids], index) => [match, ids, index] as const))(
    'account %s',
    (_, ids, index) => {
      expect(membersOf(`firms_${index}`)).toEqual([...ids].sort())
    },
  )

  test('an account trait asked of a user speaks of any account the user is linked to', () => {
    expect(membersOf('with_gold')).toEqual(['none', 'once', 'twice'])
  })

  test('anonymous profiles are members only where they are asked for', () => {
    expect(membersOf('with_anonymous')).toEqual(['anon', 'edge', 'once', 'twice'])
  })

  test('an event that no source has is warned of at each place', () => {
    expect(found.problems.map(({ code, severity }) => `${code} ${severity}`)).toEqual([
      'PSN3100 warning',
      'PSN3100 warning',
    ])
  })
})
