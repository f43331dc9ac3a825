import type { Adapter } from '../adapters/adapter.ts'
import type { CompiledNode } from '../ir/node.ts'
import { relation } from '../ir/relation.ts'
import type { NodeEvent, NodeResult } from './node-result.ts'
import { takeLock } from './run-lock.ts'
import { logRun, type RunRecord } from './run-log.ts'
import { runNodes } from './run-nodes.ts'

export interface ExecuteRun {
  readonly adapter: Adapter
  readonly schema: string
  readonly workSchema: string
  readonly nodes: readonly CompiledNode[]
  readonly selected: ReadonlySet<string>
  readonly threads: number
  readonly runId: string
  readonly command: string
  /** ISO instant with `Z`. */
  readonly asOf: string
  /** Nothing that earlier runs left is gone on from. */
  readonly fullRefresh: boolean
  readonly target: string
  readonly project: string
  readonly version: string
  readonly lockTimeoutSeconds: number
  readonly signal: AbortSignal
  readonly report: (event: NodeEvent) => void
  /** Another run holds the schema and we wait for it. */
  readonly waiting: () => void
}

/** Another run holds the schema. */
export class SchemaLockedError extends Error {
  override readonly name = 'SchemaLockedError'
  readonly schema: string

  constructor(schema: string) {
    super(`another run is writing to schema \`${schema}\``)
    this.schema = schema
  }
}

/** How long the warehouse may take to give up what it was doing after a cancel. */
const cancelMs = 10_000
const cancelEveryMs = 250

/**
 * Runs nodes under the schema's lock, and logs the run there. When `signal` aborts, what runs on the server is
 * cancelled; the public tables change only in the last node's one transaction.
 *
 * @throws {SchemaLockedError} another run holds the schema, and still does after the lock timeout
 * @throws {WarehouseError} the lock, the schemas or the log could not be written
 */
export async function executeRun(run: ExecuteRun): Promise<RunRecord> {
  const { adapter, signal } = run
  const startedAt = new Date().toISOString()
  const lock = await takeLock(adapter, run.schema, run.lockTimeoutSeconds, signal, run.waiting)
  if (lock === undefined) throw new SchemaLockedError(run.schema)
  try {
    await prepare(run)
    const results = await untilCancelled(run, runNodes(run))
    const record = recordOf(run, startedAt, results)
    await logRun(adapter, run.schema, record)
    return record
  } finally {
    await lock.release()
  }
}

/** Creates the schemas and the one-row table `run` that compiled SQL reads its instant from. */
async function prepare(run: ExecuteRun): Promise<void> {
  const { adapter } = run
  const { dialect } = adapter
  const asOf = `select ${dialect.text(run.runId)} as run_id, ${dialect.timestamp(run.asOf)} as as_of, ${dialect.boolean(run.fullRefresh)} as full_refresh`
  for (const sql of [
    ...dialect.createSchema(run.schema),
    ...dialect.createSchema(run.workSchema),
    ...dialect.createTableAs(relation(run.workSchema, 'run'), asOf),
  ]) {
    await adapter.execute(sql)
  }
}

/**
 * The results, or none of them if the warehouse does not give up in time after a cancel. Asked again and again: a
 * cancel that falls between two statements of a node stops neither.
 */
async function untilCancelled(
  run: ExecuteRun,
  work: Promise<readonly NodeResult[]>,
): Promise<readonly NodeResult[]> {
  let timer: NodeJS.Timeout | undefined
  const stopped = new Promise<readonly NodeResult[]>((resolve, reject) => {
    let left = cancelMs
    const cancel = (): void => {
      run.adapter.cancel().catch(reject)
      left -= cancelEveryMs
      if (left <= 0) resolve([])
    }
    const begin = (): void => {
      cancel()
      timer = setInterval(cancel, cancelEveryMs)
    }
    if (run.signal.aborted) begin()
    else run.signal.addEventListener('abort', begin, { once: true })
  })
  try {
    return await Promise.race([work, stopped])
  } finally {
    clearInterval(timer)
  }
}

function recordOf(run: ExecuteRun, startedAt: string, results: readonly NodeResult[]): RunRecord {
  const succeeded = results.every((result) => result.status === 'success')
  const done = succeeded && !(run.signal.aborted && results.length === 0)
  const status = done ? 'success' : run.signal.aborted ? 'cancelled' : 'error'
  return {
    runId: run.runId,
    command: run.command,
    startedAt,
    finishedAt: new Date().toISOString(),
    asOf: run.asOf,
    status,
    target: run.target,
    project: run.project,
    version: run.version,
    results,
  }
}
