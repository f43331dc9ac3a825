import { describe, expect, test } from 'vitest'
import { duckdb } from '../../../src/dialects/duckdb.ts'
import { compileWorld, define } from '../../scenarios/definitions/world-on-engine.ts'
import { expectGoldenSql } from './golden.ts'
import { shop } from './shop-world.ts'

const golden: Readonly<Record<string, string>> = {
  'trait-count': '{ name: orders_90d, type: count, event: Order Completed, within: 90d }',
  'trait-sum':
    '{ name: lifetime_value, type: sum, event: Order Completed, property: revenue, where: [{ property: currency, equals: USD }] }',
  'trait-most-frequent':
    '{ name: favourite_category, entity: account, type: most_frequent, event: Product Viewed, property: category }',
  'trait-last':
    '{ name: last_coupon, type: last, event: Order Completed, property: coupon, include_anonymous: true }',
  'trait-unique-list-of-elements':
    '{ name: bought, type: unique_list, event: Order Completed, property: products.$, between: [1d, 30d] }',
  'trait-where':
    '{ name: gifts, type: count, event: Order Completed, where: [{ any: [{ property: products.$, contains: card }, { not: { property: gift, equals: false } }] }, { context: page.url, starts_with: "https://shop.example/" }, { property: revenue, greater_than: { trait: avg_spend } }] }',
  'trait-percentile':
    '{ name: usual_order, type: percentile, event: Order Completed, property: revenue, p: 0.95, within: 30d }',
  'trait-min-text':
    '{ name: first_coupon_by_name, type: min, event: Order Completed, property: coupon, as: text }',
  'trait-session':
    '{ name: spent_now, type: sum, event: Order Completed, property: revenue, session: 30m, where: [{ property: products.$, equals: card }] }',
  'trait-session-of-account':
    '{ name: viewed_now, entity: account, type: unique_list, event: Product Viewed, property: category, session: 2h }',
  'trait-of-acting-user':
    '{ name: busiest_plan, entity: account, type: most_frequent, event: Order Completed, user_trait: plan, min_frequency: 1 }',
  'trait-formula':
    '{ name: per_visit, type: formula, expression: "round(avg_spend / nullif(plan, \'\'), 2)" }',
}

describe('traits', () => {
  test.each(Object.entries(golden))('%s compiles to the golden SQL', (name, trait) => {
    expectGoldenSql(name, `traits:\n  - ${trait}\n`)
  })

  test('what traits fall back to stands where they are read, and in the tables of all profiles', () => {
    expectGoldenSql(
      'trait-default',
      `
traits:
  - { name: orders, type: count, event: Order Completed, default: 0 }
  - { name: coupon, type: last, event: Order Completed, property: coupon, include_anonymous: true, default: none }
  - { name: double, type: formula, expression: orders * 2, default: -1 }
  - { name: logins, type: count, event: User Logged In, where: [{ trait: orders, equals: 0 }] }
  - { name: firm_orders, entity: account, type: count, event: Order Completed, default: 0 }
`,
      'with the tables of all profiles',
    )
  })

  test('a default of another type than the values is refused where the type is known', () => {
    const { problems } = compileWorld(
      shop,
      define(`
traits:
  - { name: a, type: last, event: Order Completed, property: revenue, default: none }
  - { name: b, type: first, event: Order Completed, property: delivered_at, default: 2026-06-01T00:00:00Z }
  - { name: c, type: first, event: Order Completed, property: delivered_at, default: yesterday }
  - { name: d, entity: account, type: last, event: Order Completed, user_trait: newsletter, default: 1 }
`),
      duckdb,
    )
    expect(problems.map(({ code, parameters, span }) => [code, parameters, span?.line])).toEqual([
      ['PSN3107', { trait: 'a', found: '"none"', type: 'number' }, 3],
      ['PSN3107', { trait: 'c', found: '"yesterday"', type: 'timestamp' }, 5],
      ['PSN3107', { trait: 'd', found: '1', type: 'boolean' }, 6],
    ])
  })

  test('a node says what it reads and writes', () => {
    const { traits } = compileWorld(
      shop,
      define(`
traits:
  - name: orders
    description: How many orders
    owner: growth
    tags: [core]
    type: count
    event: Order Completed
    where: [{ property: revenue, greater_than: { trait: avg_spend } }]
  - { name: firms, entity: account, type: first, event: Order Completed, property: gift }
  - { name: double, type: formula, expression: orders * 2 }
`),
      duckdb,
    )
    expect(traits).toMatchObject([
      {
        id: 'trait.orders',
        type: 'trait',
        origin: { file: 'models/shop.yml', line: 3 },
        description: 'How many orders',
        owner: 'growth',
        tags: ['core'],
        dependsOn: ['scan.order_completed__2'],
        computedIn: ['event.order_completed', 'profiles.user_profiles', 'scan.order_completed__2'],
        relation: { schema: 'personas_work', name: 'scan_order_completed__2' },
        columns: [{ name: 'orders', type: 'integer' }],
      },
      {
        dependsOn: ['scan.order_completed__by_account'],
        columns: [{ name: 'firms', type: 'boolean' }],
      },
      { dependsOn: ['identity.profiles', 'trait.orders'] },
    ])
  })

  test('unknown names are reported once, with the nearest name', () => {
    const { problems } = compileWorld(
      shop,
      define(`
traits:
  - { name: a, type: sum, event: Order Complete, property: revenue }
  - { name: b, type: sum, event: Order Completed, property: revenu, where: [{ context: page.ur, exists: true }] }
  - { name: c, type: formula, expression: avg_spent + avg_spent }
  - { name: d, type: formula, expression: "round(avg_spend, avg_spend)" }
`),
      duckdb,
    )
    expect(
      problems.map(({ code, severity, parameters, span }) => [code, severity, parameters, span?.line]),
    ).toEqual([
      ['PSN3100', 'warning', { event: 'Order Complete', near: 'Order Completed' }, 3],
      ['PSN3101', 'warning', { event: 'Order Completed', path: 'revenu', near: 'revenue' }, 4],
      ['PSN3102', 'warning', { event: 'Order Completed', path: 'page.ur', near: 'page.url' }, 4],
      ['PSN3103', 'error', { entity: 'user', trait: 'avg_spent', near: 'avg_spend' }, 5],
      ['PSN3106', 'error', { trait: 'd' }, 6],
    ])
  })

  test('the same definitions give the same bytes', () => {
    const compiled = (): unknown =>
      compileWorld(shop, define(`traits:\n  - ${Object.values(golden).join('\n  - ')}\n`), duckdb).traits
    expect(compiled()).toEqual(compiled())
  })
})
