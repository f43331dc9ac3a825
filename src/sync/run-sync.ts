import type { Adapter, Row, Value } from '../adapters/adapter.ts'
import type { CompiledSync } from '../compiler/syncs/compile-sync.ts'
import { type Fold, type Operation, type SyncState, syncState } from '../compiler/syncs/sync-state.ts'
import type { Sync } from '../definitions/definitions.ts'
import { inputKey, inputsOf, type MappingValue } from '../definitions/mapping.ts'
import { ProblemError, problem } from '../diagnostics/problem.ts'
import { relation } from '../ir/relation.ts'
import type { SyncColumn } from '../ir/sync.ts'
import type { Templates } from '../sql/templates.ts'
import type { Planned } from './deliver/batches.ts'
import { deliver, type Stopped } from './deliver/deliver.ts'
import type { RetryPolicy } from './deliver/deliver-batch.ts'
import { joined, type Ledger, openLedger, without } from './deliver/ledger.ts'
import { type Clock, narrowed, openPace, type Pace } from './deliver/pace.ts'
import {
  type Capabilities,
  type Change,
  DeliveryError,
  type DestinationType,
  type Session,
  type SessionContext,
} from './destination.ts'
import { judge } from './filter/judge.ts'
import { evaluateMapping, MappingError } from './mapping/evaluate.ts'
import { fieldTypes } from './mapping/field-types.ts'
import { inputValues } from './mapping/input-values.ts'

/** A destination with its settings read. */
export interface OpenedDestination {
  readonly type: DestinationType
  readonly settings: unknown
  readonly capabilities: Capabilities
  /** Shared by all syncs to it. */
  readonly pace: Pace
}

export interface RunSync {
  readonly sync: CompiledSync
  readonly destination: OpenedDestination
  /** The warehouse that records are read from. */
  readonly warehouse: Adapter
  /** What was delivered is remembered here: the warehouse itself, or a DuckDB file. */
  readonly state: Adapter
  readonly templates: Templates
  readonly schemas: { readonly sync: string; readonly public: string }
  readonly runId: string
  readonly version: string
  readonly clock: Clock
  readonly policy: RetryPolicy
  readonly signal: AbortSignal
  readonly dryRun: boolean
  /** Everything counts as never delivered. */
  readonly fullResync: boolean
  /** What was held back is sent again. */
  readonly release: boolean
  readonly allowDeletes: boolean
  readonly report: (event: SyncEvent) => void
}

export type SyncEvent =
  /** A sync that was interrupted is taken in before. */
  | { readonly kind: 'recovered'; readonly runId: string }
  | { readonly kind: 'planned'; readonly plan: PlanCounts }
  | { readonly kind: 'delivered'; readonly acknowledged: number; readonly others: number }

/** What a plan holds. */
export interface PlanCounts {
  readonly records: number
  /** As delivered before. */
  readonly delivered: number
  readonly add: number
  readonly update: number
  readonly remove: number
  /** Held back since they were rejected or given up, or may have arrived already. */
  readonly held: number
  readonly nullKeys: number
  readonly duplicateKeys: number
  /** Of a sync with a filter: what it leaves out, and what it cannot be asked of. */
  readonly leftOut: number
  readonly unjudged: number
}

export interface SyncResult {
  readonly sync: string
  readonly destination: string
  readonly status: 'success' | 'partial' | 'failed' | 'cancelled' | 'planned'
  readonly plan: PlanCounts
  /** Records by what became of them: `acknowledged`, `rejected`, … */
  readonly records: Readonly<Record<string, number>>
  readonly requests: number
  readonly message?: string
  /** Of a dry run: the first changes. */
  readonly samples: readonly Change[]
}

const samplesShown = 3
/** A note in the ledger takes as long as several requests do. */
const claimedAtOnce = 16

/**
 * Plans what a destination has to be told and tells it. Whatever happens, what was acknowledged is remembered, and the rest is
 * planned again by the next sync.
 *
 * @throws {ProblemError} PSN6002 more would be removed than `on_delete_over` allows; nothing was sent
 * @throws {WarehouseError} the warehouse or the state cannot be read or written
 */
export async function runSync(run: RunSync): Promise<SyncResult> {
  const { sync, state: adapter } = run
  const { definition } = sync
  const startedAt = new Date().toISOString()
  const state = await preparedState(run)
  await recover(run, state)
  if (run.fullResync && !run.dryRun) await adapter.transaction(state.forget)
  if (run.release && !run.dryRun) await adapter.execute(state.release)
  await executeAll(adapter, state.beginPlan({ runId: run.runId, plannedAt: startedAt }))
  const select = await recordsSelect(run, state)
  await judge(sync, adapter, state, select)
  await makePlan(adapter, state, select)
  const plan = await planCounts(adapter, state, select)
  run.report({ kind: 'planned', plan })
  const result = { sync: definition.name, destination: definition.destination, plan }
  const share = plan.delivered === 0 ? 0 : plan.remove / plan.delivered
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
  const stopped = await send(run, state, startedAt, () => {
    requests += 1
  })
  await fold(run, state, {
    runId: run.runId,
    startedAt,
    status: statusOf(stopped),
    requests,
    refused: plan.nullKeys + plan.duplicateKeys + plan.unjudged,
    ...(stopped !== undefined && { message: stopped.message }),
  })
  return {
    ...result,
    ...(await recorded(run)),
    requests,
    ...(stopped !== undefined && { message: stopped.message }),
    samples: [],
  }
}

/** Creates what is missing. Two that do so side by side stand in each other's way, as they share a schema and tables. */
export async function preparedState({
  sync,
  state: adapter,
  templates,
  schemas,
}: RunSync): Promise<SyncState> {
  const state = syncState(
    { dialect: adapter.dialect, templates },
    { schema: schemas.sync, publicSchema: schemas.public },
    sync.definition,
    sync.records,
  )
  await executeAll(adapter, state.prepare)
  return state
}

async function executeAll(adapter: Adapter, statements: readonly string[]): Promise<void> {
  for (const sql of statements) await adapter.execute(sql)
}

/** What an interrupted sync left: what was acknowledged is remembered, what may have arrived is marked. */
async function recover(run: RunSync, state: SyncState): Promise<void> {
  const [opened] = await run.state.query(state.openedPlan)
  if (opened === undefined) return
  const runId = String(opened.run_id)
  await fold(run, state, {
    runId,
    startedAt: String(opened.planned_at),
    status: 'interrupted',
    requests: 0,
    refused: 0,
  })
  run.report({ kind: 'recovered', runId })
}

type Ended = Pick<Fold, 'runId' | 'startedAt' | 'status' | 'requests' | 'refused' | 'message'>

async function fold(run: RunSync, state: SyncState, ended: Ended): Promise<void> {
  const rows = await run.state.query(state.progressRows)
  const ranges = (wanted: string) =>
    joined(
      rows.flatMap((row) =>
        row.state === wanted ? [{ first: Number(row.first_seq), last: Number(row.last_seq) }] : [],
      ),
    )
  const settled = ranges('settled')
  const statements = state.fold({
    ...ended,
    finishedAt: new Date().toISOString(),
    settled,
    unknown: without(ranges('sent'), joined([...settled, ...ranges('withdrawn')])),
    repeatable: run.destination.capabilities.repeated !== 'harmful',
  })
  await executeAll(run.state, statements.before)
  await run.state.transaction(statements.together)
}

/** Selects the records as they are now; where the state is elsewhere, they are loaded beside it first. */
async function recordsSelect(
  { sync: { records }, warehouse, state: adapter }: RunSync,
  state: SyncState,
): Promise<string> {
  if (warehouse === adapter) return records.select
  const names = state.recordColumns.map(({ name }) => name)
  async function* rows(): AsyncGenerator<readonly Value[]> {
    for await (const block of warehouse.stream(records.select)) {
      for (const row of block) yield names.map((name) => row[name] ?? null)
    }
  }
  await adapter.load(state.records, state.recordColumns, rows())
  return state.selectLoaded
}

/** So often a table may change between two statements of one plan. */
const planTries = 3

async function makePlan(adapter: Adapter, state: SyncState, select: string): Promise<void> {
  for (let left = planTries; ; left -= 1) {
    await executeAll(adapter, state.plan(select))
    const [twice] = await adapter.query(state.planTwice)
    if (twice === undefined) return
    if (left <= 1) throw new Error(`record ${String(twice.record_key)} is there twice, and was not`)
  }
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
    nullKeys: Number(counts?.null_keys ?? 0),
    duplicateKeys: Number(counts?.duplicate_keys ?? 0),
    leftOut: Number(counts?.left_out ?? 0),
    unjudged: Number(counts?.unjudged ?? 0),
  }
}

/** @returns why it ended early; undefined where all was sent */
async function send(
  run: RunSync,
  state: SyncState,
  startedAt: string,
  counted: () => void,
): Promise<Stopped | undefined> {
  const { destination, sync, state: adapter, signal } = run
  const { capabilities } = destination
  const { definition } = sync
  const { rate } = definition
  const ledger = openLedger(adapter, state, capabilities.visible)
  let session: Session | undefined
  try {
    session = await destination.type.open(destination.settings, {
      sync: definition.name,
      mode: definition.mode,
      entity: sync.entity,
      about: aboutOf(definition),
      runId: run.runId,
      fields: fieldTypes(sync.mapping, sync.records.columns),
      startedAt,
      version: run.version,
    })
    await session.prepare?.(signal)
    const stopped = await deliver({
      planned: plannedChanges(run, state),
      ledger,
      session,
      pace:
        rate === undefined
          ? destination.pace
          : narrowed(
              destination.pace,
              openPace({ requests: rate.requests, perMs: rate.perSeconds * 1000 }, run.clock),
            ),
      clock: run.clock,
      policy: run.policy,
      limits: {
        rows: Math.min(capabilities.batchRows, definition.batchRows ?? capabilities.batchRows),
        bytes: capabilities.batchBytes,
        concurrency: Math.min(capabilities.concurrency, definition.concurrency ?? capabilities.concurrency),
        claimed: capabilities.repeated === 'harmful' ? 1 : claimedAtOnce,
      },
      signal,
      counted,
      report: (settled) => run.report({ kind: 'delivered', ...settled }),
    })
    if (stopped === undefined) {
      await finish(session, ledger, signal)
    }
    return stopped
  } catch (error) {
    if (error instanceof DeliveryError)
      return {
        kind: error.kind === 'retryable' ? 'unavailable' : 'fatal',
        message: `${error.reason}: ${error.message}`,
      }
    throw error
  } finally {
    await session?.close()
  }
}

function aboutOf({ from }: Sync): SessionContext['about'] {
  switch (from.kind) {
    case 'audience':
      return { kind: 'audience', name: from.audience }
    case 'traits':
      return { kind: 'traits', names: from.traits }
    case 'profiles':
    case 'table':
    case 'model':
      return { kind: 'records' }
  }
}

async function finish(session: Session, ledger: Ledger, signal: AbortSignal): Promise<void> {
  await ledger.finishing()
  try {
    await session.finish?.(signal)
  } catch (error) {
    const taken = !(error instanceof DeliveryError) || error.kind === 'retryable'
    if (!taken) await ledger.withdrawn()
    throw error
  }
  await ledger.finished()
}

async function* plannedChanges(run: RunSync, state: SyncState): AsyncGenerator<Planned> {
  for await (const block of run.state.stream(state.sent)) {
    for (const row of block) yield plannedOf(run, row)
  }
}

function plannedOf({ sync: { records, mapping, removalMapping, definition } }: RunSync, row: Row): Planned {
  const operation = operations.find((each) => each === row.operation) ?? 'add'
  const seq = Number(row.seq)
  try {
    const told = operation === 'remove' ? removalMapping : mapping
    const fields = evaluateMapping(told, inputValues(records.columns, row), definition.nulls)
    const change: Change = {
      operation,
      key: String(row.record_key),
      fields,
      changed:
        operation === 'update' ? changedFields(mapping, records.columns, String(row.changed_columns)) : [],
      idempotencyKey: String(row.idempotency_key),
    }
    return { seq, operation, change }
  } catch (error) {
    if (!(error instanceof MappingError)) throw error
    return { seq, operation, change: { refused: error.message } }
  }
}

const operations: readonly Operation[] = ['add', 'update', 'remove']

/** @param marks indexes of columns, with a space after each */
function changedFields(
  mapping: MappingValue,
  columns: readonly SyncColumn[],
  marks: string,
): readonly string[] {
  if (mapping.kind !== 'object' || marks === '') return []
  const inputs = new Set(
    marks
      .trim()
      .split(' ')
      .map((index) => columns[Number(index)]?.input),
  )
  return Object.entries(mapping.members).flatMap(([name, value]) =>
    inputsOf(value).some((input) => inputs.has(inputKey(input))) ? [name] : [],
  )
}

async function firstChanges(run: RunSync, state: SyncState): Promise<readonly Change[]> {
  const found: Change[] = []
  for await (const { change } of plannedChanges(run, state)) {
    if (!('refused' in change)) found.push(change)
    if (found.length >= samplesShown) break
  }
  return found
}

function statusOf(stopped: Stopped | undefined): 'success' | 'failed' | 'cancelled' {
  if (stopped === undefined) return 'success'
  return stopped.kind === 'cancelled' ? 'cancelled' : 'failed'
}

/** What the ledger says of this run. */
async function recorded(run: RunSync): Promise<Pick<SyncResult, 'status' | 'records'>> {
  const { state: adapter, schemas, sync } = run
  const { dialect } = adapter
  const own = `run_id = ${dialect.text(run.runId)} and sync = ${dialect.text(sync.definition.name)}`
  const table = (name: string): string => dialect.relation(relation(schemas.public, name))
  const [row] = await adapter.query(`select status from ${table('sync_runs')} where ${own}`)
  const records = await adapter.query(
    `select status, count(*) as row_count from ${table('sync_records')} where ${own} group by status`,
  )
  return {
    status: statuses.find((status) => status === row?.status) ?? 'failed',
    records: Object.fromEntries(records.map((each) => [String(each.status), Number(each.row_count)])),
  }
}

const statuses = ['success', 'partial', 'failed', 'cancelled'] as const
