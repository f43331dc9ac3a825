import type { Sync } from '../../definitions/definitions.ts'
import type { Dialect, Sql } from '../../dialects/dialect.ts'
import type { NodeColumn } from '../../ir/node.ts'
import { type Relation, relation } from '../../ir/relation.ts'
import type { SyncRecords } from '../../ir/sync.ts'
import type { Templates } from '../../sql/templates.ts'
import { heldStatuses } from './dead-letters.ts'
import { type Fold, foldStatements, gone, perhapsAdded, type Range } from './fold-statements.ts'
import { type ForgottenRecords, forgottenRecords } from './forgotten.ts'
import { leavesGone, observedOf } from './modes.ts'
import {
  destinationColumns,
  failureColumns,
  judgedColumns,
  leftOutColumns,
  outcomeColumns,
  planColumns,
  progressColumns,
  syncRecordColumns,
  syncRunColumns,
  syncTable,
} from './sync-tables.ts'

/** How far a range of changes has come; `withdrawn` was not sent after all. */
export type Reached = 'sent' | 'settled' | 'withdrawn'

/** What a dry run takes for done: that everything begins anew, or that what was held back is tried again. */
export type AsIf = 'anew' | 'released'

/** The tables a sync keeps, and the statements over them; all in one dialect. */
export interface SyncState {
  readonly changes: Relation
  readonly records: Relation
  /** Of `records`, for loading it from elsewhere. */
  readonly recordColumns: readonly NodeColumn[]
  /** Creates what is missing. Nothing that is there changes but columns that come. */
  readonly prepare: readonly Sql[]
  /** Of a sync with a filter. */
  readonly judging?: Judging
  /** Of a sync of people. */
  readonly forgotten?: ForgottenRecords
  /** Compares what a select of records returns with what was delivered: `changes`, numbered from 1. */
  plan(records: Pick<SyncRecords, 'select' | 'values'>): Planning
  /** Of `records`, where they were loaded from elsewhere. */
  readonly selectLoaded: Sql
  /** Answers a row where a record is in `changes` twice: it came between two statements. */
  readonly planTwice: Sql
  /** Begins a plan: `changes` means nothing until {@link openPlan}. */
  beginPlan(run: { readonly runId: string; readonly plannedAt: string }): readonly Sql[]
  readonly openPlan: readonly Sql[]
  /** Answers a row where a plan is open: `run_id, planned_at`. */
  readonly openedPlan: Sql
  /** Counts of `changes` by `operation` and `disposition`: `row_count`. */
  readonly changeCounts: Sql
  /** One row: `records, null_keys, duplicate_keys, delivered`. */
  recordCounts(select: Sql): Sql
  /** What is to be sent, in order: `seq`, and as one text {@link sentColumns} and the columns of the records. */
  sent(range?: Range): Sql
  /** Rows of the ledger: progress by range, and what did not go well by row. */
  progress(ranges: readonly Range[], reached: Reached): Sql
  readonly progressRows: Sql
  outcomes(rows: readonly OutcomeRow[]): Sql
  /** Takes in what is settled, before and in one transaction, and ends the plan. */
  fold(fold: Fold): { readonly before: readonly Sql[]; readonly together: readonly Sql[] }
  /** What the public log says of a run: its `status`, and its records by `status` with `row_count`. */
  recorded(runId: string): { readonly run: Sql; readonly records: Sql }
  /** Forgets what was delivered: the next plan adds everything. */
  readonly forget: readonly Sql[]
  /** Answers which destination all this is about, by name, and in which mode it was told last: `destination, mode`. */
  readonly deliveredTo: Sql
  /** From now on it is about the destination of the definition, in its mode. */
  readonly deliverTo: readonly Sql[]
  /** What was held back is tried again. */
  readonly release: Sql
}

/**
 * Looking for keys that are NULL or there twice takes as long as half of the rest, and mostly there are none. So first it is
 * taken for granted; counts tell afterwards whether it was right.
 */
export interface Planning {
  readonly statements: readonly Sql[]
  readonly unless?: {
    /** One integer, `remaining`: not 0 where a key is NULL or there twice. */
    readonly unsound: Sql
    /** In place of the others. */
    readonly statements: readonly Sql[]
  }
}

/** A filter is judged outside the warehouse, once for each version of a record; what it leaves out is remembered. */
export interface Judging {
  /** Answers the filter's text that `left_out` was judged by: `filter`. */
  readonly judgedBy: Sql
  /**
   * What is to be judged of the records a select returns: of all, or where no verdict is known. `known` is set where a record was
   * left out before.
   */
  toJudge(select: Sql, all: boolean): Sql
  /** Where verdicts are loaded to. */
  readonly judged: Relation
  readonly judgedColumns: readonly NodeColumn[]
  /** Takes verdicts in, in one transaction. @param complete whether all records could be judged */
  take(select: Sql, complete: boolean): readonly Sql[]
}

export interface OutcomeRow {
  readonly seq: number
  readonly status: 'rejected' | 'failed' | 'stopped'
  readonly reason: string
  readonly message: string
  readonly attempts: number
}

/** Of each change that is to be sent, before the columns of its record: a text of all takes drivers a fraction of the time. */
export const sentColumns = ['operation', 'record_key', 'changed_columns', 'idempotency_key'] as const

/**
 * @param context the dialect of the state, which is the warehouse's, or DuckDB's where the warehouse is only read
 */
export function syncState(
  context: { readonly dialect: Dialect; readonly templates: Templates },
  { schema, publicSchema }: { readonly schema: string; readonly publicSchema: string },
  sync: Sync,
  records: SyncRecords,
  asIf?: AsIf,
): SyncState {
  const { dialect, templates } = context
  const of = (kind: string): Relation => syncTable(dialect, schema, kind, sync.name)
  const sql = (kind: string): Sql => dialect.relation(of(kind))
  const columns: readonly NodeColumn[] = records.columns.map(({ name }) => ({ name, type: 'text' }))
  const recordColumns: readonly NodeColumn[] = [{ name: 'record_key', type: 'text' }, ...columns]
  const names = columns.map(({ name }) => dialect.ident(name))
  const publicTables = {
    runs: relation(publicSchema, 'sync_runs'),
    records: relation(publicSchema, 'sync_records'),
  }
  const { filter } = sync
  const some = (kind: string, condition: Sql): Sql => `(select * from ${sql(kind)} where ${condition})`
  const held = `status in ${heldStatuses}`
  const delivered = asIf === 'anew' ? some('delivered', '1 = 0') : sql('delivered')
  const failures =
    asIf === undefined ? sql('failures') : some('failures', asIf === 'released' ? `not ${held}` : '1 = 0')
  const forgotten = records.ofPeople ? forgottenRecords(dialect, publicSchema, sync) : undefined
  const refused = records.unsafeKey || filter !== undefined ? sql('refused') : undefined
  const judged = filter === undefined ? undefined : sql('judged')
  const leftOut = filter === undefined ? undefined : sql('left_out')
  const render = (template: string, more: object): Sql => templates.render(`sync/${template}`, more).trim()
  const digest = dialect.text(records.mappingDigest)
  const hashOf = (alias: Sql, mapping: Sql): Sql =>
    `${mapping} || ${dialect.md5(
      dialect.rowText(
        dialect.text(''),
        names.map((name) => `${alias}.${name}`),
      ),
    )}`
  const hashed = (select: Sql): Sql =>
    render('hashed', { rows: select, columns: names, hash: hashOf('mapped', digest) })
  const kept = (select: Sql): Sql =>
    leftOut === undefined ? select : render('kept', { records: hashed(select), leftOut, columns: names })
  return {
    changes: of('changes'),
    ...(forgotten !== undefined && { forgotten }),
    ...(filter !== undefined && {
      judging: {
        judgedBy: `select filters.filter from ${sql('filter')} as filters`,
        toJudge: (select: Sql, all: boolean) =>
          render('to-judge', {
            records: hashed(select),
            columns: names,
            all,
            delivered,
            leftOut,
            mapping: digest,
            same: names.map((name) => `not (${differs(`delivered.${name}`, `records.${name}`)})`),
          }),
        judged: of('judged'),
        judgedColumns,
        take: (select: Sql, complete: boolean) => [
          render('forget-left-out', { leftOut, judged, records: hashed(select) }),
          render('keep-left-out', { leftOut, judged }),
          `delete from ${sql('filter')} where 1 = 1`,
          ...(complete
            ? [`insert into ${sql('filter')} (filter) values (${dialect.text(filter.text)})`]
            : []),
        ],
      },
    }),
    records: of('records'),
    recordColumns,
    prepare: [
      ...dialect.createSchema(schema),
      ...dialect.createSchema(publicSchema),
      ...dialect.createTableIfMissing(of('delivered'), [...recordColumns, { name: 'mapping', type: 'text' }]),
      ...columns.flatMap((column) => dialect.addColumnIfMissing(of('delivered'), column)),
      ...dialect.createTableIfMissing(of('failures'), failureColumns),
      ...dialect.createTableIfMissing(of('destination'), destinationColumns),
      ...dialect.createTableIfMissing(of('plan'), planColumns),
      ...dialect.createTableIfMissing(of('progress'), progressColumns),
      ...dialect.createTableIfMissing(of('outcomes'), outcomeColumns),
      ...(filter === undefined
        ? // What was judged means nothing once records were delivered without it.
          [...dialect.dropTable(of('left_out')), ...dialect.dropTable(of('filter'))]
        : [
            ...dialect.createTableIfMissing(of('left_out'), leftOutColumns),
            ...dialect.createTableIfMissing(of('filter'), [{ name: 'filter', type: 'text' }]),
            ...dialect.createTableIfMissing(of('judged'), judgedColumns),
          ]),
      ...(forgotten?.prepare ?? []),
      ...dialect.createTableIfMissing(publicTables.runs, syncRunColumns),
      ...dialect.createTableIfMissing(publicTables.records, syncRecordColumns),
    ],
    plan: ({ select, values }) => {
      const typed = values !== undefined && filter === undefined
      const compared = (index: number, record: Sql, before: Sql): { text: Sql; differs: Sql } => {
        const type = records.columns[index]?.type ?? 'text'
        const differing = typed ? dialect.differsFromText?.(record, before, type) : undefined
        return differing === undefined
          ? { text: record, differs: differs(record, before) }
          : { text: dialect.toTextOfMany(record, type), differs: differing }
      }
      const changes = (among: Sql | undefined): readonly Sql[] =>
        dialect.createTableAs(
          of('changes'),
          render('changes', {
            records: typed ? values : kept(select),
            refused: among,
            judged,
            delivered,
            failures,
            plan: sql('plan'),
            columns: names.map((name, index) => ({
              name,
              ...compared(index, `records.${name}`, `delivered.${name}`),
              mark: dialect.text(`${index} `),
            })),
            mapping: digest,
            hash: hashOf('compared', 'compared.mapping'),
            order: dialect.orderBy([{ sql: 'found.record_key', type: 'text', descending: false }]),
            observed: observedOf(sync),
            forgotten: forgotten && {
              keys: forgotten.keys,
              keyOf: forgotten.keyOf('found.record_key'),
            },
            idempotencyKey: dialect.md5(
              "plan.run_id || ':' || found.operation || ':' || found.row_hash || ':' || found.record_key",
            ),
            perhapsAdded: dialect.text(perhapsAdded),
            gone: dialect.text(gone),
            leavesGone: leavesGone(sync),
            zero: dialect.integer(0),
          }),
        )
      if (refused === undefined) return { statements: changes(undefined) }
      const refusing = render('refused', {
        records: kept(select),
        nullReason: dialect.text('no key'),
        duplicateReason: dialect.text('key not unique'),
        nullText: dialect.nullOf('text'),
        judged,
        filterReason: dialect.text('filter'),
      })
      const careful = [...dialect.createTableAs(of('refused'), refusing), ...changes(refused)]
      if (filter !== undefined) return { statements: careful }
      const refusingNone = render('refused-none', { nullText: dialect.nullOf('text') })
      return {
        statements: [...dialect.createTableAs(of('refused'), refusingNone), ...changes(undefined)],
        unless: {
          unsound: render('plan-unsound', {
            records: select,
            changes: sql('changes'),
            delivered,
            gone: dialect.text(gone),
          }),
          statements: careful,
        },
      }
    },
    selectLoaded: `select\n  ${['record_key', ...names].map((name) => `loaded.${name}`).join(',\n  ')}\nfrom ${sql('records')} as loaded`,
    planTwice: `select changes.record_key from ${sql('changes')} as changes group by changes.record_key having count(*) > 1 limit 1`,
    beginPlan: ({ runId, plannedAt }) =>
      dialect.createTableAs(
        of('plan'),
        `select ${dialect.text(runId)} as run_id, ${dialect.timestamp(plannedAt)} as planned_at, ${dialect.boolean(false)} as opened`,
      ),
    openPlan: [
      `delete from ${sql('progress')} where 1 = 1`,
      `delete from ${sql('outcomes')} where 1 = 1`,
      `update ${sql('plan')} set opened = ${dialect.boolean(true)} where 1 = 1`,
    ],
    openedPlan: `select plan.run_id, plan.planned_at from ${sql('plan')} as plan where plan.opened`,
    changeCounts: render('change-counts', { changes: sql('changes') }),
    recordCounts: (select) =>
      render('record-counts', {
        records: kept(select),
        refused,
        leftOut,
        delivered,
        zero: dialect.integer(0),
      }),
    sent: (range) =>
      render('sent', {
        changes: sql('changes'),
        range: range && { first: dialect.integer(range.first), last: dialect.integer(range.last) },
        record: dialect.rowText(
          dialect.text(''),
          [...sentColumns, ...names].map((name) => `changes.${name}`),
        ),
      }),
    progress: (ranges, reached) =>
      `insert into ${sql('progress')} (first_seq, last_seq, state) values\n  ${ranges
        .map(
          ({ first, last }) =>
            `(${dialect.integer(first)}, ${dialect.integer(last)}, ${dialect.text(reached)})`,
        )
        .join(',\n  ')}`,
    progressRows: `select progress.first_seq, progress.last_seq, progress.state from ${sql('progress')} as progress`,
    outcomes: (rows) =>
      `insert into ${sql('outcomes')} (seq, status, reason, message, attempts) values\n  ${rows
        .map(
          ({ seq, status, reason, message, attempts }) =>
            `(${dialect.integer(seq)}, ${dialect.text(status)}, ${dialect.text(reason)}, ${dialect.text(message)}, ${dialect.integer(attempts)})`,
        )
        .join(',\n  ')}`,
    fold: (fold) =>
      foldStatements(context, sync, fold, {
        settled: of('settled'),
        tables: {
          changes: sql('changes'),
          delivered: sql('delivered'),
          failures: sql('failures'),
          outcomes: sql('outcomes'),
          plan: sql('plan'),
          runs: dialect.relation(publicTables.runs),
          records: dialect.relation(publicTables.records),
          refused,
          judged,
        },
        columns: names,
        mapping: 'settled.mapping',
        forgotten,
      }),
    recorded: (runId) => {
      const own = `run_id = ${dialect.text(runId)} and sync = ${dialect.text(sync.name)}`
      return {
        run: `select status from ${dialect.relation(publicTables.runs)} where ${own}`,
        records: `select status, count(*) as row_count from ${dialect.relation(publicTables.records)} where ${own} group by status`,
      }
    },
    forget: [`delete from ${sql('delivered')} where 1 = 1`, `delete from ${sql('failures')} where 1 = 1`],
    deliveredTo: `select told.destination, told.mode from ${sql('destination')} as told`,
    deliverTo: [
      `delete from ${sql('destination')} where 1 = 1`,
      `insert into ${sql('destination')} (destination, mode) values (${dialect.text(sync.destination)}, ${dialect.text(sync.mode)})`,
    ],
    // What is sent again anyway keeps its idempotency key.
    release: `delete from ${sql('failures')} where ${held}`,
  }
}

/** True and false, never NULL. */
function differs(left: Sql, right: Sql): Sql {
  return `${left} is distinct from ${right}`
}
