import fc from 'fast-check'
import type { Call, Row } from '../reference/definitions/sql-traits.ts'
import type { Kind, Plain } from '../reference/definitions/values.ts'
import { eventNames, values } from './world-arbitraries.ts'

export const properties = {
  label: 'text',
  amount: 'number',
  quantity: 'integer',
  gift: 'boolean',
  due: 'timestamp',
} as const satisfies Readonly<Record<string, Kind>>
/** What calls say of users and accounts. */
export const sentTraits = {
  user: { plan: 'text', score: 'number', email: 'text' },
  account: { plan: 'text', seats: 'integer' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Kind>>>>

/** Columns of the tables that SQL traits read, by trait. */
export const sqlColumns = {
  crm: {
    crm_stage: 'text',
    crm_amount: 'number',
    crm_seats: 'integer',
    crm_vip: 'boolean',
    crm_due: 'timestamp',
    crm_day: 'timestamp',
  },
  ext: { ext_label: 'text', ext_points: 'integer' },
  vis: { vis_tier: 'text', vis_rank: 'number' },
  firm: { firm_stage: 'text', firm_size: 'number', firm_since: 'timestamp' },
  org: { org_kind: 'text' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Kind>>>>
export type Table = keyof typeof sqlColumns
export const tables = ['crm', 'ext', 'vis', 'firm', 'org'] as const satisfies readonly Table[]

/** Named like what calls say, which it hides. */
export const hidingColumns: Readonly<Record<Table, Readonly<Record<string, Kind>>>> = {
  crm: { plan: 'text' },
  ext: {},
  vis: {},
  firm: { seats: 'integer' },
  org: {},
}

/** As they are sent and returned: with spaces, in any case, as numbers; some are nobody's before a row names them. */
const ids = {
  user_id: fc.constantFrom('u1', 'u2', 'u3', ' u3 ', '7', '8', 'new1', 'new2'),
  anonymous_id: fc.constantFrom('a1', 'a2', 'a3', 'a4', 'a5', 'a9', ' a1'),
  email: fc.constantFrom('ann@x.io', 'Ann@X.io', 'bob@x.io', ' cat@x.io', 'dan@x.io', 'new@x.io'),
  group_id: fc.constantFrom('g1', 'g2', ' g2', 'g3'),
} as const
type Id = keyof typeof ids

const maybe = (id: Id, freq = 1): fc.Arbitrary<string | null> => fc.option(ids[id], { nil: null, freq })

const minute = 60_000
export const runTimes = ['2026-05-31T22:00:00Z', '2026-06-01T00:00:00Z', '2026-06-01T01:00:00Z'] as const

/** @param before so many minutes before the first run until so many before the second, when these calls arrive */
function callsAt(phase: string, [from, to]: readonly [number, number]): fc.Arbitrary<readonly Call[]> {
  const instants = values({ at: 'timestamp' }).map(({ at }) => Date.parse(String(at ?? '2026-05-30')))
  const place = { at: instants, minutes: fc.integer({ min: from, max: to }) }
  const people = { user_id: maybe('user_id', 2), anonymous_id: maybe('anonymous_id', 3) }
  const call = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        source: fc.constant('web'),
        ...place,
        sent: fc.record(people),
        event: fc.constantFrom(...eventNames),
        values: values(properties),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        source: fc.constant('people'),
        ...place,
        sent: fc.record({ ...people, email: maybe('email', 4) }),
        values: values({ plan: 'text', score: 'number' }),
      }),
    },
    fc.record({
      source: fc.constant('firms'),
      ...place,
      sent: fc.record({ ...people, group_id: maybe('group_id', 5) }),
      values: values(sentTraits.account),
    }),
  )
  return fc.array(call, { minLength: 12, maxLength: 20 }).map((all) =>
    all.map(({ minutes, ...of }, index): Call => {
      const type = of.source === 'web' ? 'track' : of.source === 'people' ? 'identify' : 'group'
      const { email } = { email: null, ...of.sent }
      return {
        ...of,
        type,
        id: `${phase}${String(index).padStart(2, '0')}`,
        receivedAt: Date.parse(runTimes[0]) + minutes * minute,
        values: type === 'identify' ? { ...of.values, email } : of.values,
      }
    }),
  )
}

/** Rows that belong to those who have a trait in common with them. */
export const dealColumns = { id: 'text', stage: 'text', amount: 'number' } as const

/** What a SQL trait is made of, and when identifiers that nobody has become profiles. */
export interface Shape {
  readonly keys: readonly Id[]
  /** Whether `user_id` is a number in the table. */
  readonly numeric: boolean
  readonly beside: readonly Id[]
  readonly hides: boolean
  readonly create: boolean | undefined
  /** Whether the select reads what identity resolves in the same run. */
  readonly late: boolean
}

const creations = fc.constantFrom(undefined, undefined, true, false)
const plain = {
  numeric: fc.constant(false),
  hides: fc.constant(false),
  create: creations,
  late: fc.constant(false),
}
const keysOf = (...keys: readonly (readonly Id[])[]): fc.Arbitrary<readonly Id[]> => fc.constantFrom(...keys)
const both: readonly Id[] = ['user_id', 'anonymous_id']

const shapes: Readonly<Record<Table, fc.Arbitrary<Shape>>> = {
  crm: fc.record({
    ...plain,
    keys: keysOf(['user_id'], both, ['anonymous_id']),
    beside: fc.subarray<Id>(['email', 'group_id']),
    hides: fc.boolean(),
    late: fc.constantFrom(true, false, false),
  }),
  ext: fc.oneof(
    {
      weight: 2,
      arbitrary: fc.record({ ...plain, keys: keysOf(['email']), beside: fc.subarray<Id>(['group_id']) }),
    },
    fc.record({
      ...plain,
      keys: keysOf(['user_id']),
      beside: fc.subarray<Id>(['group_id']),
      numeric: fc.constant(true),
    }),
  ),
  vis: fc.record({ ...plain, keys: keysOf(both, both, ['anonymous_id']), beside: fc.constant([]) }),
  firm: fc.record({
    ...plain,
    keys: keysOf(['group_id']),
    beside: keysOf([], ['user_id'], ['anonymous_id']),
    hides: fc.boolean(),
  }),
  org: fc.record({ ...plain, keys: keysOf(['group_id']), beside: keysOf(['user_id']) }),
}

function rowsOf(table: Table, { keys, numeric, beside, hides }: Shape): fc.Arbitrary<readonly Row[]> {
  const key = fc
    .constantFrom(...keys)
    .chain((type) =>
      (numeric ? fc.constantFrom('7', '8', '9', '10') : ids[type]).map(
        (value): Row => ({ ...Object.fromEntries(keys.map((each) => [each, null])), [type]: value }),
      ),
    )
  const row = fc
    .tuple(
      key,
      values({ ...sqlColumns[table], ...(hides && hidingColumns[table]) }),
      fc.record(Object.fromEntries(beside.map((type) => [type, maybe(type, 2)]))),
    )
    .map(([id, some, others]): Row => ({ ...some, ...others, ...id }))
  return fc
    .array(row, { maxLength: 6 })
    .map((all) =>
      all.filter((each, at) => all.findIndex((other) => keyText(other, keys) === keyText(each, keys)) === at),
    )
}

function keyText(row: Row, keys: readonly string[]): string {
  return keys
    .map((key) =>
      String(row[key] ?? '')
        .trim()
        .toLowerCase(),
    )
    .join(':')
}

/** Of what was there, some vanishes and some is another; some is new. */
function changedRows(before: readonly Row[], fresh: readonly Row[], keys: readonly string[]) {
  return fc
    .array(fc.constantFrom('stays', 'stays', 'gone', 'other'), {
      minLength: before.length,
      maxLength: before.length,
    })
    .map((fates): readonly Row[] => {
      const kept = before.flatMap((row, index) => {
        if (fates[index] === 'gone') return []
        if (fates[index] === 'stays') return [row]
        const own = Object.fromEntries(keys.map((key) => [key, row[key] ?? null]))
        return [{ ...row, ...fresh[index], ...own }]
      })
      const known = new Set(kept.map((row) => keyText(row, keys)))
      return [...kept, ...fresh.filter((row) => !known.has(keyText(row, keys)))]
    })
}

export interface TraitTable {
  readonly shape: Shape
  /** By run. */
  readonly rows: readonly (readonly Row[])[]
}

function tableOf(table: Table): fc.Arbitrary<TraitTable> {
  return shapes[table].chain((shape) =>
    fc
      .tuple(rowsOf(table, shape), rowsOf(table, shape))
      .chain(([first, fresh]) =>
        changedRows(first, fresh, shape.keys).map((second) => ({ shape, rows: [first, second, second] })),
      ),
  )
}

export interface GivenRuns {
  readonly userLimit: number
  /** Of each run those that are new. */
  readonly calls: readonly (readonly Call[])[]
  readonly tables: Readonly<Record<Table, TraitTable>>
  readonly deals: readonly Row[]
}

export const givenRuns: fc.Arbitrary<GivenRuns> = fc.record({
  userLimit: fc.constantFrom(1, 3),
  // Some of the second run land behind what the first has taken in.
  calls: fc
    .tuple(callsAt('a', [-60, -1]), callsAt('b', [-5, 110]))
    .map((phases) => [...phases, []] as readonly (readonly Call[])[]),
  tables: fc.record({
    crm: tableOf('crm'),
    ext: tableOf('ext'),
    vis: tableOf('vis'),
    firm: tableOf('firm'),
    org: tableOf('org'),
  }),
  deals: fc
    .array(values({ stage: 'text', amount: 'number' }), { minLength: 5, maxLength: 9 })
    .map((rows) => rows.map((row, index): Row => ({ id: `d${index}`, ...row }))),
})

/** The day of an instant, as a cast to a date gives it. */
export function dayOf(value: Plain | undefined): Plain {
  return value === null || value === undefined ? null : `${String(value).slice(0, 10)}T00:00:00Z`
}
