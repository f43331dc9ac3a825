import { describe, expect, test } from 'vitest'
import { DeliveryError } from '../../../src/sync/destination.ts'
import { engines } from '../../support/scenario.ts'
import {
  edited,
  load,
  openReceiver,
  peopleSync,
  type Receiver,
  syncOnce,
  type UseReceiver,
  withReceiver,
} from './deliveries.ts'

const operations = (receiver: Receiver): readonly string[] =>
  receiver.calls.flat().map(({ operation, key }) => `${operation} ${key}`)

describe.each(engines)('syncs, on $name', (engine) => {
  const withPeople = (use: UseReceiver): Promise<void> => withReceiver(engine, use)

  test('the first sync adds everything, later ones send what differs', async () => {
    await withPeople(async (scenario) => {
      const receiver = openReceiver()
      await scenario.define(peopleSync(scenario, 'mirror'))
      await load(scenario, [
        { id: 'a', name: 'Ann', spent: 1.5 },
        { id: 'b', name: 'Bob', spent: null },
      ])
      const first = await syncOnce(scenario, receiver, 'run_1')
      expect(first).toMatchObject({
        status: 'success',
        plan: { records: 2, add: 2 },
        records: { acknowledged: 2 },
      })
      expect(operations(receiver)).toEqual(['add a', 'add b'])
      expect([...receiver.held]).toEqual([
        ['a', { name: 'Ann', spent: 1.5 }],
        ['b', { name: 'Bob', spent: null }],
      ])
      await syncOnce(scenario, receiver, 'run_2')
      expect(receiver.calls).toHaveLength(1)
      await load(scenario, [
        { id: 'b', name: 'Bob', spent: 7 },
        { id: 'c', name: 'Cay' },
      ])
      await syncOnce(scenario, receiver, 'run_3')
      expect(receiver.calls.slice(1).flat()).toMatchObject([
        { operation: 'remove', key: 'a', fields: { name: 'Ann', spent: 1.5 }, changed: [] },
        { operation: 'update', key: 'b', fields: { name: 'Bob', spent: 7 }, changed: ['spent'] },
        { operation: 'add', key: 'c', fields: { name: 'Cay', spent: null } },
      ])
      expect(
        await scenario.rows(
          'select run_id, status, added, updated, removed, delivered from {schema}.sync_runs order by run_id',
        ),
      ).toEqual([
        { run_id: 'run_1', status: 'success', added: 2, updated: 0, removed: 0, delivered: 2 },
        { run_id: 'run_2', status: 'success', added: 0, updated: 0, removed: 0, delivered: 0 },
        { run_id: 'run_3', status: 'success', added: 1, updated: 1, removed: 1, delivered: 3 },
      ])
    })
  })

  test.each([
    ['add', ['add c']],
    ['update', ['update b']],
    ['upsert', ['update b', 'add c']],
    ['delete', ['remove a']],
    ['mirror', ['remove a', 'update b', 'add c']],
  ])('mode %s sends its own', async (mode, expected) => {
    await withPeople(async (scenario) => {
      const receiver = openReceiver({ concurrency: 1 })
      await scenario.define(peopleSync(scenario, mode))
      await load(scenario, [{ id: 'a' }, { id: 'b' }])
      await syncOnce(scenario, receiver, 'run_1')
      const before = receiver.calls.length
      await load(scenario, [{ id: 'b', name: 'B' }, { id: 'c' }])
      await syncOnce(scenario, receiver, 'run_2')
      expect(operations({ ...receiver, calls: receiver.calls.slice(before) })).toEqual(expected)
      await syncOnce(scenario, receiver, 'run_3')
      expect(operations({ ...receiver, calls: receiver.calls.slice(before) })).toEqual(expected)
    })
  })

  test('a rejected batch is halved until the bad rows stand alone; they are held back until they change', async () => {
    await withPeople(async (scenario) => {
      const receiver = openReceiver({ concurrency: 1 })
      receiver.answer = (changes) => {
        if (changes.some(({ fields }) => fields.name === 'bad'))
          throw new DeliveryError('rejected', 'HTTP 400', 'no such name')
        return undefined
      }
      await scenario.define(peopleSync(scenario, 'upsert'))
      const rows = Array.from({ length: 20 }, (_, index) => ({
        id: `p${index}`,
        name: index === 7 ? 'bad' : 'good',
      }))
      await load(scenario, rows)
      const first = await syncOnce(scenario, receiver, 'run_1')
      expect(first).toMatchObject({ status: 'partial', records: { acknowledged: 19, rejected: 1 } })
      expect(receiver.held.size).toBe(19)
      expect(
        await scenario.rows(
          `select record_key, status, reason, message from {schema}.sync_records where status <> 'acknowledged'`,
        ),
      ).toEqual([{ record_key: 'p7', status: 'rejected', reason: 'HTTP 400', message: 'no such name' }])
      expect(await scenario.rows('select * from {schema}.sync_dead_letters')).toEqual([
        {
          sync: 'people',
          record_key: 'p7',
          operation: 'add',
          status: 'rejected',
          reason: 'HTTP 400',
          message: 'no such name',
          failed_syncs: 1,
          first_failed_at: expect.any(String),
          last_failed_at: expect.any(String),
          run_id: 'run_1',
          idempotency_key: expect.any(String),
        },
      ])
      const calls = receiver.calls.length
      expect(await syncOnce(scenario, receiver, 'run_2')).toMatchObject({ plan: { add: 0, held: 1 } })
      expect(receiver.calls).toHaveLength(calls)
      await load(
        scenario,
        rows.map((row) => ({ ...row, name: 'good' })),
      )
      expect(await syncOnce(scenario, receiver, 'run_3')).toMatchObject({
        status: 'success',
        plan: { add: 1, held: 0 },
      })
      expect(receiver.held.size).toBe(20)
      expect(await scenario.rows('select * from {schema}.sync_dead_letters')).toEqual([])
    })
  })

  test('what is held back of all syncs is in one view, whichever run', async () => {
    await withPeople(async (scenario) => {
      const receiver = openReceiver()
      receiver.answer = (changes) =>
        changes.map(({ key }) => ({ ok: false, reason: 'no', message: key, retryable: key === 'b' }))
      const one = peopleSync(scenario, 'upsert', '    retry: { syncs: 1 }\n')
      const two = edited(edited(one, 'name: people', 'name: others'), 'column: id', 'column: name')
      const both = Object.fromEntries(
        Object.entries(one).map(([file, text]) => [
          file,
          `${text}${two[file]?.slice(two[file]?.indexOf('  - name: others'))}`,
        ]),
      )
      await scenario.define(both)
      await load(scenario, [
        { id: 'a', name: 'c' },
        { id: 'b', name: 'd' },
      ])
      const letters = () =>
        scenario.rows('select sync, record_key, status from {schema}.sync_dead_letters order by record_key')
      const a = { sync: 'people', record_key: 'a', status: 'rejected' }
      await syncOnce(scenario, receiver, 'run_1')
      expect(await letters()).toEqual([a])
      const swapped = Object.fromEntries(
        Object.entries(both).map(([file, text]) => {
          const [at, next] = [text.indexOf('  - name: people'), text.indexOf('  - name: others')]
          return [file, `${text.slice(0, at)}${text.slice(next)}${text.slice(at, next)}`]
        }),
      )
      await scenario.define(swapped)
      await syncOnce(scenario, receiver, 'run_2')
      const cd = ['c', 'd'].map((key) => ({ sync: 'others', record_key: key, status: 'rejected' }))
      expect(await letters()).toEqual([a, ...cd])
    })
  })

  test('what fails for now is tried again with its latest value, and given up in the end', async () => {
    await withPeople(async (scenario) => {
      const receiver = openReceiver()
      let down = true
      receiver.answer = (changes) =>
        down
          ? changes.map(() => ({ ok: false, reason: 'busy', message: 'later', retryable: true }))
          : undefined
      await scenario.define(peopleSync(scenario, 'upsert', '    retry: { syncs: 3 }\n'))
      await load(scenario, [{ id: 'a', name: 'old' }])
      expect(await syncOnce(scenario, receiver, 'run_1')).toMatchObject({ records: { retrying: 1 } })
      expect(receiver.calls).toHaveLength(3)
      const keys = new Set(receiver.calls.flat().map(({ idempotencyKey }) => idempotencyKey))
      await syncOnce(scenario, receiver, 'run_2')
      expect(
        new Set([...keys, ...receiver.calls.flat().map(({ idempotencyKey }) => idempotencyKey)]).size,
      ).toBe(1)
      await load(scenario, [{ id: 'a', name: 'new' }])
      down = false
      await syncOnce(scenario, receiver, 'run_3')
      expect([...receiver.held.values()]).toEqual([{ name: 'new', spent: null }])
      down = true
      await load(scenario, [{ id: 'a', name: 'newer' }])
      for (const run of ['run_4', 'run_5', 'run_6', 'run_7']) await syncOnce(scenario, receiver, run)
      expect(
        await scenario.rows(
          `select run_id, status from {schema}.sync_records where run_id >= 'run_4' order by run_id`,
        ),
      ).toEqual([
        { run_id: 'run_4', status: 'retrying' },
        { run_id: 'run_5', status: 'retrying' },
        { run_id: 'run_6', status: 'retrying' },
        { run_id: 'run_7', status: 'given_up' },
      ])
      expect(await syncOnce(scenario, receiver, 'run_8')).toMatchObject({ plan: { update: 0, held: 1 } })
      down = false
      expect(await syncOnce(scenario, receiver, 'run_9', { release: true })).toMatchObject({
        records: { acknowledged: 1 },
      })
    })
  })

  test('rows without a key of their own are refused before anything is sent, and remove nothing', async () => {
    await withPeople(async (scenario) => {
      const receiver = openReceiver()
      await scenario.define(peopleSync(scenario, 'mirror'))
      await load(scenario, [{ id: 'a' }, { id: 'b' }])
      await syncOnce(scenario, receiver, 'run_1')
      await load(scenario, [{ id: 'a' }, { id: 'b', name: '1' }, { id: 'b', name: '2' }, { id: null }])
      expect(await syncOnce(scenario, receiver, 'run_2')).toMatchObject({
        status: 'partial',
        plan: { records: 4, add: 0, update: 0, remove: 0, nullKeys: 1, duplicateKeys: 2 },
        records: { rejected: 3 },
      })
      expect([...receiver.held.keys()]).toEqual(['a', 'b'])
    })
  })

  test('more removals than allowed stop the sync before it sends', async () => {
    await withPeople(async (scenario) => {
      const receiver = openReceiver()
      await scenario.define(peopleSync(scenario, 'mirror', '    on_delete_over: 20%\n'))
      const rows = Array.from({ length: 10 }, (_, index) => ({ id: `p${index}` }))
      await load(scenario, rows)
      await syncOnce(scenario, receiver, 'run_1')
      await load(scenario, rows.slice(3))
      await expect(syncOnce(scenario, receiver, 'run_2')).rejects.toMatchObject({
        problems: [{ code: 'PSN6002', parameters: { remove: 3, of: 10 } }],
      })
      expect(receiver.held.size).toBe(10)
      await syncOnce(scenario, receiver, 'run_3', { allowDeletes: true })
      expect(receiver.held.size).toBe(7)
    })
  })

  // Only where the numbers of a view can be drawn alike.
  const drawn = engine.dialect === 'duckdb' || engine.dialect === 'postgres' ? test : (): void => {}
  drawn('rows that are others each time are a problem that is said, and nothing is sent', async () => {
    await withPeople(async (scenario) => {
      const receiver = openReceiver()
      await scenario.define(peopleSync(scenario, 'mirror'))
      await load(scenario, [{ id: 'a' }])
      await syncOnce(scenario, receiver, 'run_1')
      const { adapter } = scenario
      const people = `${scenario.schemaOf('shop')}.people`
      await adapter.execute(`alter table ${people} rename to still`)
      // Of 200 keys about 50 are there once when they are first looked at, and twice then.
      await adapter.execute(
        `create view ${people} as select 'k' || numbers.n as id, 'x' as name, cast(1 as double precision) as spent, still.seen_at ` +
          `from ${scenario.schemaOf('shop')}.still as still cross join generate_series(1, 200) as numbers (n) ` +
          'cross join generate_series(0, 1) as copies (n) where copies.n = 0 or random() + numbers.n < numbers.n + 0.5',
      )
      await expect(syncOnce(scenario, receiver, 'run_2')).rejects.toMatchObject({
        problems: [{ code: 'PSN6008', parameters: { sync: 'people', times: 3 }, span: { line: 6 } }],
      })
      expect(operations(receiver)).toEqual(['add a'])
      await adapter.execute(`drop view ${people}`)
      await adapter.execute(`alter table ${scenario.schemaOf('shop')}.still rename to people`)
      await load(scenario, [{ id: 'a' }, { id: 'b' }])
      await syncOnce(scenario, receiver, 'run_3')
      expect(operations(receiver)).toEqual(['add a', 'add b'])
    })
  })

  test.each([
    ['', false],
    [', and what is held back is released', true],
  ] as const)(
    'an interrupted sync is gone on with%s: nothing acknowledged again, what may have arrived by its key',
    async (_, release) => {
      await withPeople(async (scenario) => {
        const receiver = openReceiver({ batchRows: 2, concurrency: 1 })
        receiver.answer = (_, call) => {
          if (call === 3) throw new Error('the process ends here')
          return undefined
        }
        await scenario.define(peopleSync(scenario, 'mirror'))
        await load(
          scenario,
          ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) => ({ id })),
        )
        await expect(syncOnce(scenario, receiver, 'run_1')).rejects.toThrow('the process ends here')
        await syncOnce(scenario, receiver, 'run_2', { release })
        expect(receiver.calls.map((call) => call.map(({ key }) => key).join(''))).toEqual([
          'ab',
          'cd',
          'ef',
          'ef',
          'g',
        ])
        const sent = receiver.calls.map((call) => call.map(({ idempotencyKey }) => idempotencyKey))
        expect(sent[3]).toEqual(sent[2])
        expect(
          await scenario.rows(
            'select run_id, status, count(*) as row_count from {schema}.sync_records group by run_id, status order by run_id, status',
          ),
        ).toEqual([
          { run_id: 'run_1', status: 'acknowledged', row_count: 4 },
          { run_id: 'run_1', status: 'not_sent', row_count: 1 },
          { run_id: 'run_1', status: 'unknown', row_count: 2 },
          { run_id: 'run_2', status: 'acknowledged', row_count: 3 },
        ])
      })
    },
  )

  test('where arriving twice does harm, what may have arrived waits for a decision', async () => {
    await withPeople(async (scenario) => {
      const receiver = openReceiver({ batchRows: 1, concurrency: 1, repeated: 'harmful' })
      receiver.answer = (_, call) => {
        if (call === 2) throw new Error('the process ends here')
        return undefined
      }
      await scenario.define(peopleSync(scenario, 'add'))
      await load(scenario, [{ id: 'a' }, { id: 'b' }, { id: 'c' }])
      await expect(syncOnce(scenario, receiver, 'run_1')).rejects.toThrow('the process ends here')
      expect(await syncOnce(scenario, receiver, 'run_2')).toMatchObject({ plan: { add: 1, held: 1 } })
      expect([...receiver.held.keys()]).toEqual(['a', 'c'])
      await syncOnce(scenario, receiver, 'run_3', { release: true })
      expect([...receiver.held.keys()]).toEqual(['a', 'c', 'b'])
    })
  })

  test('a destination that is down is left alone, the rest is sent by the next sync', async () => {
    await withPeople(async (scenario) => {
      const receiver = openReceiver({ batchRows: 1, concurrency: 1 })
      receiver.answer = () => {
        throw new DeliveryError('retryable', 'no connection', 'ECONNREFUSED')
      }
      await scenario.define(peopleSync(scenario, 'upsert'))
      await load(
        scenario,
        Array.from({ length: 9 }, (_, index) => ({ id: `p${index}` })),
      )
      expect(await syncOnce(scenario, receiver, 'run_1')).toMatchObject({
        status: 'failed',
        records: { retrying: 3, not_sent: 6 },
        message: 'no connection: ECONNREFUSED',
      })
      receiver.answer = () => undefined
      expect(await syncOnce(scenario, receiver, 'run_2')).toMatchObject({
        status: 'success',
        plan: { add: 9 },
      })
    })
  })

  test('a dry run sends nothing and remembers nothing', async () => {
    await withPeople(async (scenario) => {
      const receiver = openReceiver()
      await scenario.define(peopleSync(scenario, 'mirror'))
      await load(scenario, [{ id: 'a', name: 'Ann' }])
      const planned = await syncOnce(scenario, receiver, 'run_1', { dryRun: true })
      expect(planned).toMatchObject({
        status: 'planned',
        plan: { add: 1 },
        samples: [{ operation: 'add', key: 'a', fields: { name: 'Ann' } }],
      })
      expect(receiver.calls).toEqual([])
      expect(await scenario.rows('select * from {schema}.sync_runs')).toEqual([])
      expect(await syncOnce(scenario, receiver, 'run_2')).toMatchObject({ plan: { add: 1 } })
    })
  })
})
