import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DeliveryError, type Fields } from '../../src/sync/destination.ts'
import { load, openReceiver, peopleSync, syncOnce } from '../scenarios/sync/deliveries.ts'
import { fastEngines } from '../support/engines.ts'
import { withScenario } from '../support/scenario.ts'
import { seed } from '../support/seed.ts'

const cases = Number(process.env.SYNC_CASES ?? 12)

/** What a call of the destination does. */
type Mood = 'takes' | 'refuses' | 'busy' | 'partly' | 'ends' | 'takes and ends'

const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'ä"\'\\')
const fields = { name: fc.constantFrom('x', 'y', '', null), spent: fc.constantFrom(1, 1.5, -0, null) }
const row = fc.record({ id, ...fields })
const step = fc.record({
  upserts: fc.boolean(),
  rows: fc.oneof(
    { weight: 3, arbitrary: fc.uniqueArray(row, { selector: ({ id }) => id, maxLength: 7 }) },
    // Keys may be NULL or there twice.
    { weight: 1, arbitrary: fc.array(fc.record({ ...fields, id: fc.option(id) }), { maxLength: 7 }) },
  ),
  moods: fc.array(
    fc.constantFrom<Mood>('takes', 'takes', 'refuses', 'busy', 'partly', 'ends', 'takes and ends'),
    {
      maxLength: 5,
    },
  ),
})

describe.each(fastEngines)('any history of rows and answers, on $name', (engine) => {
  test.each([
    ['the table does', '', () => true],
    [
      'the table does and the filter lets through',
      `    filter: spent >= 1 and name != "y" and event in ["new", "updated", "deleted"]\n`,
      (spent: number | null, name: string | null) => spent !== null && spent >= 1 && name !== 'y',
    ],
  ] as const)(
    `a mirror holds what %s once the destination takes everything; ${cases} histories, seed ${seed}`,
    async (_, filter, passes) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 1, maxLength: 4 }),
          fc.boolean(),
          async (steps, json) => {
            await withScenario(engine, async (scenario) => {
              const receiver = openReceiver({ batchRows: 2, concurrency: 1 }, json)
              let runs = 0
              let heldBefore: ReadonlyMap<string, Fields> = new Map()
              const sync = (release = false) => {
                runs += 1
                return syncOnce(scenario, receiver, `run_${String(runs).padStart(3, '0')}`, { release })
              }
              try {
                for (const { rows, moods, upserts } of steps) {
                  // With a filter nothing is known of what went while nobody was told.
                  const mode = upserts && filter === '' ? 'upsert' : 'mirror'
                  await scenario.define(peopleSync(scenario, mode, filter))
                  await load(scenario, rows)
                  heldBefore = new Map(receiver.held)
                  const left = [...moods]
                  receiver.answer = (changes) => {
                    const mood = left.shift() ?? 'takes'
                    receiver.after = () => {
                      if (mood === 'takes and ends') throw new Error('the process ends here')
                    }
                    switch (mood) {
                      case 'takes':
                      case 'takes and ends':
                        return undefined
                      case 'refuses':
                        throw new DeliveryError('rejected', 'no', '')
                      case 'busy':
                        throw new DeliveryError('retryable', 'busy', '')
                      case 'partly':
                        return changes.map((_, index) =>
                          index === 0
                            ? { ok: true }
                            : { ok: false, reason: 'no', message: '', retryable: false },
                        )
                      case 'ends':
                        throw new Error('the process ends here')
                    }
                  }
                  await sync().catch((error: unknown) => {
                    if (!(error instanceof Error && error.message === 'the process ends here')) throw error
                  })
                }
                receiver.answer = () => undefined
                receiver.after = () => {}
                await scenario.define(peopleSync(scenario, 'mirror', filter))
                // What was held back is sent again, and then there is nothing left to say.
                await sync(true)
                await sync(true)
                const { rows = [] } = steps.at(-1) ?? {}
                const kept = rows.filter(({ spent, name }) => passes(spent, name))
                const twice = new Set<string | null>(
                  kept
                    .filter((one) => kept.some((other) => other !== one && other.id === one.id))
                    .map((one) => one.id),
                )
                const wanted = new Map<string, Fields>([
                  ...kept.flatMap(({ id, name, spent }): [string, Fields][] =>
                    id === null || twice.has(id)
                      ? []
                      : [[id, { name, spent: spent === null ? null : spent + 0 }]],
                  ),
                  // Nothing is said of them, whatever was delivered.
                  ...[...heldBefore].filter(([key]) => twice.has(key)),
                ])
                expect(new Map(receiver.held)).toEqual(wanted)
                const calls = receiver.calls.length
                // A filter is asked of records only, and without a key a row is none.
                const refused = rows.some((one) => one.id === null) || twice.size > 0
                expect(await sync()).toMatchObject({
                  status: refused ? 'partial' : 'success',
                  plan: { add: 0, update: 0, remove: 0, held: 0 },
                })
                expect(receiver.calls).toHaveLength(calls)
              } finally {
                for (const schema of [`${scenario.schema}_sync`, scenario.schemaOf('shop')])
                  await scenario.adapter.execute(`drop schema if exists ${schema} cascade`)
              }
            })
          },
        ),
        { numRuns: cases, seed },
      )
    },
    300_000,
  )
})
