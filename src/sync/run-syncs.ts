import type { CompiledSync } from '../compiler/syncs/compile-sync.ts'
import type { OpenedDestination, RunSync, SyncEvent, SyncResult } from './run-sync.ts'
import { runSync } from './run-sync.ts'

export interface RunSyncs extends Omit<RunSync, 'sync' | 'destination' | 'report'> {
  readonly syncs: readonly CompiledSync[]
  /** By name. */
  readonly destinations: ReadonlyMap<string, OpenedDestination>
  readonly report: (sync: string, event: SyncEvent) => void
}

export type SyncEnd =
  | { readonly sync: CompiledSync; readonly result: SyncResult }
  | { readonly sync: CompiledSync; readonly error: unknown }

/**
 * Syncs to one destination run one after the other, in the order of their definitions; those to another do not wait for
 * them. What fails in one ends none of the others.
 *
 * @returns an end for each sync, in their order
 */
export async function runSyncs(run: RunSyncs): Promise<readonly SyncEnd[]> {
  const ends = new Map<CompiledSync, SyncEnd>()
  const queues = new Map<string, CompiledSync[]>()
  for (const sync of run.syncs) {
    const { destination } = sync.definition
    queues.set(destination, [...(queues.get(destination) ?? []), sync])
  }
  await Promise.all(
    [...queues].map(async ([name, syncs]) => {
      const destination = run.destinations.get(name)
      if (destination === undefined) throw new Error(`destination ${name} is not open`)
      for (const sync of syncs) {
        if (run.signal.aborted) return
        const own: RunSync = {
          ...run,
          sync,
          destination,
          report: (event) => run.report(sync.definition.name, event),
        }
        const end = await runSync(own).then(
          (result): SyncEnd => ({ sync, result }),
          (error: unknown): SyncEnd => ({ sync, error }),
        )
        ends.set(sync, end)
      }
    }),
  )
  return run.syncs.flatMap((sync) => ends.get(sync) ?? [])
}
