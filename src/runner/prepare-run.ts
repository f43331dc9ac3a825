import type { Adapter } from '../adapters/adapter.ts'
import { suppressionsRelation, suppressionsTable } from '../identity/suppressions.ts'
import { relation } from '../ir/relation.ts'

export interface EarlierRun {
  readonly runId: string
  /** Ids of nodes that need not run again, if what they wrote is still there. */
  readonly done: ReadonlySet<string>
}

/** A later run has written over what was to be gone on from. */
export class RunPassedError extends Error {
  override readonly name = 'RunPassedError'
  readonly runId: string
  readonly laterRunId: string

  constructor(runId: string, laterRunId: string) {
    super(`run ${laterRunId} has written since run ${runId}`)
    this.runId = runId
    this.laterRunId = laterRunId
  }
}

export interface PrepareRun {
  readonly adapter: Adapter
  readonly schema: string
  readonly workSchema: string
  readonly runId: string
  /** ISO instant with `Z`. */
  readonly asOf: string
  readonly fullRefresh: boolean
}

const runTable = 'run'
/** As perishable as what nodes make for each other: empty or gone where that may be too. */
const scratchTable = 'run_scratch'

/**
 * Creates the schemas, the one-row table `run` that compiled SQL reads its instant from, and the table of who is suppressed,
 * which nodes side by side look at.
 *
 * @throws {WarehouseError}
 */
export async function prepareRun({ adapter, ...run }: PrepareRun): Promise<void> {
  const { dialect } = adapter
  const runId = `${dialect.text(run.runId)} as run_id`
  const row = `select ${runId}, ${dialect.timestamp(run.asOf)} as as_of, ${dialect.boolean(run.fullRefresh)} as full_refresh`
  for (const sql of [
    ...dialect.createSchema(run.schema),
    ...dialect.createSchema(run.workSchema),
    ...dialect.createTableIfMissing(suppressionsRelation(run.schema), suppressionsTable.columns),
    ...dialect.createTableAs(relation(run.workSchema, runTable), row),
    ...dialect.createScratchTableAs(relation(run.workSchema, scratchTable), `select ${runId}`),
  ]) {
    await adapter.execute(sql)
  }
}

/**
 * The nodes of an earlier run whose tables are as it left them: none of them where the warehouse may have lost some.
 *
 * @throws {RunPassedError} a later run has been there
 */
export async function nodesLeftDone(
  adapter: Adapter,
  workSchema: string,
  earlier: EarlierRun | undefined,
): Promise<ReadonlySet<string>> {
  if (earlier === undefined) return new Set()
  const { tables } = await adapter.catalog([workSchema])
  const runIdIn = async (name: string): Promise<string> => {
    if (!tables.some((table) => table.relation.name === name)) return ''
    const [row] = await adapter.query(
      `select run_id from ${adapter.dialect.relation(relation(workSchema, name))}`,
    )
    return String(row?.run_id ?? '')
  }
  const last = await runIdIn(runTable)
  // Ids begin with the time of their start. An earlier one is there where this run died before it could write its own.
  if (startOf(last) > startOf(earlier.runId)) throw new RunPassedError(earlier.runId, last)
  const isThere = last === earlier.runId && (await runIdIn(scratchTable)) === earlier.runId
  return isThere ? earlier.done : new Set()
}

/** `20260601T120000Z` of `20260601T120000Z-9f2c1a`. */
function startOf(runId: string): string {
  return runId.split('-', 1)[0] ?? ''
}
