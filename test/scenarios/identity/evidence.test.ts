import { describe, expect, test } from 'vitest'
import type { Adapter } from '../../../src/adapters/adapter.ts'
import { identityRelation } from '../../../src/identity/tables.ts'
import { runSteps } from '../../../src/runner/run-steps.ts'
import { fastEngines } from '../../support/engines.ts'
import {
  type GivenEvent,
  type GivenRule,
  giveEvents,
  identityPlan,
  opened,
  runIdentity,
} from './identity-run.ts'
import { withPlace } from './with-place.ts'

const rules: readonly GivenRule[] = [
  { type: 'user_id', limit: 1, frequency: 'ever' },
  { type: 'anonymous_id', limit: 5000, frequency: 'ever' },
]

/** Anonymous ids in one long row, each event holding two neighbours: the worst case for spreading labels. */
function path(length: number): readonly GivenEvent[] {
  return Array.from({ length }, (_, index) => ({
    arrival: index + 1,
    time: Date.UTC(2026, 0, 1),
    identifiers: [index, index + 1].map((value) => ({
      type: 'anonymous_id',
      value: `a${value}`,
      location: 1,
    })),
  }))
}

/** Events that all have something in common, so many hours after the first of January. */
function hub(
  length: number,
  hours: (index: number) => number,
  identifiers: (index: number) => GivenEvent['identifiers'],
): readonly GivenEvent[] {
  return Array.from({ length }, (_, index) => ({
    arrival: index + 1,
    time: Date.UTC(2026, 0, 1) + hours(index) * 3_600_000,
    identifiers: identifiers(index),
  }))
}

async function certificateOf(adapter: Adapter, workSchema: string) {
  const [row] = await adapter.query(`select * from ${adapter.dialect.ident(workSchema)}.identity_certificate`)
  return row
}

async function limitRounds(adapter: Adapter, workSchema: string): Promise<number> {
  const rows = await adapter.query(
    `select loop_name from ${adapter.dialect.ident(workSchema)}.identity_rounds where loop_name = 'apply limits'`,
  )
  return rows.length
}

describe.each(fastEngines.map((engine) => ({ engine })))('evidence on $engine.name', ({ engine }) => {
  test('a path is resolved in a logarithmic number of rounds', async () => {
    await withPlace(engine, async ({ adapter, workSchema }) => {
      await giveEvents(adapter, workSchema, path(900))
      await runIdentity(adapter, { workSchema, rules })
      const work = adapter.dialect.ident(workSchema)
      const [row] = await adapter.query(`select * from ${work}.identity_certificate`)
      expect(row).toMatchObject({ profiles: 1n, identifiers: 901n, largest_cluster: 901n, violations: 0n })
      const rounds = await adapter.query(
        `select loop_name, count(*) as rounds from ${work}.identity_rounds group by loop_name order by loop_name`,
      )
      for (const { rounds: taken } of rounds)
        expect(Number(taken)).toBeLessThanOrEqual(2 * Math.log2(900) + 4)
    })
  })

  test('an identifier shared by a thousand users takes a handful of rounds', async () => {
    await withPlace(engine, async ({ adapter, workSchema }) => {
      await giveEvents(
        adapter,
        workSchema,
        hub(
          1000,
          () => 0,
          (index) => [
            { type: 'user_id', value: `u${index}`, location: 1 },
            { type: 'anonymous_id', value: 'kiosk', location: 1 },
          ],
        ),
      )
      await runIdentity(adapter, { workSchema, rules })
      expect(await certificateOf(adapter, workSchema)).toMatchObject({ profiles: 1000n, violations: 999n })
      expect(await limitRounds(adapter, workSchema)).toBeLessThanOrEqual(3)
    })
  })

  test('a shared identifier under a weekly limit takes rounds by the week, not by the event, also for late events', async () => {
    await withPlace(engine, async ({ adapter, workSchema }) => {
      const weekly = rules.map((rule) =>
        rule.type === 'anonymous_id' ? { ...rule, limit: 2, frequency: 'weekly' as const } : rule,
      )
      const hours = (index: number): number => index - (index % 3 === 0 ? (index * 7) % 20 : 0)
      const events = hub(1000, hours, (index) => [
        { type: 'user_id', value: 'hard-coded', location: 1 },
        { type: 'anonymous_id', value: `a${Math.floor(index / 4)}`, location: 1 },
      ])
      await giveEvents(adapter, workSchema, events)
      await runIdentity(adapter, { workSchema, rules: weekly })
      // 1,000 hours are six weeks.
      expect(await limitRounds(adapter, workSchema)).toBeLessThanOrEqual(40)
    })
  })

  test('two identifiers with one hash stop the run', async () => {
    await withPlace(engine, async ({ adapter, workSchema }) => {
      await giveEvents(adapter, workSchema, path(2))
      const steps = opened(identityPlan(adapter.dialect, { workSchema, rules }).steps)
      const check = steps.findIndex((step) => step.kind === 'check')
      await runSteps(adapter, steps.slice(0, check))
      const dictionary = adapter.dialect.relation(identityRelation(workSchema, 'dictionary'))
      await adapter.execute(`update ${dictionary} set id = 7 where true`)
      await expect(runSteps(adapter, steps.slice(check))).rejects.toThrow('the same 60-bit hash')
    })
  })

  test('a history that leads elsewhere than the clusters stops the run', async () => {
    await withPlace(engine, async ({ adapter, workSchema }) => {
      await giveEvents(adapter, workSchema, path(2))
      const steps = opened(identityPlan(adapter.dialect, { workSchema, rules }).steps)
      const history = steps.findIndex((step) => step.kind === 'statement' && step.name === 'retained')
      await runSteps(adapter, steps.slice(0, history))
      const components = adapter.dialect.relation(identityRelation(workSchema, 'components'))
      await adapter.execute(`update ${components} set component = id where true`)
      await expect(runSteps(adapter, steps.slice(history))).rejects.toThrow('leads to other profiles')
      const batches = adapter.dialect.relation(identityRelation(workSchema, 'stateBatches'))
      expect(await adapter.query(`select * from ${batches}`)).toEqual([])
    })
  })

  test('no events give empty tables', async () => {
    await withPlace(engine, async ({ adapter, workSchema }) => {
      await giveEvents(adapter, workSchema, [])
      const plan = await runIdentity(adapter, { workSchema, rules })
      for (const table of plan.published) {
        const rows = await adapter.query(table.select)
        expect(rows, table.name).toHaveLength(table.name === 'identity_runs' ? 1 : 0)
      }
    })
  })
})
