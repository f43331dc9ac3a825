import type { OutcomeRow } from '../../compiler/syncs/sync-state.ts'
import { type Change, DeliveryError, type Session } from '../destination.ts'
import type { Batch, Planned } from './batches.ts'
import {
  type Deliverable,
  type DeliverBatch,
  deliverable,
  deliverBatch,
  type Outcome,
} from './deliver-batch.ts'
import type { Ledger } from './ledger.ts'

export interface Deliver extends DeliverBatch {
  readonly session: Pick<Session, 'write' | 'json'>
  /** In order. */
  readonly batches: AsyncIterable<Batch>
  readonly ledger: Ledger
  readonly limits: {
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
  const one = async (batch: Batch): Promise<void> => {
    const sent = await deliverableOf(batch, work.session)
    const outcomes = sent.rows === 0 ? [] : await deliverBatch(work, sent)
    const rows = await outcomeRows(batch, outcomes)
    while (writing.size >= unwritten) await Promise.race(writing)
    // The next batch need not wait until it is written down that this one has arrived.
    keep(
      writing,
      work.ledger
        .settled(batch.range, rows)
        .then(() => work.report({ acknowledged: batch.rows - rows.length, others: rows.length })),
    )
    failed = outcomes.length > 0 && outcomes.every(({ kind }) => kind === 'failed') ? failed + 1 : 0
    const [outcome] = outcomes
    if (failed >= failuresInARow && outcome?.kind === 'failed')
      stopped ??= { kind: 'unavailable', message: `${outcome.reason}: ${outcome.message}` }
  }
  const over = (): boolean => stopped !== undefined || failure !== undefined || work.signal.aborted
  const claimed = new Set<Batch>()
  const claim = async (some: readonly Batch[]): Promise<void> => {
    await work.ledger.sent({ first: some[0]?.range.first ?? 0, last: some.at(-1)?.range.last ?? 0 })
    for (const batch of some) claimed.add(batch)
  }
  try {
    for await (const some of claims(work.batches, work.limits.claimed, claim)) {
      if (over()) break
      for (const batch of some) {
        while (running.size >= (batch.waits ? 1 : work.limits.concurrency) && !over())
          await Promise.race(running)
        if (over()) break
        await work.pace.take(work.signal)
        claimed.delete(batch)
        keep(running, one(batch))
      }
    }
  } catch (error) {
    if (!work.signal.aborted) failure ??= error
  }
  await Promise.all(running)
  await Promise.all(writing)
  if (claimed.size > 0) await work.ledger.withdrawn([...claimed].map(({ range }) => range))
  if (failure !== undefined) throw failure instanceof Error ? failure : new Error(String(failure))
  return stopped ?? (work.signal.aborted ? { kind: 'cancelled', message: 'the sync was stopped' } : undefined)
}

/** So many at a time, claimed; where they are several, the next ones are claimed while these are sent. */
async function* claims(
  all: AsyncIterable<Batch>,
  size: number,
  claim: (some: readonly Batch[]) => Promise<void>,
): AsyncIterable<readonly Batch[]> {
  let before: Claim | undefined
  try {
    for await (const some of groups(all, size)) {
      const next = { some, claimed: claim(some) }
      // Whoever waits for it hears of it; nobody may.
      next.claimed.catch(() => undefined)
      if (before !== undefined) yield await claimedOf(before)
      before = next
      if (size > 1) continue
      before = undefined
      yield await claimedOf(next)
    }
    const last = before
    before = undefined
    if (last !== undefined) yield await claimedOf(last)
  } finally {
    await before?.claimed.catch(() => undefined)
  }
}

interface Claim {
  readonly some: readonly Batch[]
  readonly claimed: Promise<void>
}

async function claimedOf({ some, claimed }: Claim): Promise<readonly Batch[]> {
  await claimed
  return some
}

/** So many at a time; the last may be fewer. */
async function* groups(all: AsyncIterable<Batch>, size: number): AsyncIterable<readonly Batch[]> {
  let some: Batch[] = []
  for await (const batch of all) {
    some.push(batch)
    if (some.length < size) continue
    yield some
    some = []
  }
  if (some.length > 0) yield some
}

/** Of what the warehouse wrote, all is told at once; what is left over is then told change by change. */
async function deliverableOf(batch: Batch, { json }: Pick<Session, 'json'>): Promise<Deliverable> {
  const written = batch.json
  if (written !== undefined && json !== undefined)
    return {
      rows: batch.rows,
      changes: async () => sendable(await batch.planned()),
      write: (signal) => json.write(written, signal),
    }
  return deliverable(sendable(await batch.planned()))
}

function sendable(planned: readonly Planned[]): readonly Change[] {
  return planned.flatMap(({ change }) => ('refused' in change ? [] : [change]))
}

/** @param outcomes of those that were not refused, in their order */
async function outcomeRows(batch: Batch, outcomes: readonly Outcome[]): Promise<readonly OutcomeRow[]> {
  if (outcomes.length === batch.rows && outcomes.every(({ kind }) => kind === 'acknowledged')) return []
  const planned = await batch.planned()
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
