import { describe, expect, test } from 'vitest'
import { pick, type Random, seeded } from '../properties/identity-random.ts'
import { fastEngines, type Scenario, withScenario } from '../support/scenario.ts'

const asOf = '2026-06-01T00:00:00Z'
const project = `sources:
  - { name: web, format: segment, schema: web }
identity:
  identifiers:
    - { type: user_id, priority: 1, limit: 1, frequency: ever, blocked: ['null'] }
    - { type: email, priority: 2, limit: 2, frequency: weekly }
    - { type: anonymous_id, priority: 3, limit: 4, frequency: ever }
traits:
  - { name: orders, entity: user, type: count, event: Order Completed }
`

/** Of identity, with what is the same for the same events whenever they were taken in. */
const tables = {
  id_graph_updates: 'segment_id, canonical_segment_id, triggering_event_id, seq',
  external_id_mapping_updates: 'id, segment_id, external_id_hash, triggering_event_id, seq',
  user_identifiers: 'canonical_segment_id, type, value, seq',
  profile_merges: 'canonical_segment_id, segment_id, seq',
  id_graph: 'segment_id, canonical_segment_id, seq',
  external_id_mapping: 'external_id_hash, canonical_segment_id',
  identity_violations: 'event_id, identifier_type, identifier_value, reason, segment_id',
  event_segments: 'event_id, segment_id',
  profile_traits: 'canonical_segment_id, orders',
} as const

type Rows = Readonly<Record<string, readonly string[]>>
type Call = Readonly<Record<string, unknown>>

async function identityOf(scenario: Scenario): Promise<Rows> {
  const found: Record<string, readonly string[]> = {}
  for (const [table, columns] of Object.entries(tables)) {
    const rows = await scenario.rows(`select ${columns} from {schema}.${table}`)
    found[table] = rows.map((row) => JSON.stringify(Object.values(row))).sort()
  }
  const [run] = await scenario.rows(
    'select identifiers, profiles, merged_profiles, violations, cluster_sizes, partition_hash ' +
      'from {schema}.identity_runs order by run_id desc limit 1',
  )
  return { ...found, certificate: [JSON.stringify(run)] }
}

/** Calls a minute apart, a few people sharing devices. */
function randomCalls(random: Random, count: number): readonly Call[] {
  return Array.from({ length: count }, (_, index) => {
    const person = random(12)
    return {
      id: `m${String(index).padStart(4, '0')}`,
      received_at: new Date(Date.UTC(2026, 4, 1) + index * 60_000 * (1 + random(90))).toISOString(),
      timestamp: new Date(Date.UTC(2026, 4, 1) + index * 5_400_000).toISOString(),
      anonymous_id: `a${person}.${random(3)}`,
      user_id: pick(random, [null, null, `u${person}`, `u${random(12)}`, 'null']),
      context_traits_email: pick(random, [null, null, `p${person}.${random(4)}@x.org`]),
    }
  })
}

const byArrival = (a: Call, b: Call): number => (String(a.received_at) < String(b.received_at) ? -1 : 1)

/** Cuts a list into `parts` stretches, of which some may be empty. */
function cut<T>(random: Random, list: readonly T[], parts: number): readonly (readonly T[])[] {
  const cuts = [0, ...Array.from({ length: parts - 1 }, () => random(list.length + 1)), list.length].sort(
    (a, b) => a - b,
  )
  return cuts.slice(1).map((to, index) => list.slice(cuts[index], to))
}

async function give(scenario: Scenario, calls: readonly Call[]): Promise<void> {
  await scenario.give({ 'web.order_completed': calls })
}

describe.each(fastEngines)('run after run, on $name', (engine) => {
  test.each([1, 2])('events in order, some at a time, give what one run gives (%i)', async (seed) => {
    const random = seeded(seed)
    const calls = [...randomCalls(random, 150)].sort(byArrival)
    let whole: Rows = {}
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': project })
      await give(scenario, calls)
      await scenario.run(asOf, 'run_1')
      whole = await identityOf(scenario)
    })
    expect(whole.identity_violations?.length).toBeGreaterThan(10)
    expect(whole.profile_merges?.length).toBeGreaterThan(10)
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': project })
      let given: readonly Call[] = calls.slice(0, 1)
      let runs = 0
      for (const part of cut(random, calls.slice(1), 4)) {
        given = [...given, ...part]
        await give(scenario, given)
        runs += 1
        await scenario.run(asOf, `run_${runs}`)
      }
      expect(await identityOf(scenario)).toEqual(whole)
    })
  })

  test('late events have their place after what was there, in a rebuild too', async () => {
    const random = seeded(4)
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': project })
      const calls = randomCalls(random, 160)
      // In any order: most of what the later runs bring has arrived before what the first took in.
      const shuffled = calls
        .map((call): readonly [number, Call] => [random(1 << 20), call])
        .sort((a, b) => a[0] - b[0])
        .map(([, call]) => call)
      let runs = 0
      for (const count of [60, 100, 101, 160]) {
        await give(scenario, shuffled.slice(0, count))
        runs += 1
        await scenario.run(asOf, `run_${runs}`)
      }
      const grown = await identityOf(scenario)
      await scenario.run(asOf, 'run_5', { fullRefresh: true })
      expect(await identityOf(scenario)).toEqual(grown)
      const [late] = await scenario.rows('select count(*) as n from {work}.state_late_events')
      expect(late?.n).toBeGreaterThan(60)

      // What arrives with the rebuild itself comes after all that, and stays there.
      const more = { ...calls[0], id: 'later', received_at: '2026-05-01T00:00:30Z', user_id: 'u1' }
      await give(scenario, [...shuffled, more])
      await scenario.run(asOf, 'run_6', { fullRefresh: true })
      const [last] = await scenario.rows(
        "select arrival, (select count(*) from {work}.events) as n from {work}.events where event_id = 'later'",
      )
      expect(last?.arrival).toBe(last?.n)
      const rebuilt = await identityOf(scenario)
      await scenario.run(asOf, 'run_7', { fullRefresh: true })
      expect(await identityOf(scenario)).toEqual(rebuilt)
    })
  })

  test('a run that fails after identity loses nothing; the next one publishes it', async () => {
    const random = seeded(5)
    const calls = [...randomCalls(random, 90)].sort(byArrival)
    const broken = '  - { name: broken, entity: user, type: sql, file: broken.sql, create_profiles: false }\n'
    const twice = "select 'u1' as user_id, 1 as broken union all select 'u1', 2"
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': project })
      await give(scenario, calls.slice(0, 40))
      await scenario.run(asOf, 'run_1')
      const before = await identityOf(scenario)
      await give(scenario, calls)
      await scenario.define({ 'models/a.yml': project + broken, 'models/broken.sql': twice })
      const record = await scenario.attempt(asOf, 'run_2')
      expect(record.results.find(({ nodeId }) => nodeId === 'identity.profiles')?.status).toBe('success')
      expect(record.results.find(({ nodeId }) => nodeId === 'publish.publish')?.status).toBe('skipped')
      expect(await identityOf(scenario)).toEqual(before)
      await scenario.define({ 'models/a.yml': project })
      await scenario.run(asOf, 'run_3')
      const after = await identityOf(scenario)
      await scenario.run(asOf, 'run_4', { fullRefresh: true })
      expect(await identityOf(scenario)).toEqual(after)
    })
  })

  test('a public table that is gone is filled again; so is everything when the working schema is gone', async () => {
    const calls = [...randomCalls(seeded(6), 60)].sort(byArrival)
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': project })
      await give(scenario, calls)
      await scenario.run(asOf, 'run_1')
      const whole = await identityOf(scenario)
      for (const table of ['user_identifiers', 'id_graph_updates', 'identity_runs']) {
        await scenario.adapter.execute(`drop table ${scenario.schema}.${table}`)
        await scenario.run(asOf, 'run_2')
        expect(await identityOf(scenario)).toEqual(whole)
      }
      await scenario.adapter.execute(`drop schema ${scenario.workSchema} cascade`)
      await scenario.run(asOf, 'run_3')
      expect(await identityOf(scenario)).toEqual(whole)
    })
  })

  test('identities resolved again without reading the sources are the same', async () => {
    const calls = [...randomCalls(seeded(8), 60)].sort(byArrival)
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': project })
      await give(scenario, calls)
      await scenario.run(asOf, 'run_1')
      const whole = await identityOf(scenario)
      const select = ['identity.profiles', 'publish.publish']
      await scenario.run(asOf, 'run_2', { select })
      expect(await identityOf(scenario)).toEqual(whole)
      await scenario.run(asOf, 'run_3', { select, fullRefresh: true })
      expect(await identityOf(scenario)).toEqual(whole)
    })
  })

  test('a run without new events writes no row of identity again', async () => {
    const calls = [...randomCalls(seeded(7), 60)].sort(byArrival)
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': project })
      await give(scenario, calls)
      await scenario.run('2026-06-01T00:00:00Z', 'run_1')
      await scenario.run('2026-06-02T00:00:00Z', 'run_2')
      for (const table of ['user_identifiers', 'id_graph', 'external_id_mapping', 'id_graph_updates']) {
        expect(await scenario.rows(`select distinct uuid_ts from {schema}.${table}`)).toHaveLength(1)
      }
      expect(
        await scenario.rows(
          'select run_id, batch_run_id, events, new_events from {schema}.identity_runs order by run_id',
        ),
      ).toEqual([
        { run_id: 'run_1', batch_run_id: 'run_1', events: 60, new_events: 60 },
        { run_id: 'run_2', batch_run_id: 'run_1', events: 60, new_events: 0 },
      ])
    })
  })
})
