import { describe, expect, test } from 'vitest'
import { openAdapter } from '../../src/adapters/open-adapter.ts'
import { dropStaleTables } from '../../src/runner/stale-tables.ts'
import { ownedWith, suppress, unsuppress } from '../../src/runner/suppressions.ts'
import type { Engine } from '../support/engines.ts'
import { engines, fastEngines, type Scenario, withScenario } from '../support/scenario.ts'
import { openReceiver, syncOnce } from './sync/deliveries.ts'

const project = {
  'models/a.yml': `sources:
  - { name: web, format: segment, schema: web }
  - { name: crm, format: table, table: shop.crm, type: identify, id: id, timestamp: at, identifiers: { email: email } }
identity:
  identifiers:
    - { type: user_id, priority: 1, limit: 1, frequency: ever }
    - { type: email, priority: 2, limit: 5, frequency: ever, normalize: lowercase }
    - { type: anonymous_id, priority: 3, limit: 5, frequency: ever }
traits:
  - { name: orders, type: count, event: Order Completed }
  - { name: crm, type: sql, file: crm.sql }
audiences:
  - { name: buyers, match: { trait: orders, greater_than: 0 } }
destinations:
  - { name: crm, type: receiver }
syncs:
  - name: buyers
    from: { audience: buyers }
    destination: crm
    mode: upsert
    key: { identifier: email }
    on_delete_over: 0%
    mapping: { email: { identifier: email }, orders: { trait: orders } }
`,
  'models/crm.sql': 'select email, plan from {{ source "crm" "crm" }} where plan is not null',
}

const minute = (at: number): string => new Date(Date.UTC(2026, 4, 1, 0, at)).toISOString()
const call = (at: number, id: string, of: Readonly<Record<string, string>>): Record<string, string> => ({
  id,
  received_at: minute(at),
  timestamp: minute(at),
  ...of,
})

const identifies = [
  call(1, 'ann-i1', {
    user_id: 'ann',
    anonymous_id: 'ann-phone',
    context_traits_email: 'Ann@x.org',
    name: 'Annabel',
  }),
  call(2, 'bob-i1', {
    user_id: 'bob',
    anonymous_id: 'bob-phone',
    context_traits_email: 'bob@x.org',
    name: 'Robert',
  }),
]
const tracks = [
  call(3, 'ann-t1', { anonymous_id: 'ann-phone', event: 'order_completed', event_text: 'Order Completed' }),
  call(4, 'bob-t1', { user_id: 'bob', event: 'order_completed', event_text: 'Order Completed' }),
  // Bob on Ann's phone, and Ann's order under an id that nobody else had.
  call(5, 'bob-t2', { user_id: 'bob', anonymous_id: 'ann-phone', event: 'seen', event_text: 'Seen' }),
  call(6, 'ann-t2', {
    user_id: 'ann',
    anonymous_id: 'ann-laptop',
    event: 'order_completed',
    event_text: 'Order Completed',
  }),
]
const crm = [
  { id: 'ann-c1', at: minute(7), email: 'ann@x.org', plan: 'anns-plan' },
  { id: 'bob-c1', at: minute(7), email: 'bob@x.org', plan: 'bobs-plan' },
]

async function give(scenario: Scenario, more: readonly ReturnType<typeof call>[] = [], rows = crm) {
  const all = [...tracks, ...more]
  await scenario.give({
    'web.identifies': identifies,
    'web.tracks': all,
    'web.order_completed': all.filter(({ event }) => event === 'order_completed'),
    'crm.crm': rows,
  })
}

/** Every cell of every table and view, as text. */
async function everything(scenario: Scenario, schemas: readonly string[]): Promise<string> {
  const { adapter } = scenario
  const { tables } = await adapter.catalog([...schemas])
  const texts: string[] = []
  for (const { relation } of tables) {
    const rows = await adapter.query(`select * from ${adapter.dialect.relation(relation)}`)
    for (const row of rows)
      texts.push(`${relation.schema}.${relation.name} ${Object.values(row).map(String).join(' ')}`)
  }
  return texts.join('\n')
}

/** But for Bob's event on Ann's phone, which views show as its source has it. */
const traces = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => /ann/i.test(line) && !line.includes('.tracks web') && !line.includes('.seen web'))

/** What does not depend on when it was computed. */
async function answers(scenario: Scenario): Promise<readonly (readonly string[])[]> {
  const all = [
    'select canonical_segment_id, type, value from {schema}.user_identifiers',
    'select segment_id, canonical_segment_id, triggering_event_id from {schema}.id_graph_updates',
    'select segment_id, external_id_hash, triggering_event_id from {schema}.external_id_mapping_updates',
    'select event_id, identifier_type, identifier_value, reason, segment_id from {schema}.identity_violations',
    'select event_id, segment_id from {schema}.event_segments',
    'select id, segment_id from {schema}.tracks',
    'select canonical_segment_id, orders, plan, name, buyers from {schema}.profile_traits',
    'select audience_key, profile_id, entered_run_id, exited_run_id from {schema}.audience_memberships',
    `select segment_id, name from {schema}.profile_traits_updates where triggering_event_type <> 'computation'`,
    'select events, identifiers, profiles, merged_profiles, violations, partition_hash from {work}.identity_certificate',
  ]
  const found: (readonly string[])[] = []
  const lines = async (sql: string): Promise<readonly string[]> =>
    (await scenario.rows(sql)).map((row) => Object.values(row).map(String).join(' '))
  for (const sql of all) found.push([...(await lines(sql))].sort())
  // A rebuild numbers events anew, in the same order.
  for (const table of ['id_graph_updates', 'external_id_mapping_updates'])
    found.push(
      await lines(`select distinct seq, triggering_event_id as e from {schema}.${table} order by seq`).then(
        (rows) => rows.map((row) => row.split(' ')[1] ?? ''),
      ),
    )
  return found
}

const profiles = async (scenario: Scenario): Promise<readonly string[]> =>
  (await scenario.rows('select name, orders, plan from {schema}.profile_traits'))
    .map((row) => Object.values(row).map(String).join(' '))
    .sort()

function within(engine: Engine, use: (scenario: Scenario) => Promise<void>): Promise<void> {
  return withScenario(engine, async (scenario) => {
    const { adapter, schema } = scenario
    try {
      await scenario.define(project)
      await give(scenario)
      await use(scenario)
    } finally {
      await adapter.execute(`drop schema if exists ${adapter.dialect.ident(`${schema}_sync`)} cascade`)
    }
  })
}

describe.each(engines)('who is forgotten, on $name', (engine) => {
  test('leaves no trace in any table, log or destination, and no refresh or event brings them back', async () => {
    await within(engine, async (scenario) => {
      const { schema, workSchema } = scenario
      const receiver = openReceiver()
      await scenario.run('2026-06-01T00:00:00Z', 'run_1')
      expect(await profiles(scenario)).toEqual(['Annabel 2 anns-plan', 'Robert 1 bobs-plan'])
      await syncOnce(scenario, receiver, 'sync_1')
      expect([...receiver.held.keys()].sort()).toEqual(['ann@x.org', 'bob@x.org'])

      const owned = await ownedWith(scenario, { type: 'anonymous_id', value: 'ann-phone' }, true)
      expect(owned.map(({ type, value }) => `${type}:${value}`)).toEqual([
        'anonymous_id:ann-laptop',
        'anonymous_id:ann-phone',
        'email:ann@x.org',
        'user_id:ann',
      ])
      await suppress(scenario, owned, true)
      // The source has them still, and brings more.
      const later = [
        call(50_000, 'ann-t3', { user_id: 'ann', event: 'order_completed', event_text: 'Order Completed' }),
        call(50_001, 'bob-t3', { user_id: 'bob', event: 'order_completed', event_text: 'Order Completed' }),
      ]
      await give(scenario, later)
      await scenario.run('2026-06-08T00:00:00Z', 'run_2')
      expect(await profiles(scenario)).toEqual(['Robert 2 bobs-plan'])
      expect(await scenario.rows('select id from {schema}.tracks order by id')).toEqual(
        ['bob-t1', 'bob-t2', 'bob-t3'].map((id) => ({ id })),
      )
      // What a select of the project returned is copied by each run as it is.
      const ours = traces(await everything(scenario, [schema, workSchema]))
      expect(ours.filter((line) => !/ann@x.org anns-plan|ann@x.org add acknowledged/.test(line))).toEqual([])
      expect(
        await scenario.rows(
          'select count(*) as n, count(value) as known, count(erased_at) as erased from {schema}.suppressions',
        ),
      ).toEqual([{ n: 4, known: 0, erased: 4 }])
      const after = await answers(scenario)

      expect(await syncOnce(scenario, receiver, 'sync_2')).toMatchObject({
        status: 'success',
        plan: { remove: 1, forgotten: 1 },
      })
      expect([...receiver.held]).toEqual([['bob@x.org', { email: 'bob@x.org', orders: 2 }]])
      expect(traces(await everything(scenario, [schema, `${schema}_sync`]))).toEqual([])
      expect(
        await scenario.rows(
          `select operation, status from {schema}.sync_records where record_key = 'forgotten' order by operation`,
        ),
      ).toEqual([
        { operation: 'add', status: 'acknowledged' },
        { operation: 'remove', status: 'acknowledged' },
      ])

      await scenario.run('2026-06-08T00:00:00Z', 'run_3')
      expect(await answers(scenario)).toEqual(after)
      await scenario.run('2026-06-08T00:00:00Z', 'run_4', { fullRefresh: true })
      expect(await answers(scenario)).toEqual(after)
      await give(scenario, later, crm.slice(1))
      await scenario.run('2026-06-08T00:00:00Z', 'run_5')
      expect(traces(await everything(scenario, [schema, workSchema, `${schema}_sync`]))).toEqual([])
    })
  }, 120_000)
})

// What stands in for a warehouse takes ten times as long, and has seen the statements above.
describe.each(fastEngines)('who is forgotten or suppressed, on $name', (engine) => {
  test('takes the rows of a member along, also those in tables that no run writes any more', async () => {
    await within(engine, async (scenario) => {
      const { schema, workSchema } = scenario
      const models = `sources:
  - { name: web, format: segment, schema: web }
entities:
  - { name: cart, table: shop.carts, primary_key: id }
relationships:
  - { name: carts, entity: cart, external_id: { type: user_id, join_key: owner } }
audiences:
  - { name: shoppers, match: { relationship: carts } }
`
      const syncs = `destinations:
  - { name: crm, type: receiver }
syncs:
  - { name: carts, from: { audience: shoppers, rows: carts }, destination: crm, mode: add, mapping: { cart: { column: id } } }
`
      const receiver = openReceiver()
      await scenario.define({ 'models/a.yml': models + syncs })
      await scenario.give({
        'web.identifies': identifies,
        'shop.carts': [
          { id: 'cart-1', owner: 'ann' },
          { id: 'cart-2', owner: 'bob' },
        ],
      })
      await scenario.run('2026-06-01T00:00:00Z', 'run_1')
      await syncOnce(scenario, receiver, 'sync_1')
      expect(receiver.held.size).toBe(2)
      const [ann] = await ownedWith(scenario, { type: 'user_id', value: 'ann' }, true)
      const id = ann?.canonicalId ?? 'nobody'
      const mentions = async () =>
        (await everything(scenario, [schema, workSchema, `${schema}_sync`]))
          .split('\n')
          .filter((line) => line.includes(id) || line.includes('cart-1'))
          .map((line) => line.split(' ')[0]?.split('.')[1])
      expect(await mentions()).toContain('audience_shoppers__carts')

      await scenario.define({ 'models/a.yml': models })
      await suppress(scenario, await ownedWith(scenario, { type: 'user_id', value: 'ann' }, true), true)
      await scenario.run('2026-06-02T00:00:00Z', 'run_2')
      const { manifest } = await scenario.compile()
      const stale = await dropStaleTables(scenario.adapter, workSchema, manifest.nodes)
      expect(stale).toEqual(['audience_shoppers__carts'])
      expect(await mentions()).not.toContain('audience_shoppers__carts')
      await scenario.define({ 'models/a.yml': models + syncs })
      await scenario.run('2026-06-03T00:00:00Z', 'run_3')
      await syncOnce(scenario, receiver, 'sync_2')
      expect([...receiver.held.values()]).toEqual([{ cart: 'cart-2' }])
      // Its id, which is a hash, says which profile was erased.
      expect(new Set(await mentions())).toEqual(new Set(['suppressions']))
    })
  }, 120_000)

  test.each([false, true])(
    'is not told to a destination that cannot remove (in requests written by the warehouse: %s)',
    async (json) => {
      await within(engine, async (scenario) => {
        const receiver = openReceiver({ modes: ['upsert'] }, json)
        await scenario.run('2026-06-01T00:00:00Z', 'run_1')
        await syncOnce(scenario, receiver, 'sync_1')
        expect(receiver.asJson).toEqual(json ? [2] : [])
        await suppress(scenario, await ownedWith(scenario, { type: 'user_id', value: 'ann' }, true), true)
        await scenario.run('2026-06-02T00:00:00Z', 'run_2')
        expect(await syncOnce(scenario, receiver, 'sync_2')).toMatchObject({
          status: 'partial',
          records: { rejected: 1 },
        })
        expect(receiver.calls.flat().map(({ operation }) => operation)).toEqual(['add', 'add'])
        expect(
          await scenario.rows(
            "select status, reason, message from {schema}.sync_records where operation = 'remove'",
          ),
        ).toEqual([
          {
            status: 'rejected',
            reason: 'cannot be mapped',
            message: 'the destination cannot remove a record: take it out there by hand',
          },
        ])
      })
    },
    120_000,
  )

  test('leaves a destination that was not told when they left the audience', async () => {
    await within(engine, async (scenario) => {
      const receiver = openReceiver()
      await scenario.run('2026-06-01T00:00:00Z', 'run_1')
      await syncOnce(scenario, receiver, 'sync_1')
      await scenario.define({
        ...project,
        'models/a.yml': project['models/a.yml'].replace('greater_than: 0', 'greater_than: 5'),
      })
      await scenario.run('2026-06-02T00:00:00Z', 'run_2')
      for (const id of ['sync_2', 'sync_3'])
        expect(await syncOnce(scenario, receiver, id)).toMatchObject({ plan: { remove: 0, delivered: 2 } })
      expect([...receiver.held.keys()].sort()).toEqual(['ann@x.org', 'bob@x.org'])
      await suppress(scenario, await ownedWith(scenario, { type: 'user_id', value: 'ann' }, true), true)
      await scenario.run('2026-06-03T00:00:00Z', 'run_3')
      expect(await syncOnce(scenario, receiver, 'sync_4')).toMatchObject({
        plan: { remove: 1, forgotten: 1 },
      })
      expect([...receiver.held.keys()]).toEqual(['bob@x.org'])
      expect(await syncOnce(scenario, receiver, 'sync_5')).toMatchObject({
        plan: { remove: 0, delivered: 1 },
      })
      expect(traces(await everything(scenario, [`${scenario.schema}_sync`]))).toEqual([])
    })
  }, 120_000)

  test('leaves a destination whose state is in a file of its own, which is told hashes alone', async () => {
    await within(engine, async (scenario) => {
      const { schema } = scenario
      const receiver = openReceiver()
      const target = { type: 'duckdb', name: 'state', path: ':memory:', schema, workSchema: 'work' } as const
      const state = await openAdapter({ ...target, threads: 1 })
      try {
        await scenario.run('2026-06-01T00:00:00Z', 'run_1')
        await syncOnce(scenario, receiver, 'sync_1', { state })
        expect([...receiver.held.keys()].sort()).toEqual(['ann@x.org', 'bob@x.org'])
        await suppress(scenario, await ownedWith(scenario, { type: 'user_id', value: 'ann' }, true), true)
        // Not erased yet: the run comes later.
        await syncOnce(scenario, receiver, 'sync_2', { state })
        const { tables } = await state.catalog([schema])
        expect(tables.map(({ relation }) => relation.name)).toContain('suppressions')
        const told = await state.query(
          `select count(*) as n, count(value) as named from ${state.dialect.ident(schema)}.suppressions`,
        )
        expect(told.map((row) => Object.values(row).map(Number))).toEqual([[4, 0]])
        await scenario.run('2026-06-02T00:00:00Z', 'run_2')
        expect(await syncOnce(scenario, receiver, 'sync_3', { state })).toMatchObject({
          plan: { forgotten: 1 },
        })
        expect([...receiver.held.keys()]).toEqual(['bob@x.org'])
      } finally {
        await state.close()
      }
    })
  }, 120_000)

  test('comes back with what is received after the end of it, and with nothing from before', async () => {
    await within(engine, async (scenario) => {
      await scenario.run('2026-06-01T00:00:00Z', 'run_1')
      const owned = await ownedWith(scenario, { type: 'user_id', value: 'ann' }, true)
      await suppress(scenario, owned, true, '2026-06-02T00:00:00Z')
      await scenario.run('2026-06-03T00:00:00Z', 'run_2')
      expect(await unsuppress(scenario, { type: 'user_id', value: 'eve' })).toBe(false)
      expect(await unsuppress(scenario, { type: 'email', value: 'ann@x.org' }, '2026-06-04T00:00:00Z')).toBe(
        true,
      )
      const back = [
        call(60_000, 'ann-t4', { user_id: 'ann', event: 'order_completed', event_text: 'Order Completed' }),
      ]
      await give(scenario, back)
      await scenario.run('2026-06-20T00:00:00Z', 'run_3')
      expect(await profiles(scenario)).toEqual(['Robert 1 bobs-plan', 'null 1 null', 'null null anns-plan'])
      const after = await answers(scenario)
      await scenario.run('2026-06-20T00:00:00Z', 'run_4', { fullRefresh: true })
      expect(await answers(scenario)).toEqual(after)
    })
  }, 120_000)

  test('who is only suppressed stays, and nothing new of theirs comes until that ends', async () => {
    await within(engine, async (scenario) => {
      await scenario.run('2026-05-02T00:00:00Z', 'run_1')
      const owned = await ownedWith(scenario, { type: 'email', value: 'ANN@x.org' }, false)
      await suppress(scenario, owned, false, '2026-05-03T00:00:00Z')
      const order = (at: number, id: string) =>
        call(at, id, { anonymous_id: 'ann-laptop', event: 'order_completed', event_text: 'Order Completed' })
      await give(scenario, [order(10_000, 'ann-t5')])
      await scenario.run('2026-05-09T00:00:00Z', 'run_2')
      expect(await profiles(scenario)).toEqual(['Annabel 2 anns-plan', 'Robert 1 bobs-plan'])
      expect(await unsuppress(scenario, { type: 'user_id', value: 'ann' }, '2026-05-10T00:00:00Z')).toBe(true)
      await give(scenario, [order(10_000, 'ann-t5'), order(20_000, 'ann-t6')])
      await scenario.run('2026-05-20T00:00:00Z', 'run_3')
      expect(await profiles(scenario)).toEqual(['Annabel 3 anns-plan', 'Robert 1 bobs-plan'])
      const after = await answers(scenario)
      await scenario.run('2026-05-20T00:00:00Z', 'run_4', { fullRefresh: true })
      expect(await answers(scenario)).toEqual(after)
    })
  }, 120_000)
})
