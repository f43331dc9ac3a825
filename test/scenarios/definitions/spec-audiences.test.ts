import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Plain } from '../../reference/definitions/values.ts'
import type { World, WorldRow } from '../../reference/definitions/world.ts'
import { engines, type Place } from '../../support/engines.ts'
import { define, runWorld } from './world-on-engine.ts'

/** Examples and rules of section 6 of the behaviour we keep that no other suite of audiences tells. */

const day = 86_400
const asOf = Date.parse('2026-06-01T00:00:00Z')
let events = 0

function did(
  user: string,
  event: string,
  secondsAgo: number,
  properties: Readonly<Record<string, Plain>> = {},
  source = 'web',
): WorldRow {
  events += 1
  const at = new Date(asOf - secondsAgo * 1000).toISOString()
  return { event, id: `e${String(events).padStart(6, '0')}`, user, at, source, properties, contexts: {} }
}

/** More than a list holds, in another order than that of the list. */
const many = Array.from(
  { length: 10_003 },
  (_, index) => `v${String((index * 7919) % 10_003).padStart(5, '0')}`,
)

const world: World = {
  asOf: '2026-06-01T00:00:00Z',
  users: ['ann', 'bob', 'cem', 'dee', 'max'].map((id) => ({
    id,
    known: true,
    traits: { plan: id === 'ann' ? 'pro' : null, renews: id === 'bob' ? '2026-06-03T00:00:00Z' : null },
  })),
  accounts: [
    { id: 'busy', users: ['ann', 'bob'], traits: {} },
    { id: 'calm', users: ['bob', 'cem'], traits: {} },
    { id: 'empty', users: [], traits: {} },
  ],
  userTraits: { plan: 'text', renews: 'timestamp' },
  accountTraits: {},
  events: {
    Login: { properties: {}, contexts: {} },
    'Page Viewed': { properties: { page_name: 'text' }, contexts: {} },
    'Screen Viewed': { properties: { screen_name: 'text' }, contexts: {} },
    Order: { properties: { revenue: 'number', products: 'list' }, contexts: {} },
    Refund: { properties: {}, contexts: {} },
    Listed: { properties: { value: 'text' }, contexts: {} },
  },
  rows: [
    ...[1, 2, 3].map((days) => did('ann', 'Login', days * day)),
    did('bob', 'Login', day),
    did('ann', 'Page Viewed', day, { page_name: 'Pricing' }),
    did('bob', 'Screen Viewed', day, { screen_name: 'Cart' }),
    // Active then, not now; and the other way round.
    did('cem', 'Order', 45 * day, { revenue: 30, products: ['hat'] }),
    did('dee', 'Order', 2 * day, { revenue: 30, products: ['shoe', 'hat'] }, 'pos'),
    did('ann', 'Order', 40 * day, { revenue: 5, products: ['shoe'] }),
    did('ann', 'Order', 3 * day, { revenue: 50, products: ['hat', 'scarf'] }),
    did('ann', 'Refund', 2 * day),
    ...many.map((value) => did('max', 'Listed', 100, { value })),
  ],
}

const since = '2026-05-20T00:00:00Z'
const people: Readonly<Record<string, readonly [keys: string, members: readonly string[]]>> = {
  pages: ["query: \"event('Page Viewed').where(property('page_name') = 'Pricing').count() >= 1\"", ['ann']],
  screens: [
    "query: \"event('Screen Viewed').where(property('screen_name') = 'Cart').count() >= 1\"",
    ['bob'],
  ],
  then_and_not_now: [
    "query: \"event('Order').between(30 days, 90 days).count() >= 1 AND event('Order').within(30 days).count() = 0\"",
    ['cem'],
  ],
  not_from_shops: ["query: \"event('Order').sources(exclude: ['pos']).count() >= 1\"", ['ann', 'cem']],
  // Two conditions on elements may be met by two elements.
  shoe_and_hat: [
    "query: \"event('Order').where(property('products.$') = 'shoe' AND property('products.$') = 'hat').count() >= 1\"",
    ['dee'],
  ],
  shoe_or_scarf: [
    "query: \"event('Order').where(property('products.$').one_of('shoe', 'scarf')).count() = 2\"",
    ['ann'],
  ],
  // Not equal only where there is a value.
  not_pro: ["query: \"trait('plan') != 'pro'\"", []],
  no_pro: ["query: \"NOT trait('plan') = 'pro'\"", ['bob', 'cem', 'dee', 'max']],
  renews_soon: ['query: "trait(\'renews\').within_next(2 days)"', ['bob']],
  of_busy_accounts: ['query: "trait(\'busy_firms\') = true"', ['ann', 'bob']],
  // What happened before does not count: neither for a count, nor for a value, nor as what something follows.
  new_orders: [`history_since: ${since}, match: { event: Order }`, ['ann', 'dee']],
  no_new_orders: [
    `history_since: ${since}, match: { event: Order, count: { exactly: 0 } }`,
    ['bob', 'cem', 'max'],
  ],
  one_new_order: [
    `history_since: ${since}, match: { event: Order, within: 90d, count: { exactly: 1 } }`,
    ['ann', 'dee'],
  ],
  new_revenue: [`history_since: ${since}, match: { event: Order, sum: revenue, equals: 50 }`, ['ann']],
  new_refunded: [
    `history_since: ${since}, query: "event('Order').where(event('Refund').within(parent: 60 days).count() >= 1).count() = 1"`,
    ['ann'],
  ],
  refunded: [
    "query: \"event('Order').where(event('Refund').within(parent: 60 days).count() >= 1).count() = 2\"",
    ['ann'],
  ],
  // Traits count whenever they were set.
  new_pros: [`history_since: ${since}, match: { trait: plan, equals: pro }`, ['ann']],
  long_list: ['match: { trait: listed, contains: v00000 }', ['max']],
  end_of_long_list: ['match: { trait: listed, contains: v10000 }', []],
}

const firms: Readonly<Record<string, readonly [keys: string, members: readonly string[]]>> = {
  // What users do together is a trait of the account.
  few_logins: ['query: "trait(\'logins\') < 4"', ['calm']],
  few_or_no_logins: ['query: "NOT trait(\'logins\') >= 4"', ['calm', 'empty']],
  busy_firms: ['query: "ANY event(\'Login\').count() >= 3"', ['busy']],
  new_buyers: [`history_since: ${since}, match: { all_users: { event: Order } }`, []],
  buyers: ['match: { any_user: { event: Order, within: 90d } }', ['busy', 'calm']],
  buyers_of_late: [`history_since: ${since}, match: { any_user: { event: Order, within: 90d } }`, ['busy']],
}

const audiences = Object.entries({ ...people, ...firms })
  .map(([name, [keys]]) => `  - { name: ${name}, entity: ${name in firms ? 'account' : 'user'}, ${keys} }`)
  .join('\n')
const definitions = `traits:
  - { name: logins, entity: account, type: count, event: Login }
  - { name: listed, type: unique_list, event: Listed, property: value }
  - { name: values_listed, type: unique_list_count, event: Listed, property: value }
  - { name: orders, type: count, event: Order, within: 90d }
  - { name: orders_since, type: count, event: Order, within: 90d, history_since: ${since} }
  - { name: first_since, type: first, event: Order, property: revenue, history_since: ${since} }
  - { name: revenue_since, query: "event('Order').sum(property('revenue'))", history_since: 2026-05-01 }
  - { name: firm_orders, entity: account, type: count, event: Order, history_since: ${since} }
  # Left the window since, and left out before: 0 and nothing.
  - { name: lately, type: count, event: Order, within: 1d, history_since: 2026-05-30 }
audiences:
${audiences}
`

describe.each(engines)('section 6 on $name', ({ open }) => {
  let place: Place
  let found: Awaited<ReturnType<typeof runWorld>>

  beforeAll(async () => {
    place = await open()
    found = await runWorld(place.adapter, world, define(definitions), place.workSchema)
  })
  afterAll(() => place.drop())

  test.each(Object.entries({ ...people, ...firms }))('%s', (name, [, members]) => {
    expect([...(found.audiences.get(name) ?? ['not run'])].sort()).toEqual(members)
  })

  const valuesOf = (name: string): unknown => Object.fromEntries(found.traits.get(name) ?? [])

  test('events of before a trait was made do not count for it', () => {
    expect(valuesOf('orders')).toEqual({ ann: 2, cem: 1, dee: 1 })
    expect(valuesOf('orders_since')).toEqual({ ann: 1, dee: 1 })
    expect(valuesOf('first_since')).toEqual({ ann: 50, dee: 30 })
    expect(valuesOf('revenue_since')).toEqual({ ann: 50, dee: 30 })
    expect(valuesOf('firm_orders')).toEqual({ busy: 1 })
    expect(valuesOf('lately')).toEqual({ dee: 0 })
  })

  test('a list holds ten thousand values, the first in its order; what counts them sees all', () => {
    const list: unknown = JSON.parse(String(found.traits.get('listed')?.get('max')))
    expect(list).toEqual([...many].sort().slice(0, 10_000))
    expect(valuesOf('values_listed')).toEqual({ max: 10_003 })
  })

  test('nothing is warned of', () => {
    expect(found.problems).toEqual([])
  })
})
