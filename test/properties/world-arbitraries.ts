import fc from 'fast-check'
import type { Kind, Plain } from '../reference/definitions/values.ts'
import type { World, WorldRow } from '../reference/definitions/world.ts'

const asOf = '2026-06-01T00:00:00Z'
const secondsAgo = [0, 1, 60, 3599, 3600, 3601, 86_400, 86_401, 90_000, 172_800]

function at(seconds: number): string {
  return new Date(Date.parse(asOf) - seconds * 1000).toISOString().replace('.000Z', 'Z')
}

export const instants = [...secondsAgo, -1, -3600, -3601, -86_400].map(at)
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

export const kinds = {
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

export const properties: Readonly<Record<string, Kind>> = {
  label: 'text',
  amount: 'number',
  quantity: 'integer',
  gift: 'boolean',
  due: 'timestamp',
  tags: 'list',
}
export const contexts: Readonly<Record<string, Kind>> = { 'page.url': 'text' }
export const userTraits: Readonly<Record<string, Kind>> = {
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
