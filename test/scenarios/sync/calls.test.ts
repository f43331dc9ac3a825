import { describe, expect, test } from 'vitest'
import type { SessionContext } from '../../../src/sync/destination.ts'
import { callsOf } from '../../../src/sync/destinations/segment/calls.ts'
import { engines, fastEngines, type Scenario } from '../../support/scenario.ts'
import { type Receiver, syncOnce, type UseReceiver, withReceiver } from './deliveries.ts'

const models = (sync: string): Readonly<Record<string, string>> => ({
  'models/a.yml': `sources:
  - { name: web, format: segment, schema: web }
traits:
  - { name: orders, type: count, event: Order Completed }
audiences:
  - { name: buyers, match: { event: Order Completed } }
  - { name: firms, entity: account, match: { any_user: { event: Order Completed } } }
destinations:
  - { name: out, type: segment, write_key: key }
syncs:
  - ${sync}
`,
})

const settings = {
  identify: true,
  track: false,
  enter_event: 'Audience Entered',
  exit_event: 'Audience Exited',
  trait_event: 'Trait Computed',
}

/** What the calls of the last sync say: who, and what of them. */
function said(
  receiver: Receiver,
  from: number,
  about: SessionContext['about'],
  entity: 'user' | 'account' = 'user',
) {
  const context: SessionContext = {
    sync: 's',
    mode: 'mirror',
    entity,
    about,
    runId: 'run',
    fields: [],
    startedAt: '2026-06-01T00:00:00Z',
    version: '0',
  }
  return receiver.calls
    .slice(from)
    .flat()
    .flatMap((change) => callsOf(change, context, settings))
    .map(({ type, userId, anonymousId, groupId, traits }) => [type, userId ?? anonymousId ?? groupId, traits])
}

const order = (id: string, ids: Readonly<Record<string, string>>, at: string) => ({
  id,
  ...ids,
  revenue: 1,
  timestamp: at,
  received_at: at,
})

const buyers = { kind: 'audience', name: 'buyers' } as const

describe.each(engines)('calls of people, on $name', (engine) => {
  const scene = (use: UseReceiver): Promise<void> => withReceiver(engine, use)

  test('an audience is told to every id, again when one comes, and its end to all of them', async () => {
    await scene(async (scenario, receiver) => {
      await scenario.define(models('{ name: s, from: { audience: buyers }, destination: out, mode: mirror }'))
      const first = order('o1', { user_id: 'u1' }, '2026-05-01T10:00:00Z')
      await scenario.give({ 'web.order_completed': [first] })
      await scenario.run('2026-06-01T00:00:00Z', 'run_1')
      await syncOnce(scenario, receiver, 'run_1')
      expect(said(receiver, 0, buyers)).toEqual([['identify', 'u1', { buyers: true }]])
      await scenario.give({
        'web.order_completed': [first],
        'web.identifies': [
          {
            id: 'i1',
            user_id: 'u1',
            email: 'a@x.example',
            timestamp: '2026-05-02T10:00:00Z',
            received_at: '2026-05-02T10:00:00Z',
          },
        ],
      })
      await scenario.run('2026-06-02T00:00:00Z', 'run_2')
      await syncOnce(scenario, receiver, 'run_2')
      expect(said(receiver, 1, buyers)).toEqual([
        ['identify', 'u1', { buyers: true }],
        ['identify', 'u1', { buyers: true, email: 'a@x.example' }],
      ])
      const other = Object.entries(
        models('{ name: s, from: { audience: buyers }, destination: out, mode: mirror }'),
      )
      await scenario.define(
        Object.fromEntries(
          other.map(([file, text]) => [
            file,
            text.replace(
              'match: { event: Order Completed }',
              'match: { event: Order Completed, count: { at_least: 2 } }',
            ),
          ]),
        ),
      )
      await scenario.run('2026-06-03T00:00:00Z', 'run_3')
      await syncOnce(scenario, receiver, 'run_3')
      expect(said(receiver, 2, buyers)).toEqual([
        ['identify', 'u1', { buyers: false }],
        ['identify', 'u1', { buyers: false, email: 'a@x.example' }],
      ])
    })
  })

  test('ids and traits under other names, of one strategy each', async () => {
    await scene(async (scenario, receiver) => {
      await scenario.define(
        models(
          '{ name: s, from: { traits: [orders] }, destination: out, mode: upsert, mapping: { ids.user_id: { identifier: user_id, pick: last }, ids.email: { identifier: email, pick: all }, traits.order_count: { trait: orders } } }',
        ),
      )
      await scenario.give({
        'web.order_completed': [
          order('o1', { user_id: 'u1', context_traits_email: 'a@x.example' }, '2026-05-01T10:00:00Z'),
          order('o2', { user_id: 'u1', context_traits_email: 'b@x.example' }, '2026-05-02T10:00:00Z'),
        ],
      })
      await scenario.run('2026-06-01T00:00:00Z', 'run_1')
      await syncOnce(scenario, receiver, 'run_1')
      expect(said(receiver, 0, { kind: 'traits', names: ['orders'] })).toEqual([
        ['identify', 'u1', { order_count: 2 }],
        ['identify', 'u1', { order_count: 2, email: 'a@x.example' }],
        ['identify', 'u1', { order_count: 2, email: 'b@x.example' }],
      ])
    })
  })

  test('an account audience makes group calls', async () => {
    await scene(async (scenario, receiver) => {
      await scenario.define(models('{ name: s, from: { audience: firms }, destination: out, mode: mirror }'))
      await scenario.give({
        'web.order_completed': [order('o1', { user_id: 'u1' }, '2026-05-01T10:00:00Z')],
        'web.groups': [
          {
            id: 'g1',
            user_id: 'u1',
            group_id: 'acme',
            timestamp: '2026-05-01T09:00:00Z',
            received_at: '2026-05-01T09:00:00Z',
          },
        ],
      })
      await scenario.run('2026-06-01T00:00:00Z', 'run_1')
      await syncOnce(scenario, receiver, 'run_1')
      const firms = { kind: 'audience', name: 'firms' } as const
      const [key] = receiver.held.keys()
      expect(said(receiver, 0, firms, 'account')).toEqual([['group', key, { firms: true }]])
      expect(key).toContain('acme')
    })
  })
})

async function merging(scenario: Scenario, sync: () => Promise<unknown>): Promise<void> {
  const rows = [
    order('o1', { anonymous_id: 'an1', context_traits_email: 'a@x.example' }, '2026-05-01T10:00:00Z'),
    order('o2', { anonymous_id: 'an2', context_traits_email: 'b@x.example' }, '2026-05-02T10:00:00Z'),
  ]
  await scenario.give({ 'web.order_completed': rows })
  await scenario.run('2026-06-01T00:00:00Z', 'run_1')
  await sync()
  await scenario.give({
    'web.order_completed': [
      ...rows,
      order('o3', { anonymous_id: 'an1', context_traits_email: 'b@x.example' }, '2026-05-03T10:00:00Z'),
    ],
  })
  await scenario.run('2026-06-02T00:00:00Z', 'run_2')
  await sync()
}

// No SQL that the others have not run.
describe.each(fastEngines)('calls of people who are merged, or chosen ids, on $name', (engine) => {
  const scene = (use: UseReceiver): Promise<void> => withReceiver(engine, use)

  test('a merge: the profile that is gone leaves first, then the other is told with all its ids', async () => {
    await scene(async (scenario, receiver) => {
      await scenario.define(models('{ name: s, from: { audience: buyers }, destination: out, mode: mirror }'))
      let runs = 0
      await merging(scenario, () => {
        runs += 1
        return syncOnce(scenario, receiver, `run_${runs}`)
      })
      expect(receiver.calls.flat().map(({ operation }) => operation)).toEqual([
        'add',
        'add',
        'remove',
        'update',
      ])
      const last = said(receiver, 1, buyers)
      expect(last.map(([, , traits]) => traits)).toEqual([
        { buyers: false, email: 'b@x.example' },
        { buyers: true, email: 'a@x.example' },
        { buyers: true, email: 'b@x.example' },
      ])
      expect(receiver.held.size).toBe(1)
    })
  })

  test('a list by e-mail address keeps the address of the profile that stays, and loses the other', async () => {
    await scene(async (scenario, receiver) => {
      await scenario.define(
        models(
          '{ name: s, from: { audience: buyers }, key: { identifier: email }, destination: out, mode: mirror, mapping: { email: { identifier: email }, all: { identifier: email, pick: all }, last: { identifier: email, pick: last } } }',
        ),
      )
      let runs = 0
      await merging(scenario, () => {
        runs += 1
        return syncOnce(scenario, receiver, `run_${runs}`)
      })
      expect(receiver.calls.flat().map(({ operation, key }) => `${operation} ${key}`)).toEqual([
        'add a@x.example',
        'add b@x.example',
        'remove b@x.example',
        'update a@x.example',
      ])
      expect([...receiver.held]).toEqual([
        ['a@x.example', { email: 'a@x.example', all: ['a@x.example', 'b@x.example'], last: 'b@x.example' }],
      ])
    })
  })

  test('of the ids that a mapping chooses, the end of a membership goes to all', async () => {
    await scene(async (scenario, receiver) => {
      const files = models(
        '{ name: s, from: { audience: buyers }, destination: out, mode: mirror, mapping: { ids.user_id: { identifier: user_id }, ids.email: { identifier: email, pick: last } } }',
      )
      await scenario.define(files)
      await scenario.give({
        'web.order_completed': [
          order('o1', { user_id: 'u1', context_traits_email: 'a@x.example' }, '2026-05-01T10:00:00Z'),
          order('o2', { user_id: 'u1', context_traits_email: 'b@x.example' }, '2026-05-02T10:00:00Z'),
        ],
      })
      await scenario.run('2026-06-01T00:00:00Z', 'run_1')
      await syncOnce(scenario, receiver, 'run_1')
      expect(said(receiver, 0, buyers)).toEqual([
        ['identify', 'u1', { buyers: true }],
        ['identify', 'u1', { buyers: true, email: 'b@x.example' }],
      ])
      await scenario.define(
        Object.fromEntries(
          Object.entries(files).map(([file, text]) => [
            file,
            text.replace(
              'match: { event: Order Completed }',
              'match: { event: Order Completed, count: { at_least: 3 } }',
            ),
          ]),
        ),
      )
      await scenario.run('2026-06-02T00:00:00Z', 'run_2')
      await syncOnce(scenario, receiver, 'run_2')
      expect(said(receiver, 1, buyers)).toEqual([
        ['identify', 'u1', { buyers: false }],
        ['identify', 'u1', { buyers: false, email: 'a@x.example' }],
        ['identify', 'u1', { buyers: false, email: 'b@x.example' }],
      ])
    })
  })
})
