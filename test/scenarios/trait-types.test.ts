import { describe, expect, test } from 'vitest'
import { engines, withScenario } from '../support/scenario.ts'

const at = (minute: number): string => `2026-06-01T10:${String(minute).padStart(2, '0')}:00Z`

/** Whole runs: what falls back, what accounts are told of their users, and what ends with a session. */
describe.each(engines)('kinds of traits in a run, on $name', (engine) => {
  test('defaults are published, read by SQL files, and gone on with; sessions end', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `sources:
  - { name: web, format: segment, schema: web }
traits:
  - { name: orders, type: count, event: Order Completed, default: 0 }
  - { name: orders_of_all, type: count, event: Order Completed, include_anonymous: true, default: 0 }
  - { name: spent_now, type: sum, event: Order Completed, property: revenue, session: 30m }
  - { name: usual, type: median, event: Order Completed, property: revenue, default: 1.5 }
  - { name: tiers, type: sql, file: tiers.sql }
  - { name: firm_orders, entity: account, type: count, event: Order Completed, default: 0 }
  - { name: firms, type: sql, entity: account, file: firms.sql }
  - { name: last_tier, entity: account, type: last, event: Order Completed, user_trait: tier }
  - { name: best_buyer, entity: account, type: most_frequent, event: Order Completed, user_trait: plan, min_frequency: 1 }
audiences:
  - { name: without_orders, match: { trait: orders, equals: 0 } }
  - { name: never_ordered, match: { event: Order Completed, count: { exactly: 0 } } }
`,
        'models/tiers.sql': `select user_identifiers.value as user_id, case when orders.orders = 0 then 'tier 0' else 'tier 3' end as tier
from {{ref 'orders'}} as orders
inner join {{ref 'user_identifiers'}} as user_identifiers
  on user_identifiers.canonical_segment_id = orders.canonical_segment_id
where user_identifiers.type = 'user_id'`,
        'models/firms.sql': `select firm_orders.account_id as group_id, firm_orders.firm_orders + 1 as next_order from {{ref 'firm_orders'}} as firm_orders`,
      })
      await scenario.give({
        'web.identifies': [
          { user_id: 'u1', plan: 'pro', timestamp: at(0) },
          { user_id: 'u2', plan: 'free', timestamp: at(0) },
          { anonymous_id: 'a', timestamp: at(0) },
        ],
        'web.groups': [
          { user_id: 'u1', group_id: 'g1', timestamp: at(0) },
          { user_id: 'u2', group_id: 'g1', timestamp: at(0) },
          { user_id: 'u2', group_id: 'g2', timestamp: at(0) },
        ],
        'web.order_completed': [
          { user_id: 'u1', revenue: 10, timestamp: at(1) },
          { user_id: 'u1', revenue: 20, timestamp: at(30) },
          { user_id: 'u1', revenue: 40, timestamp: at(59) },
        ],
      })
      const profiles = async (): Promise<unknown> =>
        scenario.rows(
          'select orders, orders_of_all, spent_now, usual, tier, without_orders, never_ordered from {schema}.profile_traits order by tier nulls first',
        )
      const anonymous = {
        ...{ orders: null, orders_of_all: 0, spent_now: null, usual: null },
        ...{ tier: null, without_orders: false, never_ordered: false },
      }
      const u2 = {
        ...{ orders: 0, orders_of_all: 0, spent_now: null, usual: 1.5 },
        ...{ tier: 'tier 0', without_orders: true, never_ordered: true },
      }
      const u1 = {
        ...{ orders: 3, orders_of_all: 3, spent_now: 70, usual: 20 },
        ...{ tier: 'tier 3', without_orders: false, never_ordered: false },
      }
      await scenario.run('2026-06-01T11:28:59Z', 'run_1')
      expect(await profiles()).toEqual([anonymous, u2, u1])
      expect(
        await scenario.rows(
          'select account_id, firm_orders, next_order, last_tier, best_buyer from {schema}.account_traits order by account_id',
        ),
      ).toEqual([
        { account_id: 'g1', firm_orders: 3, next_order: 4, last_tier: 'tier 3', best_buyer: 'pro' },
        { account_id: 'g2', firm_orders: 0, next_order: 1, last_tier: null, best_buyer: null },
      ])
      expect(
        await scenario.rows("select value from {schema}.user_traits where name = 'orders' order by value"),
      ).toEqual([{ value: '0' }, { value: '3' }])
      // Half an hour after the last order, with nothing new.
      await scenario.run('2026-06-01T11:29:00Z', 'run_2')
      expect(await profiles()).toEqual([anonymous, u2, { ...u1, spent_now: 0 }])
      await scenario.run('2026-06-01T11:29:00Z', 'run_3', { fullRefresh: true })
      expect(await profiles()).toEqual([anonymous, u2, { ...u1, spent_now: 0 }])
    })
  })
})
