import type { Range } from '../compiler/syncs/fold-statements.ts'
import type { SyncState } from '../compiler/syncs/sync-state.ts'
import { type WrittenRecords, writtenRecords } from '../compiler/syncs/written-records.ts'
import { type Batch, batches, type Planned } from './deliver/batches.ts'
import type { JsonRecords, Session } from './destination.ts'
import { canRemove, plannedChanges } from './planned-changes.ts'
import type { RunSync } from './sync-run.ts'

interface Limits {
  /** Of a batch. */
  readonly rows: number
  readonly bytes?: number | undefined
}

/** What is to be sent, in order, written by the warehouse where it can be. */
export async function* plannedBatches(
  run: RunSync,
  state: SyncState,
  { json }: Session,
  limits: Limits,
): AsyncGenerator<Batch> {
  const { state: adapter, templates } = run
  const records = json && writtenRecords({ dialect: adapter.dialect, templates }, run.sync, state.changes)
  if (json !== undefined && records !== undefined) {
    for (const sql of records.prepare) await adapter.execute(sql)
    const [extent] = await adapter.query(records.extent)
    const [removals, all] = [Number(extent?.last_removal ?? 0), Number(extent?.last_seq ?? 0)]
    const longest = limits.rows * escapedBytes * Number(extent?.longest ?? 0)
    // Batches are cut by the numbers of changes, of which some are not to be sent.
    const mostlySent = Number(extent?.row_count) >= 0.9 * all
    const canBeTold = removals === 0 || canRemove(run.destination.capabilities)
    if (mostlySent && canBeTold && longest <= longestText) {
      const changes = (range: Range): AsyncIterable<readonly Planned[]> => plannedChanges(run, state, range)
      const writing = { run, written: records, json, limits, changes }
      yield* writtenBatches(writing, { first: 1, last: removals }, { first: removals + 1, last: all })
      return
    }
  }
  yield* batches(plannedChanges(run, state), limits)
}

interface Writing {
  readonly run: RunSync
  readonly written: WrittenRecords
  readonly json: JsonRecords
  readonly limits: Limits
  /** The changes of a range. */
  readonly changes: (range: Range) => AsyncIterable<readonly Planned[]>
}

/** Of a character in JSON, at most: `\u0001`. */
const escapedBytes = 6
/** What a warehouse surely writes as one text, with room for names: PostgreSQL has a limit of 1 GB. */
const longestText = 500_000_000
/** Of what is asked for at once. */
const blockBytes = 4_000_000
/** So many records are written to see how long they are. */
const looked = 100
/** Of what a request may have, as some records are longer than others. */
const wantedShare = 0.8

/** Removals, and then the rest when they have ended. */
async function* writtenBatches(writing: Writing, removals: Range, others: Range): AsyncGenerator<Batch> {
  yield* ofRange(writing, removals, true)
  let waits = removals.last > 0
  for await (const batch of ofRange(writing, others, false)) {
    yield { ...batch, waits }
    waits = false
  }
}

async function* ofRange(writing: Writing, all: Range, removals: boolean): AsyncGenerator<Batch> {
  if (all.first > all.last) return
  const { limits } = writing
  const most = limits.bytes ?? Number.POSITIVE_INFINITY
  const first = { first: all.first, last: Math.min(all.last, all.first + looked - 1) }
  let each = bytesOfEach(await written(writing, first, removals, looked)) ?? 1
  let from = all.first
  const ask = (): Promise<readonly WrittenBatch[]> | undefined => {
    if (from > all.last) return undefined
    const rows = Math.max(1, Math.min(limits.rows, Math.floor((wantedShare * most) / each)))
    const count = Math.max(1, Math.floor(blockBytes / (rows * each)))
    const range = { first: from, last: Math.min(all.last, from + rows * count - 1) }
    from = range.last + 1
    const found = written(writing, range, removals, rows)
    // Whoever waits for it hears of it; nobody may.
    found.catch(() => undefined)
    return found
  }
  let next = ask()
  try {
    while (next !== undefined) {
      const found: readonly WrittenBatch[] = await next
      each = bytesOfEach(found) ?? each
      // Written while this one is sent.
      next = ask()
      for (const batch of found) {
        if (batch.bytes <= most) yield batch
        else yield* batches(writing.changes(batch.range), limits)
      }
    }
  } finally {
    // Its connection is not to be closed under it.
    await next?.catch(() => undefined)
  }
}

/** Of a record; undefined where there is none. */
function bytesOfEach(found: readonly WrittenBatch[]): number | undefined {
  const bytes = found.reduce((sum, batch) => sum + batch.bytes, 0)
  return bytes === 0 ? undefined : bytes / found.reduce((sum, batch) => sum + batch.rows, 0)
}

interface WrittenBatch extends Batch {
  readonly bytes: number
}

async function written(
  { run, written: records, json, changes }: Writing,
  range: Range,
  removals: boolean,
  rows: number,
): Promise<readonly WrittenBatch[]> {
  const select = records.batches(range, { ...json, removals, rows })
  const found = await run.state.queryTexts(select, 'body')
  return found.map(({ row, text }): WrittenBatch => {
    const own = { first: Number(row.first_seq), last: Number(row.last_seq) }
    const json = { rows: Number(row.row_count), body: text, key: String(row.batch_key) }
    return {
      range: own,
      rows: json.rows,
      json,
      bytes: text.length,
      waits: false,
      async planned() {
        const all: Planned[] = []
        for await (const some of changes(own)) all.push(...some)
        return all
      },
    }
  })
}
