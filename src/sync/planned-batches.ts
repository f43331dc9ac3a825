import type { Range } from '../compiler/syncs/fold-statements.ts'
import type { SyncState } from '../compiler/syncs/sync-state.ts'
import { type WrittenRecords, writtenRecords } from '../compiler/syncs/written-records.ts'
import { type Batch, batches, type Planned } from './deliver/batches.ts'
import type { JsonRecords, Session } from './destination.ts'
import { batchKey } from './json-batch.ts'
import { plannedChanges } from './planned-changes.ts'
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
    // Batches are cut by the numbers of changes, of which some are not to be sent.
    if (Number(extent?.row_count) >= 0.9 * all) {
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

/** Of what is asked for at once. */
const blockBytes = 8_000_000
/** What comes next is asked for meanwhile: DuckDB writes a block in one thread. */
const ahead = 2
/** The first time, when nobody knows how long records are. */
const firstBatches = 4
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
  const { limits } = writing
  const asked: Promise<readonly WrittenBatch[]>[] = []
  let from = all.first
  const ask = (rows: number, count: number): void => {
    const range = { first: from, last: Math.min(all.last, from + rows * count - 1) }
    from = range.last + 1
    const found = written(writing, range, removals, rows)
    // Whoever waits for it hears of it; nobody may.
    found.catch(() => undefined)
    asked.push(found)
  }
  if (all.first <= all.last) ask(limits.rows, firstBatches)
  try {
    for (let block = asked[0]; block !== undefined; block = asked[0]) {
      const found = await block
      asked.shift()
      const bytes = sum(found.map((batch) => batch.bytes))
      const each = Math.max(1, bytes / Math.max(1, sum(found.map((batch) => batch.rows))))
      const fitting = Math.floor((wantedShare * (limits.bytes ?? Number.POSITIVE_INFINITY)) / each)
      const rows = Math.max(1, Math.min(limits.rows, fitting))
      while (asked.length < ahead && from <= all.last)
        ask(rows, Math.max(1, Math.floor(blockBytes / (rows * each))))
      for (const batch of found) {
        if (limits.bytes === undefined || batch.bytes <= limits.bytes) yield batch
        else yield* batches(writing.changes(batch.range), limits)
      }
    }
  } finally {
    // Their connections are not to be closed under them.
    await Promise.allSettled(asked)
  }
}

interface WrittenBatch extends Batch {
  readonly bytes: number
}

async function written(
  { run, written: records, json: { head, between }, changes }: Writing,
  range: Range,
  removals: boolean,
  rows: number,
): Promise<readonly WrittenBatch[]> {
  const found = await run.state.query(records.batches(range, { removals, rows, head, between }))
  return found.map((row): WrittenBatch => {
    const own = { first: Number(row.first_seq), last: Number(row.last_seq) }
    const text = String(row.records)
    const json = {
      rows: Number(row.row_count),
      records: text,
      key: batchKey(Number(row.row_count), String(row.least_key), String(row.greatest_key)),
    }
    return {
      range: own,
      rows: json.rows,
      json,
      bytes: Buffer.byteLength(text),
      waits: false,
      async planned() {
        const all: Planned[] = []
        for await (const some of changes(own)) all.push(...some)
        return all
      },
    }
  })
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
