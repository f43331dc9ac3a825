import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { World } from '../../reference/definitions/world.ts'
import { engines, type Place } from '../../support/engines.ts'
import { define, runWorld } from './world-on-engine.ts'

const order = 'Order Completed'

function placed(
  id: string,
  user: string,
  at: string,
  properties: World['rows'][number]['properties'],
): World['rows'][number] {
  return { event: order, id, user, at, properties, contexts: { 'page.url': `/${id}` } }
}

/** ann has four orders, bob one long ago, cem (anonymous) one, dee none. */
const world: World = {
  asOf: '2026-06-01T00:00:00Z',
  users: [
    { id: 'ann', known: true, traits: { plan: 'pro', seats: '4', since: '2026-01-01T00:00:00Z' } },
    { id: 'bob', known: true, traits: { plan: 'free', seats: 'many' } },
    { id: 'cem', known: false, traits: {} },
    { id: 'dee', known: true, traits: { seats: '0' } },
  ],
  accounts: [
    { id: 'acme', users: ['ann', 'bob'], traits: { floor: 15 } },
    { id: 'bolt', users: ['ann', 'cem'], traits: { floor: 5 } },
    { id: 'none', users: [], traits: {} },
  ],
  userTraits: { plan: 'text', seats: 'text', since: 'timestamp' },
  accountTraits: { floor: 'number' },
  events: {
    [order]: {
      properties: {
        revenue: 'number',
        note: 'text',
        gift: 'boolean',
        quantity: 'integer',
        due: 'timestamp',
        weight: 'number',
        items: 'text',
      },
      contexts: { 'page.url': 'text' },
    },
  },
  rows: [
    placed('e1', 'ann', '2026-05-31T00:00:00Z', {
      revenue: 10,
      note: 'b',
      weight: 2,
      items: ['hat', 'shoe', null],
    }),
    placed('e2', 'ann', '2026-05-30T00:00:00Z', { revenue: 0.1, note: 'a', gift: true, items: '["hat"]' }),
    placed('e3', 'ann', '2026-05-30T00:00:00Z', {
      revenue: 0.2,
      note: '12.5',
      quantity: 3,
      items: 'no list',
    }),
    placed('e4', 'ann', '2026-05-29T23:59:59Z', { revenue: -1, note: 'a', due: '2026-07-01T12:00:00Z' }),
    placed('e5', 'bob', '2026-01-01T00:00:00Z', { revenue: 7, note: 'B', weight: 1e18 }),
    placed('e6', 'cem', '2026-05-31T12:00:00Z', { note: 'c', quantity: 2 }),
    // Later than the as-of instant.
    placed('e7', 'dee', '2026-06-01T00:00:01Z', { revenue: 99 }),
  ],
}

/** Name → what follows `entity: user` in the definition, and the value of each profile that has one. */
const cases: Readonly<Record<string, readonly [string, Readonly<Record<string, unknown>>]>> = {
  count_all: ['type: count', { ann: 4, bob: 1 }],
  count_anonymous: ['type: count, include_anonymous: true', { ann: 4, bob: 1, cem: 1 }],
  count_window: ['type: count, within: 2d', { ann: 3, bob: 0 }],
  count_second_more: ['type: count, within: 172801s', { ann: 4, bob: 0 }],
  count_between: ['type: count, between: [1d, 2d]', { ann: 3, bob: 0 }],
  count_between_later: ['type: count, between: [172801s, 30d]', { ann: 1, bob: 0 }],
  // Neither end of an absolute window moves, so nothing falls to 0.
  count_absolute: ["type: count, since: '2026-05-30T00:00:00Z', until: '2026-05-31T00:00:00Z'", { ann: 2 }],
  count_where: ['type: count, where: [{ property: revenue, greater_than: 0.15 }]', { ann: 2, bob: 1 }],
  count_context: ["type: count, where: [{ context: page.url, ends_with: '4' }]", { ann: 1 }],
  sum_exact: ['type: sum, property: revenue, where: [{ property: revenue, less_than: 1 }]', { ann: -0.7 }],
  sum_window: ['type: sum, property: revenue, within: 2d', { ann: 10.3, bob: 0 }],
  // Only texts that are numbers count; a profile without any has no value.
  sum_text: ['type: sum, property: note', { ann: 12.5 }],
  sum_boolean: ['type: sum, property: gift', {}],
  sum_unknown: ['type: sum, property: nothing', {}],
  avg_all: ['type: avg, property: revenue', { ann: 2.325, bob: 7 }],
  avg_window: ['type: avg, property: revenue, within: 1d', { ann: 10 }],
  // What no decimal holds is left out of sums and averages, and only there.
  sum_huge: ['type: sum, property: weight', { ann: 2 }],
  avg_huge: ['type: avg, property: weight', { ann: 2 }],
  max_huge: ['type: max, property: weight', { ann: 2, bob: 1e18 }],
  min_all: ['type: min, property: revenue', { ann: -1, bob: 7 }],
  max_all: ['type: max, property: quantity, include_anonymous: true', { ann: 3, cem: 2 }],
  frequent: ['type: most_frequent, property: note', { ann: 'a' }],
  frequent_once: [
    'type: most_frequent, property: note, min_frequency: 1, where: [{ property: note, not_equals: a }]',
    { ann: '12.5', bob: 'B' },
  ],
  frequent_elements: ['type: most_frequent, property: items.$', { ann: 'hat' }],
  // Equal times go by the event's id.
  first_note: ['type: first, property: note, within: 2d', { ann: 'a' }],
  last_note: ["type: last, property: note, until: '2026-05-31T00:00:00Z'", { ann: '12.5', bob: 'B' }],
  last_gift: ['type: last, property: gift', { ann: true }],
  last_due: ['type: last, property: due', { ann: '2026-07-01T12:00:00Z' }],
  first_quantity: ['type: first, property: quantity', { ann: 3 }],
  list: ['type: unique_list, property: note', { ann: '["12.5","a","b"]', bob: '["B"]' }],
  list_elements: ['type: unique_list, property: items.$', { ann: '["hat","shoe"]' }],
  list_count: ['type: unique_list_count, property: note, within: 2d', { ann: 3, bob: 0 }],
}

const formulas: Readonly<Record<string, readonly [string, Readonly<Record<string, unknown>>]>> = {
  average: ['sum_window / count_window', { ann: 10.3 / 3 }],
  by_zero: ['1 / (count_window - 3)', { bob: -1 / 3 }],
  nullif_zero: ['count_all / nullif(count_window, 0)', { ann: 4 / 3 }],
  fallback: ['coalesce(count_all, 0) * 2 - 1', { ann: 7, bob: 1, cem: -1, dee: -1 }],
  custom_text: ['seats + 1', { ann: 5, dee: 1 }],
  text_fallback: ["coalesce(nullif(seats, 'many'), '9')", { ann: 4, bob: 9, cem: 9, dee: 0 }],
  functions: [
    'floor(avg_all) + ceil(avg_all) + abs(-avg_all) + round(avg_all, 2)',
    { ann: 2 + 3 + 2.325 + 2.33, bob: 28 },
  ],
  half: [
    'round(0.5) + round(-2.5) + round(2.675, 2) + 0 * count_all',
    { ann: 1 - 3 + 2.68, bob: 1 - 3 + 2.68 },
  ],
  extremes: ['least(count_all, 2) * 10 + greatest(count_all, 2)', { ann: 24, bob: 12, cem: 22, dee: 22 }],
  of_formula: ['average * 3', { ann: (10.3 / 3) * 3 }],
}

const accountCases: Readonly<Record<string, readonly [string, Readonly<Record<string, unknown>>]>> = {
  account_count: ['type: count', { acme: 5, bolt: 5 }],
  account_first: ['type: first, property: note', { acme: 'B', bolt: 'a' }],
  account_sum: ['type: sum, property: revenue, within: 2d', { acme: 10.3, bolt: 10.3 }],
  account_above: ['type: count, where: [{ property: revenue, greater_than: { trait: floor } }]', { bolt: 1 }],
  account_frequent: ['type: most_frequent, property: note', { acme: 'a', bolt: 'a' }],
}

function line(entity: string) {
  return ([name, [of]]: readonly [string, readonly [string, unknown]]): string =>
    `  - { name: ${name}, entity: ${entity}, event: ${order}, ${of} }`
}

const userCases = Object.entries(cases)
const text = [
  'traits:',
  ...userCases.map(line('user')),
  ...Object.entries(accountCases).map(line('account')),
  ...Object.entries(formulas).map(
    ([name, [expression]]) => `  - { name: ${name}, type: formula, expression: "${expression}" }`,
  ),
  '  - { name: account_formula, entity: account, type: formula, expression: account_count + floor }',
  `  - { name: above_average, event: ${order}, type: count, where: [{ property: revenue, greater_than: { trait: avg_all } }] }`,
  `  - { name: above_seats, event: ${order}, type: count, where: [{ property: revenue, less_than: { trait: seats } }] }`,
].join('\n')

describe.each(engines)('traits on $name', ({ open }) => {
  let place: Place
  let found: Awaited<ReturnType<typeof runWorld>>

  beforeAll(async () => {
    place = await open()
    found = await runWorld(place.adapter, world, define(text), place.workSchema)
  })
  afterAll(() => place.drop())

  const valuesOf = (name: string): unknown => Object.fromEntries(found.traits.get(name) ?? [])

  test.each(userCases)('%s', (name, [, expected]) => {
    expect(valuesOf(name)).toEqual(expected)
  })

  test.each(Object.entries(accountCases))('%s', (name, [, expected]) => {
    expect(valuesOf(name)).toEqual(expected)
  })

  test.each(Object.entries(formulas))('formula %s', (name, [, expected]) => {
    expect(valuesOf(name)).toEqual(expected)
  })

  test('an account formula reads computed and custom traits of the account', () => {
    expect(valuesOf('account_formula')).toEqual({ acme: 20, bolt: 10 })
  })

  test('a condition compares with a trait of the same profile, computed or custom', () => {
    expect(valuesOf('above_average')).toEqual({ ann: 1 })
    expect(valuesOf('above_seats')).toEqual({ ann: 3 })
  })

  test('what no source has is warned of once', () => {
    expect(found.problems.map(({ code, severity, parameters }) => ({ code, severity, parameters }))).toEqual([
      {
        code: 'PSN3105',
        severity: 'warning',
        parameters: { trait: 'sum_boolean', path: 'gift', type: 'boolean' },
      },
      { code: 'PSN3101', severity: 'warning', parameters: { event: order, path: 'nothing' } },
    ])
  })
})
