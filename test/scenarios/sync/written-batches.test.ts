import { describe, expect, test } from 'vitest'
import { fastEngines } from '../../support/engines.ts'
import { load, openReceiver, peopleSync, syncOnce, withReceiver } from './deliveries.ts'

const people = (count: number, name: (index: number) => string = String) =>
  Array.from({ length: count }, (_, index) => ({
    id: `p${String(index).padStart(3, '0')}`,
    name: name(index),
  }))

describe.each(fastEngines)('batches that the warehouse writes, on $name', (engine) => {
  test('hold what is to be sent in its order, removals by themselves', async () => {
    await withReceiver(engine, async (scenario) => {
      const receiver = openReceiver({ batchRows: 2, concurrency: 1 }, true)
      await scenario.define(peopleSync(scenario, 'mirror'))
      await load(scenario, people(25))
      const { requests } = await syncOnce(scenario, receiver, 'run_1')
      expect(requests).toBe(13)
      expect(receiver.asJson).toEqual([...Array<number>(12).fill(2), 1])
      expect(receiver.calls.flat().map(({ key }) => key)).toEqual(people(25).map(({ id }) => id))
      await load(scenario, people(28, (index) => (index < 20 ? 'else' : String(index))).slice(5))
      await syncOnce(scenario, receiver, 'run_2')
      expect(receiver.asJson.slice(13)).toEqual([2, 2, 1, ...Array<number>(9).fill(2)])
      expect(
        receiver.calls.slice(13).map((call) => call.map(({ operation }) => operation[0]).join('')),
      ).toEqual(['rr', 'rr', 'r', ...Array<string>(7).fill('uu'), 'ua', 'aa'])
      expect(receiver.calls[17]?.[0]).toMatchObject({ fields: { name: 'else' }, changed: ['name'] })
      expect([...receiver.held.keys()].sort()).toEqual(
        people(28)
          .slice(5)
          .map(({ id }) => id),
      )
    })
  })

  test('are cut anew where they hold more bytes than a request may', async () => {
    await withReceiver(engine, async (scenario) => {
      const receiver = openReceiver({ batchRows: 10, batchBytes: 3_000, concurrency: 1 }, true)
      const rows = people(40, (index) => 'x'.repeat(index < 15 ? 1_000 : index === 30 ? 5_000 : 1))
      await scenario.define(peopleSync(scenario, 'upsert'))
      await load(scenario, rows)
      expect(await syncOnce(scenario, receiver, 'run_1')).toMatchObject({ records: { acknowledged: 40 } })
      expect(receiver.calls.flat().map(({ key }) => key)).toEqual(rows.map(({ id }) => id))
      const bytes = receiver.calls.map((call) => JSON.stringify(call.map(({ fields }) => fields)).length)
      expect(bytes.filter((size) => size > 3_000)).toEqual([bytes.find((size) => size > 5_000)])
      expect(receiver.asJson.length).toBeGreaterThan(0)
      expect(receiver.asJson.length).toBeLessThan(receiver.calls.length)
    })
  })

  test('are told row by row once the destination tells rows apart', async () => {
    await withReceiver(engine, async (scenario) => {
      const receiver = openReceiver({ batchRows: 5, concurrency: 1 }, true)
      receiver.answer = (changes, call) =>
        changes.map(({ key }) =>
          key === 'p001' || (key === 'p002' && call === 1)
            ? { ok: false, reason: 'busy', message: key, retryable: key === 'p002' }
            : { ok: true },
        )
      await scenario.define(peopleSync(scenario, 'upsert'))
      await load(scenario, people(7))
      expect(await syncOnce(scenario, receiver, 'run_1')).toMatchObject({
        status: 'partial',
        records: { acknowledged: 6, rejected: 1 },
        requests: 3,
      })
      expect(receiver.asJson).toEqual([5, 2])
      expect(receiver.calls.map((call) => call.map(({ key }) => key).join(' '))).toEqual([
        'p000 p001 p002 p003 p004',
        'p002',
        'p005 p006',
      ])
      const [first, second] = receiver.calls
      expect(second).toEqual([first?.[2]])
    })
  })

  test('are not asked for where they could be longer than a text may be', async () => {
    await withReceiver(engine, async (scenario) => {
      const receiver = openReceiver({ batchRows: 4_000, batchBytes: 1_000_000, concurrency: 1 }, true)
      const rows = people(150, (index) => 'x'.repeat(index === 140 ? 25_000 : 10))
      await scenario.define(peopleSync(scenario, 'upsert'))
      await load(scenario, rows)
      expect(await syncOnce(scenario, receiver, 'run_1')).toMatchObject({ records: { acknowledged: 150 } })
      expect(receiver.asJson).toEqual([])
      await load(
        scenario,
        rows.with(140, { id: 'p140', name: 'x'.repeat(20_000) }).map((row) => ({ ...row, spent: 1 })),
      )
      await syncOnce(scenario, receiver, 'run_2')
      expect(receiver.asJson).toEqual([150])
    })
  })

  test('are not asked for where most changes are not to be sent', async () => {
    await withReceiver(engine, async (scenario) => {
      const receiver = openReceiver({ batchRows: 5, concurrency: 1 }, true)
      await scenario.define(peopleSync(scenario, 'upsert'))
      await load(scenario, people(20))
      await syncOnce(scenario, receiver, 'run_1')
      await load(scenario, people(21).slice(15))
      await syncOnce(scenario, receiver, 'run_2')
      expect(receiver.asJson).toEqual([5, 5, 5, 5])
      expect(
        receiver.calls
          .slice(4)
          .flat()
          .map(({ key }) => key),
      ).toEqual(['p020'])
    })
  })
})
