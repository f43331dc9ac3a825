import { describe, expect, test } from 'vitest'
import { pick, seeded } from '../properties/identity-random.ts'
import { fastEngines, type Scenario, withScenario } from '../support/scenario.ts'

const asOf = '2026-06-01T00:00:00Z'

function project(...cuts: readonly string[]): Record<string, string> {
  const cut = cuts.length === 0 ? '' : `  cut:\n${cuts.map((one) => `    - ${one}\n`).join('')}`
  return {
    'models/a.yml': `sources:
  - { name: web, format: segment, schema: web }
identity:
  identifiers:
    - { type: user_id, priority: 1, limit: 2, frequency: ever }
    - { type: email, priority: 2, limit: 2, frequency: weekly, normalize: lowercase }
    - { type: anonymous_id, priority: 3, limit: 6, frequency: ever }
${cut}`,
  }
}

const call = (minute: number, id: string, of: Readonly<Record<string, unknown>>) => ({
  id,
  received_at: new Date(Date.UTC(2026, 4, 1, 0, minute)).toISOString(),
  timestamp: new Date(Date.UTC(2026, 4, 1, 0, minute)).toISOString(),
  ...of,
})

async function lines(scenario: Scenario, sql: string): Promise<readonly string[]> {
  return (await scenario.rows(sql)).map((row) => Object.values(row).join(' ')).sort()
}

/** All that a cut may change, by what does not depend on when it was computed. */
async function identityOf(scenario: Scenario): Promise<readonly (readonly string[])[]> {
  const all = [
    'select canonical_segment_id, type, value, seq from {schema}.user_identifiers',
    'select segment_id, canonical_segment_id, triggering_event_id, seq from {schema}.id_graph_updates',
    'select segment_id, external_id_hash, triggering_event_id from {schema}.external_id_mapping_updates',
    'select segment_id, canonical_segment_id, seq from {schema}.id_graph',
    'select canonical_segment_id, external_id_hash from {schema}.external_id_mapping',
    'select event_id, identifier_type, identifier_value, reason, segment_id from {schema}.identity_violations',
    'select event_id, segment_id from {schema}.event_segments',
    'select identifiers, profiles, merged_profiles, violations, partition_hash from {work}.identity_certificate',
  ]
  const found: (readonly string[])[] = []
  for (const sql of all) found.push(await lines(scenario, sql))
  return found
}

const people = (scenario: Scenario): Promise<readonly string[]> =>
  lines(
    scenario,
    'select min(value) as first_value, count(*) as n from {schema}.user_identifiers group by canonical_segment_id',
  )

describe.each(fastEngines)('what is cut, on $name', (engine) => {
  test('an event that joined two people is undone, and joins them again when the rule goes', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define(project())
      await scenario.give({
        'web.tracks': [
          call(1, 'm1', { user_id: 'ann', anonymous_id: 'a1' }),
          call(2, 'm2', { user_id: 'bob', anonymous_id: 'b1' }),
          call(3, 'm3', { user_id: 'ann', anonymous_id: 'b1' }),
          call(4, 'm4', { user_id: 'bob', anonymous_id: 'b2' }),
          call(5, 'm5', { user_id: 'eve', anonymous_id: 'e1' }),
        ],
      })
      await scenario.run(asOf, 'run_1')
      expect(await people(scenario)).toEqual(['a1 5', 'e1 2'])
      const joined = await identityOf(scenario)

      await scenario.define(project('{ event: m3 }'))
      await scenario.run(asOf, 'run_2')
      expect(await people(scenario)).toEqual(['a1 2', 'b1 3', 'e1 2'])
      expect(
        await lines(
          scenario,
          'select event_id, identifier_type, identifier_value, reason from {schema}.identity_violations',
        ),
      ).toEqual(['m3 anonymous_id b1 Identifier cut'])
      const cut = await identityOf(scenario)
      // Nobody else was touched.
      expect(
        await lines(scenario, 'select batch, count(*) as n from {work}.state_links group by batch'),
      ).toEqual(['1 2', '2 5'])
      await scenario.run(asOf, 'run_3')
      expect(await identityOf(scenario)).toEqual(cut)
      await scenario.run(asOf, 'run_4', { fullRefresh: true })
      expect(await identityOf(scenario)).toEqual(cut)

      await scenario.define(project('{ event: m3, source: elsewhere }'))
      await scenario.run(asOf, 'run_5')
      expect(await identityOf(scenario)).toEqual(joined)
      await scenario.define(project('{ between: [user_id:ann, anonymous_id:b1] }'))
      await scenario.run(asOf, 'run_6')
      expect(await identityOf(scenario)).toEqual(cut)
      await scenario.define(project())
      await scenario.run(asOf, 'run_7')
      expect(await identityOf(scenario)).toEqual(joined)
    })
  })

  test.each([1, 2, 3])('cut and joined again, among limits, it equals a rebuild (%i)', async (seed) => {
    const random = seeded(seed)
    const calls = Array.from({ length: 120 }, (_, index) => {
      const person = random(9)
      return call(index, `m${index}`, {
        anonymous_id: `a${person}.${random(3)}`,
        user_id: pick(random, [null, `u${person}`, `u${random(9)}`]),
        context_traits_email: pick(random, [null, null, `P${person}.${random(3)}@x.org`]),
      })
    })
    const randomCut = (): string =>
      pick(random, [
        `{ event: m${random(120)} }`,
        `{ between: [user_id:u${random(9)}, anonymous_id:a${random(9)}.${random(3)}] }`,
        `{ between: [email:P${random(9)}.${random(3)}@x.org, user_id:u${random(9)}] }`,
      ])
    await withScenario(engine, async (scenario) => {
      let cuts: readonly string[] = []
      let run = 0
      for (const given of [60, 60, 120, 120]) {
        await scenario.define(project(...cuts))
        await scenario.give({ 'web.tracks': calls.slice(0, given) })
        run += 1
        await scenario.run(asOf, `run_${run}`)
        cuts = [...cuts.filter(() => random(3) > 0), randomCut(), randomCut(), randomCut()]
      }
      const grown = await identityOf(scenario)
      expect(grown.flat().some((line) => line.includes('Identifier cut'))).toBe(true)
      await scenario.run(asOf, 'run_9', { fullRefresh: true })
      expect(await identityOf(scenario)).toEqual(grown)
    })
  })

  test('that names an event or a source that is not there is said by each run', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define(
        project('{ event: m1 }', '{ event: m9 }', '{ event: m2, source: wbe }', '{ event: m2, source: web }'),
      )
      const warned = async (runId: string) =>
        (await scenario.run(asOf, runId)).results.flatMap(({ warnings = [] }) =>
          warnings.map(({ code, parameters }) => ({ code, ...parameters })),
        )
      await scenario.give({
        'web.tracks': [call(1, 'm1', { user_id: 'ann' }), call(2, 'm2', { user_id: 'bob' })],
      })
      const unknown = [
        { code: 'PSN5025', event: 'm2', source: 'wbe' },
        { code: 'PSN5025', event: 'm9' },
      ]
      expect(await warned('run_1')).toEqual(unknown)
      expect(await warned('run_2')).toEqual(unknown)
      await scenario.define(project('{ event: m1 }'))
      expect(await warned('run_3')).toEqual([])
    })
  })
})
