import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { World, WorldRow } from '../../reference/definitions/world.ts'
import { engines, type Place } from '../../support/engines.ts'
import { define, runWorld } from './world-on-engine.ts'

const asOf = Date.parse('2026-06-01T00:00:00Z')
const day = 86_400
let events = 0

function bought(user: string, event: string, secondsAgo: number, price: number, product = 'p1'): WorldRow {
  events += 1
  const at = new Date(asOf - secondsAgo * 1000).toISOString()
  const properties = { price, product, limit: 100, brands: ['Acme', product] }
  return { event, id: `e${events}`, user, at, properties, contexts: { 'page.url': `/shop/${product}` } }
}

const columns = {
  properties: { price: 'number', product: 'text', limit: 'number', brands: 'list' },
  contexts: { 'page.url': 'text' },
} as const

const world: World = {
  asOf: '2026-06-01T00:00:00Z',
  users: [
    { id: 'big', known: true, traits: { total_spend: 500, avg_spend: 120, plan: 'pro' } },
    { id: 'small', known: true, traits: { total_spend: 20, avg_spend: 10, plan: 'free' } },
    { id: 'sent_back', known: true, traits: { total_spend: 300, avg_spend: 150, plan: 'free' } },
    { id: 'none', known: true, traits: {} },
  ],
  accounts: [
    { id: 'buyers', users: ['big', 'sent_back'], traits: { tier: 'gold' } },
    { id: 'mixed', users: ['big', 'none'], traits: { tier: 'silver' } },
    { id: 'lookers', users: ['none'], traits: { tier: 'gold' } },
    { id: 'empty', users: [], traits: {} },
  ],
  userTraits: { total_spend: 'number', avg_spend: 'number', plan: 'text' },
  accountTraits: { tier: 'text' },
  events: { 'Shoes Bought': columns, 'Shoes Returned': columns },
  rows: [
    bought('big', 'Shoes Bought', 2 * day, 120, 'p1'),
    bought('big', 'Shoes Bought', 20 * day, 80, 'p2'),
    bought('small', 'Shoes Bought', 3 * day, 20, 'p2'),
    bought('sent_back', 'Shoes Bought', 10 * day, 150, 'p3'),
    bought('sent_back', 'Shoes Returned', 7 * day, 150, 'p3'),
  ],
}

/** The examples of the original's reference come first. */
const people: readonly (readonly [string, readonly string[]])[] = [
  ["event('Shoes Bought').where( property('price') >= 100 ).within(7 days).count() >= 1", ['big']],
  [
    `event('Shoes Bought').where(
property('price') >= trait('avg_spend')
AND
event('Shoes Returned').within(parent: 5 days).count() >= 1
).within(30 days).count() >= 1`,
    ['sent_back'],
  ],
  ["NOT ( event('Shoes Bought').count() >= 1 AND trait('total_spend') > 200 )", ['none', 'small']],
  ["event('Shoes Bought').count() = 0", ['none']],
  ["event('Shoes Bought').between(5 days, 30 days).count() >= 1", ['big', 'sent_back']],
  ["event('Shoes Bought').count().one_of(2, 0)", ['big', 'none']],
  ["event('Shoes Bought').count() != 1", ['big', 'none']],
  [
    `event('Shoes Bought').where(NOT event('Shoes Returned').where(
      property('product') = property(parent: 'product')).within(parent: 5 days).count() >= 1).count() > 0`,
    ['big', 'small'],
  ],
  ["event('Shoes Bought').where(property('price') > property('limit')).count() = 1", ['big', 'sent_back']],
  [
    "event('Shoes Bought').where(trait('plan') = 'pro' OR property('price') < 50).count() >= 1",
    ['big', 'small'],
  ],
  [
    "event('Shoes Bought').where(property('brands.$').starts_with('p').ends_with('2')).count() = 1",
    ['big', 'small'],
  ],
  ["event('Shoes Bought').where(context('page.url').contains('p3', 'p9')).count() = 1", ['sent_back']],
  ["trait('total_spend') > 200 AND trait('plan') != 'pro' OR trait('plan').absent()", ['none', 'sent_back']],
  [
    `event('Shoes Bought').where(property('price') < 50
      OR event('Shoes Returned').within(parent: 5 days).count() >= 1).count() >= 1`,
    ['sent_back', 'small'],
  ],
  [
    `event('Shoes Bought').where(NOT (property('price') < 50
      OR event('Shoes Returned').within(parent: 5 days).count() >= 1)).count() >= 1`,
    ['big'],
  ],
  [
    `event('Shoes Bought').where(event('Shoes Bought').where(
      NOT event('Shoes Returned').within(parent: 5 days).count() >= 1
      ).within(parent: 30 days).count() >= 1).count() >= 1`,
    ['big'],
  ],
  [
    `event('Shoes Bought').where(event('Shoes Returned').within(parent: 5 days).count() >= 1
      AND NOT event('Shoes Bought').within(parent: 5 days).count() >= 1).count() >= 1`,
    ['sent_back'],
  ],
  ["trait('rich') = true", ['big', 'sent_back']],
  ["trait('rich') != true", ['none', 'small']],
  ["account_trait('tier') = 'silver'", ['big', 'none']],
  ["trait('golden') = true AND trait('plan').exists()", ['big', 'sent_back']],
]

const firms: readonly (readonly [string, readonly string[]])[] = [
  ["ALL ( event('Shoes Bought').count() >= 1 AND trait('total_spend') > 200 )", ['buyers']],
  ["ALL NOT event('Shoes Bought').count() >= 1", ['empty', 'lookers']],
  ["ALL (NOT event('Shoes Bought').count() >= 1)", ['lookers']],
  ["ANY event('Shoes Bought').count() >= 1", ['buyers', 'mixed']],
  ["trait('tier') = 'gold' AND NOT ANY trait('rich') = true", ['lookers']],
  ["trait('golden') = true AND event('Shoes Bought').count() = 1", ['buyers']],
]

describe.each(engines)('queries on $name', ({ open }) => {
  let place: Place
  let found: Awaited<ReturnType<typeof runWorld>>

  beforeAll(async () => {
    place = await open()
    const spend = "event('Shoes Bought').where(property('price') > 50)"
    const definitions = {
      traits: [
        { name: 'spent', query: `${spend}.sum(property('price'))` },
        { name: 'usual', query: `event('Shoes Bought').mode(property('product'), 1)` },
        { name: 'products', query: `event('Shoes Bought').unique(property('product')).count()` },
        {
          name: 'kept',
          query: `event('Shoes Bought').where(NOT event('Shoes Returned').within(parent: 5 days).count() >= 1).count()`,
        },
      ],
      audiences: [
        { name: 'rich', query: "trait('total_spend') > 200" },
        { name: 'golden', entity: 'account', query: "trait('tier') = 'gold'" },
        ...people.map(([query], index) => ({ name: `people_${index}`, query })),
        ...firms.map(([query], index) => ({ name: `firms_${index}`, entity: 'account', query })),
      ],
    }
    found = await runWorld(place.adapter, world, define(JSON.stringify(definitions)), place.workSchema)
  })
  afterAll(() => place.drop())

  const membersOf = (name: string): readonly string[] =>
    [...(found.audiences.get(name) ?? ['not run'])].sort()

  test.each(people.map(([query, ids], index) => [query, ids, index] as const))('%s', (_, ids, index) => {
    expect(membersOf(`people_${index}`)).toEqual(ids)
  })

  test.each(firms.map(([query, ids], index) => [query, ids, index] as const))('%s', (_, ids, index) => {
    expect(membersOf(`firms_${index}`)).toEqual(ids)
  })

  test('traits', () => {
    const valuesOf = (name: string) => Object.fromEntries(found.traits.get(name) ?? [])
    expect(valuesOf('spent')).toEqual({ big: 200, sent_back: 150 })
    expect(valuesOf('usual')).toEqual({ big: 'p1', small: 'p2', sent_back: 'p3' })
    expect(valuesOf('kept')).toEqual({ big: 2, small: 1 })
    expect(valuesOf('products')).toEqual({ big: 2, small: 1, sent_back: 1 })
  })
})
