import type { Config } from '../config/config.ts'
import type { RunRecord } from '../runner/run-log.ts'
import { type RunResultsOf, renderRunResults } from '../runner/run-results-file.ts'
import { writeResults } from './write-results.ts'

export const runResultsFile = 'run_results.json'

/** Often enough for whoever kills a run, seldom enough for a run of thousands of nodes. */
const everyMs = 500

/**
 * Keeps run_results.json up to date while a run goes on, so that one that is killed can be gone on from.
 *
 * @throws {ProblemError} PSN5015 the folder cannot be written, when a run begins and when it ends
 */
export function saveResults(config: Config, of: Omit<RunResultsOf, 'run'>): (run: RunRecord) => void {
  let savedAt = Number.NEGATIVE_INFINITY
  return (run) => {
    const now = performance.now()
    const isOnTheWay = run.status === 'running' && run.results.length > 0
    if (isOnTheWay && now - savedAt < everyMs) return
    savedAt = now
    writeResults(config, runResultsFile, renderRunResults({ ...of, run }))
  }
}
