import { describe, expect, test } from 'vitest'
import { renderAudience, renderTrait } from '../../../src/definitions/render-definition.ts'
import { duckdb } from '../../../src/dialects/duckdb.ts'
import { compileWorld, define } from '../../scenarios/definitions/world-on-engine.ts'
import { expectGoldenSql } from './golden.ts'
import { shop } from './shop-world.ts'

const related = `entities:
  - { name: cart, table: shop.carts, primary_key: id, timestamp: created_at }
  - { name: product, table: shop.products, primary_key: sku }
  - { name: tier, table: shop.tiers, primary_key: code }
relationships:
  - name: carts
    entity: cart
    external_id: { type: email, join_key: owner_email }
    relationships:
      - name: cart_products
        entity: product
        junction:
          table: shop.cart_items
          left: { column: id, junction: cart_id }
          right: { column: sku, junction: product_sku }
  - { name: tiers, entity: tier, trait: { name: plan, join_key: code } }
`

describe('relationships', () => {
  test('traits and flat counts of one relationship share a scan', () => {
    expectGoldenSql(
      'relationship-flat',
      `${related}traits:
  - { name: cart_total, type: sum, relationship: carts, column: total, where: [{ column: status, equals: open }] }
  - { name: last_cart, type: last, relationship: carts, column: status }
audiences:
  - { name: shoppers, match: { relationship: carts, count: { at_least: 2 }, within: 7d } }
`,
    )
  })

  test('what rows are reduced to is asked of one scan, sessions among them', () => {
    expectGoldenSql(
      'relationship-reduced',
      `${related}audiences:
  - name: big_spenders
    match:
      - { relationship: carts, sum: total, greater_than: 100, where: [{ column: status, equals: paid }], within: 30d }
      - { relationship: carts, most_frequent: status, min_frequency: 1, equals: open }
      - { relationship: carts, session: 1h, unique_list_count: status, greater_than: { trait: avg_spend } }
`,
    )
  })

  test('rows below filter the row above', () => {
    expectGoldenSql(
      'relationship-nested',
      `${related}audiences:
  - name: bargains
    match:
      - relationship: carts
        where: [{ column: status, equals: open }]
        with:
          - relationship: cart_products
            count: { at_least: 2 }
            where: [{ column: price, less_than: { column: total, of: carts } }]
      - { not: { relationship: tiers, where: [{ column: discount, greater_than: 0 }] } }
`,
    )
  })

  const sent = (rows: string, mapping: string) =>
    `syncs: [{ name: s, from: { audience: a, rows: ${rows} }, destination: out, mode: mirror, mapping: ${mapping} }]\n`

  test('rows that qualify members, each by conditions that hold', () => {
    expectGoldenSql(
      'member-rows-flat',
      `${related}audiences:
  - name: a
    match:
      any:
        - { relationship: carts, count: { at_least: 2 }, where: [{ column: status, equals: open }], within: 7d }
        - all:
            - { relationship: carts, where: [{ column: total, greater_than: { trait: avg_spend } }] }
            - { trait: plan, equals: pro }
${sent('carts', '{ total: { column: total } }')}`,
    )
  })

  test('rows below others that qualify members', () => {
    expectGoldenSql(
      'member-rows-nested',
      `${related}audiences:
  - name: a
    match:
      relationship: carts
      where:
        - { column: status, equals: open }
        - any:
            - { column: total, greater_than: 100 }
            - { relationship: cart_products, count: { at_least: 2 }, where: [{ column: price, less_than: { column: total, of: carts } }] }
${sent('cart_products', '{ sku: { column: sku } }')}`,
    )
  })

  test('shown as YAML it is what was written', () => {
    const match =
      'match: { relationship: carts, count: { exactly: 0 }, where: [ { column: total, greater_than: { column: total, of: carts } } ], with: [ { relationship: cart_products } ], within: 7d }'
    const { traits, audiences } = define(
      `${related}traits: [{ name: t, type: max, relationship: carts, column: total, where: [{ any: [{ column: status, equals: open }, { relationship: cart_products }] }] }]
audiences: [{ name: a, ${match} }]
`,
    )
    const shown = [
      ...traits.map((each) => renderTrait(each, 'yaml')),
      ...audiences.map((each) => renderAudience(each, 'yaml', new Set())),
    ]
    const again = define(`${related}${shown.join('')}`)
    const meaning = (of: unknown): string =>
      JSON.stringify(of, (key, value: unknown) => (/[sS]pan$/.test(key) ? undefined : value))
    expect(meaning([again.traits, again.audiences])).toBe(meaning([traits, audiences]))
  })

  test('a column that the table lacks is reported where it is read', () => {
    const { problems } = compileWorld(
      shop,
      define(`${related}traits: [{ name: t, type: sum, relationship: carts, column: totl }]\n`),
      duckdb,
    )
    expect(problems.map(({ code, parameters }) => [code, parameters])).toEqual([
      ['PSN3003', { table: 'personas_work.carts', column: 'totl', near: 'total' }],
    ])
  })

  test('a trait that joins rows is computed before what is aggregated of them', () => {
    const { relationships, scans } = compileWorld(
      shop,
      define(`${related.replace('name: plan, join_key: code', 'name: orders, join_key: discount')}traits:
  - { name: orders, type: count, event: Order Completed }
  - { name: offers, type: count, relationship: tiers }
  - { name: big, type: count, event: Order Completed, where: [{ trait: offers, greater_than: 1 }] }
`),
      duckdb,
    )
    expect(relationships.find(({ name }) => name === 'tiers')?.dependsOn).toEqual([
      'entity.tier',
      'identity.profiles',
      'trait.orders',
    ])
    expect(scans.map(({ name }) => name)).toEqual(['order_completed', 'order_completed__2', 'tiers__rows'])
  })
})
