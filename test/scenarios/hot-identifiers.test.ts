import { describe, expect, test } from 'vitest'
import { fastEngines, type Scenario, withScenario } from '../support/scenario.ts'

const asOf = '2026-06-01T00:00:00Z'

const project = (guard: string): Record<string, string> => ({
  'models/a.yml': `sources:
  - { name: web, format: segment, schema: web }
identity:
  identifiers:
    - { type: user_id, limit: 100 }
    - { type: anonymous_id, limit: 100 }
  ${guard}
`,
})

/** A user, or nobody, on the kiosk, in order of arrival. */
async function give(scenario: Scenario, users: readonly (string | null)[]): Promise<void> {
  const rows = users.map((user, index) => {
    const at = new Date(Date.UTC(2026, 4, 1) + index * 60_000).toISOString()
    return { id: `m${index + 1}`, received_at: at, timestamp: at, anonymous_id: 'kiosk', user_id: user }
  })
  await scenario.give({ 'web.tracks': rows })
}

/** Ends profile by profile, and the violations. */
async function answer(scenario: Scenario): Promise<readonly (readonly string[])[]> {
  const lines = async (sql: string): Promise<readonly string[]> =>
    (await scenario.rows(sql)).map((row) => Object.values(row).join(' '))
  return [
    await lines(
      'select min(value), count(*) from {schema}.user_identifiers group by canonical_segment_id order by 1',
    ),
    await lines('select event_id, identifier_value, reason from {schema}.identity_violations order by 1'),
    await lines(
      'select event_segments.event_id from {schema}.event_segments as event_segments where segment_id is null order by 1',
    ),
  ]
}

const left = 'kiosk Identifier partner limit exceeded'
const users = ['ann', 'bob', 'ann', 'cy', null, 'ann', 'dan'] as const
const guarded = [['ann 3', 'cy 1', 'dan 1'], [`m4 ${left}`, `m6 ${left}`, `m7 ${left}`], []]

describe.each(fastEngines)('hot identifiers on $name', (engine) => {
  test('stop joining from the event on that shows one partner too many, and are named once', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define(project('max_partners: 2'))
      const warnings: string[] = []
      for (let known = 1; known <= users.length; known += 1) {
        await give(scenario, users.slice(0, known))
        const { results } = await scenario.run(asOf, `run_${known}`)
        for (const { message } of results.flatMap((result) => result.warnings ?? [])) {
          warnings.push(`${known}: ${message}`)
        }
      }
      expect(await answer(scenario)).toEqual(guarded)
      expect(warnings).toEqual([
        '4: anonymous_id `kiosk` has been seen with more than 2 other identifiers and joins nobody any more',
      ])
      await scenario.run(asOf, 'run_again', { fullRefresh: true })
      expect(await answer(scenario)).toEqual(guarded)
    })
  })

  test('join without the guard; set later it counts old partners, and a full refresh undoes what they joined', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define(project(''))
      await give(scenario, users.slice(0, 6))
      await scenario.run(asOf, 'run_1')
      expect(await answer(scenario)).toEqual([['ann 4'], [], []])
      await scenario.define(project('max_partners: 2'))
      await give(scenario, users)
      await scenario.run(asOf, 'run_2')
      expect(await answer(scenario)).toEqual([['ann 4', 'dan 1'], [`m7 ${left}`], []])
      await scenario.run(asOf, 'run_3', { fullRefresh: true })
      expect(await answer(scenario)).toEqual(guarded)
    })
  })

  test('are named by the next run where a run died before it could', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define(project('max_partners: 2\n  warn_cluster_size: 2'))
      await give(scenario, users)
      await scenario.run(asOf, 'run_1')
      await scenario.adapter.execute(`delete from ${scenario.workSchema}.state_warned where true`)
      const warned = async (runId: string): Promise<readonly string[]> =>
        (await scenario.run(asOf, runId)).results.flatMap((result) =>
          (result.warnings ?? []).map(({ code }) => code),
        )
      expect(await warned('run_2')).toEqual(['PSN5023', 'PSN5026'])
      expect(await warned('run_3')).toEqual([])
    })
  })
})
