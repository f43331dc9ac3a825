import type { Adapter } from '../adapters/adapter.ts'
import { problem } from '../diagnostics/problem.ts'
import type { CompiledNode } from '../ir/node.ts'
import { logRunPatiently } from './log-run-patiently.ts'
import type { NodeEvent, NodeResult } from './node-result.ts'
import { type EarlierRun, nodesLeftDone, prepareRun } from './prepare-run.ts'
import { takeLock } from './run-lock.ts'
import type { RunRecord } from './run-log.ts'
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
  /** See `hashOfDefinitions`. */
  readonly definitionsHash: string
  readonly lockTimeoutSeconds: number
  readonly signal: AbortSignal
  readonly report: (event: NodeEvent) => void
  /** Told how far the run is: when it begins, whenever a node has ended, and at its end. */
  readonly save?: (run: RunRecord) => void
  /** A run that did not succeed, to go on from. */
  readonly continues?: EarlierRun
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
 * Runs nodes under the schema's lock, and logs the run there. When `signal` aborts, or the lock is lost, what runs on the
 * server is cancelled; the public tables change only in the last node's one transaction.
 *
 * @throws {SchemaLockedError} another run holds the schema, and still does after the lock timeout
 * @throws {RunPassedError} a later run has written over what this one was to go on from
 * @throws {WarehouseError} the lock could not be taken or the schemas not be written
 */
export async function executeRun(run: ExecuteRun): Promise<RunRecord> {
  const { adapter, save = () => {} } = run
  const startedAt = new Date().toISOString()
  const lock = await takeLock(adapter, run.schema, run.lockTimeoutSeconds, run.signal, run.waiting)
  if (lock === undefined) throw new SchemaLockedError(run.schema)
  try {
    const kept = await nodesLeftDone(adapter, run.workSchema, run.continues)
    const selected = new Set([...run.selected].filter((id) => !kept.has(id)))
    const recordOf = (status: RunRecord['status'], results: readonly NodeResult[]): RunRecord => ({
      ...{ runId: run.runId, command: run.command, startedAt, finishedAt: new Date().toISOString() },
      ...{ asOf: run.asOf, status, target: run.target, project: run.project, version: run.version },
      ...{ definitionsHash: run.definitionsHash, results, kept: [...kept], problems: [] },
    })
    const ended: NodeResult[] = []
    const report = (event: NodeEvent): void => {
      run.report(event)
      if (event.kind !== 'ended') return
      ended.push(event.result)
      save(recordOf('running', ended))
    }
    save(recordOf('running', ended))
    const signal = AbortSignal.any([run.signal, lock.lost])
    try {
      await prepareRun(run)
      const results = await untilCancelled(adapter, signal, runNodes({ ...run, selected, signal, report }))
      const record = recordOf(statusOf(run.signal, lock.lost, results), results)
      save(record)
      const problems = lock.lost.aborted ? [problem('PSN5029', { schema: run.schema })] : []
      const unlogged = await logRunPatiently(adapter, run.schema, record, run.signal)
      return { ...record, problems: [...problems, ...unlogged] }
    } catch (error) {
      save(recordOf(run.signal.aborted ? 'cancelled' : 'error', ended))
      throw error
    }
  } finally {
    await lock.release()
  }
}

/**
 * The results, or none of them if the warehouse does not give up in time after a cancel. Asked again and again: a
 * cancel that falls between two statements of a node stops neither.
 */
async function untilCancelled(
  adapter: Adapter,
  signal: AbortSignal,
  work: Promise<readonly NodeResult[]>,
): Promise<readonly NodeResult[]> {
  let timer: NodeJS.Timeout | undefined
  let begin = (): void => {}
  const asked = new Set<Promise<void>>()
  const stopped = new Promise<readonly NodeResult[]>((resolve, reject) => {
    let left = cancelMs
    // A server that is just going down cannot be asked, and ends what it does all the same.
    let failure: unknown
    const cancel = (): void => {
      const asking = adapter
        .cancel()
        .catch((error: unknown) => {
          failure = error
        })
        .finally(() => asked.delete(asking))
      asked.add(asking)
      left -= cancelEveryMs
      if (left > 0) return
      if (failure === undefined) resolve([])
      else reject(failure)
    }
    begin = (): void => {
      cancel()
      timer = setInterval(cancel, cancelEveryMs)
    }
    if (signal.aborted) begin()
    else signal.addEventListener('abort', begin, { once: true })
  })
  try {
    const results = await Promise.race([work, stopped])
    // A cancel that is still on its way would hit whatever comes next.
    if (results.length > 0) await Promise.all(asked)
    return results
  } finally {
    signal.removeEventListener('abort', begin)
    clearInterval(timer)
  }
}

function statusOf(
  stopped: AbortSignal,
  lockLost: AbortSignal,
  results: readonly NodeResult[],
): RunRecord['status'] {
  const succeeded = results.every((result) => result.status === 'success')
  const cut = (stopped.aborted || lockLost.aborted) && results.length === 0
  if (succeeded && !cut) return 'success'
  return stopped.aborted ? 'cancelled' : 'error'
}
