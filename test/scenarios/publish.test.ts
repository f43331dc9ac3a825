import { describe, expect, test } from 'vitest'
import { engines, withScenario } from '../support/scenario.ts'

const at = (day: number): string => `2026-05-${String(day).padStart(2, '0')}T10:00:00Z`
const web = 'sources:\n  - { name: web, format: segment, schema: web }\n'
const orders = '  - { name: orders, entity: user, type: count, event: Order Completed }\n'
const buyers = `audiences:
  - { name: buyers, entity: user, match: { event: Order Completed, within: 10d } }
`

describe.each(engines)('what a run publishes, on $name', (engine) => {
  test('a second run of the same events changes nothing but the history of runs', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': `${web}traits:\n${orders}${buyers}` })
      await scenario.give({
        'web.order_completed': [
          { user_id: 'u1', anonymous_id: 'a1', revenue: 5, timestamp: at(1) },
          { user_id: 'u2', revenue: 7, timestamp: at(2) },
          { anonymous_id: 'a1', revenue: 9, timestamp: at(3) },
        ],
      })
      const tables = [
        'id_graph_updates',
        'external_id_mapping_updates',
        'user_identifiers',
        'user_traits',
        'profile_merges',
        'id_graph',
        'external_id_mapping',
        'profile_traits',
        'profile_traits_updates',
        'account_traits',
        'account_users',
        'audience_memberships',
        'audience_buyers',
        'identity_violations',
        'order_completed',
        'tracks',
      ]
      const snapshot = async (): Promise<string> => {
        const all: string[] = []
        for (const table of tables) {
          const rows = await scenario.rows(`select * from {schema}.${table}`)
          all.push(
            `${table}: ${rows
              .map((row) => JSON.stringify(row))
              .sort()
              .join('\n')}`,
          )
        }
        return all.join('\n')
      }
      await scenario.run(at(4), 'run_1')
      const first = await snapshot()
      await scenario.run(at(4), 'run_1')
      expect(await snapshot()).toBe(first)
      expect(
        await scenario.rows('select audience_key, size, entered, exited from {schema}.audience_sizes'),
      ).toEqual([{ audience_key: 'buyers', size: 2, entered: 2, exited: 0 }])
    })
  })

  test('a failed run leaves the public tables as they were', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': `${web}traits:\n${orders}` })
      await scenario.give({ 'web.order_completed': [{ user_id: 'u1', timestamp: at(1) }] })
      await scenario.run(at(4), 'run_1')
      await scenario.give({
        'web.order_completed': [
          { user_id: 'u1', timestamp: at(1) },
          { user_id: 'u2', timestamp: at(2) },
        ],
      })
      await scenario.define({
        'models/a.yml': `${web}traits:\n${orders}  - { name: broken, entity: user, type: sql, file: broken.sql }\n`,
        'models/broken.sql': `select user_id, 1 as broken from {{source 'web' 'tracks'}} union all select user_id, 2 from {{source 'web' 'tracks'}}`,
      })
      const record = await scenario.attempt(at(5), 'run_2')
      expect(record.results.find(({ nodeId }) => nodeId === 'rows.broken')?.status).toBe('error')
      expect(record.results.find(({ nodeId }) => nodeId === 'publish.publish')?.status).toBe('skipped')
      expect(await scenario.rows('select orders from {schema}.profile_traits')).toEqual([{ orders: 1 }])
    })
  })

  test("tables are fitted, not replaced: an analyst's view survives new, changed and removed traits", async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `${web}traits:\n${orders}  - { name: spare, entity: user, type: count, event: Order Completed }\n`,
      })
      await scenario.give({
        'web.order_completed': [{ user_id: 'u1', revenue: 5, coupon: 'X', timestamp: at(1) }],
      })
      await scenario.run(at(4), 'run_1')
      const { dialect } = scenario.adapter
      const view = dialect.relation({ schema: scenario.schema, name: 'analyst_view' })
      const table = dialect.relation({ schema: scenario.schema, name: 'profile_traits' })
      await scenario.adapter.execute(
        `create view ${view} as select canonical_segment_id, orders from ${table}`,
      )
      await scenario.define({
        'models/a.yml': `${web}traits:\n${orders}  - { name: spare, entity: user, type: last, event: Order Completed, property: coupon }\n`,
      })
      await scenario.run(at(5), 'run_2')
      expect(await scenario.rows('select orders, spare from {schema}.profile_traits')).toEqual([
        { orders: 1, spare: 'X' },
      ])
      await scenario.define({ 'models/a.yml': `${web}traits:\n${orders}` })
      await scenario.run(at(6), 'run_3')
      expect(await scenario.rows('select orders from {schema}.analyst_view')).toEqual([{ orders: 1 }])
      await expect(scenario.rows('select spare from {schema}.profile_traits')).rejects.toThrow(/spare/i)
      await scenario.adapter.execute(`drop view ${view}`)
    })
  })

  test('an audience may have the name of a custom trait, which it hides', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `${web}audiences:\n  - { name: plan, match: { trait: plan, equals: pro } }\n`,
      })
      await scenario.give({ 'web.identifies': [{ user_id: 'u1', plan: 'pro', timestamp: at(1) }] })
      await scenario.run(at(4), 'run_1')
      expect(await scenario.rows('select plan from {schema}.profile_traits')).toEqual([{ plan: true }])
      expect(await scenario.rows('select name, value from {schema}.user_traits')).toEqual([
        { name: 'plan', value: 'true' },
      ])
      expect(
        await scenario.rows('select triggering_event_id, plan from {schema}.profile_traits_updates'),
      ).toEqual([{ triggering_event_id: 'run_1', plan: true }])
    })
  })

  test('memberships keep when a profile entered and left, also through a merge', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': `${web}${buyers}` })
      const anonymous = { anonymous_id: 'a1', user_id: null, email: null }
      const first = { ...anonymous, user_id: 'u1', timestamp: at(1) }
      await scenario.give({ 'web.order_completed': [first] })
      await scenario.run(at(2), 'run_1')
      await scenario.run(at(9), 'run_2')
      expect(
        await scenario.rows(
          'select run_id, remaining_disagreements from {schema}.identity_runs order by run_id',
        ),
      ).toEqual([
        { run_id: 'run_1', remaining_disagreements: 0 },
        { run_id: 'run_2', remaining_disagreements: 0 },
      ])
      const rows = async () =>
        await scenario.rows(
          'select entered_at, exited_at, entered_run_id, exited_run_id from {schema}.audience_memberships order by entered_at',
        )
      expect(await rows()).toEqual([
        { entered_at: at(2), exited_at: null, entered_run_id: 'run_1', exited_run_id: null },
      ])
      // The order leaves its window; later a new one comes in.
      await scenario.run(at(12), 'run_3')
      expect(await rows()).toEqual([
        { entered_at: at(2), exited_at: at(12), entered_run_id: 'run_1', exited_run_id: 'run_3' },
      ])
      await scenario.give({
        'web.order_completed': [
          first,
          { anonymous_id: 'z', user_id: 'u2', timestamp: at(13) },
          { ...anonymous, user_id: 'u1', timestamp: at(13) },
        ],
      })
      await scenario.run(at(14), 'run_4')
      expect((await rows()).filter(({ exited_at: exited }) => exited === null)).toHaveLength(2)
      expect(
        await scenario.rows(
          "select size, entered, exited from {schema}.audience_sizes where run_id = 'run_4'",
        ),
      ).toEqual([{ size: 2, entered: 2, exited: 0 }])
    })
  })
})
