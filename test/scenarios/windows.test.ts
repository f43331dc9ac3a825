import { describe, expect, test } from 'vitest'
import { engines, withScenario } from '../support/scenario.ts'

const web = 'sources:\n  - { name: web, format: segment, schema: web }\n'

describe.each(engines)("the run's one instant, on $name", (engine) => {
  test('events later than it do not count yet, but identify already', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `${web}traits:
  - { name: orders, entity: user, type: count, event: Order Completed }
  - { name: orders_1d, entity: user, type: count, event: Order Completed, within: 1d }
`,
      })
      await scenario.give({
        'web.order_completed': [
          { user_id: 'u1', timestamp: '2026-05-01T10:00:00Z' },
          { user_id: 'u1', anonymous_id: 'a1', timestamp: '2026-05-03T10:00:00Z' },
        ],
      })
      const traits = async () => await scenario.rows('select orders, orders_1d from {schema}.profile_traits')
      await scenario.run('2026-05-02T09:59:59Z', 'run_1')
      expect(await traits()).toEqual([{ orders: 1, orders_1d: 1 }])
      expect(await scenario.rows('select value from {schema}.user_identifiers order by value')).toEqual([
        { value: 'a1' },
        { value: 'u1' },
      ])
      await scenario.run('2026-05-02T10:00:01Z', 'run_2')
      expect(await traits()).toEqual([{ orders: 1, orders_1d: 0 }])
      await scenario.run('2026-05-03T10:00:00Z', 'run_3')
      expect(await traits()).toEqual([{ orders: 2, orders_1d: 1 }])
    })
  })

  test('compiled SQL holds no clock and no instant: the same project gives the same bytes', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `${web}traits:\n  - { name: orders, entity: user, type: count, event: Order Completed, within: 90d }\n`,
      })
      await scenario.give({ 'web.order_completed': [{ user_id: 'u1', timestamp: '2026-05-01T10:00:00Z' }] })
      const first = JSON.stringify(await scenario.compile())
      expect(JSON.stringify(await scenario.compile())).toBe(first)
      expect(first).not.toMatch(/\bnow\(\)|current_timestamp|current_date|today\(\)/i)
    })
  })
})
