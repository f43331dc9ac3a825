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

/** What is delivered together. */
export interface Deliverable {
  readonly rows: number
  changes(): Promise<readonly Change[]>
  /** In place of the session's `write`, the first time: whoever knows the batch as a whole need not know its changes. */
  readonly write?: (signal: AbortSignal) => Promise<readonly RowResult[]>
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
export async function deliverBatch(work: DeliverBatch, batch: Deliverable): Promise<readonly Outcome[]> {
  const outcomes = new Map<Change, Outcome>()
  let tried = await tryOnce(work, batch, 1)
  if (tried.outcomes.every(({ kind }) => kind === 'acknowledged')) return tried.outcomes
  const changes = await batch.changes()
  let pending = changes
  for (let attempt = 1; ; attempt += 1) {
    if (attempt > 1) tried = await tryOnce(work, deliverable(pending), attempt)
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

export function deliverable(changes: readonly Change[]): Deliverable {
  return { rows: changes.length, changes: async () => changes }
}

async function tryOnce(work: DeliverBatch, batch: Deliverable, attempts: number): Promise<Tried> {
  work.counted()
  const { rows } = batch
  let results: readonly RowResult[]
  try {
    results =
      batch.write === undefined
        ? await work.session.write(await batch.changes(), work.signal)
        : await batch.write(work.signal)
  } catch (error) {
    if (!(error instanceof DeliveryError) || error.kind === 'fatal') throw error
    const { reason, message, retryAfterMs } = error
    if (error.kind === 'retryable')
      return { outcomes: ofAll(rows, { kind: 'failed', reason, message, attempts }), retryAfterMs }
    if (rows <= 1) return { outcomes: ofAll(rows, { kind: 'rejected', reason, message, attempts }) }
    const half = Math.ceil(rows / 2)
    const changes = await batch.changes()
    const first = await tryOnce(work, deliverable(changes.slice(0, half)), attempts)
    await work.pace.take(work.signal)
    const second = await tryOnce(work, deliverable(changes.slice(half)), attempts)
    return {
      outcomes: [...first.outcomes, ...second.outcomes],
      retryAfterMs: second.retryAfterMs ?? first.retryAfterMs,
    }
  }
  if (results.length !== rows)
    throw new Error(`the destination answered ${results.length} results for ${rows} changes`)
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

function ofAll(rows: number, outcome: Outcome): readonly Outcome[] {
  return Array.from({ length: rows }, () => outcome)
}
