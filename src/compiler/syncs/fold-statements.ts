import type { Sync, SyncMode } from '../../definitions/definitions.ts'
import type { Dialect, Sql } from '../../dialects/dialect.ts'
import type { Relation } from '../../ir/relation.ts'
import type { Templates } from '../../sql/templates.ts'
import type { ForgottenRecords } from './forgotten.ts'
import { leavesGone } from './modes.ts'

/** Sequence numbers, both ends included. */
export interface Range {
  readonly first: number
  readonly last: number
}

/** What became of a plan. */
export interface Fold {
  readonly runId: string
  /** Name of the one it was sent to. */
  readonly destination: string
  /** In which it was planned. */
  readonly mode: SyncMode
  /** Instants with `Z`. */
  readonly startedAt: string
  readonly finishedAt: string
  readonly status: 'success' | 'partial' | 'failed' | 'cancelled' | 'interrupted'
  readonly message?: string
  readonly settled: readonly Range[]
  /** Sent, and nobody knows whether they arrived. */
  readonly unknown: readonly Range[]
  /** Whether what may have arrived can be sent again without harm. */
  readonly repeatable: boolean
  readonly requests: number
  /** Records without a key of their own. */
  readonly refused: number
  /** Whether anybody is forgotten, so that what logs and plans say of them goes. */
  readonly forgets: boolean
}

/** In place of the mapping of what may have been added: none is called so, and it is no update yet. */
export const perhapsAdded = '+'
/** The same of what went and the destination was not told of: it is there still. */
export const gone = '-'
/** The same of what may have been updated. */
const perhapsUpdated = '?'

/** Names of tables as they stand in SQL. */
interface FoldTables {
  readonly changes: Sql
  readonly delivered: Sql
  readonly failures: Sql
  readonly outcomes: Sql
  readonly plan: Sql
  /** The public log of syncs, and that of records. */
  readonly runs: Sql
  readonly records: Sql
  /** Of a sync some of whose records may be refused. */
  readonly refused: Sql | undefined
  /** Of a sync with a filter. */
  readonly judged: Sql | undefined
}

/** Statements that take in what is settled, before and in one transaction, and end the plan. */
export function foldStatements(
  { dialect, templates }: { readonly dialect: Dialect; readonly templates: Templates },
  sync: Sync,
  fold: Fold,
  of: {
    readonly settled: Relation
    readonly tables: FoldTables
    readonly columns: readonly Sql[]
    /** By which mapping a settled change was made. */
    readonly mapping: Sql
    readonly forgotten: ForgottenRecords | undefined
  },
): { readonly before: readonly Sql[]; readonly together: readonly Sql[] } {
  const { tables } = of
  const at = dialect.timestamp(fold.finishedAt)
  const render = (template: string, more: object): Sql => templates.render(`sync/${template}`, more).trim()
  const shared = {
    ...tables,
    settled: dialect.relation(of.settled),
    columns: of.columns,
    mapping: of.mapping,
    perhapsAdded: dialect.text(perhapsAdded),
    perhapsUpdated: dialect.text(perhapsUpdated),
    gone: leavesGone({ ...sync, mode: fold.mode }) && dialect.text(gone),
    runId: dialect.text(fold.runId),
    sync: dialect.text(sync.name),
    destination: dialect.text(fold.destination),
    mode: dialect.text(fold.mode),
    at,
    startedAt: dialect.timestamp(fold.startedAt),
    status: dialect.text(fold.status),
    message: fold.message === undefined ? dialect.nullOf('text') : dialect.text(fold.message),
    requests: dialect.integer(fold.requests),
    refused: dialect.integer(fold.refused),
  }
  return {
    before: dialect.createTableAs(
      of.settled,
      render('settled', {
        changes: tables.changes,
        outcomes: tables.outcomes,
        settled: within(dialect, fold.settled),
        unknown: within(dialect, fold.unknown),
        unknownStatus: dialect.text(fold.repeatable ? 'unknown' : 'review'),
        lastSync: dialect.integer(sync.retry.syncs),
        oldest: dialect.addSeconds(at, -sync.retry.withinSeconds),
        one: dialect.integer(1),
      }),
    ),
    together: [
      render('forget-acknowledged', shared),
      render('keep-acknowledged', shared),
      render('forget-failures', shared),
      render('keep-failures', shared),
      `delete from ${shared.records} where run_id = ${shared.runId} and sync = ${shared.sync}`,
      render('log-records', shared),
      ...(tables.refused === undefined
        ? []
        : [
            render('log-refused', {
              ...shared,
              recordLog: shared.records,
              refused: tables.refused,
              zero: dialect.integer(0),
              nullText: dialect.nullOf('text'),
            }),
          ]),
      `delete from ${shared.runs} where run_id = ${shared.runId} and sync = ${shared.sync}`,
      render('log-run', shared),
      ...(of.forgotten === undefined || !fold.forgets
        ? []
        : forgetRecords(dialect, of.forgotten, shared, tables)),
      `delete from ${shared.plan} where 1 = 1`,
    ],
  }
}

/** Of who has left the destination the log keeps that it happened, and the plan nothing. */
function forgetRecords(
  dialect: Dialect,
  { keyOf, keys }: ForgottenRecords,
  shared: { readonly settled: Sql; readonly sync: Sql },
  { records, changes, delivered, failures, refused, judged }: FoldTables,
): readonly Sql[] {
  const isForgotten = `${keyOf('record_key')} in (\n  ${keys.replaceAll('\n', '\n  ')}\n)`
  const elsewhere = [delivered, failures].map(
    (table) => `  and record_key not in (select still_there.record_key from ${table} as still_there)`,
  )
  return [
    [
      `update ${records}`,
      'set',
      `  record_key = ${dialect.text('forgotten')},`,
      `  message = ${dialect.nullOf('text')}`,
      `where sync = ${shared.sync}`,
      `  and ${isForgotten}`,
      ...elsewhere,
    ].join('\n'),
    ...[
      changes,
      shared.settled,
      ...(refused === undefined ? [] : [refused]),
      ...(judged === undefined ? [] : [judged]),
    ].map((table) => `delete from ${table}\nwhere ${isForgotten}`),
  ]
}

/** Of the row's `seq`; ranges do not overlap. */
function within(dialect: Dialect, ranges: readonly Range[]): Sql {
  if (ranges.length === 0) return '1 = 0'
  return ranges
    .map(({ first, last }) => `changes.seq between ${dialect.integer(first)} and ${dialect.integer(last)}`)
    .join('\n      or ')
}
