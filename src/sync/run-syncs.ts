import type { CompiledSync } from '../compiler/syncs/compile-sync.ts'
import { deadLetters, failuresOf } from '../compiler/syncs/dead-letters.ts'
import { copyForgotten } from './copy-to-state.ts'
import { preparedState, runSync } from './run-sync.ts'
import type { OpenedDestination, RunSync, SyncEvent, SyncResult } from './sync-run.ts'

export interface RunSyncs
  extends Omit<RunSync, 'sync' | 'destination' | 'report' | 'release' | 'fullResync'> {
  readonly syncs: readonly CompiledSync[]
  /** Names of all syncs of the project. */
  readonly known: readonly string[]
  /** By name. */
  readonly destinations: ReadonlyMap<string, OpenedDestination>
  /** How each of them begins. */
  readonly begin: (sync: string) => Pick<RunSync, 'release' | 'fullResync'>
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
  const queues = new Map<string, RunSync[]>()
  let told = false
  for (const sync of run.syncs) {
    const { name, destination: to } = sync.definition
    const destination = run.destinations.get(to)
    if (destination === undefined) throw new Error(`destination ${to} is not open`)
    const own: RunSync = {
      ...run,
      ...run.begin(name),
      sync,
      destination,
      report: (event) => run.report(name, event),
    }
    try {
      const { forgotten } = await preparedState(own)
      // One table for all syncs of people, who must not write it side by side.
      if (forgotten !== undefined && !told) {
        await copyForgotten(own, forgotten)
        told = true
      }
      queues.set(to, [...(queues.get(to) ?? []), own])
    } catch (error) {
      ends.set(sync, { sync, error })
    }
  }
  await showDeadLetters(run)
  await Promise.all(
    [...queues.values()].map(async (queue) => {
      for (const own of queue) {
        if (run.signal.aborted) return
        const { sync } = own
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

/** Of all syncs that ever began, whichever run now. */
async function showDeadLetters({ state, templates, schemas, known }: RunSyncs): Promise<void> {
  const { tables } = await state.catalog([schemas.sync])
  const there = new Set(tables.map(({ relation }) => relation.name))
  const begun = known.filter((name) => there.has(failuresOf(state.dialect, schemas.sync, name).name))
  if (begun.length === 0) return
  for (const sql of deadLetters({ dialect: state.dialect, templates }, schemas, begun))
    await state.execute(sql)
}
