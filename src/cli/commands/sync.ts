import { setTimeout as delay } from 'node:timers/promises'
import type { Adapter } from '../../adapters/adapter.ts'
import { openAdapter } from '../../adapters/open-adapter.ts'
import { WarehouseError } from '../../adapters/warehouse-error.ts'
import type { CompiledSync } from '../../compiler/syncs/compile-sync.ts'
import { type Config, syncSchemaOf } from '../../config/config.ts'
import type { Project } from '../../definitions/load-project.ts'
import { type Problem, ProblemError, problem } from '../../diagnostics/problem.ts'
import { relationKey } from '../../ir/relation.ts'
import { newRunId } from '../../runner/run-id.ts'
import { takeLock } from '../../runner/run-lock.ts'
import { prepareTemplates } from '../../sql/templates.ts'
import type { Clock } from '../../sync/deliver/pace.ts'
import { openDestination } from '../../sync/open-destination.ts'
import { runSyncs, type SyncEnd } from '../../sync/run-syncs.ts'
import type { OpenedDestination, SyncResult } from '../../sync/sync-run.ts'
import { writeCompiled } from '../artifacts.ts'
import { compiledProject, selectedNodes } from '../compiled-project.ts'
import { reportProblems } from '../failure.ts'
import { type CommandBody, exitCode, type Invocation } from '../invocation.ts'
import { openProject, withFreeAdapter } from '../project.ts'
import { renderSyncs } from '../render-syncs.ts'
import { syncProgress } from '../sync-progress.ts'
import { personasVersion } from '../version.ts'

/** As Segment delivers what a computation gave. */
const policy = { attempts: 5, firstMs: 500, longestMs: 60_000 } as const

const clock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
  random: () => Math.random(),
}

export const sync: CommandBody = async (invocation) => {
  const project = openProject(invocation)
  const { config } = project
  return withFreeAdapter(invocation, config, async (warehouse) => {
    const manifest = await compiledProject(invocation, project, warehouse)
    const chosen = new Set(selectedNodes(invocation, project, manifest))
    writeCompiled(config, manifest)
    const syncs = manifest.syncs.filter(({ node }) => chosen.has(node.id))
    if (syncs.length === 0) {
      invocation.output.log('nothing', 'nothing to sync')
      return exitCode.done
    }
    await checkBuilt(config, warehouse, syncs)
    const destinations = await openedDestinations(invocation, project, syncs)
    return withState(config, warehouse, async (state) => {
      const ends = await deliverAll(invocation, project, { syncs, destinations, warehouse, state })
      return report(invocation, config, ends)
    })
  })
}

/** @throws {ProblemError} PSN6007 a table that a run makes is not there */
async function checkBuilt(
  { target }: Config,
  warehouse: Adapter,
  syncs: readonly CompiledSync[],
): Promise<void> {
  const { tables } = await warehouse.catalog([target.schema, target.workSchema])
  const built = new Set(tables.map(({ relation }) => relationKey(relation)))
  const problems = syncs.flatMap(({ definition, reads }) =>
    reads
      .filter((table) => !built.has(relationKey(table)))
      .slice(0, 1)
      .map((table) =>
        problem('PSN6007', { sync: definition.name, table: relationKey(table) }, definition.nameSpan),
      ),
  )
  if (problems.length > 0) throw new ProblemError(problems)
}

/** @throws {ProblemError} everything wrong with the settings of destinations that are used */
async function openedDestinations(
  { output, importModule }: Invocation,
  { config, definitions }: Project,
  syncs: readonly CompiledSync[],
): Promise<ReadonlyMap<string, OpenedDestination>> {
  const opened = new Map<string, OpenedDestination>()
  const problems: Problem[] = []
  const secrets: string[] = [...config.secrets]
  for (const definition of definitions.destinations) {
    const own = syncs.filter((each) => each.definition.destination === definition.name)
    if (own.length === 0) continue
    try {
      const destination = await openDestination(definition, config.projectDir, clock, importModule)
      opened.set(definition.name, destination)
      secrets.push(...destination.type.secrets.flatMap((name) => textsOf(definition.settings[name])))
      const { modes } = destination.capabilities
      for (const { definition: each } of own) {
        if (modes.includes(each.mode)) continue
        const parameters = { sync: each.name, mode: each.mode, destination: definition.name, modes }
        problems.push(problem('PSN6005', parameters, each.modeSpan))
      }
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      problems.push(...error.problems)
    }
  }
  output.hide(secrets)
  if (problems.length > 0) throw new ProblemError(problems)
  return opened
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}

/** Where what was delivered is remembered: the warehouse, or a file where that is only read. */
async function withState<T>(
  config: Config,
  warehouse: Adapter,
  use: (state: Adapter) => Promise<T>,
): Promise<T> {
  const { target } = config
  if (target.syncState === undefined) return use(warehouse)
  const { name, schema, workSchema, threads, syncState: path } = target
  const state = await openAdapter({ type: 'duckdb', name, schema, workSchema, threads, path })
  try {
    for (const sql of state.dialect.createSchema(schema)) await state.execute(sql)
    return await use(state)
  } finally {
    await state.close()
  }
}

interface Work {
  readonly syncs: readonly CompiledSync[]
  readonly destinations: ReadonlyMap<string, OpenedDestination>
  readonly warehouse: Adapter
  readonly state: Adapter
}

async function deliverAll(
  { options, output, signal }: Invocation,
  { config, templates }: Project,
  { syncs, destinations, warehouse, state }: Work,
): Promise<readonly SyncEnd[]> {
  const schemas = { sync: syncSchemaOf(config.target), public: config.target.schema }
  // Where no session can hold a lock, it is a row in there.
  for (const sql of state.dialect.createSchema(schemas.sync)) await state.execute(sql)
  const lock = await takeLock(state, schemas.sync, options.lockTimeoutSeconds, signal, () =>
    output.log('waiting', 'waiting for another sync to end'),
  )
  if (lock === undefined) throw new ProblemError([problem('PSN6006', { schema: schemas.sync })])
  const progress = syncProgress(output)
  try {
    return await runSyncs({
      syncs,
      destinations,
      warehouse,
      state,
      templates: prepareTemplates(templates),
      schemas,
      runId: newRunId(new Date()),
      version: personasVersion(),
      clock,
      policy,
      signal: AbortSignal.any([signal, lock.lost]),
      dryRun: options.dryRun,
      fullResync: options.fullResync,
      release: options.retryRejected,
      allowDeletes: options.allowDeletes,
      report: (sync, event) => progress.report(sync, event),
    })
  } finally {
    progress.end()
    await lock.release()
  }
}

function report({ output }: Invocation, config: Config, ends: readonly SyncEnd[]): number {
  const results = ends.flatMap((end) => ('result' in end ? [end.result] : []))
  if (results.length > 0) output.result(renderSyncs(results, output.color.out))
  const problems = ends.flatMap((end) =>
    'result' in end ? problemsOf(end.sync, end.result) : failure(end.error),
  )
  reportProblems(problems, output, config.projectDir)
  return problems.length === 0 ? exitCode.done : exitCode.problems
}

/** Anything else is a bug, and ends the command as one. */
function failure(error: unknown): readonly Problem[] {
  if (error instanceof ProblemError) return error.problems
  if (error instanceof WarehouseError) return error.problems
  throw error
}

function problemsOf({ definition }: CompiledSync, result: SyncResult): readonly Problem[] {
  const { name, destination, nameSpan } = definition
  switch (result.status) {
    case 'planned':
    case 'success':
      return []
    case 'failed':
    case 'cancelled':
      return [
        problem('PSN6010', { sync: name, destination, detail: result.message ?? result.status }, nameSpan),
      ]
    case 'partial': {
      const counts = Object.entries(result.records)
        .filter(([status]) => status !== 'acknowledged')
        .map(([status, count]) => `${count.toLocaleString('en')} ${status.replaceAll('_', ' ')}`)
      return [problem('PSN6011', { sync: name, counts: counts.join(', ') }, nameSpan)]
    }
  }
}
