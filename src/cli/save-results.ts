import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { makeFolder } from '../config/make-folder.ts'
import type { RunRecord } from '../runner/run-log.ts'
import { type RunResultsOf, renderRunResults } from '../runner/run-results-file.ts'
import { writing } from './artifacts.ts'

export const runResultsFile = 'run_results.json'

/** Often enough for whoever kills a run, seldom enough for a run of thousands of nodes. */
const everyMs = 500

/**
 * Keeps run_results.json up to date while a run goes on, so that one that is killed can be gone on from.
 *
 * @throws {ProblemError} PSN5015 the folder cannot be written, when a run begins and when it ends
 */
export function saveResults(config: Config, of: Omit<RunResultsOf, 'run'>): (run: RunRecord) => void {
  const file = join(config.paths.target, runResultsFile)
  let savedAt = Number.NEGATIVE_INFINITY
  return (run) => {
    const now = performance.now()
    const isOnTheWay = run.status === 'running' && run.results.length > 0
    if (isOnTheWay && now - savedAt < everyMs) return
    savedAt = now
    const write = (): void => {
      makeFolder(config.paths.target)
      // Whole or not at all, whenever the process ends.
      writeFileSync(`${file}.next`, renderRunResults({ ...of, run }))
      renameSync(`${file}.next`, file)
    }
    writing(config, write)
  }
}
