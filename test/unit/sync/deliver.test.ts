import { describe, expect, test } from 'vitest'
import { batches, type Planned } from '../../../src/sync/deliver/batches.ts'
import { deliverable, deliverBatch } from '../../../src/sync/deliver/deliver-batch.ts'
import { joined, without } from '../../../src/sync/deliver/ledger.ts'
import { narrowed, openPace } from '../../../src/sync/deliver/pace.ts'
import { type Change, DeliveryError, type RowResult } from '../../../src/sync/destination.ts'
import { retryAfterMs } from '../../../src/sync/http.ts'
import { quickClock } from '../../scenarios/sync/deliveries.ts'

const signal = new AbortController().signal
const change = (key: string, operation: Change['operation'] = 'add'): Change => ({
  operation,
  key,
  fields: { key },
  changed: [],
  idempotencyKey: key,
})

describe('batches', () => {
  /** Two at a time. */
  async function* planned(...changes: readonly Change[]): AsyncGenerator<readonly Planned[]> {
    const all = changes.map((each, index) => ({ seq: index + 1, operation: each.operation, change: each }))
    for (let at = 0; at < all.length; at += 2) yield all.slice(at, at + 2)
  }
  const cut = async (limits: { rows: number; bytes?: number }, ...changes: readonly Change[]) => {
    const found: string[] = []
    for await (const batch of batches(planned(...changes), limits))
      found.push(`${batch.waits ? '| ' : ''}${(await batch.planned()).map(({ seq }) => seq).join(' ')}`)
    return found
  }

  test('by rows, by bytes, and removals before the rest', async () => {
    const six = ['a', 'b', 'c', 'd', 'e'].map((key) => change(key))
    expect(await cut({ rows: 2 }, ...six)).toEqual(['1 2', '3 4', '5'])
    expect(await cut({ rows: 100, bytes: 250 }, ...six)).toEqual(['1 2', '3 4', '5'])
    expect(await cut({ rows: 100, bytes: 1 }, ...six)).toEqual(['1', '2', '3', '4', '5'])
    expect(
      await cut({ rows: 2 }, change('x', 'remove'), change('y', 'remove'), change('z', 'remove'), ...six),
    ).toEqual(['1 2', '3', '| 4 5', '6 7', '8'])
    expect(await cut({ rows: 2 })).toEqual([])
  })
})

describe('a batch until each row has an answer', () => {
  const work = (write: (changes: readonly Change[], call: number) => readonly RowResult[]) => {
    const clock = quickClock()
    const calls: string[] = []
    return {
      clock,
      calls,
      deliver: (changes: readonly Change[], stop = signal) =>
        deliverBatch(
          {
            session: {
              async write(given) {
                calls.push(given.map(({ key }) => key).join(''))
                return write(given, calls.length)
              },
            },
            pace: openPace(undefined, clock),
            clock,
            policy: { attempts: 4, firstMs: 100, longestMs: 250 },
            signal: stop,
            counted: () => {},
          },
          deliverable(changes),
        ),
    }
  }
  const abcd = ['a', 'b', 'c', 'd'].map((key) => change(key))
  const ok = (given: readonly Change[]): readonly RowResult[] => given.map(() => ({ ok: true }))

  test('only what failed for now is sent again, waiting twice as long each time', async () => {
    const { clock, calls, deliver } = work((given) =>
      given.map(({ key }) =>
        key === 'b' ? { ok: false, reason: 'busy', message: '', retryable: true } : { ok: true },
      ),
    )
    const outcomes = await deliver(abcd)
    expect(calls).toEqual(['abcd', 'b', 'b', 'b'])
    expect(clock.slept).toEqual([100, 200, 250])
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      'acknowledged',
      'failed',
      'acknowledged',
      'acknowledged',
    ])
    expect(outcomes[1]).toMatchObject({ attempts: 4, reason: 'busy' })
  })

  test('Retry-After is waited for', async () => {
    const { clock, deliver } = work((given, call) => {
      if (call === 1) throw new DeliveryError('retryable', 'too many requests', '', { retryAfterMs: 7_000 })
      return ok(given)
    })
    expect((await deliver(abcd)).map(({ kind }) => kind)).toEqual(Array(4).fill('acknowledged'))
    expect(clock.now()).toBeGreaterThanOrEqual(7_000)
  })

  test('a batch that is refused is halved until the bad row stands alone', async () => {
    const { calls, deliver } = work((given) => {
      if (given.some(({ key }) => key === 'c')) throw new DeliveryError('rejected', 'HTTP 400', 'bad c')
      return ok(given)
    })
    const outcomes = await deliver(abcd)
    expect(calls).toEqual(['abcd', 'ab', 'cd', 'c', 'd'])
    expect(outcomes).toEqual([
      { kind: 'acknowledged', attempts: 1 },
      { kind: 'acknowledged', attempts: 1 },
      { kind: 'rejected', reason: 'HTTP 400', message: 'bad c', attempts: 1 },
      { kind: 'acknowledged', attempts: 1 },
    ])
  })

  test('what nobody can take ends the sync, and so does a wrong number of answers', async () => {
    await expect(
      work(() => {
        throw new DeliveryError('fatal', 'not allowed', 'HTTP 401')
      }).deliver(abcd),
    ).rejects.toMatchObject({ kind: 'fatal' })
    await expect(work(() => [{ ok: true }]).deliver(abcd)).rejects.toThrow('1 results for 4 changes')
  })

  test('stopped while it waits, it says what is known', async () => {
    const stop = new AbortController()
    const { calls, deliver } = work(() => {
      stop.abort()
      throw new DeliveryError('retryable', 'busy', '')
    })
    expect(await deliver(abcd.slice(0, 1), stop.signal)).toEqual([
      { kind: 'failed', reason: 'busy', message: '', attempts: 1 },
    ])
    expect(calls).toHaveLength(1)
  })
})

test('a pace lets so many through, and no more', async () => {
  const clock = quickClock()
  const pace = openPace({ requests: 10, perMs: 1_000 }, clock)
  for (let call = 0; call < 45; call += 1) await pace.take(signal)
  expect(clock.now()).toBeGreaterThanOrEqual(3_500)
  expect(clock.now()).toBeLessThan(3_700)
  pace.pause(5_000)
  const before = clock.now()
  await pace.take(signal)
  expect(clock.now() - before).toBeGreaterThanOrEqual(5_000)
})

test('Retry-After in seconds, as an instant, or not at all', () => {
  const now = Date.parse('2026-06-01T00:00:00Z')
  expect(retryAfterMs('3', now)).toBe(3_000)
  expect(retryAfterMs('Mon, 01 Jun 2026 00:00:09 GMT', now)).toBe(9_000)
  expect(retryAfterMs('Sun, 31 May 2026 00:00:00 GMT', now)).toBe(0)
  expect(retryAfterMs('soon', now)).toBeUndefined()
  expect(retryAfterMs(null, now)).toBeUndefined()
})

test('ranges', () => {
  const range = (first: number, last: number) => ({ first, last })
  expect(joined([range(4, 6), range(1, 3), range(9, 9), range(5, 7)])).toEqual([range(1, 7), range(9, 9)])
  expect(without([range(1, 10)], [range(2, 3), range(5, 5), range(9, 12)])).toEqual([
    range(1, 1),
    range(4, 4),
    range(6, 8),
  ])
  expect(without([range(1, 2)], [])).toEqual([range(1, 2)])
  expect(without([range(1, 2)], [range(1, 2)])).toEqual([])
})

test('the rate of a sync narrows that of its destination', async () => {
  const clock = quickClock()
  const { signal } = new AbortController()
  const shared = openPace({ requests: 4, perMs: 1_000 }, clock)
  const pace = narrowed(shared, openPace({ requests: 1, perMs: 1_000 }, clock))
  for (let call = 0; call < 3; call += 1) await pace.take(signal)
  expect(clock.now()).toBe(2_000)
  pace.pause(5_000)
  await shared.take(signal)
  expect(clock.now()).toBe(7_000)
})
