import { describe, expect, test } from 'vitest'
import { engines, type Scenario, withScenario } from '../support/scenario.ts'

const asOf = '2026-06-01T00:00:00Z'

const project = (ignored: string): string => `sources:
  - { name: web, format: segment, schema: web }
traits:
  - { name: orders, type: count, event: Order Completed }
  - { name: orders_30d, type: count, event: Order Completed, within: 30d }
  - { name: orders_31d, type: count, event: Order Completed, within: 31d }
  - { name: older, type: count, event: Order Completed, between: [30d, 90d] }
  - { name: before_june, type: count, event: Order Completed, until: 2026-06-01 }
audiences:
  - name: dormant
${ignored}    match:
      all:
        - { event: Order Completed, within: 10d, count: { exactly: 0 } }
        - any:
            - not: { event: Product Viewed, within: 60d }
            - { event: Product Viewed, since: 2026-01-15, until: 2026-05-20 }
  - name: since_may
    match: { event: Order Completed, since: 2026-05-02 }
`

let runs = 0

async function warned(scenario: Scenario): Promise<readonly string[]> {
  runs += 1
  const { results } = await scenario.run(asOf, `run_${String(runs).padStart(3, '0')}`)
  return results
    .flatMap((result) => result.warnings ?? [])
    .map(({ code, message, span }) => `${code} ${span?.line}:${span?.column} ${message}`)
}

describe.each(engines)('windows before the first event on $name', (engine) => {
  test('each definition with one is said, by its longest', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': project('') })
      const order = (id: string, timestamp: string) => ({ id, user_id: 'u1', timestamp })
      await scenario.give({
        'web.order_completed': [
          order('m1', '2026-05-02T00:00:00Z'),
          order('m2', '2026-05-20T10:00:00Z'),
          order('m3', '2026-07-01T00:00:00Z'),
        ],
      })
      const short = 'but the first event of all sources is of 2026-05-02T00:00:00Z'
      const expected = [
        `PSN3310 15:29 audience \`dormant\` looks back to 2026-01-15T00:00:00Z, ${short}`,
        `PSN3310 7:40 trait \`older\` looks back to 2026-03-03T00:00:00Z, ${short}`,
        `PSN3310 6:45 trait \`orders_31d\` looks back to 2026-05-01T00:00:00Z, ${short}`,
      ]
      expect(await warned(scenario)).toEqual(expected)
      expect(await warned(scenario)).toEqual(expected)
      await scenario.define({ 'models/a.yml': project('    ignore_warnings: [PSN3310]\n') })
      expect(await warned(scenario)).toEqual(expected.slice(1))
    })
  })

  test('nothing is said where no event has happened yet', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': project('') })
      await scenario.give({
        'web.order_completed': [{ id: 'm1', user_id: 'u1', timestamp: '2026-07-01T00:00:00Z' }],
      })
      expect(await warned(scenario)).toEqual([])
    })
  })
})
