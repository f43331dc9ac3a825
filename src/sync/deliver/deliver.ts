import type { OutcomeRow } from '../../compiler/syncs/sync-state.ts'
import { type Change, DeliveryError } from '../destination.ts'
import { type Batch, batches, type Planned } from './batches.ts'
import { type DeliverBatch, deliverBatch, type Outcome } from './deliver-batch.ts'
import type { Ledger } from './ledger.ts'

export interface Deliver extends DeliverBatch {
  readonly planned: AsyncIterable<Planned>
  readonly ledger: Ledger
  readonly limits: {
    readonly rows: number
    readonly bytes?: number | undefined
    readonly concurrency: number
  }
  /** Told after each batch. */
  readonly report: (settled: { readonly acknowledged: number; readonly others: number }) => void
}

/** Why no more was sent; absent where everything was. */
export interface Stopped {
  readonly kind: 'fatal' | 'unavailable' | 'cancelled'
  readonly message: string
}

/** So many batches one after the other without one row taken, and the destination is let alone. */
const failuresInARow = 3

/**
 * Sends what is planned in batches, several side by side, and writes to the ledger before and after each.
 * What is not sent when it ends early is planned anew by the next sync.
 *
 * @throws what is neither the destination's nor the caller's doing; batches under way have ended
 */
export async function deliver(work: Deliver): Promise<Stopped | undefined> {
  const running = new Set<Promise<void>>()
  let stopped: Stopped | undefined
  let failure: unknown
  let failed = 0
  const one = async (batch: Batch): Promise<void> => {
    const first = batch.planned[0]?.seq ?? 0
    const last = batch.planned.at(-1)?.seq ?? 0
    const range = { first, last }
    const changes = batch.planned.flatMap(({ change }) => ('refused' in change ? [] : [change]))
    await work.ledger.sent(range)
    const outcomes = changes.length === 0 ? [] : await deliverBatch(work, changes)
    const rows = outcomeRows(batch.planned, changes, outcomes)
    await work.ledger.settled(range, rows)
    work.report({ acknowledged: batch.planned.length - rows.length, others: rows.length })
    failed = outcomes.length > 0 && outcomes.every(({ kind }) => kind === 'failed') ? failed + 1 : 0
    const [outcome] = outcomes
    if (failed >= failuresInARow && outcome?.kind === 'failed')
      stopped ??= { kind: 'unavailable', message: `${outcome.reason}: ${outcome.message}` }
  }
  const start = (batch: Batch): void => {
    const task = one(batch).catch((error: unknown) => {
      if (error instanceof DeliveryError)
        stopped ??= { kind: 'fatal', message: `${error.reason}: ${error.message}` }
      else failure ??= error
    })
    const done = task.finally(() => running.delete(done))
    running.add(done)
  }
  const over = (): boolean => stopped !== undefined || failure !== undefined || work.signal.aborted
  try {
    for await (const batch of batches(work.planned, work.limits)) {
      while (running.size >= (batch.waits ? 1 : work.limits.concurrency) && !over())
        await Promise.race(running)
      if (over()) break
      await work.pace.take(work.signal)
      start(batch)
    }
  } catch (error) {
    if (!work.signal.aborted) failure ??= error
  }
  await Promise.all(running)
  if (failure !== undefined) throw failure instanceof Error ? failure : new Error(String(failure))
  return stopped ?? (work.signal.aborted ? { kind: 'cancelled', message: 'the sync was stopped' } : undefined)
}

function outcomeRows(
  planned: readonly Planned[],
  changes: readonly Change[],
  outcomes: readonly Outcome[],
): readonly OutcomeRow[] {
  const byChange = new Map(changes.map((change, index) => [change, outcomes[index]]))
  return planned.flatMap(({ seq, change }): readonly OutcomeRow[] => {
    if ('refused' in change)
      return [{ seq, status: 'rejected', reason: 'cannot be mapped', message: change.refused, attempts: 0 }]
    const outcome = byChange.get(change)
    if (outcome === undefined) throw new Error(`no outcome for change ${seq}`)
    switch (outcome.kind) {
      case 'acknowledged':
        return []
      case 'stopped':
        return [{ seq, status: 'stopped', reason: 'stopped', message: '', attempts: 0 }]
      case 'rejected':
      case 'failed': {
        const { kind, reason, message, attempts } = outcome
        return [{ seq, status: kind, reason, message, attempts }]
      }
    }
  })
}
