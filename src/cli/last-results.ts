import { join, relative } from 'node:path'
import type { Config } from '../config/config.ts'
import { readText } from '../config/read-text.ts'
import { ProblemError, problem } from '../diagnostics/problem.ts'
import { parseRunResults, type RunResultsFile } from '../runner/run-results-file.ts'
import { parseSyncResults, type SyncResultsFile } from '../runner/sync-results-file.ts'
import { runResultsFile } from './save-results.ts'
import { syncResultsFile } from './save-sync-results.ts'

/** What there is to go on from: of a run and of syncs the last. */
export type LastResults =
  | { readonly kind: 'run'; readonly earlier: RunResultsFile }
  | { readonly kind: 'syncs'; readonly earlier: SyncResultsFile }

/**
 * The later of the last run and the last syncs, or the one of them that did not succeed.
 *
 * @throws {ProblemError} PSN5027 there is neither, or one that this version cannot read
 */
export function lastResults(config: Config): LastResults {
  const run = read(config, runResultsFile, parseRunResults)
  const syncs = read(config, syncResultsFile, parseSyncResults)
  const found: LastResults[] = []
  if (run !== undefined) found.push({ kind: 'run', earlier: run })
  if (syncs !== undefined) found.push({ kind: 'syncs', earlier: syncs })
  const [last, other] = found.sort((a, b) => (a.earlier.started_at < b.earlier.started_at ? 1 : -1))
  if (last === undefined) {
    const file = relative(config.projectDir, join(config.paths.target, runResultsFile))
    throw new ProblemError([problem('PSN5027', { file, reason: 'does not exist' })])
  }
  const isDone = last.earlier.status === 'success'
  return isDone && other !== undefined && other.earlier.status !== 'success' ? other : last
}

/** Undefined where there is no such file. */
function read<T>(
  { paths, projectDir }: Config,
  name: string,
  parse: (text: string) => T | undefined,
): T | undefined {
  const path = join(paths.target, name)
  const file = relative(projectDir, path)
  const found = readText(path, file)
  if (!found.ok && found.missing) return undefined
  const results = found.ok ? parse(found.text) : undefined
  if (results !== undefined) return results
  const reason = found.ok ? 'was not written by this version of personas' : 'cannot be read'
  throw new ProblemError([problem('PSN5027', { file, reason })])
}
