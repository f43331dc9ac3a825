import type { Range } from '../../compiler/syncs/fold-statements.ts'
import type { OutcomeRow } from '../../compiler/syncs/sync-state.ts'
import { DeliveryError } from '../destination.ts'
import { type Batch, batches, type Planned } from './batches.ts'
import { type DeliverBatch, deliverBatch, type Outcome } from './deliver-batch.ts'
import type { Ledger } from './ledger.ts'

export interface Deliver extends DeliverBatch {
  /** In order, some at a time. */
  readonly planned: AsyncIterable<readonly Planned[]>
  readonly ledger: Ledger
  readonly limits: {
    readonly rows: number
    readonly bytes?: number | undefined
    readonly concurrency: number
    /** So many batches are noted as sent before the first of them is; after a crash nobody knows of any of them. */
    readonly claimed: number
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

/** Answers that wait to be written down, at most. */
const unwritten = 64

/**
 * Sends what is planned in batches, several side by side. The ledger is told before a batch is sent, of several at once where
 * that does no harm, and after each.
 * What is not sent when it ends early is planned anew by the next sync.
 *
 * @throws what is neither the destination's nor the caller's doing; batches under way have ended
 */
export async function deliver(work: Deliver): Promise<Stopped | undefined> {
  const running = new Set<Promise<void>>()
  const writing = new Set<Promise<void>>()
  let stopped: Stopped | undefined
  let failure: unknown
  let failed = 0
  const note = (error: unknown): void => {
    if (error instanceof DeliveryError)
      stopped ??= { kind: 'fatal', message: `${error.reason}: ${error.message}` }
    else failure ??= error
  }
  const keep = (set: Set<Promise<void>>, task: Promise<void>): void => {
    const done = task.catch(note).finally(() => set.delete(done))
    set.add(done)
  }
  const one = async ({ planned }: Batch): Promise<void> => {
    const changes = planned.flatMap(({ change }) => ('refused' in change ? [] : [change]))
    const outcomes = changes.length === 0 ? [] : await deliverBatch(work, changes)
    const rows = outcomeRows(planned, outcomes)
    while (writing.size >= unwritten) await Promise.race(writing)
    // The next batch need not wait until it is written down that this one has arrived.
    keep(
      writing,
      work.ledger
        .settled(rangeOf(planned), rows)
        .then(() => work.report({ acknowledged: planned.length - rows.length, others: rows.length })),
    )
    failed = outcomes.length > 0 && outcomes.every(({ kind }) => kind === 'failed') ? failed + 1 : 0
    const [outcome] = outcomes
    if (failed >= failuresInARow && outcome?.kind === 'failed')
      stopped ??= { kind: 'unavailable', message: `${outcome.reason}: ${outcome.message}` }
  }
  const over = (): boolean => stopped !== undefined || failure !== undefined || work.signal.aborted
  let claimed: readonly Batch[] = []
  try {
    for await (const some of claims(batches(work.planned, work.limits), work.limits.claimed)) {
      if (over()) break
      await work.ledger.sent(rangeOf(some.flatMap(({ planned }) => planned)))
      claimed = some
      for (const batch of some) {
        while (running.size >= (batch.waits ? 1 : work.limits.concurrency) && !over())
          await Promise.race(running)
        if (over()) break
        await work.pace.take(work.signal)
        claimed = claimed.slice(1)
        keep(running, one(batch))
      }
    }
  } catch (error) {
    if (!work.signal.aborted) failure ??= error
  }
  await Promise.all(running)
  await Promise.all(writing)
  if (claimed.length > 0) await work.ledger.withdrawn(claimed.map(({ planned }) => rangeOf(planned)))
  if (failure !== undefined) throw failure instanceof Error ? failure : new Error(String(failure))
  return stopped ?? (work.signal.aborted ? { kind: 'cancelled', message: 'the sync was stopped' } : undefined)
}

/** So many at a time; the last may be fewer. */
async function* claims(all: AsyncIterable<Batch>, size: number): AsyncIterable<readonly Batch[]> {
  let some: Batch[] = []
  for await (const batch of all) {
    some.push(batch)
    if (some.length < size) continue
    yield some
    some = []
  }
  if (some.length > 0) yield some
}

function rangeOf(planned: readonly Planned[]): Range {
  return { first: planned[0]?.seq ?? 0, last: planned.at(-1)?.seq ?? 0 }
}

/** @param outcomes of those that were not refused, in their order */
function outcomeRows(planned: readonly Planned[], outcomes: readonly Outcome[]): readonly OutcomeRow[] {
  if (outcomes.length === planned.length && outcomes.every(({ kind }) => kind === 'acknowledged')) return []
  let next = 0
  return planned.flatMap(({ seq, change }): readonly OutcomeRow[] => {
    if ('refused' in change)
      return [{ seq, status: 'rejected', reason: 'cannot be mapped', message: change.refused, attempts: 0 }]
    const outcome = outcomes[next]
    next += 1
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
