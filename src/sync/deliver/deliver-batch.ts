import { type Change, DeliveryError, type RowResult, type Session } from '../destination.ts'
import type { Clock, Pace } from './pace.ts'

/** What became of a change in the end. */
export type Outcome =
  | { readonly kind: 'acknowledged'; readonly attempts: number }
  /** Nothing was sent, since the sync was stopped. */
  | { readonly kind: 'stopped' }
  | {
      /** `rejected` for good, `failed` for now. */
      readonly kind: 'rejected' | 'failed'
      readonly reason: string
      readonly message: string
      readonly attempts: number
    }

export interface RetryPolicy {
  /** Of one change in one sync. */
  readonly attempts: number
  /** A wait is drawn from 0 to this, doubled after each attempt, up to `longestMs`. */
  readonly firstMs: number
  readonly longestMs: number
}

export interface DeliverBatch {
  readonly session: Pick<Session, 'write'>
  readonly pace: Pace
  readonly clock: Clock
  readonly policy: RetryPolicy
  /** Aborts waiting; a call that was made is waited for. */
  readonly signal: AbortSignal
  /** Calls made, for the record. */
  readonly counted: () => void
}

/**
 * Delivers changes until each is acknowledged, rejected, or has failed too often. A batch that is rejected as a whole is
 * halved until the bad rows stand alone.
 *
 * The first call may be made at once: whoever calls has waited for the pace.
 *
 * @returns an outcome for each change, in their order
 * @throws {DeliveryError} of kind `fatal`
 */
export async function deliverBatch(
  work: DeliverBatch,
  changes: readonly Change[],
): Promise<readonly Outcome[]> {
  const outcomes = new Map<Change, Outcome>()
  let pending = changes
  for (let attempt = 1; ; attempt += 1) {
    const tried = await tryOnce(work, pending, attempt)
    if (attempt === 1 && tried.outcomes.every(({ kind }) => kind === 'acknowledged')) return tried.outcomes
    const again: Change[] = []
    pending.forEach((change, index) => {
      const outcome = tried.outcomes[index]
      if (outcome === undefined) return
      outcomes.set(change, outcome)
      if (outcome.kind === 'failed' && attempt < work.policy.attempts) again.push(change)
    })
    pending = again
    if (pending.length === 0) break
    if (tried.retryAfterMs !== undefined) work.pace.pause(tried.retryAfterMs)
    // Full jitter: many that failed together do not come back together.
    const most = Math.min(work.policy.longestMs, work.policy.firstMs * 2 ** (attempt - 1))
    try {
      await work.clock.sleep(work.clock.random() * most, work.signal)
      await work.pace.take(work.signal)
    } catch (error) {
      if (!work.signal.aborted) throw error
      break
    }
  }
  return changes.map((change) => outcomes.get(change) ?? { kind: 'stopped' })
}

interface Tried {
  readonly outcomes: readonly Outcome[]
  readonly retryAfterMs?: number | undefined
}

async function tryOnce(work: DeliverBatch, changes: readonly Change[], attempts: number): Promise<Tried> {
  work.counted()
  let results: readonly RowResult[]
  try {
    results = await work.session.write(changes, work.signal)
  } catch (error) {
    if (!(error instanceof DeliveryError) || error.kind === 'fatal') throw error
    const { reason, message, retryAfterMs } = error
    if (error.kind === 'retryable')
      return { outcomes: changes.map(() => ({ kind: 'failed', reason, message, attempts })), retryAfterMs }
    if (changes.length <= 1)
      return { outcomes: changes.map(() => ({ kind: 'rejected', reason, message, attempts })) }
    const half = Math.ceil(changes.length / 2)
    const first = await tryOnce(work, changes.slice(0, half), attempts)
    await work.pace.take(work.signal)
    const second = await tryOnce(work, changes.slice(half), attempts)
    return {
      outcomes: [...first.outcomes, ...second.outcomes],
      retryAfterMs: second.retryAfterMs ?? first.retryAfterMs,
    }
  }
  if (results.length !== changes.length)
    throw new Error(`the destination answered ${results.length} results for ${changes.length} changes`)
  const acknowledged: Outcome = { kind: 'acknowledged', attempts }
  return {
    outcomes: results.map((result) =>
      result.ok
        ? acknowledged
        : {
            kind: result.retryable ? 'failed' : 'rejected',
            reason: result.reason,
            message: result.message,
            attempts,
          },
    ),
  }
}
