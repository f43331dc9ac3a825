import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Plain } from '../../reference/definitions/values.ts'
import type { World } from '../../reference/definitions/world.ts'
import { engines, type Place } from '../../support/engines.ts'
import { define, runWorld } from './world-on-engine.ts'

/** One event per profile; the profile's name says what its property holds. */
function worldOf(values: Readonly<Record<string, Readonly<Record<string, Plain>>>>): World {
  const ids = Object.keys(values)
  return {
    asOf: '2026-06-01T00:00:00Z',
    users: ids.map((id) => ({
      id,
      known: true,
      traits: { wanted: '5', limit: 5, flag: true, ...values[id] },
    })),
    accounts: [],
    userTraits: { ...kinds, wanted: 'text', limit: 'number', flag: 'boolean', never: 'text' },
    accountTraits: {},
    events: { Seen: { properties: kinds, contexts: {} } },
    rows: ids.map((id) => ({
      event: 'Seen',
      id,
      user: id,
      at: '2026-05-31T00:00:00Z',
      properties: values[id] ?? {},
      contexts: {},
    })),
  }
}

const kinds = {
  t: 'text',
  n: 'number',
  i: 'integer',
  b: 'boolean',
  at: 'timestamp',
  list: 'text',
} as const

const world = worldOf({
  none: {},
  empty: { t: '' },
  a: { t: 'apple' },
  A: { t: 'Apple' },
  five: { t: '5', n: 5, i: 5 },
  five0: { t: '5.0', n: 5.5, i: -5 },
  big: { t: '1e3', n: 1000 },
  yes: { t: 'TRUE', b: true },
  no: { t: 'false', b: false },
  instant: { t: '2026-05-31T00:00:00Z', at: '2026-05-31T00:00:00Z' },
  day: { t: '2026-05-31', at: '2026-05-30T23:59:59Z' },
  zone: { t: '2026-05-31T02:00:00+02:00', at: '2026-06-01T00:00:00Z' },
  local: { t: '2026-05-31T00:00:00' },
  soon: { at: '2026-06-02T00:00:00Z' },
  later: { at: '2026-06-02T00:00:01Z' },
  quote: { t: "it's 100% _fine_" },
  pair: { list: ['apple', 'fig'] },
  mixed: { list: ['Apple', 5, null] },
  nulls: { list: [null] },
  void: { list: [] },
  scalar: { list: 'apple' },
  objects: { list: '[{"id":"apple"}]' },
})

/** A leaf as written, and who satisfies it. */
const leaves: readonly (readonly [string, readonly string[]])[] = [
  ['t, equals: apple', ['a']],
  ["t, equals: ''", ['empty']],
  ['t, equals: 5', ['five', 'five0']],
  ["t, equals: '5'", ['five']],
  ['n, equals: 5', ['five']],
  ["n, equals: '5.0'", ['five']],
  ["i, equals: '5'", ['five']],
  ['n, equals: five', []],
  ['b, equals: true', ['yes']],
  ['b, equals: "False"', ['no']],
  ['t, equals: true', ['yes']],
  ['t, equals: false', ['no']],
  ['b, equals: 1', []],
  ["at, equals: '2026-05-31'", ['instant']],
  ["t, equals: '2026-05-31T00:00:00Z'", ['instant']],
  ['t, equals: "it\'s 100% _fine_"', ['quote']],
  ['n, not_equals: 5', ['five0', 'big']],
  ['n, not_equals: apple', ['five', 'five0', 'big']],
  ['b, not_equals: true', ['no']],
  ['n, one_of: [1000, "5", x]', ['five', 'big']],
  ['t, one_of: [apple, Apple, 1000]', ['a', 'A', 'big']],
  ['i, none_of: [5, 6]', ['five0']],
  ['t, less_than: 6', ['five', 'five0']],
  ['t, less_than_or_equal: 5', ['five', 'five0']],
  ['t, greater_than: 5', ['big']],
  ['n, greater_than_or_equal: 5.5', ['five0', 'big']],
  ['n, greater_than: 5, less_than: 6', ['five0']],
  ['b, less_than: 6', []],
  ['t, contains: pp', ['a', 'A']],
  ['t, contains: [app, App]', ['a', 'A']],
  ['t, contains: "% _"', ['quote']],
  ['n, contains: "5"', ['five', 'five0']],
  ['b, does_not_contain: ru', ['no']],
  ['t, contains_one_of: [ple, "00%"]', ['a', 'A', 'quote']],
  ['t, starts_with: a', ['a']],
  ['t, ends_with: fine_', ['quote']],
  ['n, exists: true', ['five', 'five0', 'big']],
  ['missing, exists: true', []],
  ["at, before: '2026-05-31T00:00:00Z'", ['day']],
  ["at, after: '2026-06-01T02:00:00+02:00'", ['soon', 'later']],
  // Without a zone a time is no time; a date is its midnight.
  ["t, after: '2026-05-30T23:59:59Z'", ['instant', 'day', 'zone']],
  ["t, before: '2026-05-31T00:00:00Z'", []],
  ["n, after: '2000-01-01'", []],
  ['at, within_last: 1d', ['instant', 'zone']],
  ['at, within_next: 1d', ['zone', 'soon']],
  ['at, before_last: 1d', ['day']],
  ['at, after_next: 1d', ['later']],
  ['n, equals: { trait: limit }', ['five']],
  ['t, equals: { trait: wanted }', ['five']],
  ['n, equals: { trait: wanted }', ['five']],
  ['t, equals: { trait: limit }', ['five', 'five0']],
  ['b, equals: { trait: flag }', ['yes']],
  ['t, equals: { trait: flag }', ['yes']],
  ['n, less_than: { trait: wanted }', []],
  // Compared with nothing, nothing holds, not even a difference.
  ['t, equals: { trait: never }', []],
  ['t, not_equals: { trait: never }', []],
  ['t, contains: { trait: wanted }', ['five', 'five0', 'instant', 'day', 'zone', 'local']],
]

const all = world.users.map(({ id }) => id)
const withText = all.filter(
  (id) => (world.rows.find((row) => row.user === id)?.properties.t ?? null) !== null,
)

const more: readonly (readonly [string, readonly string[]])[] = [
  ['t, not_equals: apple', withText.filter((id) => id !== 'a')],
  ['t, does_not_contain: pp', withText.filter((id) => id !== 'a' && id !== 'A')],
  ['t, exists: false', all.filter((id) => !withText.includes(id))],
  ['missing, exists: false', all],
]

const arrays: readonly (readonly [string, readonly string[]])[] = [
  ['list.$, equals: apple', ['pair']],
  ['list.$, equals: 5', ['mixed']],
  ["list.$, one_of: [fig, '5']", ['pair', 'mixed']],
  ['list.$, starts_with: App', ['mixed']],
  // Some element differs: one that is equal does not hinder.
  ['list.$, not_equals: apple', ['pair', 'mixed']],
  ['list.$, does_not_contain: pp', ['pair', 'mixed']],
  ['list.$, exists: true', ['pair', 'mixed']],
  ['list.$, contains: p, ends_with: g', []],
  ['list.$, contains: i, ends_with: g', ['pair']],
  ['list, contains: apple', ['pair', 'scalar', 'objects']],
]

describe.each(engines)('conditions on $name', ({ open }) => {
  let place: Place
  let found: Awaited<ReturnType<typeof runWorld>>
  const events = [...leaves, ...more, ...arrays]
  const traits = [...leaves, ...more].filter(([leaf]) => !leaf.startsWith('missing'))
  const trees: readonly (readonly [string, readonly string[]])[] = [
    ['{ not: { property: t, equals: apple } }', all.filter((id) => id !== 'a')],
    ['{ not: { property: t, not_equals: apple } }', all.filter((id) => id === 'a' || !withText.includes(id))],
    ['{ not: { property: n, less_than: 6 } }', all.filter((id) => id !== 'five' && id !== 'five0')],
    ['{ not: { not: { property: n, less_than: 6 } } }', ['five', 'five0']],
    ['{ not: { property: list.$, contains: pp } }', all.filter((id) => !['pair', 'mixed'].includes(id))],
    ['{ property: list.$, exists: false }', all.filter((id) => !['pair', 'mixed'].includes(id))],
    // Two conditions on elements may be met by different ones.
    ['{ all: [{ property: list.$, contains: pp }, { property: list.$, equals: fig }] }', ['pair']],
    [
      '{ any: [{ property: n, equals: 5 }, { all: [{ property: b, exists: true }, { not: { property: b, equals: true } }] }] }',
      ['five', 'no'],
    ],
  ]

  beforeAll(async () => {
    place = await open()
    const audience = (name: string, match: string): string => `  - { name: ${name}, match: ${match} }`
    const text = [
      'audiences:',
      ...events.map(([leaf], index) =>
        audience(`event_${index}`, `{ event: Seen, where: [{ property: ${leaf} }] }`),
      ),
      ...trees.map(([tree], index) => audience(`tree_${index}`, `{ event: Seen, where: [${tree}] }`)),
      ...traits.map(([leaf], index) => audience(`trait_${index}`, `{ trait: ${leaf} }`)),
    ].join('\n')
    found = await runWorld(place.adapter, world, define(text), place.workSchema)
  })
  afterAll(() => place.drop())

  const membersOf = (name: string): readonly string[] =>
    [...(found.audiences.get(name) ?? ['not run'])].sort()

  test.each(events.map(([leaf, ids], index) => [leaf, ids, index] as const))(
    'property %s',
    (_, ids, index) => {
      expect(membersOf(`event_${index}`)).toEqual([...ids].sort())
    },
  )

  test.each(trees.map(([tree, ids], index) => [tree, ids, index] as const))('%s', (_, ids, index) => {
    expect(membersOf(`tree_${index}`)).toEqual([...ids].sort())
  })

  test.each(traits.map(([leaf, ids], index) => [leaf, ids, index] as const))('trait %s', (_, ids, index) => {
    expect(membersOf(`trait_${index}`)).toEqual([...ids].sort())
  })
})
