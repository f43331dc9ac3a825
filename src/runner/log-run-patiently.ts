import { setTimeout as delay } from 'node:timers/promises'
import type { Adapter } from '../adapters/adapter.ts'
import { WarehouseError } from '../adapters/warehouse-error.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import { logRun, type RunRecord } from './run-log.ts'

/** What took down a node takes down the log too, unless a server that restarts is waited for. */
const pausesMs: readonly number[] = [500, 1000, 2000, 4000]

/**
 * Logs a run, asking again for a few seconds where the warehouse cannot be reached.
 *
 * @returns what is to be said where it could not be logged: how the run itself ended is worth more than an exception
 */
export async function logRunPatiently(
  adapter: Adapter,
  schema: string,
  run: RunRecord,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await logRun(adapter, schema, run)
      return []
    } catch (error) {
      if (!(error instanceof WarehouseError)) throw error
      const pause = pausesMs[attempt]
      if (!error.retryable || pause === undefined || signal.aborted) {
        return [problem('PSN5030', { runId: run.runId, schema, reason: error.message })]
      }
      await delay(pause)
    }
  }
}
