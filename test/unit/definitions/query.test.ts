import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { linkAudiences } from '../../../src/definitions/link-audiences.ts'
import { parseFile } from '../../../src/definitions/parse-file.ts'
import { renderAudience, renderTrait } from '../../../src/definitions/render-definition.ts'
import type { Problem } from '../../../src/diagnostics/problem.ts'

const parse = (text: string) => parseFile('models/a.yml', text, { env: {}, vars: { days: 90 } }).file

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

function problemsOf(query: string, kind: 'audiences' | 'traits' = 'audiences'): readonly Problem[] {
  return parse(stringify({ [kind]: [{ name: 'asked', query }] }, { lineWidth: 0 })).problems
}

describe('what is wrong is told where it is', () => {
  const wrong: readonly (readonly [string, string, string])[] = [
    ["event('A').count() >= 3 ADN trait('x') = 1", 'ADN', 'PSN2070'],
    ["event('A').within(90 dayz).count() >= 3", 'dayz', 'PSN2070'],
    ["trait('x') = 'open", "'open", 'PSN2070'],
    ["evnt('A').count() >= 3", 'evnt', 'PSN2071'],
    ["event('A').witin(3 days).count() >= 3", 'witin', 'PSN2071'],
    ["event('A').where(propery('x') = 1).count() >= 3", 'propery', 'PSN2071'],
    ["trait('x').contans('a')", 'contans', 'PSN2071'],
    ["event('A')", "event('A')", 'PSN2072'],
    ["event('A').count()", "event('A').count()", 'PSN2072'],
    ["event('A').count() >= 0", '>=', 'PSN2072'],
    ["event('A').count() >= 1.5", '>=', 'PSN2072'],
    ["event('A').sum('p') > 1", "sum('p')", 'PSN2072'],
    ["event('A').sum(property('p') as string) > 1", 'string', 'PSN2072'],
    ["event('A').median(property('p') as string) > 1", 'string', 'PSN2072'],
    ["event('A').percentile(property('p'), 95) > 1", '95', 'PSN2072'],
    ["event('A').percentile(property('p')) > 1", "percentile(property('p'))", 'PSN2072'],
    ["event('A').last(trait('email')) = 'a'", "event('A').last(trait('email'))", 'PSN2072'],
    ["event('A').sum(trait('age')) > 1", "sum(trait('age'))", 'PSN2072'],
    ["event('A').expires_after(29 minutes).count() > 1", '29 minutes', 'PSN2025'],
    ["event('A').session(30 minutes).count() > 1", 'session', 'PSN2072'],
    ["event('A').within(parent: 1 hour).count() > 1", 'parent', 'PSN2072'],
    ["event('A').where(event('B').count() > 1).count() > 1", "event('B')", 'PSN2072'],
    ["event('A').where(property('x') = 1 OR event('B').count() > 1).count() > 1", "event('B')", 'PSN2072'],
    ["event('A').where(column('x') = 1).count() > 1", 'column', 'PSN2071'],
    ["event('A').where(property('x') = column('y')).count() > 1", "'y'", 'PSN2037'],
    ["relationship('r').where(property('x') = 1).count() > 1", 'property', 'PSN2071'],
    ["relationship('r').where(column('x') = property('y')).count() > 1", "'y'", 'PSN2036'],
    ["relationship('r').where(column('x') = column('y', off: 's')).count() > 1", 'column', 'PSN2072'],
    ["relationship('r').sources(exclude: ['web']).count() > 1", 'sources', 'PSN2071'],
    ["relationship('r').sum(property('x')) > 1", 'sum', 'PSN2072'],
    ["relationship('r')", "relationship('r')", 'PSN2072'],
    [
      "relationship('r').where(relationship('s').sum(column('x')) > 1).count() > 1",
      "relationship('s')",
      'PSN2072',
    ],
    [
      "relationship('r').where(relationship('s').expires_after(1 hour).count() > 1).count() > 1",
      'expires_after',
      'PSN2072',
    ],
    ["column('x') = 1", 'column', 'PSN2072'],
    ["trait('x') > '5'", "'5'", 'PSN2072'],
    ["trait('x').before_date('soon')", "'soon'", 'PSN2072'],
    ["trait('x') = null", 'null', 'PSN2072'],
    ["trait('x').contains('a').contains('b')", "contains('b')", 'PSN2072'],
    ["5 = trait('x')", '5', 'PSN2072'],
    ["trait('x')", "trait('x')", 'PSN2072'],
    ["event('A').within(2 days).between(1 day, 3 days).count() > 1", 'between', 'PSN2024'],
    ["event('A').between(3 days, 1 day).count() > 1", 'between', 'PSN2024'],
    ["event('A').since('2026-02-30').count() > 1", "'2026-02-30'", 'PSN2022'],
    ["event('A').where(property('a.') = 1).count() > 1", "'a.'", 'PSN2038'],
    ["event('A').where(property('a\\.b') = 1).count() > 1", "'a\\.b'", 'PSN2038'],
    ["trait('x') = property(parent: 'p')", "'p'", 'PSN2035'],
    ["trait('x') = property('p')", "'p'", 'PSN2036'],
    ["ANY trait('x') = 1", 'ANY', 'PSN2033'],
  ]
  test.each(wrong)('%s', (query, part, code) => {
    const [first, ...others] = problemsOf(query)
    expect(others.map((each) => each.message)).toEqual([])
    expect(first?.code).toBe(code)
    const file = stringify({ audiences: [{ name: 'asked', query }] }, { lineWidth: 0 })
    const line = file.split('\n')[(first?.span?.line ?? 0) - 1] ?? ''
    expect(line.slice((first?.span?.column ?? 0) - 1)).toMatch(
      new RegExp(`^${part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`),
    )
  })

  test('the end of a query is the place after it', () => {
    const file = "audiences:\n  - name: asked\n    query: |\n      trait('x') =\n\n"
    const [found] = parse(file).problems
    expect([found?.span?.line, found?.span?.column]).toEqual([4, 19])
  })

  test.each([
    ['plain', "    query: trait('x') = 1 AND\n      evnt('y').count() = 1\n"],
    ['single quotes', "    query: 'trait(''x'') = 1 AND evnt(''y'').count() = 1'\n"],
    ['double quotes', "    query: \"trait('\\u0078') = 1 AND evnt('y').count() = 1\"\n"],
    ['literal block', "    query: |\n      trait('x') = 1\n      AND evnt('y').count() = 1\n"],
    ['folded block', "    query: >-\n      trait('x') = 1\n      AND evnt('y').count() = 1\n"],
    ['after an expression', "    query: \"trait('x') = {{ var 'days' }} AND evnt('y').count() = 1\"\n"],
  ])('in %s', (_, written) => {
    const file = `audiences:\n  - name: asked\n    entity: user\n${written}`
    const lines = file.split('\n')
    const line = lines.findIndex((each) => each.includes('evnt'))
    const [found, second] = parse(file).problems
    expect(second).toBeUndefined()
    expect(found?.code).toBe('PSN2071')
    expect([found?.span?.line, found?.span?.column]).toEqual([
      line + 1,
      (lines[line]?.indexOf('evnt') ?? -1) + 1,
    ])
  })

  test('fifty comparisons are enough', () => {
    const query = (times: number) =>
      Array.from({ length: times }, (_, index) => `trait('t${index}') = 1`).join(' OR ')
    expect(problemsOf(query(50))).toEqual([])
    expect(problemsOf(query(51)).map(({ code }) => code)).toEqual(['PSN2073'])
  })

  test.each([
    ["event('A').count() >= 3", '>= 3'],
    ["trait('x')", 'trait'],
    ["event('A').sum(property('p')).exists()", 'exists'],
    ['5', '5'],
  ])('a trait is no comparison: %s', (query) => {
    expect(problemsOf(query, 'traits').map(({ code }) => code.slice(0, 6))).toEqual(['PSN207'])
  })

  test('one of match and query', () => {
    const found = (text: string) =>
      parse(`audiences: [{ name: a, ${text} }]`).problems.map(({ code }) => code)
    expect(found('match: { event: E }, query: x')).toEqual(['PSN2031'])
    expect(found('entity: user')).toEqual(['PSN1011'])
  })
})

test('a definition is written as people would write it', () => {
  const { audiences, traits } = parse(`
traits:
  - name: spent
    tags: [money]
    query: event('Order Completed').where(property('currency') = 'USD').within(90 days).sum(property('revenue'))
audiences:
  - name: dormant
    description: Spent much, not lately
    include_anonymous: true
    match:
      - { trait: spent, greater_than: 500 }
      - { event: Order Completed, count: { exactly: 0 }, within: 60d }
      - any:
          - { trait: plan, one_of: [pro, team] }
          - { event: Product Viewed, where: [{ property: tags.$, starts_with: a, ends_with: z }], exclude_sources: [pos] }
`)
  const [audience] = audiences
  const [trait] = traits
  if (audience === undefined || trait === undefined || trait.type === 'sql') throw new Error('not read')
  expect(renderAudience(audience, 'query', new Set(['dormant']))).toMatchInlineSnapshot(`
    "audiences:
      - name: dormant
        description: Spent much, not lately
        entity: user
        include_anonymous: true
        query: |-
          trait('spent') > 500
          AND event('Order Completed').within(60 days).count() = 0
          AND (
            trait('plan').one_of('pro', 'team')
            OR event('Product Viewed').where(
              property('tags.$').starts_with('a').ends_with('z')
            ).sources(exclude: ['pos']).count() >= 1
          )
    "
  `)
  expect(renderAudience(audience, 'yaml', new Set(['dormant']))).toMatchInlineSnapshot(`
    "audiences:
      - name: dormant
        description: Spent much, not lately
        entity: user
        include_anonymous: true
        match:
          all:
            - { trait: spent, greater_than: 500 }
            - { event: Order Completed, count: { exactly: 0 }, within: 60d }
            - any:
                - { trait: plan, one_of: [ pro, team ] }
                - event: Product Viewed
                  where: [ { property: tags.$, starts_with: a, ends_with: z } ]
                  exclude_sources: [ pos ]
    "
  `)
  expect(renderTrait(trait, 'query')).toMatchInlineSnapshot(`
    "traits:
      - name: spent
        tags: [ money ]
        entity: user
        query: |-
          event('Order Completed').where(
            property('currency') = 'USD'
          ).within(90 days).sum(property('revenue'))
    "
  `)
  expect(renderTrait(trait, 'yaml')).toMatchInlineSnapshot(`
    "traits:
      - name: spent
        tags: [ money ]
        entity: user
        type: sum
        event: Order Completed
        property: revenue
        where: [ { property: currency, equals: USD } ]
        within: 90d
    "
  `)
})
