import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Adapter } from '../../../src/adapters/adapter.ts'
import type { Repeat } from '../../../src/ir/step.ts'
import { roundsAllowed, runSteps, type StepEvent } from '../../../src/runner/run-steps.ts'
import { tagged } from '../../../src/runner/run-tag.ts'
import { openMemory } from './open-memory.ts'
import { sql } from './sample-nodes.ts'

let adapter: Adapter
beforeEach(async () => {
  adapter = await openMemory()
  await adapter.execute('create table numbers as select range as n from range(10)')
})
afterEach(() => adapter.close())

const left = async (): Promise<unknown> => (await adapter.query('select count(*) as c from numbers'))[0]?.c

function repeat(body: string, bound: Repeat['bound'] = 'linear'): Repeat {
  return {
    kind: 'repeat',
    name: 'shrink',
    until: 'select count(*) as remaining from numbers',
    bound,
    body: [sql(body)],
  }
}

describe('steps', () => {
  test('a loop ends when its question answers 0', async () => {
    const events: StepEvent[] = []
    await runSteps(
      adapter,
      [repeat('delete from numbers where n = (select max(n) from numbers)')],
      (event) => {
        events.push(event)
      },
    )
    expect(await left()).toBe(0n)
    expect(events.filter(({ kind }) => kind === 'round')).toHaveLength(10)
    expect(events.find(({ kind }) => kind === 'round')).toEqual({
      kind: 'round',
      step: 'shrink',
      round: 1,
      remaining: 10n,
    })
  })

  test('a loop whose question answers 0 at once runs nothing', async () => {
    await adapter.execute('delete from numbers')
    await runSteps(adapter, [repeat('insert into numbers values (1)')])
    expect(await left()).toBe(0n)
  })

  test('a loop that does not end is a bug, after as many rounds as its bound', async () => {
    await adapter.execute('create table rounds (n integer)')
    await expect(runSteps(adapter, [repeat('insert into rounds values (1)')])).rejects.toMatchObject({
      kind: 'bound',
      step: 'shrink',
      message: '`shrink` is not done after 10 rounds, 10 remaining',
    })
    expect((await adapter.query('select count(*) as c from rounds'))[0]?.c).toBe(10n)
    await expect(runSteps(adapter, [repeat('insert into rounds values (1)', 'logarithmic')])).rejects.toThrow(
      'after 11 rounds',
    )
  })

  test('bounds', () => {
    expect([1n, 2n, 1024n].map((n) => roundsAllowed('logarithmic', n))).toEqual([4, 6, 24])
    expect(roundsAllowed('linear', 7n)).toBe(7)
  })

  test('a check that answers rows fails with a few of them', async () => {
    const check = {
      kind: 'check' as const,
      name: 'unique',
      sql: 'select n from numbers order by n',
      message: 'numbers has rows',
      hint: 'empty it',
    }
    await expect(runSteps(adapter, [check, sql('delete from numbers')])).rejects.toMatchObject({
      kind: 'check',
      message: 'numbers has rows',
      hint: 'empty it',
      evidence: [{ n: 0n }, { n: 1n }, { n: 2n }, { n: 3n }, { n: 4n }],
    })
    expect(await left()).toBe(10n)
    await expect(runSteps(adapter, [{ ...check, sql: 'select 1 where false' }])).resolves.toBe(0)
  })

  test('a warning says a problem for each row, and the steps go on', async () => {
    const warning = (rows: string) => ({
      kind: 'warning' as const,
      name: 'large clusters',
      sql: `select 'use_1' as segment_id, n + 5000 as identifiers, 'email' as identifier_type, 'a@x.org' as identifier_value, n as joined from numbers where ${rows} order by n`,
      code: 'PSN5023' as const,
    })
    const events: StepEvent[] = []
    const report = (event: StepEvent): void => {
      if (event.kind === 'warning') events.push(event)
    }
    await runSteps(adapter, [warning('n > 7'), warning('n > 9'), sql('delete from numbers')], report)
    expect(events).toMatchObject(
      [8, 9].map((joined) => ({
        step: 'large clusters',
        problem: {
          code: 'PSN5023',
          severity: 'warning',
          parameters: {
            profile: 'use_1',
            identifiers: 5000 + joined,
            type: 'email',
            value: 'a@x.org',
            joined,
          },
        },
      })),
    )
    expect(await left()).toBe(0n)
  })

  test('a warning whose row lacks a column is a bug', async () => {
    const warning = {
      kind: 'warning',
      name: 'x',
      sql: "select 'use_1' as segment_id",
      code: 'PSN5023',
    } as const
    await expect(runSteps(adapter, [warning])).rejects.toThrow('a warning has undefined where it counts')
  })

  test('a transaction leaves nothing behind when its last statement fails', async () => {
    const body = ['delete from numbers', 'select no_such_function()'].map((text) => ({
      kind: 'statement' as const,
      name: 'x',
      sql: text,
    }))
    await expect(runSteps(adapter, [{ kind: 'transaction', name: 'x', body }])).rejects.toThrow(
      /no_such_function/,
    )
    expect(await left()).toBe(10n)
  })

  test('nothing starts once stopped', async () => {
    const stop = AbortSignal.abort(new Error('stopped'))
    await expect(runSteps(adapter, [sql('delete from numbers')], () => {}, stop)).rejects.toThrow('stopped')
    expect(await left()).toBe(10n)
  })

  test('the tag names run and node and cannot be left by a name', async () => {
    const sent: string[] = []
    const target = tagged(
      {
        ...adapter,
        execute: async (text) => {
          sent.push(text)
          return adapter.execute(text)
        },
      },
      'shop',
      'r1',
      'trait.x */ drop table numbers; /*',
    )
    await target.execute('select 1')
    expect(sent).toEqual([
      '/* personas project=shop run_id=r1 node=trait.x____drop_table_numbers____ */\nselect 1',
    ])
  })
})
