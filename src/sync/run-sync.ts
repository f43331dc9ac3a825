import type { Adapter, Row } from '../adapters/adapter.ts'
import type { Fold } from '../compiler/syncs/fold-statements.ts'
import { type Operation, readMode, sendsMore } from '../compiler/syncs/modes.ts'
import { type AsIf, type SyncState, syncState } from '../compiler/syncs/sync-state.ts'
import { ProblemError, problem } from '../diagnostics/problem.ts'
import type { SyncRecords } from '../ir/sync.ts'
import { copyToState } from './copy-to-state.ts'
import type { Stopped } from './deliver/deliver.ts'
import { joined, without } from './deliver/ledger.ts'
import type { Change } from './destination.ts'
import { judge } from './filter/judge.ts'
import { plannedChanges } from './planned-changes.ts'
import { sendChanges } from './send-changes.ts'
import type { PlanCounts, RunSync, SyncResult } from './sync-run.ts'

const samplesShown = 3

/**
 * Plans what a destination has to be told and tells it. Whatever happens, what was acknowledged is remembered, and the rest is
 * planned again by the next sync. A state of its own knows who is forgotten already; see `runSyncs`.
 *
 * @throws {ProblemError} PSN6002 more would be removed than `on_delete_over` allows; nothing was sent
 * @throws {ProblemError} PSN6008 its rows change while they are looked at; nothing was sent
 * @throws {WarehouseError} the warehouse or the state cannot be read or written
 */
export async function runSync(run: RunSync): Promise<SyncResult> {
  const { sync, state: adapter } = run
  const { definition } = sync
  const startedAt = new Date().toISOString()
  const state = await begun(run)
  await executeAll(adapter, state.beginPlan({ runId: run.runId, plannedAt: startedAt }))
  const records = await recordsRead(run, state)
  const { select } = records
  await judge(sync, adapter, state, select)
  await makePlan(run, state, records)
  const plan = await planCounts(adapter, state, select)
  run.report({ kind: 'planned', plan })
  const result = { sync: definition.name, destination: definition.destination, plan }
  // Whoever is forgotten goes, however many they are.
  const share = plan.delivered === 0 ? 0 : (plan.remove - plan.forgotten) / plan.delivered
  if (definition.onDeleteOver !== undefined && share > definition.onDeleteOver && !run.allowDeletes) {
    const parameters = {
      sync: definition.name,
      remove: plan.remove,
      of: plan.delivered,
      limit: definition.onDeleteOver,
    }
    throw new ProblemError([problem('PSN6002', parameters, definition.nameSpan)])
  }
  if (run.dryRun) {
    const samples = await firstChanges(run, state)
    return { ...result, status: 'planned', records: {}, requests: 0, samples }
  }
  await adapter.transaction(state.openPlan)
  let requests = 0
  const stopped = await sendChanges(run, state, startedAt, () => {
    requests += 1
  })
  await fold(run, state, {
    runId: run.runId,
    destination: definition.destination,
    mode: definition.mode,
    startedAt,
    status: statusOf(stopped),
    requests,
    refused: plan.nullKeys + plan.duplicateKeys + plan.unjudged,
    ...(stopped !== undefined && { message: stopped.message }),
  })
  return {
    ...result,
    ...(await recorded(run, state)),
    requests,
    ...(stopped !== undefined && { message: stopped.message }),
    samples: [],
  }
}

/** Creates what is missing. Two that do so side by side stand in each other's way, as they share a schema and tables. */
export async function preparedState(run: RunSync): Promise<SyncState> {
  const state = stateOf(run)
  await executeAll(run.state, state.prepare)
  return state
}

function stateOf({ sync, state: adapter, templates, schemas }: RunSync, asIf?: AsIf): SyncState {
  return syncState(
    { dialect: adapter.dialect, templates },
    { schema: schemas.sync, publicSchema: schemas.public },
    sync.definition,
    sync.records,
    asIf,
  )
}

/** As the run wants to begin, or for a dry run as if it had. */
async function begun(run: RunSync): Promise<SyncState> {
  const { dryRun, release, state: adapter } = run
  const { destination: to, mode } = run.sync.definition
  const state = await preparedState(run)
  const [told] = await adapter.query(state.deliveredTo)
  const from = told === undefined ? to : String(told.destination)
  const modeBefore = told === undefined ? mode : readMode(String(told.mode))
  await recover(run, state, { destination: from, mode: modeBefore })
  if (from !== to) run.report({ kind: 'moved', from, to })
  const forgets = run.fullResync || from !== to
  if (!forgets && sendsMore(modeBefore, mode)) run.report({ kind: 'sends more', from: modeBefore, to: mode })
  if (dryRun) return forgets ? stateOf(run, 'anew') : release ? stateOf(run, 'released') : state
  if (forgets || told === undefined || modeBefore !== mode)
    await adapter.transaction([...(forgets ? state.forget : []), ...state.deliverTo])
  if (release) await adapter.execute(state.release)
  return state
}

async function executeAll(adapter: Adapter, statements: readonly string[]): Promise<void> {
  for (const sql of statements) await adapter.execute(sql)
}

/** What an interrupted sync left: what was acknowledged is remembered, what may have arrived is marked. */
async function recover(
  run: RunSync,
  state: SyncState,
  planned: Pick<Fold, 'destination' | 'mode'>,
): Promise<void> {
  const [opened] = await run.state.query(state.openedPlan)
  if (opened === undefined) return
  const runId = String(opened.run_id)
  await fold(run, state, {
    runId,
    ...planned,
    startedAt: String(opened.planned_at),
    status: 'interrupted',
    requests: 0,
    refused: 0,
  })
  run.report({ kind: 'recovered', runId })
}

type Ended = Pick<
  Fold,
  'runId' | 'destination' | 'mode' | 'startedAt' | 'status' | 'requests' | 'refused' | 'message'
>

async function fold(run: RunSync, state: SyncState, ended: Ended): Promise<void> {
  const rows = await run.state.query(state.progressRows)
  const ranges = (wanted: string) =>
    joined(
      rows.flatMap((row) =>
        row.state === wanted ? [{ first: Number(row.first_seq), last: Number(row.last_seq) }] : [],
      ),
    )
  const settled = ranges('settled')
  const [forgotten] = state.forgotten === undefined ? [] : await run.state.query(state.forgotten.any)
  const statements = state.fold({
    ...ended,
    finishedAt: new Date().toISOString(),
    settled,
    unknown: without(ranges('sent'), joined([...settled, ...ranges('withdrawn')])),
    repeatable: run.destination.capabilities.repeated !== 'harmful',
    forgets: forgotten !== undefined,
  })
  await executeAll(run.state, statements.before)
  await run.state.transaction(statements.together)
}

type RecordsRead = Pick<SyncRecords, 'select' | 'values'>

/** Selects the records as they are now; where the state is elsewhere, they are loaded beside it first. */
async function recordsRead(run: RunSync, state: SyncState): Promise<RecordsRead> {
  const { records } = run.sync
  if (run.warehouse === run.state) return records
  await copyToState(run, records.select, state.records, state.recordColumns)
  return { select: state.selectLoaded }
}

/** So often a table may change between two statements of one plan. */
const planTries = 3

/** @throws {ProblemError} PSN6008 it changed each time; nothing was sent */
async function makePlan(
  { sync: { definition }, state: adapter }: RunSync,
  state: SyncState,
  records: RecordsRead,
): Promise<void> {
  const { statements, unless } = state.plan(records)
  await executeAll(adapter, statements)
  if (unless !== undefined) {
    const [row] = await adapter.query(unless.unsound)
    if (Number(row?.remaining) === 0) return
    await executeAll(adapter, unless.statements)
  }
  for (let left = planTries; left > 0; left -= 1) {
    const [twice] = await adapter.query(state.planTwice)
    if (twice === undefined) return
    if (left > 1) await executeAll(adapter, unless === undefined ? statements : unless.statements)
  }
  const parameters = { sync: definition.name, times: planTries }
  throw new ProblemError([problem('PSN6008', parameters, definition.nameSpan)])
}

async function planCounts(adapter: Adapter, state: SyncState, select: string): Promise<PlanCounts> {
  const changes = await adapter.query(state.changeCounts)
  const [counts] = await adapter.query(state.recordCounts(select))
  const of = (wanted: (row: Row) => boolean): number =>
    changes.filter(wanted).reduce((sum, row) => sum + Number(row.row_count), 0)
  const sends = (operation: Operation): number =>
    of((row) => row.operation === operation && row.disposition === 'send')
  return {
    records: Number(counts?.records ?? 0),
    delivered: Number(counts?.delivered ?? 0),
    add: sends('add'),
    update: sends('update'),
    remove: sends('remove'),
    held: of((row) => row.disposition === 'hold'),
    forgotten: of((row) => row.forgotten === true && row.disposition === 'send'),
    nullKeys: Number(counts?.null_keys ?? 0),
    duplicateKeys: Number(counts?.duplicate_keys ?? 0),
    leftOut: Number(counts?.left_out ?? 0),
    unjudged: Number(counts?.unjudged ?? 0),
  }
}

async function firstChanges(run: RunSync, state: SyncState): Promise<readonly Change[]> {
  const found: Change[] = []
  for await (const some of plannedChanges(run, state)) {
    found.push(...some.flatMap(({ change }) => ('refused' in change ? [] : [change])))
    if (found.length >= samplesShown) break
  }
  return found.slice(0, samplesShown)
}

function statusOf(stopped: Stopped | undefined): 'success' | 'failed' | 'cancelled' {
  if (stopped === undefined) return 'success'
  return stopped.kind === 'cancelled' ? 'cancelled' : 'failed'
}

/** What the ledger says of this run. */
async function recorded(
  { state: adapter, runId }: RunSync,
  state: SyncState,
): Promise<Pick<SyncResult, 'status' | 'records'>> {
  const { run: ofRun, records: ofRecords } = state.recorded(runId)
  const [row] = await adapter.query(ofRun)
  const records = await adapter.query(ofRecords)
  return {
    status: statuses.find((status) => status === row?.status) ?? 'failed',
    records: Object.fromEntries(records.map((each) => [String(each.status), Number(each.row_count)])),
  }
}

const statuses = ['success', 'partial', 'failed', 'cancelled'] as const
