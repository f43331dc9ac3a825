import type { Adapter } from '../adapters/adapter.ts'
import type { CompiledSync } from '../compiler/syncs/compile-sync.ts'
import { type Config, syncSchemaOf } from '../config/config.ts'
import type { Project } from '../definitions/load-project.ts'
import { ProblemError, problem } from '../diagnostics/problem.ts'
import { newRunId } from '../runner/run-id.ts'
import { takeLock } from '../runner/run-lock.ts'
import { retriedSync, type SyncResultsFile } from '../runner/sync-results-file.ts'
import { prepareTemplates } from '../sql/templates.ts'
import { notBuilt } from '../sync/not-built.ts'
import { runSyncs, type SyncEnd } from '../sync/run-syncs.ts'
import type { OpenedDestination } from '../sync/sync-run.ts'
import { writeCompiled } from './artifacts.ts'
import { compiledProject, selectedNodes } from './compiled-project.ts'
import { exitCode, type Invocation } from './invocation.ts'
import { clock, openedDestinations } from './opened-destinations.ts'
import { withFreeAdapter } from './project.ts'
import { reportSyncs } from './report-syncs.ts'
import { type SavedSyncs, type SyncResultsOf, saveSyncResults } from './save-sync-results.ts'
import { syncProgress } from './sync-progress.ts'
import { personasVersion } from './version.ts'
import { withSyncState } from './with-sync-state.ts'

/** As Segment delivers what a computation gave. */
const policy = { attempts: 5, firstMs: 500, longestMs: 60_000 } as const

/**
 * Runs the syncs that an invocation selects.
 *
 * @param earlier syncs some of which did not succeed, to go on from
 * @returns the exit code
 * @throws {ProblemError} nothing was sent
 */
export async function syncProject(
  invocation: Invocation,
  project: Project,
  earlier?: SyncResultsFile,
): Promise<number> {
  const { config } = project
  return withFreeAdapter(invocation, config, async (warehouse) => {
    const manifest = await compiledProject(invocation, project, warehouse)
    const chosen = new Set(selectedNodes(invocation, project, manifest))
    writeCompiled(config, manifest)
    const syncs = manifest.syncs.filter(
      ({ node, definition }) =>
        chosen.has(node.id) && (earlier === undefined || retriedSync(earlier, definition.name) !== undefined),
    )
    if (syncs.length === 0) {
      invocation.output.log('nothing', 'nothing to sync')
      return exitCode.done
    }
    await checkBuilt(config, warehouse, syncs)
    const destinations = await openedDestinations(invocation, project, syncs)
    return withSyncState(config, warehouse, async (state) => {
      const ends = await deliverAll(invocation, project, {
        syncs,
        known: manifest.syncs.map(({ definition }) => definition.name),
        destinations,
        warehouse,
        state,
        earlier,
      })
      return reportSyncs(invocation, config, ends)
    })
  })
}

/** @throws {ProblemError} PSN6007 a table that a run makes is not there, or not as it is defined now */
async function checkBuilt(
  { target }: Config,
  warehouse: Adapter,
  syncs: readonly CompiledSync[],
): Promise<void> {
  const catalog = await warehouse.catalog([target.schema, target.workSchema])
  const problems = syncs.flatMap((sync) => notBuilt(sync, catalog, warehouse.dialect) ?? [])
  if (problems.length > 0) throw new ProblemError(problems)
}

interface Work {
  readonly syncs: readonly CompiledSync[]
  /** Names of all of the project. */
  readonly known: readonly string[]
  readonly destinations: ReadonlyMap<string, OpenedDestination>
  readonly warehouse: Adapter
  readonly state: Adapter
  readonly earlier: SyncResultsFile | undefined
}

async function deliverAll(
  invocation: Invocation,
  { config, templates }: Project,
  work: Work,
): Promise<readonly SyncEnd[]> {
  const { options, output, signal } = invocation
  const { syncs, known, destinations, warehouse, state, earlier } = work
  const schemas = { sync: syncSchemaOf(config.target), public: config.target.schema }
  // Where no session can hold a lock, it is a row in there.
  for (const sql of state.dialect.createSchema(schemas.sync)) await state.execute(sql)
  const lock = await takeLock(state, schemas.sync, options.lockTimeoutSeconds, signal, () =>
    output.log('waiting', 'waiting for another sync to end'),
  )
  if (lock === undefined) throw new ProblemError([problem('PSN6006', { schema: schemas.sync })])
  const progress = syncProgress(output)
  const runId = newRunId(new Date())
  const saved = options.dryRun ? undefined : savedSyncs(invocation, config, work, runId)
  try {
    const ends = await runSyncs({
      syncs,
      known,
      destinations,
      warehouse,
      state,
      templates: prepareTemplates(templates),
      schemas,
      runId,
      version: personasVersion(),
      clock,
      policy,
      signal: AbortSignal.any([signal, lock.lost]),
      dryRun: options.dryRun,
      allowDeletes: options.allowDeletes,
      begin: (sync) =>
        (earlier && retriedSync(earlier, sync)) ?? {
          release: options.retryRejected,
          fullResync: options.fullResync,
        },
      report(sync, event) {
        if (event.kind === 'planned') saved?.begun(sync)
        progress.report(sync, event)
      },
    })
    saved?.ended(ends, signal.aborted)
    return ends
  } finally {
    progress.end()
    await lock.release()
  }
}

function savedSyncs(
  { command, options }: Invocation,
  config: Config,
  { syncs, earlier }: Work,
  runId: string,
): SavedSyncs {
  const { vars, select, exclude, fullResync, allowDeletes } = options
  const of: SyncResultsOf = {
    personas_version: personasVersion(),
    run_id: runId,
    command,
    project: config.name,
    target: config.target.name,
    started_at: new Date().toISOString(),
    given: {
      schema: syncSchemaOf(config.target),
      select: [...select],
      exclude: [...exclude],
      ...(vars === undefined ? {} : { vars }),
      full_resync: fullResync,
      allow_deletes: allowDeletes,
    },
  }
  const kept = (earlier?.syncs ?? [])
    .filter(({ status }) => status === 'success')
    .map((done) => ({ ...done, run_id: done.run_id ?? earlier?.run_id }))
  const names = syncs.map(({ definition }) => definition.name)
  return saveSyncResults(config, of, names, kept)
}
