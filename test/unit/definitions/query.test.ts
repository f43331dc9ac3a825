import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { linkAudiences } from '../../../src/definitions/link-audiences.ts'
import { parseFile } from '../../../src/definitions/parse-file.ts'

const parse = (text: string) => parseFile('models/a.yml', text, { env: {}, vars: {} }).file

function meaning(of: unknown): unknown {
  if (Array.isArray(of)) return of.map(meaning)
  if (typeof of !== 'object' || of === null) return of
  return Object.fromEntries(
    Object.entries(of).flatMap(([key, value]) => (/[sS]pans?$/.test(key) ? [] : [[key, meaning(value)]])),
  )
}

function linked(text: string) {
  const { audiences, problems } = parse(text)
  expect(problems.map(({ message, hint }) => `${message} (${hint})`)).toEqual([])
  const newsletter = parse('audiences: [{ name: newsletter, match: { trait: opted_in, equals: true } }]')
  return meaning(linkAudiences([...audiences, ...newsletter.audiences]).at(0)?.match)
}

/** Queries and the same in YAML. */
const pairs: readonly (readonly [string, string])[] = [
  // Spec 6.1
  ["event('E').count() >= 3", '{ event: E, count: { at_least: 3 } }'],
  [
    "event('Order Completed').within(90 days).count() >= 3",
    '{ event: Order Completed, count: { at_least: 3 }, within: 90d }',
  ],
  [
    "trait('a') = 1 OR trait('b') = 2 AND NOT trait('c') = 3",
    'any: [{ trait: a, equals: 1 }, { all: [{ trait: b, equals: 2 }, { not: { trait: c, equals: 3 } }] }]',
  ],
  [
    "(trait('a') = 1 or trait('b') = 2) and not (trait('c') = 3)",
    'all: [{ any: [{ trait: a, equals: 1 }, { trait: b, equals: 2 }] }, { not: { trait: c, equals: 3 } }]',
  ],
  ["trait('a') = literal(5)", '{ trait: a, equals: 5 }'],
  ["(trait('a')) == (5.5)", '{ trait: a, equals: 5.5 }'],
  ["trait('a') = 'it\\'s \\u00e9'", '{ trait: a, equals: "it\'s é" }'],
  ['trait("a") != "two\\nlines"', '{ trait: a, not_equals: "two\\nlines" }'],
  ["trait('a') = 2026-01-01", '{ trait: a, equals: 2026-01-01 }'],
  ["trait('a') <> 2026-01-01T10:00:00Z", '{ trait: a, not_equals: 2026-01-01T10:00:00Z }'],
  ["trait('a') = -1.5e2", '{ trait: a, equals: -150 }'],
  // Spec 6.2
  ["event('E').count() = 0", '{ event: E, count: { exactly: 0 } }'],
  ["event('E').count() <= 2", '{ event: E, count: { at_most: 2 } }'],
  ["event('E').count() > 2", '{ event: E, count: { at_least: 3 } }'],
  ["event('E').count().less_than(2)", '{ event: E, count: { at_most: 1 } }'],
  ["event('E').count() != 2", 'not: { event: E, count: { exactly: 2 } }'],
  [
    "event('E').count().none_of(1, 2)",
    'not: { any: [{ event: E, count: { exactly: 1 } }, { event: E, count: { exactly: 2 } }] }',
  ],
  [
    "event('E').count().at_least(2).at_most(5)",
    'all: [{ event: E, count: { at_least: 2 } }, { event: E, count: { at_most: 5 } }]',
  ],
  ["event('E').between(30 days, 90 days).count() >= 1", '{ event: E, between: [30d, 90d] }'],
  ["event('E').within(12h).count() >= 1", '{ event: E, within: 12h }'],
  [
    "event('E').since('2026-01-01').until('2026-02-01').count() >= 1",
    '{ event: E, since: 2026-01-01, until: 2026-02-01 }',
  ],
  ["event('E').sources(exclude: ['web', 'pos']).count() >= 1", '{ event: E, exclude_sources: [web, pos] }'],
  ["event('E').sources({exclude: 'web', 'pos'}).count() >= 1", '{ event: E, exclude_sources: [web, pos] }'],
  [
    "event('E').where({property('price_usd') > 100}).count() >= 1",
    '{ event: E, where: [{ property: price_usd, greater_than: 100 }] }',
  ],
  [
    "event('E').where(property('p.$') = 'a' AND context('page.url') = 'b').count() >= 1",
    '{ event: E, where: [{ property: p.$, equals: a }, { context: page.url, equals: b }] }',
  ],
  [
    "event('E').where(property('p') = 'a').where(property('q') = 'b').count() >= 1",
    '{ event: E, where: [{ property: p, equals: a }, { property: q, equals: b }] }',
  ],
  [
    "event('E').where((property('p') = 'a' AND property('q') = 'b')).count() >= 1",
    '{ event: E, where: [{ all: [{ property: p, equals: a }, { property: q, equals: b }] }] }',
  ],
  [
    "event('E').where(trait('plan') = 'pro' AND property('p') >= property('q')).count() >= 1",
    '{ event: E, where: [{ trait: plan, equals: pro }, { property: p, greater_than_or_equal: { property: q } }] }',
  ],
  // Values of events
  ["event('E').sum(property('revenue')) > 500", '{ event: E, sum: revenue, greater_than: 500 }'],
  [
    "event('E').mode(property('c'), 3) = 'shoes'",
    '{ event: E, most_frequent: c, min_frequency: 3, equals: shoes }',
  ],
  [
    "event('E').unique(property('c')).count() >= 2",
    '{ event: E, unique_list_count: c, greater_than_or_equal: 2 }',
  ],
  ["event('E').last(property('at')).within_last(7 days)", '{ event: E, last: at, within_last: 7d }'],
  [
    "event('E').max(property('p') as number) >= trait('limit')",
    '{ event: E, max: p, greater_than_or_equal: { trait: limit } }',
  ],
  // Spec 6.3
  ["trait('a') < 1", '{ trait: a, less_than: 1 }'],
  ["trait('a') ≤ 1", '{ trait: a, less_than_or_equal: 1 }'],
  ["trait('a').greater_than(1)", '{ trait: a, greater_than: 1 }'],
  ["trait('a').at_least(1)", '{ trait: a, greater_than_or_equal: 1 }'],
  ["trait('a').equals('x')", '{ trait: a, equals: x }'],
  ["trait('a').differs(trait('b'))", '{ trait: a, not_equals: { trait: b } }'],
  ["trait('a').one_of('x', 'y', 3)", '{ trait: a, one_of: [x, y, 3] }'],
  ["trait('a').one_of(['x', 'y'])", '{ trait: a, one_of: [x, y] }'],
  ["trait('a').none_of('x')", '{ trait: a, none_of: [x] }'],
  ["trait('a').contains('x','y')", '{ trait: a, contains: [x, y] }'],
  ["trait('a').contains('x')", '{ trait: a, contains: x }'],
  ["trait('a').contains_one_of('x', 'y')", '{ trait: a, contains_one_of: [x, y] }'],
  ["trait('a').omits('x')", '{ trait: a, does_not_contain: x }'],
  ["trait('a').starts_with('x')", '{ trait: a, starts_with: x }'],
  ["trait('a').ends_with('x')", '{ trait: a, ends_with: x }'],
  ["trait('a').exists()", '{ trait: a, exists: true }'],
  ["trait('a').absent()", '{ trait: a, exists: false }'],
  ["trait('a').before_date('2023-12-07T18:50:00Z')", "{ trait: a, before: '2023-12-07T18:50:00Z' }"],
  ["trait('a').after_date(2023-12-07)", '{ trait: a, after: 2023-12-07 }'],
  ["trait('a').within_last(7 days)", '{ trait: a, within_last: 7d }'],
  ["trait('a').within_next(1 hour)", '{ trait: a, within_next: 1h }'],
  ["trait('a').before_last(2 weeks)", '{ trait: a, before_last: 14d }'],
  ["trait('a').after_next(30 minutes)", '{ trait: a, after_next: 30m }'],
  ["trait('a').greater_than(1).less_than(5)", '{ trait: a, greater_than: 1, less_than: 5 }'],
  // Spec 6.4
  [
    `event('Product Added').where(NOT event('Order Completed').where(property('product_id') = property(parent: 'product_id'))
      .within(parent: 1 hour).count() ≥ 1).within(30 days).count() ≥ 1`,
    '{ event: Product Added, within: 30d, then: { not: true, event: Order Completed, within: 1h, where: [{ property: product_id, equals: { parent: product_id } }] } }',
  ],
  [
    "event('A').where(property('x') = 1 AND event('B').within(parent: 2 days, require_window_elapsed: true).count() = 2).count() >= 1",
    '{ event: A, where: [{ property: x, equals: 1 }], then: { event: B, within: 2d, count: { exactly: 2 }, require_window_elapsed: true } }',
  ],
  [
    "event('A').where(NOT NOT (event('B').within(parent: 2 days).count() != 1)).count() >= 1",
    '{ event: A, then: { not: true, event: B, within: 2d, count: { exactly: 1 } } }',
  ],
  // Spec 6.6
  ["trait('newsletter') = true", '{ audience: newsletter }'],
  ["trait('newsletter') != false", '{ audience: newsletter }'],
  ["trait('newsletter') = false", 'not: { audience: newsletter }'],
  ["NOT trait('newsletter') = true", 'not: { audience: newsletter }'],
  ["custom_trait('newsletter') = true", '{ trait: newsletter, equals: true }'],
  ["trait('vip') = true", '{ trait: vip, equals: true }'],
  ["account_trait('plan') = 'pro'", '{ account_trait: plan, equals: pro }'],
  [
    "event('A').where(property('x') = 1 OR NOT event('B').within(parent: 1 h).count() > 1).count() > 1",
    '{ event: A, count: { at_least: 2 }, where: [{ any: [{ property: x, equals: 1 }, { then: { not: true, event: B, within: 1h, count: { at_least: 2 } } }] }] }',
  ],
  [
    "event('A').where(event('B').where(event('C').within(parent: 1 h).count() = 0).within(parent: 1 d).count() > 0).count() > 0",
    '{ event: A, then: { event: B, within: 1d, where: [{ then: { event: C, within: 1h, count: { exactly: 0 } } }] } }',
  ],
  [
    "event('A').where(event('B').within(parent: 1 h).count() > 0 AND NOT event('C').within(parent: 1 h).count() > 0).count() > 0",
    '{ event: A, where: [{ then: { event: B, within: 1h } }], then: { not: true, event: C, within: 1h } }',
  ],
  [
    "event('A').where(event('B').sources(exclude: ['web']).within(parent: 1 h).count() > 0).count() > 0",
    '{ event: A, then: { event: B, within: 1h, exclude_sources: [web] } }',
  ],
  ["relationship('r').count() >= 1", '{ relationship: r }'],
  [
    "relationship('r').where(column('a') = 1 AND relationship('s').where(column('b') > column('a', of: 'r')).within(2 days).count() = 0).between(1 day, 2 days).count() <= 2",
    '{ relationship: r, count: { at_most: 2 }, between: [1d, 2d], where: [{ column: a, equals: 1 }], with: [{ relationship: s, within: 2d, count: { exactly: 0 }, where: [{ column: b, greater_than: { column: a, of: r } }] }] }',
  ],
  [
    "relationship('r').expires_after(1 hour).min(column('a') as string).starts_with('x')",
    '{ relationship: r, session: 1h, min: a, as: text, starts_with: x }',
  ],
  [
    "relationship('r').where(relationship('s').count() != 2).count().one_of(0, 3)",
    '{ any: [{ relationship: r, count: { exactly: 0 }, where: [{ not: { relationship: s, count: { exactly: 2 } } }] }, { relationship: r, count: { exactly: 3 }, where: [{ not: { relationship: s, count: { exactly: 2 } } }] }] }',
  ],
]

const ofAccounts: readonly (readonly [string, string])[] = [
  ["trait('plan') = 'enterprise'", '{ account_trait: plan, equals: enterprise }'],
  ["ANY trait('plan') = 'pro'", 'any_user: { trait: plan, equals: pro }'],
  [
    "ALL (event('E').count() >= 1 AND trait('t') > 200)",
    'all_users: [{ event: E }, { trait: t, greater_than: 200 }]',
  ],
  ["ALL NOT event('E').count() >= 1", 'none_of_users: { event: E }'],
  ["ALL (NOT event('E').count() >= 1)", 'all_users: { not: { event: E } }'],
  ["event('E').count() >= 1", '{ event: E }'],
  ["trait('newsletter') = true", 'any_user: { audience: newsletter }'],
  [
    "ANY account_trait('plan') = 'pro' AND trait('a') = 1",
    'all: [{ any_user: { account_trait: plan, equals: pro } }, { account_trait: a, equals: 1 }]',
  ],
]

const block = (entity: string, text: string) =>
  `audiences:\n  - name: asked\n    entity: ${entity}\n    match:${text.startsWith('{') ? ` ${text}` : `\n      ${text}`}\n`

describe('a query means what its YAML means', () => {
  test.each(pairs)('%s', (query, yaml) => {
    expect(linked(stringify({ audiences: [{ name: 'asked', query }] }))).toEqual(linked(block('user', yaml)))
  })

  test.each(ofAccounts)('of accounts: %s', (query, yaml) => {
    expect(linked(stringify({ audiences: [{ name: 'asked', entity: 'account', query }] }))).toEqual(
      linked(block('account', yaml)),
    )
  })

  // Spec 4.1
  test.each([
    ["event('E').count()", 'type: count, event: E'],
    [
      "event('Order Completed').within(90 days).sum(property('revenue'))",
      'type: sum, event: Order Completed, property: revenue, within: 90d',
    ],
    ["event('E').avg(property('p'))", 'type: avg, event: E, property: p'],
    ["event('E').min(property('p'))", 'type: min, event: E, property: p'],
    ["event('E').max(property('p') as number)", 'type: max, event: E, property: p'],
    ["event('E').mode(property('p'), 2)", 'type: most_frequent, event: E, property: p'],
    ["event('E').mode(property('p'))", 'type: most_frequent, event: E, property: p'],
    [
      "event('E').mode(property('p.$') as array, 1)",
      'type: most_frequent, event: E, property: p, min_frequency: 1',
    ],
    ["event('E').first(property('p'))", 'type: first, event: E, property: p'],
    ["event('E').last(property('p'))", 'type: last, event: E, property: p'],
    ["event('E').unique(property('p.$'))", 'type: unique_list, event: E, property: p.$'],
    ["event('E').unique(property('p')).count()", 'type: unique_list_count, event: E, property: p'],
    [
      "event('Shoes Bought').where( property('price') > 100 AND property('brand') = 'My Brand' ).min(property('spend'))",
      'type: min, event: Shoes Bought, property: spend, where: [{ property: price, greater_than: 100 }, { property: brand, equals: My Brand }]',
    ],
    ["event('E').min(property('p') as string)", 'type: min, event: E, property: p, as: text'],
    ["event('E').max(property('p') as number)", 'type: max, event: E, property: p, as: number'],
    [
      "event('E').mode(property('p.$') as array, 1)",
      'type: most_frequent, event: E, property: p.$, as: array, min_frequency: 1',
    ],
    ["event('E').median(property('p'))", 'type: median, event: E, property: p'],
    ["event('E').percentile(property('p'), 0.95)", 'type: percentile, event: E, property: p, p: 0.95'],
    ["event('E').expires_after(30 minutes).count()", 'type: count, event: E, session: 30m'],
    ["event('E').expires_after(5400 seconds).count()", 'type: count, event: E, session: 90m'],
    ["event('E').last(trait('email'))", 'entity: account, type: last, event: E, user_trait: email'],
    [
      "event('E').mode(trait('email'), 1)",
      'entity: account, type: most_frequent, event: E, user_trait: email, min_frequency: 1',
    ],
    ["event('E').sources(exclude: ['web']).count()", 'type: count, event: E, exclude_sources: [web]'],
    ["relationship('r').count()", 'type: count, relationship: r'],
    [
      "relationship('r').where(column('a') = 1 OR trait('t') = 2).within(7 days).percentile(column('b'), 0.9)",
      'type: percentile, relationship: r, column: b, p: 0.9, within: 7d, where: [{ any: [{ column: a, equals: 1 }, { trait: t, equals: 2 }] }]',
    ],
    [
      "event('E').where(NOT event('F').within(parent: 1 hour).count() >= 1).count()",
      'type: count, event: E, where: [{ then: { not: true, event: F, within: 1h } }]',
    ],
  ])('trait %s', (query, yaml) => {
    const entity = yaml.startsWith('entity: account') ? 'account' : 'user'
    const ofQuery = parse(stringify({ traits: [{ name: 'asked', entity, query }] }))
    const ofYaml = parse(`traits: [{ name: asked, ${yaml} }]`)
    expect([...ofQuery.problems, ...ofYaml.problems]).toEqual([])
    expect(meaning(ofQuery.traits)).toEqual(meaning(ofYaml.traits))
  })
})
