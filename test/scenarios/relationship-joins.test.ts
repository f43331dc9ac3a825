import { describe, expect, test } from 'vitest'
import { engines, withScenario } from '../support/scenario.ts'

const asOf = '2026-06-01T00:00:00Z'

describe.each(engines)('joins of relationships, on $name', (engine) => {
  test('rows joined by a trait belong to those who have what it falls back to', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `sources: [{ name: web, format: segment, schema: web }]
entities: [{ name: tier, table: crm.tiers, primary_key: code }]
relationships:
  - { name: tiers, entity: tier, trait: { name: orders, join_key: orders } }
  - { name: tiers_of_all, entity: tier, trait: { name: orders_of_all, join_key: orders } }
  - { name: firm_tiers, entity: tier, account_trait: { name: firm_orders, join_key: orders } }
traits:
  - { name: orders, type: count, event: Order Completed, default: 0 }
  - { name: orders_of_all, type: count, event: Order Completed, include_anonymous: true, default: 0 }
  - { name: firm_orders, entity: account, type: count, event: Order Completed, default: 0 }
  - { name: tier, type: max, as: text, relationship: tiers_of_all, column: code, include_anonymous: true }
  - { name: firm_tier, entity: account, type: max, as: text, relationship: firm_tiers, column: code }
audiences:
  - { name: new_people, match: { relationship: tiers, where: [{ column: code, equals: new }] } }
  - name: new_ones
    include_anonymous: true
    match: { relationship: tiers, where: [{ column: code, equals: new }] }
`,
      })
      await scenario.give({
        'web.identifies': [{ user_id: 'u1' }, { user_id: 'u2' }, { anonymous_id: 'a1' }],
        'web.groups': [
          { user_id: 'u1', group_id: 'g1' },
          { user_id: 'u2', group_id: 'g2' },
        ],
        'web.order_completed': [{ user_id: 'u1' }],
        tier: [
          { code: 'new', orders: 0 },
          { code: 'buyer', orders: 1 },
        ],
      })
      for (const run of ['run_1', 'run_2']) {
        await scenario.run(asOf, run)
        expect(
          await scenario.rows(`select identifiers.value as id, traits.tier, traits.new_people, traits.new_ones
            from {schema}.profile_traits as traits
            inner join {schema}.user_identifiers as identifiers
              on identifiers.canonical_segment_id = traits.canonical_segment_id
            order by identifiers.value`),
        ).toEqual([
          { id: 'a1', tier: 'new', new_people: false, new_ones: false },
          { id: 'u1', tier: 'buyer', new_people: false, new_ones: false },
          { id: 'u2', tier: 'new', new_people: true, new_ones: true },
        ])
        expect(
          await scenario.rows(
            'select account_id, firm_tier from {schema}.account_traits order by account_id',
          ),
        ).toEqual([
          { account_id: 'g1', firm_tier: 'buyer' },
          { account_id: 'g2', firm_tier: 'new' },
        ])
      }
    })
  })

  test('a relationship may be called like the pairs of another', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `sources: [{ name: web, format: segment, schema: web }]
entities:
  - { name: cart, table: shop.carts, primary_key: id }
  - { name: product, table: shop.products, primary_key: sku }
relationships:
  - { name: carts, entity: cart, external_id: { type: user_id, join_key: owner } }
  - { name: goods_links, entity: product, parent: carts, join_on: { left: id, right: cart } }
  - name: goods
    entity: product
    parent: carts
    junction: &items
      table: shop.items
      left: { column: id, junction: cart }
      right: { column: sku, junction: product }
  - { name: links_cart_goods, entity: cart, external_id: { type: user_id, join_key: owner } }
  - { name: cart_goods, entity: product, parent: links_cart_goods, junction: *items }
traits:
  - { name: linked, type: unique_list, relationship: goods_links, column: sku }
  - { name: bought, type: unique_list, relationship: goods, column: sku }
audiences:
  - { name: buyers, match: { relationship: carts, with: [{ relationship: goods, where: [{ column: sku, equals: b }] }] } }
  - { name: buyers_too, match: { relationship: links_cart_goods, with: [{ relationship: cart_goods }] } }
`,
      })
      await scenario.give({
        'web.identifies': [{ user_id: 'u1' }],
        cart: [{ id: 'c1', owner: 'u1' }],
        product: [
          { sku: 'a', cart: 'c1' },
          { sku: 'b', cart: 'c2' },
        ],
        'shop.items': [{ cart: 'c1', product: 'b' }],
      })
      await scenario.run(asOf)
      expect(
        await scenario.rows('select linked, bought, buyers, buyers_too from {schema}.profile_traits'),
      ).toEqual([{ linked: '["a"]', bought: '["b"]', buyers: true, buyers_too: true }])
    })
  })
})
