import type { Sql } from '../../dialects/dialect.ts'
import type { SyncRecords } from '../../ir/sync.ts'
import type { SyncState } from './sync-state.ts'

const instant = '2026-01-01T00:00:00Z'
const range = { first: 1, last: 1 }
const outcome = { seq: 1, status: 'rejected', reason: '', message: '', attempts: 1 } as const
const ended = {
  runId: '',
  destination: '',
  mode: 'upsert',
  startedAt: instant,
  finishedAt: instant,
  status: 'partial',
} as const

/** Every statement that a sync may send, each with some values in the place of those to come. */
export function syncStatements(
  state: SyncState,
  records: Pick<SyncRecords, 'select' | 'values'>,
): readonly Sql[] {
  const { select } = records
  const { judging } = state
  const folds = [true, false].map((is) =>
    state.fold({
      ...ended,
      settled: [range],
      unknown: [range],
      repeatable: is,
      requests: 1,
      refused: 1,
      forgets: is,
    }),
  )
  const { statements, unless } = state.plan(records)
  return [
    ...state.prepare,
    ...statements,
    ...(unless === undefined ? [] : [unless.unsound, ...unless.statements]),
    ...[
      state.selectLoaded,
      state.planTwice,
      state.openedPlan,
      state.changeCounts,
      state.recordCounts(select),
    ],
    ...state.beginPlan({ runId: '', plannedAt: instant }),
    ...state.openPlan,
    ...[
      state.sent(),
      state.sent(range),
      state.progress([range], 'sent'),
      state.progressRows,
      state.outcomes([outcome]),
    ],
    ...folds.flatMap(({ before, together }) => [...before, ...together]),
    ...Object.values(state.recorded('')),
    ...state.forget,
    state.deliveredTo,
    ...state.deliverTo,
    ...(state.forgotten === undefined ? [] : [state.forgotten.any]),
    state.release,
    ...(judging === undefined
      ? []
      : [
          judging.judgedBy,
          ...[true, false].map((all) => judging.toJudge(select, all)),
          ...[true, false].flatMap((complete) => judging.take(select, complete)),
        ]),
  ]
}
