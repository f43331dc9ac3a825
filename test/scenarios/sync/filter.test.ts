import { describe, expect, test } from 'vitest'
import { engines, type Scenario } from '../../support/scenario.ts'
import { load, peopleSync, type Receiver, syncOnce, type UseReceiver, withReceiver } from './deliveries.ts'

const told = (receiver: Receiver): readonly string[] =>
  receiver.calls.flat().map(({ operation, key }) => `${operation} ${key}`)

describe.each(engines)('filters of syncs, on $name', (engine) => {
  const withPeople = (use: UseReceiver): Promise<void> => withReceiver(engine, use)
  const define = (scenario: Scenario, filter: string, mode = 'mirror'): Promise<void> =>
    scenario.define(peopleSync(scenario, mode, filter === '' ? '' : `    filter: '${filter}'\n`))

  test('a mirror holds the records that pass, and gives up those that no longer do', async () => {
    await withPeople(async (scenario, receiver) => {
      await define(scenario, 'spent >= 10')
      await load(scenario, [
        { id: 'a', spent: 10 },
        { id: 'b', spent: 9 },
        { id: 'c' },
        { id: 'd', spent: 50 },
      ])
      expect(await syncOnce(scenario, receiver, 'run_1')).toMatchObject({
        status: 'success',
        plan: { records: 2, add: 2, leftOut: 2 },
      })
      expect([...receiver.held.keys()]).toEqual(['a', 'd'])
      expect(await syncOnce(scenario, receiver, 'run_2')).toMatchObject({
        plan: { add: 0, remove: 0, leftOut: 2 },
      })
      await load(scenario, [
        { id: 'a', spent: 1 },
        { id: 'b', spent: 11 },
        { id: 'd', spent: 51 },
      ])
      await syncOnce(scenario, receiver, 'run_3')
      expect(told(receiver)).toEqual(['add a', 'add d', 'remove a', 'add b', 'update d'])
      expect(receiver.calls.flat()[2]).toMatchObject({ fields: { spent: 10 } })
      expect(await syncOnce(scenario, receiver, 'run_4')).toMatchObject({
        plan: { add: 0, remove: 0, leftOut: 1 },
      })
    })
  })

  test('records that share a key and are left out are none, whichever of them changes', async () => {
    await withPeople(async (scenario, receiver) => {
      await define(scenario, 'spent >= 10')
      const first = { id: 'a', name: 'first', spent: 1 }
      await load(scenario, [first, { id: 'a', name: 'second', spent: 2 }])
      for (const run of ['run_1', 'run_2'])
        expect(await syncOnce(scenario, receiver, run)).toMatchObject({
          status: 'success',
          plan: { add: 0, leftOut: 2, duplicateKeys: 0 },
        })
      await load(scenario, [first, { id: 'a', name: 'second', spent: 3 }])
      expect(await syncOnce(scenario, receiver, 'run_3')).toMatchObject({ plan: { add: 0, leftOut: 2 } })
      await load(scenario, [first, { id: 'a', name: 'second', spent: 10 }])
      expect(await syncOnce(scenario, receiver, 'run_4')).toMatchObject({ plan: { add: 1, leftOut: 1 } })
      expect(receiver.held.get('a')).toEqual({ name: 'second', spent: 10 })
      await load(scenario, [first])
      expect(await syncOnce(scenario, receiver, 'run_5')).toMatchObject({ plan: { remove: 1, leftOut: 1 } })
      expect(told(receiver)).toEqual(['add a', 'remove a'])
    })
  })

  test('another filter is asked of every record, without sending those anew that stay', async () => {
    await withPeople(async (scenario, receiver) => {
      await load(scenario, [
        { id: 'a', spent: 1 },
        { id: 'b', spent: 2 },
        { id: 'c', spent: 3 },
      ])
      await define(scenario, 'spent > 1')
      await syncOnce(scenario, receiver, 'run_1')
      await define(scenario, 'spent < 3')
      await syncOnce(scenario, receiver, 'run_2')
      expect(told(receiver)).toEqual(['add b', 'add c', 'remove c', 'add a'])
      await define(scenario, '')
      await syncOnce(scenario, receiver, 'run_3')
      await define(scenario, 'spent < 3')
      await syncOnce(scenario, receiver, 'run_4')
      expect(told(receiver).slice(4)).toEqual(['add c', 'remove c'])
    })
  })

  test.each([
    ['event = "new"', ['add a', 'add b', 'add c']],
    ['event = "new" or event = "updated"', ['add a', 'add b', 'update b', 'add c']],
    ['event = "deleted"', ['remove a']],
    ['event != "deleted" and string(spent) != "7"', ['add a', 'add b', 'add c']],
    ['event in ["updated", "deleted"] and spent = 7', ['add b']],
  ])('%s chooses what is sent', async (filter, expected) => {
    await withPeople(async (scenario, receiver) => {
      await define(scenario, filter)
      await load(scenario, [
        { id: 'a', spent: 1 },
        { id: 'b', spent: 1 },
      ])
      await syncOnce(scenario, receiver, 'run_1')
      await load(scenario, [{ id: 'b', spent: 7 }, { id: 'c' }])
      await syncOnce(scenario, receiver, 'run_2')
      await syncOnce(scenario, receiver, 'run_3')
      expect(told(receiver).toSorted()).toEqual(expected.toSorted())
    })
  })

  test('what cannot be judged is neither sent nor removed, and said', async () => {
    await withPeople(async (scenario, receiver) => {
      await define(scenario, 'number(name) > 1')
      await load(scenario, [
        { id: 'a', name: '2' },
        { id: 'b', name: 'two' },
        { id: 'c', name: null },
      ])
      expect(await syncOnce(scenario, receiver, 'run_1')).toMatchObject({
        status: 'partial',
        plan: { add: 1, unjudged: 1, leftOut: 1 },
        records: { acknowledged: 1, rejected: 1 },
      })
      await load(scenario, [{ id: 'a', name: 'three' }])
      await syncOnce(scenario, receiver, 'run_2')
      expect(told(receiver)).toEqual(['add a'])
      expect(
        await scenario.rows(
          `select run_id, record_key, status, reason, message from {schema}.sync_records where status = 'rejected' order by run_id`,
        ),
      ).toEqual(
        [
          ['run_1', 'b'],
          ['run_2', 'a'],
        ].map(([run_id, record_key]) => ({
          run_id,
          record_key,
          status: 'rejected',
          reason: 'filter',
          message: '`number` cannot make a number of string',
        })),
      )
    })
  })

  test('a column that is not mapped can be asked', async () => {
    await withPeople(async (scenario, receiver) => {
      const files = peopleSync(scenario, 'mirror', '    filter: properties.name = "x"\n')
      await scenario.define(
        Object.fromEntries(
          Object.entries(files).map(([file, text]) => [
            file,
            text.replace('{ name: { column: name }, ', '{ '),
          ]),
        ),
      )
      await load(scenario, [
        { id: 'a', name: 'x' },
        { id: 'b', name: 'y' },
      ])
      await syncOnce(scenario, receiver, 'run_1')
      expect([...receiver.held]).toEqual([['a', { spent: null }]])
    })
  })
})
