import type { Adapter } from '../../adapters/adapter.ts'
import type { Range } from '../../compiler/syncs/fold-statements.ts'
import type { OutcomeRow, Reached, SyncState } from '../../compiler/syncs/sync-state.ts'
import type { Capabilities } from '../destination.ts'

/** What is written down while a sync delivers, before and after each batch. */
export interface Ledger {
  /** Must be written before the first byte is sent. */
  sent(range: Range): Promise<void>
  settled(range: Range, outcomes: readonly OutcomeRow[]): Promise<void>
  /** Where nothing is there before all is: now it is about to be, and now it is. */
  finishing(): Promise<void>
  finished(): Promise<void>
  /** What was noted as sent, and was not after all; everything unless ranges are given. */
  withdrawn(ranges?: readonly Range[]): Promise<void>
}

/** Waiting for one write, the next ones gather and are written together. */
export function openLedger(
  adapter: Pick<Adapter, 'transaction'>,
  state: SyncState,
  visible: Capabilities['visible'],
): Ledger {
  const written: Range[] = []
  let waiting = nothing()
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  const flush = async (): Promise<void> => {
    await running?.catch(() => undefined)
    next = undefined
    const { outcomes, reached } = waiting
    waiting = nothing()
    const statements = [
      ...outcomes.map((rows) => state.outcomes(rows)),
      ...[...reached].map(([how, ranges]) => state.progress(joined(ranges), how)),
    ]
    if (statements.length === 0) return
    running = adapter.transaction(statements).then(() => undefined)
    await running
  }
  const write = (reached: Reached, ranges: readonly Range[], outcomes: readonly OutcomeRow[] = []) => {
    if (ranges.length > 0) waiting.reached.set(reached, [...(waiting.reached.get(reached) ?? []), ...ranges])
    if (outcomes.length > 0) waiting.outcomes.push(outcomes)
    next ??= flush()
    return next
  }
  const each = visible === 'batch'
  return {
    async sent(range) {
      if (each) await write('sent', [range])
      else written.push(range)
    },
    settled: (range, outcomes) => write('settled', each ? [range] : [], outcomes),
    finishing: () => write('sent', written),
    finished: () => write('settled', written),
    withdrawn: (ranges) => write('withdrawn', ranges ?? written),
  }
}

interface Waiting {
  /** Of each batch: all at once could be too long a statement. */
  readonly outcomes: (readonly OutcomeRow[])[]
  readonly reached: Map<Reached, readonly Range[]>
}

function nothing(): Waiting {
  return { outcomes: [], reached: new Map() }
}

/** Ranges that touch become one. */
export function joined(ranges: readonly Range[]): readonly Range[] {
  const sorted = [...ranges].sort((a, b) => a.first - b.first)
  const found: { first: number; last: number }[] = []
  for (const { first, last } of sorted) {
    const before = found.at(-1)
    if (before !== undefined && first <= before.last + 1) before.last = Math.max(before.last, last)
    else found.push({ first, last })
  }
  return found
}

/** What of `ranges` is in none of `others`; both joined. */
export function without(ranges: readonly Range[], others: readonly Range[]): readonly Range[] {
  return ranges.flatMap(({ first, last }) => {
    const left: Range[] = []
    let from = first
    for (const other of others) {
      if (other.last < from || other.first > last) continue
      if (other.first > from) left.push({ first: from, last: other.first - 1 })
      from = other.last + 1
    }
    return from <= last ? [...left, { first: from, last }] : left
  })
}
