import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Plain } from '../../reference/definitions/values.ts'
import type { World, WorldRow } from '../../reference/definitions/world.ts'
import { engines, type Place } from '../../support/engines.ts'
import { define, runWorld } from './world-on-engine.ts'

/** Computed traits as section 4 of the behaviour we keep tells them, line by line. */

const ids = new Map<string, number>()

function did(event: string, user: string, at: string, properties: Readonly<Record<string, Plain>>): WorldRow {
  const next = (ids.get(event) ?? 0) + 1
  ids.set(event, next)
  const id = `${event.toLowerCase().replaceAll(' ', '_')}_${next}`
  return { event, id, user, at, properties, contexts: { 'page.url': `https://shop.example/${user}` } }
}

const order = (user: string, at: string, properties: Readonly<Record<string, Plain>>): WorldRow =>
  did('Order Completed', user, at, properties)
const view = (user: string, at: string): WorldRow => did('Product Viewed', user, at, {})

const world: World = {
  asOf: '2026-06-01T12:00:00Z',
  users: [
    { id: 'ann', known: true, traits: { email: 'ann@x.io', age: 40, vip: true } },
    { id: 'bob', known: true, traits: { email: 'bob@x.io', age: 30 } },
    { id: 'cem', known: false, traits: {} },
    { id: 'dee', known: true, traits: { email: 'dee@x.io' } },
  ],
  accounts: [
    { id: 'acme', users: ['ann', 'bob', 'cem'], traits: {} },
    { id: 'bolt', users: ['bob', 'dee'], traits: {} },
    { id: 'none', users: [], traits: {} },
  ],
  userTraits: { email: 'text', age: 'integer', vip: 'boolean' },
  accountTraits: {},
  events: {
    'Order Completed': {
      properties: { revenue: 'number', coupon: 'text', size: 'number', brands: 'list', ref: 'text' },
      contexts: { 'page.url': 'text' },
    },
    'Product Viewed': { properties: {}, contexts: { 'page.url': 'text' } },
    'Page Viewed': { properties: { page_name: 'text' }, contexts: { 'page.url': 'text' } },
    'Screen Viewed': { properties: { screen_name: 'text' }, contexts: { 'page.url': 'text' } },
  },
  rows: [
    order('ann', '2026-05-30T12:00:00Z', {
      revenue: 10,
      coupon: 'SPRING',
      size: 5,
      brands: ['b', 'a'],
      ref: '9',
    }),
    order('ann', '2026-05-31T12:00:00Z', {
      revenue: 30,
      coupon: null,
      size: 5,
      brands: ['b', 'a'],
      ref: '10',
    }),
    order('ann', '2026-06-01T11:00:00Z', {
      revenue: 20,
      coupon: 'ADAM',
      size: 4,
      brands: ['c', 'b'],
      ref: 'x',
    }),
    order('ann', '2026-06-01T11:00:00Z', { revenue: 40, coupon: 'ZOE', size: 4, brands: ['a'], ref: 'é' }),
    // 90 days and one second ago.
    order('bob', '2026-03-03T11:59:59Z', { revenue: 7, coupon: 'OLD', size: 1, brands: null, ref: null }),
    order('cem', '2026-06-01T10:00:00Z', { revenue: 1, coupon: 'ADAM', size: 2, brands: [], ref: '7' }),
    // Half an hour apart, then never that long again, up to now.
    view('ann', '2026-06-01T10:00:00Z'),
    view('ann', '2026-06-01T10:30:00Z'),
    view('ann', '2026-06-01T10:59:59Z'),
    view('ann', '2026-06-01T11:29:58Z'),
    view('ann', '2026-06-01T11:30:01Z'),
    view('bob', '2026-06-01T11:30:00Z'),
    view('dee', '2026-06-01T11:59:00Z'),
    did('Page Viewed', 'ann', '2026-06-01T10:00:00Z', { page_name: 'Home' }),
    did('Page Viewed', 'ann', '2026-06-01T10:01:00Z', { page_name: 'Pricing' }),
    did('Screen Viewed', 'bob', '2026-06-01T10:00:00Z', { screen_name: 'Cart' }),
  ],
}

const bought = "event('Order Completed')"
const seen = "event('Product Viewed')"

type Case = readonly [query: string, values: Readonly<Record<string, unknown>>]

/** The forms of the query language in 4.1, with what they give. */
const queries: Readonly<Record<string, Case>> = {
  counter: [`${bought}.count()`, { ann: 4, bob: 1 }],
  sum: [`${bought}.sum(property('revenue'))`, { ann: 100, bob: 7 }],
  avg: [`${bought}.avg(property('revenue'))`, { ann: 25, bob: 7 }],
  min: [`${bought}.min(property('revenue'))`, { ann: 10, bob: 7 }],
  max: [`${bought}.max(property('revenue'))`, { ann: 40, bob: 7 }],
  max_of_texts_that_are_numbers: [`${bought}.max(property('ref'))`, { ann: 10 }],
  min_as_string: [`${bought}.min(property('ref') as string)`, { ann: '10' }],
  max_as_string: [`${bought}.max(property('ref') as string)`, { ann: 'é' }],
  min_number_as_string: [`${bought}.min(property('revenue') as string)`, { ann: '10', bob: '7' }],
  // Twice at least unless told otherwise; ties go to the alphabetically first, numbers as texts.
  mode_default: [`${bought}.mode(property('size'))`, { ann: '4' }],
  mode_once: [`${bought}.mode(property('coupon'), 1)`, { ann: 'ADAM', bob: 'OLD' }],
  mode_elements: [`${bought}.mode(property('brands.$'), 2)`, { ann: 'a' }],
  mode_as_array: [`${bought}.mode(property('brands.$') as array, 2)`, { ann: '["b","a"]' }],
  // Without a value an event is passed over; at one time the id decides.
  first: [`${bought}.first(property('coupon'))`, { ann: 'SPRING', bob: 'OLD' }],
  last: [`${bought}.last(property('coupon'))`, { ann: 'ZOE', bob: 'OLD' }],
  unique: [`${bought}.unique(property('coupon'))`, { ann: '["ADAM","SPRING","ZOE"]', bob: '["OLD"]' }],
  unique_count: [`${bought}.unique(property('coupon')).count()`, { ann: 3, bob: 1 }],
  // Beyond the original.
  median: [`${bought}.median(property('revenue'))`, { ann: 20, bob: 7 }],
  third_quartile: [`${bought}.percentile(property('revenue'), 0.75)`, { ann: 30, bob: 7 }],
  above_third_quartile: [`${bought}.percentile(property('revenue'), 0.750000001)`, { ann: 40, bob: 7 }],
  least_percentile: [`${bought}.percentile(property('revenue'), 0)`, { ann: 10, bob: 7 }],
  median_elements: [`${bought}.median(property('brands.$'))`, {}],
  // 4.2
  conditions: [
    `${bought}.where(property('revenue') > 10 AND (property('coupon').exists() OR NOT property('size') = 4)).count()`,
    { ann: 3 },
  ],
  not_equals: [`${bought}.where(property('coupon') != 'ADAM').count()`, { ann: 2, bob: 1 }],
  context: [`${bought}.where(context('page.url').ends_with('/bob')).count()`, { bob: 1 }],
  pages: ["event('Page Viewed').where(property('page_name') = 'Pricing').count()", { ann: 1 }],
  screens: ["event('Screen Viewed').first(property('screen_name'))", { bob: 'Cart' }],
  // 4.3; 90 days are 2,160 hours. What has left the window is 0 where it is counted, and nothing elsewhere.
  ninety_days: [`${bought}.within(90 days).count()`, { ann: 4, bob: 0 }],
  hours: [`${bought}.within(2160 hours).sum(property('revenue'))`, { ann: 100, bob: 0 }],
  hours_average: [`${bought}.within(2160 hours).avg(property('revenue'))`, { ann: 25 }],
  band: [`${bought}.between(1 day, 2 days).unique(property('ref')).count()`, { ann: 2 }],
  band_last: [`${bought}.between(1 day, 2 days).last(property('ref'))`, { ann: '10' }],
  dates: [`${bought}.since('2026-05-31').until('2026-06-01').count()`, { ann: 1 }],
  session: [`${seen}.expires_after(30 minutes).count()`, { ann: 4, bob: 0, dee: 1 }],
  session_seconds: [`${seen}.expires_after(1801 seconds).count()`, { ann: 5, bob: 1, dee: 1 }],
  session_hours: [`${seen}.expires_after(1 hour).count()`, { ann: 5, bob: 1, dee: 1 }],
  // All events of the name make the session; conditions then choose among its events.
  session_where: [
    `${bought}.where(property('coupon') = 'SPRING').expires_after(25 hours).sum(property('revenue'))`,
    { ann: 10 },
  ],
  session_first: [`${bought}.expires_after(24 hours).first(property('ref'))`, { ann: '10' }],
  session_unique: [
    `${bought}.expires_after(24 hours).unique(property('brands.$'))`,
    { ann: '["a","b","c"]' },
  ],
}

const anonymous: Readonly<Record<string, Case>> = {
  with_anonymous: [`${bought}.count()`, { ann: 4, bob: 1, cem: 1 }],
  session_with_anonymous: [`${bought}.expires_after(2 hours).count()`, { ann: 2, bob: 0, cem: 0 }],
  session_of_two_hours: [`${bought}.expires_after(7201 seconds).count()`, { ann: 2, bob: 0, cem: 1 }],
}

/** Of accounts: the events of all linked users, known or not. */
const accountQueries: Readonly<Record<string, Case>> = {
  account_count: [`${bought}.count()`, { acme: 6, bolt: 1 }],
  account_sum: [`${bought}.sum(property('revenue'))`, { acme: 108, bolt: 7 }],
  account_unique: [
    `${bought}.unique(property('coupon'))`,
    { acme: '["ADAM","OLD","SPRING","ZOE"]', bolt: '["OLD"]' },
  ],
  // The session is the account's: one user's event goes on with another's.
  account_session: [`${seen}.expires_after(30 minutes).count()`, { acme: 5, bolt: 2 }],
  account_median: [`${bought}.median(property('revenue'))`, { acme: 10, bolt: 7 }],
  most_active_user: [`${bought}.mode(trait('email'), 1)`, { acme: 'ann@x.io', bolt: 'bob@x.io' }],
  most_active_twice: [`${bought}.mode(trait('email'))`, { acme: 'ann@x.io' }],
  // cem has no email, and is passed over.
  first_user: [`${bought}.first(trait('email'))`, { acme: 'bob@x.io', bolt: 'bob@x.io' }],
  last_user: [`${bought}.last(trait('email'))`, { acme: 'ann@x.io', bolt: 'bob@x.io' }],
  last_age: [`${seen}.last(trait('age'))`, { acme: 40, bolt: 30 }],
  last_vip: [`${seen}.last(trait('vip'))`, { acme: true }],
  last_of_computed: [`${seen}.last(trait('sum'))`, { acme: 100, bolt: 7 }],
  last_of_formula: [`${seen}.last(trait('double'))`, { acme: 200, bolt: 14 }],
  last_of_default: [`${seen}.last(trait('orders'))`, { acme: 4, bolt: 0 }],
  user_in_window: [
    `${bought}.where(property('revenue') > 5).within(90 days).mode(trait('email'), 1)`,
    { acme: 'ann@x.io' },
  ],
}

/** In YAML, with what a profile has that would have none. */
const defaults: Readonly<Record<string, Case>> = {
  orders: ['type: count, default: 0', { ann: 4, bob: 1, dee: 0 }],
  orders_of_all: ['type: count, include_anonymous: true, default: -1', { ann: 4, bob: 1, cem: 1, dee: -1 }],
  recent: ['type: count, within: 90d, default: 0', { ann: 4, bob: 0, dee: 0 }],
  average: ['type: avg, property: revenue, within: 90d, default: 0.5', { ann: 25, bob: 0.5, dee: 0.5 }],
  brands: [
    'type: unique_list, property: brands.$, default: [z, b, b]',
    { ann: '["a","b","c"]', bob: '["b","z"]', dee: '["b","z"]' },
  ],
  no_brands: [
    'type: unique_list, property: brands.$, default: []',
    { ann: '["a","b","c"]', bob: '[]', dee: '[]' },
  ],
  favourite: [
    "type: most_frequent, property: size, default: it's 5",
    { ann: '4', bob: "it's 5", dee: "it's 5" },
  ],
  last_ref: ['type: last, property: ref, default: none', { ann: 'é', bob: 'none', dee: 'none' }],
  last_size: ['type: last, property: size, default: 0', { ann: 4, bob: 1, dee: 0 }],
  least_text: ['type: min, property: ref, as: text, default: "0"', { ann: '10', bob: '0', dee: '0' }],
  of_nothing: ['type: last, property: nothing, default: 5', { ann: '5', bob: '5', dee: '5' }],
}

const q = (text: string): string => JSON.stringify(text)
const text = [
  'traits:',
  ...Object.entries(queries).map(([name, [query]]) => `  - { name: ${name}, query: ${q(query)} }`),
  ...Object.entries(anonymous).map(
    ([name, [query]]) => `  - { name: ${name}, include_anonymous: true, query: ${q(query)} }`,
  ),
  ...Object.entries(accountQueries).map(
    ([name, [query]]) => `  - { name: ${name}, entity: account, query: ${q(query)} }`,
  ),
  ...Object.entries(defaults).map(([name, [of]]) => `  - { name: ${name}, event: Order Completed, ${of} }`),
  '  - { name: double, type: formula, expression: sum * 2 }',
  '  - { name: half_or_none, type: formula, expression: orders / 2 }',
  '  - { name: or_nine, type: formula, expression: sum, default: 9 }',
  '  - { name: same_as_orders, type: count, event: Product Viewed, where: [{ trait: orders, equals: 0 }] }',
  '  - { name: account_orders, entity: account, type: count, event: Order Completed, default: 0 }',
  '  - { name: account_double, entity: account, type: formula, expression: account_orders * 2 }',
  'audiences:',
  '  - { name: without_orders, match: { trait: orders, equals: 0 } }',
  // What a trait falls back to is nothing that happened.
  '  - { name: ordered_exactly_never, match: { event: Order Completed, count: { exactly: 0 } } }',
  '  - { name: with_negative, include_anonymous: true, match: { trait: orders_of_all, less_than: 0 } }',
  '  - { name: in_session, match: { event: Product Viewed, session: 30m, count: { at_least: 2 } } }',
  '  - { name: median_above, match: { event: Order Completed, median: revenue, greater_than: 10 } }',
  '  - { name: ninth_above, match: { event: Order Completed, percentile: revenue, p: 0.9, greater_than: 30 } }',
  '  - { name: least_ref, match: { event: Order Completed, min: ref, as: text, starts_with: "1" } }',
  '  - { name: array_twice, match: { event: Order Completed, most_frequent: brands.$, as: array, contains: b } }',
  // One of her views in the session is followed by another within a minute.
  '  - { name: followed_in_session, match: { event: Product Viewed, session: 30m, count: { exactly: 1 }, then: { event: Product Viewed, within: 1m } } }',
].join('\n')

describe.each(engines)('section 4 on $name', ({ open }) => {
  let place: Place
  let found: Awaited<ReturnType<typeof runWorld>>

  beforeAll(async () => {
    place = await open()
    found = await runWorld(place.adapter, world, define(text), place.workSchema)
  })
  afterAll(() => place.drop())

  const valuesOf = (name: string): unknown => Object.fromEntries(found.traits.get(name) ?? [])
  const membersOf = (name: string): unknown => [...(found.audiences.get(name) ?? [])].sort()

  test.each(Object.entries({ ...queries, ...anonymous, ...accountQueries, ...defaults }))(
    '%s',
    (name, [, expected]) => {
      expect(valuesOf(name)).toEqual(expected)
    },
  )

  test('formulas and conditions read a trait with what it falls back to', () => {
    expect(valuesOf('half_or_none')).toEqual({ ann: 2, bob: 0.5, dee: 0 })
    expect(valuesOf('or_nine')).toEqual({ ann: 100, bob: 7, cem: 9, dee: 9 })
    expect(valuesOf('same_as_orders')).toEqual({ dee: 1 })
    expect(valuesOf('account_orders')).toEqual({ acme: 6, bolt: 1, none: 0 })
    expect(valuesOf('account_double')).toEqual({ acme: 12, bolt: 2, none: 0 })
  })

  test.each([
    ['without_orders', ['dee']],
    ['ordered_exactly_never', ['dee']],
    ['with_negative', ['dee']],
    ['in_session', ['ann']],
    ['median_above', ['ann']],
    ['ninth_above', ['ann']],
    ['least_ref', ['ann']],
    ['array_twice', ['ann']],
    ['followed_in_session', ['ann']],
  ])('audience %s', (name, expected) => {
    expect(membersOf(name)).toEqual(expected)
  })

  test('nothing is warned of but the property that no source has', () => {
    expect(found.problems.map(({ code, parameters }) => [code, parameters])).toEqual([
      ['PSN3101', { event: 'Order Completed', path: 'nothing' }],
    ])
  })
})
