import type { Config } from '../config/config.ts'
import { type RecordedSync, renderSyncResults, type SyncResultsFile } from '../runner/sync-results-file.ts'
import type { SyncEnd } from '../sync/run-syncs.ts'
import { writeResults } from './write-results.ts'

export const syncResultsFile = 'sync_results.json'

export type SyncResultsOf = Omit<SyncResultsFile, 'schema_version' | 'finished_at' | 'status' | 'syncs'>

export interface SavedSyncs {
  begun(sync: string): void
  ended(ends: readonly SyncEnd[], isStopped: boolean): void
}

/**
 * Keeps sync_results.json up to date while syncs go on.
 *
 * @param kept syncs that earlier ones brought to their end
 * @throws {ProblemError} PSN5015 the folder cannot be written
 */
export function saveSyncResults(
  config: Config,
  of: SyncResultsOf,
  names: readonly string[],
  kept: readonly RecordedSync[],
): SavedSyncs {
  const statuses = new Map<string, RecordedSync['status']>(names.map((name) => [name, 'not_begun']))
  const save = (status: SyncResultsFile['status']): void => {
    const own = [...statuses].map(([name, each]) => ({ name, status: each }))
    const file: SyncResultsFile = {
      ...{ schema_version: 1, ...of, finished_at: new Date().toISOString(), status },
      syncs: [...kept, ...own],
    }
    writeResults(config, syncResultsFile, renderSyncResults(file))
  }
  save('running')
  return {
    begun(sync) {
      statuses.set(sync, 'begun')
      save('running')
    },
    ended(ends, isStopped) {
      for (const end of ends) statuses.set(end.sync.definition.name, statusOf(end))
      const isDone = [...statuses.values()].every((status) => status === 'success')
      save(isDone ? 'success' : isStopped ? 'cancelled' : 'error')
    },
  }
}

function statusOf(end: SyncEnd): RecordedSync['status'] {
  if ('error' in end) return 'error'
  return end.result.status === 'planned' ? 'not_begun' : end.result.status
}
