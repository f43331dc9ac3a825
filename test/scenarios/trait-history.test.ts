import { describe, expect, test } from 'vitest'
import type { Step } from '../../src/ir/step.ts'
import { renderSteps } from '../../src/runner/compiled-files.ts'
import { pick, type Random, seeded } from '../properties/identity-random.ts'
import { expectGolden } from '../support/golden.ts'
import { fastEngines, type Scenario, withScenario } from '../support/scenario.ts'

const at = (minute: number): string => `2026-05-01T10:${String(minute).padStart(2, '0')}:00Z`
const june = (day: number): string => `2026-06-${String(day).padStart(2, '0')}T00:00:00Z`
const web = 'sources:\n  - { name: web, format: segment, schema: web }\n'

type Plain = Awaited<ReturnType<Scenario['rows']>>[number]
type Call = Readonly<Record<string, unknown>>

/** Rows in order, with profiles as P1, P2, … in order of their founding. */
async function history(scenario: Scenario, columns: string): Promise<readonly Plain[]> {
  const founded = await scenario.rows(
    'select segment_id from {schema}.id_graph_updates where segment_id = canonical_segment_id order by seq',
  )
  const names = new Map(founded.map((row, index) => [row.segment_id, `P${index + 1}`]))
  const rows = await scenario.rows(
    `select segment_id, ${columns} from {schema}.profile_traits_updates order by seq, segment_id`,
  )
  return rows.map(({ segment_id: id, ...row }) => ({ profile: names.get(id) ?? null, ...row }))
}

describe.each(fastEngines)('the history of traits, on $name', (engine) => {
  test('a row for each call that changes a trait, and for the profile that survives a merge', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': web })
      await scenario.give({
        'web.identifies': [
          { id: 'e1', anonymous_id: 'a', plan: 'free', age: null, timestamp: at(1) },
          { id: 'e2', anonymous_id: 'a', plan: 'free', age: null, timestamp: at(2) },
          { id: 'e3', anonymous_id: 'b', plan: null, age: 30, timestamp: at(3) },
          { id: 'e4', anonymous_id: 'b', plan: 'pro', age: null, timestamp: at(4) },
          // Happened before e4, so it changes nothing.
          { id: 'e5', anonymous_id: 'b', plan: 'old', age: null, timestamp: at(2), received_at: at(5) },
          { id: 'e7', anonymous_id: 'a', plan: null, age: 31, timestamp: at(7) },
          { id: 'e8', anonymous_id: 'b', plan: 'free', age: null, timestamp: at(8) },
        ],
        'web.pages': [{ id: 'e6', anonymous_id: 'a', user_id: 'u', timestamp: at(6) }],
        'web.tracks': [
          { id: 'e9', event: 'x', event_text: 'X', anonymous_id: 'b', user_id: 'u', timestamp: at(9) },
        ],
      })
      await scenario.run(june(1))
      expect(
        await history(
          scenario,
          'triggering_event_id as event, triggering_event_type as type, triggering_event_source_id as source, timestamp, plan, age',
        ),
      ).toEqual(
        [
          { profile: 'P1', event: 'e1', type: 'identify', timestamp: at(1), plan: 'free', age: null },
          { profile: 'P2', event: 'e3', type: 'identify', timestamp: at(3), plan: null, age: 30 },
          { profile: 'P2', event: 'e4', type: 'identify', timestamp: at(4), plan: 'pro', age: 30 },
          { profile: 'P1', event: 'e7', type: 'identify', timestamp: at(7), plan: 'free', age: 31 },
          { profile: 'P2', event: 'e8', type: 'identify', timestamp: at(8), plan: 'free', age: 30 },
          { profile: 'P1', event: 'e9', type: 'track', timestamp: at(9), plan: 'free', age: 31 },
        ].map((row) => ({ ...row, source: 'web' })),
      )
    })
  })

  test('a row for each profile whose computed traits or audiences a run changed; none where nothing did', async () => {
    await withScenario(engine, async (scenario) => {
      const yaml = `${web}traits:
  - { name: orders, type: count, event: Order Completed }
  - { name: crm, type: sql, file: crm.sql, create_profiles: false }
audiences:
  - { name: buyers, match: { event: Order Completed, within: 40d } }
`
      const first = { id: 'o1', user_id: 'u1', timestamp: at(1) }
      await scenario.define({
        'models/a.yml': yaml,
        'models/crm.sql': "select 'u1' as user_id, 'gold' as tier",
      })
      await scenario.give({
        'web.order_completed': [first],
        'web.identifies': [
          { id: 'i1', user_id: 'u1', plan: 'pro', timestamp: at(2) },
          { id: 'i2', user_id: 'u2', plan: 'free', timestamp: at(3) },
        ],
      })
      const columns =
        'triggering_event_type as type, triggering_event_id as id, timestamp, plan, orders, tier, buyers'
      await scenario.run(june(1), 'run_1')
      const rows = [
        {
          profile: 'P1',
          type: 'identify',
          id: 'i1',
          timestamp: at(2),
          plan: 'pro',
          orders: null,
          tier: null,
          buyers: null,
        },
        {
          profile: 'P2',
          type: 'identify',
          id: 'i2',
          timestamp: at(3),
          plan: 'free',
          orders: null,
          tier: null,
          buyers: null,
        },
        {
          profile: 'P1',
          type: 'computation',
          id: 'run_1',
          timestamp: june(1),
          plan: 'pro',
          orders: 1,
          tier: 'gold',
          buyers: true,
        },
      ]
      expect(await history(scenario, columns)).toEqual(rows)
      await scenario.run(june(2), 'run_2')
      expect(await history(scenario, columns)).toEqual(rows)

      // A trait changes, a row of the select vanishes.
      await scenario.define({
        'models/a.yml': yaml,
        'models/crm.sql': "select 'u9' as user_id, 'gold' as tier",
      })
      await scenario.give({
        'web.order_completed': [first, { id: 'o2', user_id: 'u1', timestamp: '2026-06-02T10:00:00Z' }],
      })
      await scenario.run(june(3), 'run_3')
      const third = {
        profile: 'P1',
        type: 'computation',
        id: 'run_3',
        timestamp: june(3),
        plan: 'pro',
        orders: 2,
        tier: null,
        buyers: true,
      }
      expect(await history(scenario, columns)).toEqual([...rows, third])

      // An audience is left.
      await scenario.run('2026-08-01T00:00:00Z', 'run_4')
      const fourth = { ...third, id: 'run_4', timestamp: '2026-08-01T00:00:00Z', buyers: false }
      expect(await history(scenario, columns)).toEqual([...rows, third, fourth])

      // What events did is told again, what was computed is kept.
      await scenario.run('2026-08-02T00:00:00Z', 'run_5', { fullRefresh: true })
      expect(await history(scenario, columns)).toEqual([...rows, third, fourth])
    })
  })

  test('columns are added and widened, never dropped; a trait may have the name of a column of the table', async () => {
    await withScenario(engine, async (scenario) => {
      const traits = (list: string): string => `${web}traits:\n${list}`
      const size = '  - { name: size, type: last, event: Order Completed, property: size }\n'
      const seq = '  - { name: seq, type: count, event: Order Completed }\n'
      await scenario.define({ 'models/a.yml': traits(size) })
      const order = { id: 'o1', user_id: 'u1', timestamp: at(1) }
      await scenario.give({ 'web.order_completed': [{ ...order, size: 42 }] })
      await scenario.run(june(1), 'run_1')
      await scenario.define({ 'models/a.yml': traits(size + seq) })
      await scenario.give({ 'web.order_completed': [{ ...order, size: 42.5 }] })
      await scenario.run(june(2), 'run_2')
      expect(await history(scenario, 'size, seq_trait')).toEqual([
        { profile: 'P1', size: 42, seq_trait: null },
        { profile: 'P1', size: 42.5, seq_trait: 1 },
      ])
      await scenario.give({ 'web.order_completed': [{ ...order, size: 'XL' }] })
      await scenario.run(june(3), 'run_3')
      await scenario.define({ 'models/a.yml': traits(seq) })
      await scenario.run(june(4), 'run_4')
      await scenario.define({ 'models/a.yml': traits(size + seq) })
      await scenario.give({ 'web.order_completed': [{ ...order, size: 7 }] })
      await scenario.run(june(5), 'run_5')
      expect(await history(scenario, 'size, seq_trait')).toEqual([
        { profile: 'P1', size: '42', seq_trait: null },
        { profile: 'P1', size: '42.5', seq_trait: 1 },
        { profile: 'P1', size: 'XL', seq_trait: 1 },
        { profile: 'P1', size: '7', seq_trait: 1 },
      ])
    })
  })

  test('events are told again after a cut and without the working schema; a failed run loses none', async () => {
    await withScenario(engine, async (scenario) => {
      const calls = randomCalls(seeded(9), 60)
      const told = async () =>
        await history(
          scenario,
          'seq, triggering_event_type as type, triggering_event_id as event, color, size, n',
        )
      const counted = `${web}traits:\n  - { name: n, type: count, event: Page Viewed }\n`
      const broken = `${counted}  - { name: crm, type: sql, file: crm.sql, create_profiles: false }\n`
      await scenario.define({ 'models/a.yml': counted })
      await give(scenario, calls.slice(0, 30))
      await scenario.run(june(1), 'run_1')
      const before = await told()
      await give(scenario, calls)
      await scenario.define({ 'models/a.yml': broken, 'models/crm.sql': 'select null as user_id, 1 as x' })
      const failed = await scenario.attempt(june(2), 'run_2')
      expect(failed.status).toBe('error')
      expect(await told()).toEqual(before)
      await scenario.define({ 'models/a.yml': counted })
      await scenario.run(june(3), 'run_3')
      const grown = await told()
      expect(grown.length).toBeGreaterThan(before.length)
      await scenario.adapter.execute(
        `drop schema ${scenario.adapter.dialect.ident(scenario.workSchema)} cascade`,
      )
      await scenario.run(june(3), 'run_4')
      expect(await told()).toEqual(grown)

      const merged = grown.findLast(({ type }) => type === 'page')
      const cut = `${counted}identity:\n  cut:\n    - { event: ${merged?.event} }\n`
      await scenario.define({ 'models/a.yml': cut })
      await scenario.run(june(4), 'run_5')
      const events = async () => (await told()).filter(({ type }) => type !== 'computation')
      const after = await events()
      expect(after.map(({ event }) => event)).not.toContain(merged?.event)
      await scenario.run(june(5), 'run_6', { fullRefresh: true })
      expect(await events()).toEqual(after)
    })
  })

  test('the SQL of it', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `${web}traits:
  - { name: orders, type: count, event: Order Completed }
audiences:
  - { name: buyers, match: { trait: orders, greater_than: 0 } }
`,
      })
      await scenario.give({
        'web.order_completed': [{ user_id: 'u1', timestamp: at(1) }],
        'web.identifies': [{ user_id: 'u1', plan: 'pro', timestamp: at(2) }],
      })
      await scenario.run(june(1), 'run_1')
      const { manifest } = await scenario.compile()
      const steps = manifest.nodes.find(({ id }) => id === 'publish.publish')?.steps ?? []
      const ofHistory = steps
        .flatMap((step): readonly Step[] => (step.kind === 'transaction' ? step.body : [step]))
        .filter((step) => step.kind === 'statement' && step.sql.includes('profile_traits_updates'))
      const plain = renderSteps(ofHistory)
        .replaceAll(scenario.workSchema, 'personas_work')
        .replaceAll(scenario.schemaOf('web'), 'web')
        .replaceAll(scenario.schema, 'personas')
      expectGolden(`trait-history/${engine.dialect}.sql`, plain)
    })
  })

  test.each([1, 2])(
    'some calls at a time give what one run and a rebuild give, and what a replay does (%i)',
    async (seed) => {
      const random = seeded(seed)
      const calls = randomCalls(random, 120)
      const columns = 'seq, timestamp, triggering_event_id as event, color, size'
      const events = "triggering_event_type <> 'computation'"
      const eventHistory = async (scenario: Scenario) =>
        await scenario.rows(
          `select segment_id, ${columns} from {schema}.profile_traits_updates where ${events} order by seq, segment_id`,
        )
      let whole: readonly Plain[] = []
      await withScenario(engine, async (scenario) => {
        await scenario.define({ 'models/a.yml': web })
        await give(scenario, calls)
        await scenario.run(june(1), 'run_1')
        whole = await eventHistory(scenario)
        expect(whole).toEqual(await replayed(scenario))
        const [merges] = await scenario.rows(
          'select count(*) as n from {schema}.profile_merges where segment_id <> canonical_segment_id',
        )
        expect(merges?.n).toBeGreaterThan(5)
        expect(whole.length).toBeGreaterThan(30)
        // The last row of each profile has what its profile has.
        const last = new Map(whole.map((row) => [row.segment_id, [row.color, row.size]]))
        const now = await scenario.rows(
          'select canonical_segment_id as id, color, size from {schema}.profile_traits where merged_to is null and (color is not null or size is not null)',
        )
        expect(now.length).toBeGreaterThan(3)
        for (const { id, color, size } of now)
          expect([id, ...(last.get(id ?? null) ?? [])]).toEqual([id, color, size])
      })
      await withScenario(engine, async (scenario) => {
        await scenario.define({ 'models/a.yml': web })
        let runs = 0
        for (const count of [1, 30, 31, 80, 80, 120]) {
          await give(scenario, calls.slice(0, count))
          runs += 1
          await scenario.run(june(1), `run_${runs}`)
        }
        expect(await eventHistory(scenario)).toEqual(whole)
        await scenario.run(june(2), 'run_7', { fullRefresh: true })
        expect(await eventHistory(scenario)).toEqual(whole)
      })
    },
  )
})

function randomCalls(random: Random, count: number): readonly Call[] {
  return Array.from({ length: count }, (_, index) => {
    const person = random(8)
    return {
      kind: pick(random, ['identifies', 'identifies', 'pages']),
      id: `m${String(index).padStart(4, '0')}`,
      received_at: new Date(Date.UTC(2026, 4, 1) + index * 60_000).toISOString(),
      timestamp: new Date(Date.UTC(2026, 4, 1) + (index - random(30)) * 60_000).toISOString(),
      anonymous_id: `a${person}.${random(3)}`,
      user_id: pick(random, [null, null, `u${person}`, `u${random(8)}`]),
      color: pick(random, [null, 'red', 'blue', 'green', "'"]),
      size: pick(random, [null, null, 1, 2, 3]),
    }
  })
}

async function give(scenario: Scenario, calls: readonly Call[]): Promise<void> {
  const of = (wanted: string): readonly Call[] => {
    const left = wanted === 'pages' ? ['kind', 'color', 'size'] : ['kind']
    return calls
      .filter(({ kind }) => kind === wanted)
      .map((call) => Object.fromEntries(Object.entries(call).filter(([name]) => !left.includes(name))))
  }
  const stub = { id: 'x', user_id: 'x', color: 'x', size: 0, timestamp: '2026-04-01T00:00:00Z' }
  await scenario.give({ 'web.identifies': [stub, ...of('identifies')], 'web.pages': of('pages') })
}

/** The same by a loop over events in order of arrival, from what identity said of each. */
async function replayed(scenario: Scenario): Promise<readonly Plain[]> {
  const events = await scenario.rows(`select events.arrival, events.event_id, events.type, events.timestamp,
      profiles.segment_id, identifies.color, identifies.size
    from {work}.events as events
    inner join {work}.event_profiles as profiles on profiles.arrival = events.arrival
    left join {schema}.identifies as identifies on identifies.id = events.event_id
    order by events.arrival`)
  const updates = await scenario.rows(
    'select segment_id, canonical_segment_id, triggering_event_id from {schema}.id_graph_updates where segment_id <> canonical_segment_id',
  )
  interface Held {
    readonly value: string | number | boolean | null
    readonly time: string
  }
  const traits = new Map<string, Map<string, Held>>()
  const of = (id: string): Map<string, Held> => {
    const found = traits.get(id) ?? new Map<string, Held>()
    traits.set(id, found)
    return found
  }
  const take = (into: Map<string, Held>, name: string, held: Held): void => {
    const before = into.get(name)
    if (before === undefined || held.time > before.time) into.set(name, held)
  }
  const rows: Plain[] = []
  for (const event of events) {
    const id = String(event.segment_id)
    const seq = String(event.arrival).padStart(20, '0')
    const row = (segmentId: string): Plain => ({
      segment_id: segmentId,
      seq,
      timestamp: event.timestamp ?? null,
      event: event.event_id ?? null,
      color: of(segmentId).get('color')?.value ?? null,
      size: of(segmentId).get('size')?.value ?? null,
    })
    const before = JSON.stringify(row(id))
    for (const name of ['color', 'size']) {
      const value = event[name] ?? null
      // Arrival decides between equal times, and values come in that order.
      if (value !== null) take(of(id), name, { value, time: `${event.timestamp} ${seq}` })
    }
    const merged = updates.filter((update) => update.triggering_event_id === event.event_id)
    for (const { segment_id: from, canonical_segment_id: to } of merged) {
      for (const [name, held] of of(String(from))) take(of(String(to)), name, held)
    }
    const survivors = [...new Set(merged.map((update) => String(update.canonical_segment_id)))]
    if (survivors.length > 0) rows.push(...survivors.sort().map(row))
    else if (JSON.stringify(row(id)) !== before) rows.push(row(id))
  }
  return rows
}
