import { describe, expect, test } from 'vitest'
import { lintDefinitions } from '../../../src/lint/lint-definitions.ts'
import { define } from '../../scenarios/definitions/world-on-engine.ts'

/** Codes with what they point at, in the order of their places. */
function said(definitions: object): readonly string[] {
  const text = JSON.stringify(definitions)
  return lintDefinitions(define(text))
    .toSorted((left, right) => (left.span?.column ?? 0) - (right.span?.column ?? 0))
    .map(({ code, span }) => `${code} ${text.slice((span?.column ?? 1) - 1, (span?.endColumn ?? 1) - 1)}`)
}

function codesOf(match: unknown, more: object = {}): readonly string[] {
  return said({
    traits: [
      { name: 'orders', type: 'count', event: 'Order' },
      { name: 'spent', type: 'sum', event: 'Order', property: 'amount' },
      { name: 'favourite', type: 'most_frequent', event: 'Order', property: 'kind' },
    ],
    audiences: [{ name: 'people', match, ...more }],
  }).map((one) => one.slice(0, 7))
}

const empty = ['PSN3301']
const contradicting = ['PSN3302']
const order = (more: object = {}): object => ({ event: 'Order', ...more })
const least = (count: number, more: object = {}): object => order({ count: { at_least: count }, ...more })
const most = (count: number, more: object = {}): object => order({ count: { at_most: count }, ...more })
const followed = (then: object): object => ({ then })
const property = (tests: object, path = 'kind'): object => ({ property: path, ...tests })

describe('conditions on one value', () => {
  test.each([
    [{ equals: 'a', not_equals: 'a' }, contradicting],
    [{ equals: 'a', none_of: ['b', 'a'] }, contradicting],
    [{ one_of: ['a', 'b'], none_of: ['b', 'a', 'c'] }, contradicting],
    [{ equals: 'abc', starts_with: 'b' }, contradicting],
    [{ starts_with: 'ab', does_not_contain: 'b' }, contradicting],
    [{ exists: false, equals: 'a' }, contradicting],
    [{ greater_than: 5, less_than: 5 }, contradicting],
    [{ before: '2026-01-01', after: '2026-02-01' }, contradicting],
    [{ within_last: '7d', before_last: '30d' }, contradicting],
    [{ greater_than: 5, within_last: '7d' }, contradicting],
    [{ equals: { trait: 'tier' }, not_equals: { trait: 'tier' } }, contradicting],
    // A column of any type may hold it.
    [{ not_equals: '5', greater_than: 4 }, []],
    [{ greater_than: 5, less_than: 6 }, []],
    [{ starts_with: 'a', ends_with: 'b' }, []],
    [{ contains: 'a', equals: true }, []],
    [{ before: '2026-01-01', within_last: '7d' }, []],
    [{ equals: { trait: 'tier' }, less_than: { trait: 'tier' } }, []],
    [{ does_not_contain: 'a', not_equals: 'b' }, []],
  ])('%j', (tests, codes) => {
    expect(codesOf({ trait: 'plan', ...tests })).toEqual(codes)
    const where = [property(tests)]
    expect(codesOf(order({ where }))).toEqual(codes)
    expect(codesOf(order({ where: [property(tests, 'kinds.$')] })).length > 0).toBe(codes.length > 0)
  })

  test('two texts are one value nowhere but in columns that read them alike', () => {
    expect(
      codesOf([
        { trait: 'plan', equals: 'a' },
        { trait: 'plan', equals: 'b' },
      ]),
    ).toEqual(contradicting)
    expect(
      codesOf([
        { trait: 'plan', equals: '5' },
        { trait: 'plan', equals: '5.0' },
      ]),
    ).toEqual([])
    expect(
      codesOf([
        { trait: 'plan', equals: 'true' },
        { trait: 'plan', equals: 'TRUE' },
      ]),
    ).toEqual([])
    expect(
      codesOf([
        { trait: 'favourite', equals: '5' },
        { trait: 'favourite', equals: '5.0' },
      ]),
    ).toEqual(contradicting)
  })

  test('elements of a list are texts', () => {
    const tests = { equals: '5', contains: '5.0' }
    expect(codesOf(order({ where: [property(tests)] }))).toEqual([])
    expect(codesOf(order({ where: [property(tests, 'kinds.$')] }))).toEqual(contradicting)
  })

  test('what is computed here has a known type', () => {
    expect(codesOf({ trait: 'orders', less_than: 0 })).toEqual(empty)
    expect(codesOf({ trait: 'orders', greater_than: 2, less_than: 3 })).toEqual(contradicting)
    expect(codesOf({ trait: 'orders', equals: 'many' })).toEqual(empty)
    expect(codesOf({ trait: 'orders', equals: '3' })).toEqual([])
    expect(codesOf({ trait: 'spent', less_than: 0 })).toEqual([])
    expect(codesOf({ trait: 'spent', within_last: '7d' })).toEqual(empty)
  })

  test('two elements of a list may be two values', () => {
    const both = [property({ equals: 'a' }, 'kinds.$'), property({ equals: 'b' }, 'kinds.$')]
    expect(codesOf(order({ where: both }))).toEqual([])
    expect(
      codesOf(
        order({ where: [property({ equals: 'a' }, 'kinds.$'), property({ exists: false }, 'kinds.$')] }),
      ),
    ).toEqual(contradicting)
  })
})

describe('counts and windows', () => {
  test.each([
    [[least(3), most(2)], ['PSN3305']],
    [[least(3), most(1)], contradicting],
    [[least(3, { within: '30d' }), most(2, { within: '90d' })], contradicting],
    [[least(3, { within: '90d' }), most(2, { within: '30d' })], []],
    [[least(1, { between: ['30d', '60d'] }), order({ count: { exactly: 0 }, within: '60d' })], contradicting],
    [[least(1, { between: ['30d', '61d'] }), order({ count: { exactly: 0 }, within: '60d' })], []],
    [
      [least(1, { since: '2026-02-01', until: '2026-03-01' }), most(0, { since: '2026-01-01' })],
      contradicting,
    ],
    [[least(1, { since: '2026-01-01' }), most(0, { since: '2026-02-01' })], []],
    // As-of may be any instant.
    [[least(1, { since: '2026-01-01' }), most(0, { within: '30d' })], []],
    [
      [
        least(1, { where: [property({ equals: 'a' }), property({ exists: true }, 'x')] }),
        most(0, { where: [property({ one_of: ['a', 'b'] })] }),
      ],
      contradicting,
    ],
    [
      [
        least(1, { where: [property({ one_of: ['a', 'b'] })] }),
        most(0, { where: [property({ equals: 'a' })] }),
      ],
      [],
    ],
    [
      [
        least(1, { where: [property({ one_of: ['a', 'b'] })] }),
        most(0, { where: [property({ equals: 'a' })] }),
        most(0, { where: [property({ equals: 'b' })] }),
      ],
      contradicting,
    ],
    [
      [order({ within: '1d', ...followed({ event: 'View', within: '2d', require_window_elapsed: true }) })],
      empty,
    ],
    [
      [order({ within: '2d', ...followed({ event: 'View', within: '2d', require_window_elapsed: true }) })],
      [],
    ],
    [[order({ ...followed({ event: 'View', within: '1h' }) }), most(0)], contradicting],
  ])('%j', (match, codes) => {
    expect(codesOf(match)).toEqual(codes)
  })

  test('an event condition of which not all is known is equal to itself only', () => {
    const { traits, audiences } = define(
      JSON.stringify({ audiences: [{ name: 'people', match: [least(3), most(2)] }] }),
    )
    const [people] = audiences
    if (people?.match.kind !== 'all') throw new Error('a list is as all')
    const conditions = people.match.conditions.map((condition) => ({ ...condition, excludeSources: ['web'] }))
    const match = { ...people.match, conditions }
    expect(lintDefinitions({ traits, audiences: [{ ...people, match }] })).toEqual([])
    const [first] = conditions
    if (first === undefined) throw new Error('there are two')
    const twice = {
      ...people.match,
      conditions: [first, { kind: 'not' as const, condition: first, span: first.span }],
    }
    expect(
      lintDefinitions({ traits, audiences: [{ ...people, match: twice }] }).map(({ code }) => code),
    ).toEqual(['PSN3305'])
  })
})

describe('everyone', () => {
  test.each([
    [{ any: [most(3), least(2)] }, 'PSN3303'],
    [{ not: { all: [least(3), most(1)] } }, 'PSN3303'],
    [
      order({ count: { exactly: 0 }, where: [property({ equals: 'a' }), property({ exists: false })] }),
      'PSN3303',
    ],
    [{ any: [{ trait: 'plan', equals: 'a' }, { not: { trait: 'plan', equals: 'a' } }] }, 'PSN3305'],
  ])('%j', (match, code) => {
    expect(codesOf(match)).toEqual([code])
  })

  test('who has no value is not to be forgotten', () => {
    expect(
      codesOf({
        any: [
          { trait: 'plan', equals: 'a' },
          { trait: 'plan', not_equals: 'a' },
        ],
      }),
    ).toEqual([])
  })

  test('an audience for known profiles within one for all', () => {
    const all = { name: 'all', include_anonymous: true, match: { any: [most(3), least(2)] } }
    expect(
      said({
        audiences: [
          { ...all, ignore_warnings: ['PSN3303'] },
          { name: 'known', match: { audience: 'all' } },
        ],
      }),
    ).toEqual(['PSN3303 {"audience":"all"}'])
    const some = { name: 'known', match: least(1) }
    expect(
      said({
        audiences: [
          some,
          { name: 'others', include_anonymous: true, match: [least(1), { not: { audience: 'known' } }] },
        ],
      }),
    ).toEqual([])
  })
})

describe('users of an account', () => {
  const people = (match: unknown): readonly string[] => codesOf(match, { entity: 'account' })
  const pro = { trait: 'plan', equals: 'pro' }

  test.each([
    [[{ any_user: pro }, { none_of_users: pro }], 'PSN3305'],
    [[{ all_users: pro }, { none_of_users: pro }], 'PSN3302'],
    [[{ all_users: pro }, { any_user: { not: pro } }], 'PSN3302'],
    [[{ all_users: pro }, { any_user: pro }], 'PSN3304'],
    [{ any: [{ any_user: pro }, { none_of_users: pro }] }, 'PSN3305'],
  ])('%j', (match, code) => {
    expect(people(match)).toEqual([code])
  })

  test('an account without users', () => {
    expect(people({ any: [{ all_users: pro }, { any_user: { not: pro } }] })).toEqual([])
    expect(people([{ none_of_users: pro }, { none_of_users: { not: pro } }])).toEqual([])
  })

  test('the account that is judged is not any account of the user', () => {
    expect(
      said({
        audiences: [
          { name: 'big', entity: 'account', match: { account_trait: 'seats', greater_than: 9 } },
          { name: 'staff', match: { audience: 'big' } },
          {
            name: 'mixed',
            entity: 'account',
            match: { any_user: { all: [{ audience: 'staff' }, { not: { audience: 'big' } }] } },
          },
        ],
      }),
    ).toEqual([])
  })
})

describe('one audience and another', () => {
  const tiers = [
    { name: 'bronze', match: least(1, { within: '90d' }) },
    { name: 'silver', match: least(2, { within: '90d' }) },
    { name: 'gold', match: least(3, { within: '30d' }) },
  ]

  test('the nearest is named, and one that is not to be told is not', () => {
    const problems = lintDefinitions(define(JSON.stringify({ audiences: tiers })))
    expect(problems.map(({ parameters }) => parameters)).toEqual([
      { audience: 'silver', others: ['bronze'] },
      { audience: 'gold', others: ['silver'] },
    ])
    const quiet = tiers.map((tier) => ({ ...tier, ignore_warnings: ['PSN3306'] }))
    expect(said({ audiences: quiet })).toEqual([])
  })

  test('not of what is built on it, nor of another entity', () => {
    expect(
      said({
        audiences: [
          tiers[0],
          { name: 'more', match: [{ audience: 'bronze' }, { trait: 'plan', equals: 'pro' }] },
        ],
      }),
    ).toEqual([])
    expect(
      said({
        audiences: [tiers[0], { name: 'accounts', entity: 'account', match: least(1, { within: '90d' }) }],
      }),
    ).toEqual([])
  })

  test('equal ones are said once, at the later', () => {
    const same = ['a', 'b', 'c'].map((name) => ({ name, match: least(2) }))
    expect(said({ audiences: same })).toEqual(['PSN3307 "b"', 'PSN3307 "c"'])
  })
})

describe('what follows, histories and rows', () => {
  const added = (then: object): object => ({
    event: 'Added',
    where: [{ any: [property({ equals: 'a' }), { then }] }],
  })
  const ordered = { event: 'Ordered', within: '1h' }
  const followedBy = (event: string, then: object): object => ({ event, then })

  test('are never taken for what they are not', () => {
    const pairs: readonly (readonly [object, object])[] = [
      [added(ordered), added({ ...ordered, within: '2h' })],
      [added(ordered), added({ ...ordered, not: true })],
      [added(ordered), added({ ...ordered, exclude_sources: ['web'] })],
      [followedBy('Added', ordered), followedBy('Added', { ...ordered, exclude_sources: ['web'] })],
      [
        { relationship: 'carts', sum: 'total', greater_than: 5 },
        { relationship: 'carts', sum: 'total', greater_than: 6 },
      ],
    ]
    for (const [one, other] of pairs)
      expect(
        said({
          audiences: [
            { name: 'a', match: one },
            { name: 'b', match: other },
          ],
        }),
        JSON.stringify(one),
      ).toEqual([])
    const match = { event: 'Added' }
    expect(
      said({
        audiences: [
          { name: 'a', match },
          { name: 'b', history_since: '2026-01-01', match },
        ],
      }),
    ).toEqual([])
  })

  test('asked twice alike they are the same', () => {
    expect(codesOf({ all: [added(ordered), { not: added(ordered) }] })).toEqual(['PSN3305'])
    const rows = { relationship: 'carts', sum: 'total', greater_than: 5 }
    expect(codesOf({ all: [rows, { not: rows }] })).toEqual(['PSN3305'])
    expect(codesOf(added({ ...ordered, count: { at_least: 2 } }))).toEqual([])
  })
})

describe('traits', () => {
  const count = (more: object): object => ({ name: 'some', type: 'count', event: 'Order', ...more })

  test('conditions that no event meets, and such that change nothing', () => {
    expect(
      said({ traits: [count({ where: [property({ equals: 'a' }), property({ exists: false })] })] }),
    ).toEqual(['PSN3308 {"property":"kind","exists":false}'])
    expect(
      said({ traits: [count({ where: [property({ equals: 'a' }), property({ exists: true })] })] }),
    ).toEqual(['PSN3304 {"property":"kind","exists":true}'])
    expect(said({ traits: [count({ where: [property({ equals: 'a', exists: true })] })] })).toEqual([
      'PSN3304 "exists"',
    ])
  })

  test.each([
    ['orders / 0', true],
    ['coalesce(orders / (2 - 2), 1)', true],
    ['1 / nullif(3, 3)', true],
    ['orders / -0', true],
    ['orders / nullif(orders, 0)', false],
    ['orders / (orders - orders)', false],
    ['0 / orders', false],
    ['orders / (0.3 - 0.1 - 0.2)', false],
  ])('%s', (expression, divides) => {
    const traits = [
      { name: 'orders', type: 'count', event: 'Order' },
      { name: 'share', type: 'formula', expression },
    ]
    expect(said({ traits }).map((one) => one.slice(0, 7))).toEqual(divides ? ['PSN3309'] : [])
  })
})

test('a condition too large to decide is passed over, in reasonable time', () => {
  const clauses = Array.from({ length: 40 }, (_, index) => ({
    any: [0, 1, 2].map((other) => ({
      trait: `t${(index * 7 + other * 3) % 20}`,
      equals: other % 2 === 0 ? 'a' : 'b',
    })),
  }))
  const started = performance.now()
  expect(codesOf({ all: clauses }).filter((code) => code !== 'PSN3304')).toEqual([])
  expect(performance.now() - started).toBeLessThan(5000)
})
