import { describe, expect, test } from 'vitest'
import type { RunSync, SyncEvent } from '../../../src/sync/sync-run.ts'
import { engines } from '../../support/engines.ts'
import {
  edited,
  load,
  openReceiver,
  peopleSync,
  syncOnce,
  type UseReceiver,
  withReceiver,
} from './deliveries.ts'

describe.each(engines)('syncs that are edited or begin anew, on $name', (engine) => {
  const withPeople = (use: UseReceiver): Promise<void> => withReceiver(engine, use)

  test('another mapping, another way with nulls, and a full resync send everything again', async () => {
    await withPeople(async (scenario) => {
      const receiver = openReceiver()
      await scenario.define(peopleSync(scenario, 'mirror'))
      await load(scenario, [{ id: 'a' }, { id: 'b' }])
      await syncOnce(scenario, receiver, 'run_1')
      await scenario.define(peopleSync(scenario, 'mirror', '    description: the same\n'))
      expect(await syncOnce(scenario, receiver, 'run_2')).toMatchObject({ plan: { update: 0 } })
      await scenario.define(edited(peopleSync(scenario, 'mirror'), '{ name: {', '{ title: Dr, name: {'))
      expect(await syncOnce(scenario, receiver, 'run_3')).toMatchObject({ plan: { update: 2 } })
      await scenario.define(peopleSync(scenario, 'mirror', '    nulls: drop\n'))
      expect(await syncOnce(scenario, receiver, 'run_4')).toMatchObject({ plan: { update: 2 } })
      expect([...receiver.held.values()]).toEqual([{}, {}])
      expect(await syncOnce(scenario, receiver, 'run_5', { fullResync: true })).toMatchObject({
        plan: { add: 2 },
      })
    })
  })

  test('a column of another type sends everything again, though its values read the same', async () => {
    await withPeople(async (scenario) => {
      const receiver = openReceiver()
      await scenario.define(peopleSync(scenario, 'mirror'))
      await load(scenario, [
        { id: 'a', spent: 5 },
        { id: 'b', spent: 1.5 },
      ])
      await syncOnce(scenario, receiver, 'run_1')
      expect(await syncOnce(scenario, receiver, 'run_2')).toMatchObject({ plan: { update: 0 } })
      await load(
        scenario,
        [
          { id: 'a', spent: '5' },
          { id: 'b', spent: '1.5' },
        ],
        'text',
      )
      expect(await syncOnce(scenario, receiver, 'run_3')).toMatchObject({ plan: { update: 2 } })
      expect([...receiver.held.values()].map(({ spent }) => spent)).toEqual(['5', '1.5'])
      expect(await syncOnce(scenario, receiver, 'run_4')).toMatchObject({ plan: { update: 0 } })
    })
  })

  test('another mode says that it makes up for nothing, if it sends more than the one before', async () => {
    await withPeople(async (scenario) => {
      const receiver = openReceiver()
      const said: string[] = []
      let runs = 0
      const sync = async (mode: string, more: Partial<RunSync> = {}): Promise<readonly string[]> => {
        await scenario.define(peopleSync(scenario, mode))
        const report = (event: SyncEvent) =>
          event.kind === 'sends more' && said.push(`${event.from} ${event.to}`)
        runs += 1
        await syncOnce(scenario, receiver, `run_${runs}`, { report, ...more })
        return said.splice(0)
      }
      await load(scenario, [{ id: 'a' }, { id: 'b' }])
      expect(await sync('update')).toEqual([])
      expect(await sync('upsert', { dryRun: true })).toEqual(['update upsert'])
      expect(await sync('upsert')).toEqual(['update upsert'])
      expect(await sync('upsert')).toEqual([])
      expect([...receiver.held.keys()]).toEqual([])
      expect(await sync('add')).toEqual([])
      expect(await sync('mirror', { fullResync: true })).toEqual([])
      expect([...receiver.held.keys()]).toEqual(['a', 'b'])
      expect(await sync('delete')).toEqual([])
      expect(await sync('mirror')).toEqual(['delete mirror'])
    })
  })

  test('what went while its mode removed nothing is removed once another does, and added if it comes back', async () => {
    await withPeople(async (scenario) => {
      const receiver = openReceiver()
      let runs = 0
      const sync = (mode: string, names: string, more: Partial<RunSync> = {}) => {
        runs += 1
        const rows = [...names].map((id) => ({ id, name: id }))
        return scenario
          .define(peopleSync(scenario, mode))
          .then(() => load(scenario, rows))
          .then(() => syncOnce(scenario, receiver, `run_${runs}`, more))
      }
      const nothing = { add: 0, update: 0, remove: 0, held: 0, nullKeys: 0, duplicateKeys: 0 }
      await sync('upsert', 'abcd')
      for (let times = 2; times > 0; times -= 1)
        expect(await sync('upsert', 'a')).toMatchObject({ plan: { ...nothing, delivered: 4 } })
      expect(await sync('upsert', 'ab')).toMatchObject({ plan: { ...nothing, add: 1 } })
      expect(await sync('upsert', 'ab')).toMatchObject({ plan: nothing })
      expect(await sync('upsert', 'aab')).toMatchObject({ plan: { ...nothing, duplicateKeys: 2 } })
      expect([...receiver.held.keys()].sort().join('')).toBe('abcd')
      expect(await sync('mirror', 'abd', { dryRun: true })).toMatchObject({
        plan: { ...nothing, add: 1, remove: 1 },
      })
      expect(await sync('mirror', 'abd')).toMatchObject({ plan: { ...nothing, add: 1, remove: 1 } })
      expect([...receiver.held.keys()].sort().join('')).toBe('abd')
      expect(await sync('mirror', 'abd')).toMatchObject({ plan: { ...nothing, delivered: 3 } })
      // Of what it has only seen it knows nothing to be there.
      await sync('update', 'abde')
      await sync('update', 'abd')
      expect(await sync('mirror', 'abd')).toMatchObject({ plan: nothing })
    })
  })

  test('another destination begins anew, and the one before keeps what it has', async () => {
    await withPeople(async (scenario) => {
      const [before, after] = [openReceiver({ batchRows: 1, concurrency: 1 }), openReceiver()]
      const elsewhere = edited(peopleSync(scenario, 'mirror'), /\bcrm\b/g, 'billing')
      await scenario.define(peopleSync(scenario, 'mirror'))
      await load(scenario, [{ id: 'a' }, { id: 'b' }, { id: 'c' }])
      const fault = new Error('the process ends')
      before.after = () => {
        if (before.calls.length === 2) throw fault
      }
      await expect(syncOnce(scenario, before, 'run_1')).rejects.toBe(fault)
      await scenario.define(elsewhere)
      await load(scenario, [{ id: 'b' }, { id: 'c' }])
      const said: string[] = []
      const report = (event: SyncEvent) =>
        said.push(event.kind === 'moved' ? `${event.from} ${event.to}` : event.kind)
      const planned = await syncOnce(scenario, after, 'run_2', { dryRun: true, report })
      expect(planned.plan).toMatchObject({ delivered: 0, add: 2, remove: 0 })
      expect(said).toEqual(['recovered', 'crm billing', 'planned'])
      expect(await syncOnce(scenario, after, 'run_3')).toMatchObject({ plan: { add: 2, remove: 0 } })
      expect([...after.held.keys()].sort()).toEqual(['b', 'c'])
      expect([...before.held.keys()]).toEqual(['a', 'b'])
      expect(await syncOnce(scenario, after, 'run_4', { report })).toMatchObject({ plan: { add: 0 } })
      expect(said.slice(3)).toEqual(['planned'])
      expect(
        await scenario.rows('select run_id, destination from {schema}.sync_runs order by run_id'),
      ).toEqual([
        { run_id: 'run_1', destination: 'crm' },
        { run_id: 'run_3', destination: 'billing' },
        { run_id: 'run_4', destination: 'billing' },
      ])
    })
  })

  test.each(['', '    filter: event = "new"\n'])(
    'a dry run tells what a full resync and a release would do%s',
    async (filter) => {
      await withPeople(async (scenario) => {
        const receiver = openReceiver()
        receiver.answer = (changes) =>
          changes.map(({ key }) =>
            key === 'b' ? { ok: false, reason: 'bad', message: key, retryable: false } : { ok: true },
          )
        await scenario.define(peopleSync(scenario, 'upsert', filter))
        await load(scenario, [{ id: 'a' }, { id: 'b' }, { id: 'c' }])
        await syncOnce(scenario, receiver, 'run_1')
        for (const [given, plan] of [
          [{}, { delivered: 2, add: 0, held: 1 }],
          [{ release: true }, { delivered: 2, add: 1, held: 0 }],
          [{ fullResync: true }, { delivered: 0, add: 3, held: 0 }],
          [
            { fullResync: true, release: true },
            { delivered: 0, add: 3, held: 0 },
          ],
          [{}, { delivered: 2, add: 0, held: 1 }],
        ] as const) {
          const planned = await syncOnce(scenario, receiver, 'run_2', { dryRun: true, ...given })
          expect(planned.plan).toMatchObject(plan)
          expect(planned.samples.map(({ key }) => key)).toHaveLength(plan.add)
        }
        expect(await syncOnce(scenario, receiver, 'run_3')).toMatchObject({ plan: { add: 0, held: 1 } })
        expect(await syncOnce(scenario, receiver, 'run_4', { fullResync: true })).toMatchObject({
          plan: { delivered: 0, add: 3, held: 0 },
        })
      })
    },
  )
})
