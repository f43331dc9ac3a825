import type { Definitions, Entity } from '../../definitions/definitions.ts'
import { hashOfDefinitions } from '../../definitions/hash-of-definitions.ts'
import { type Problem, ProblemError } from '../../diagnostics/problem.ts'
import type { Sql } from '../../dialects/dialect.ts'
import { suppressionsTable } from '../../identity/suppressions.ts'
import type { Catalog, CatalogTable } from '../../ir/catalog.ts'
import { type Relation, relation } from '../../ir/relation.ts'
import { checkStatements } from '../check-functions.ts'
import type { Context } from '../context.ts'
import { type EventLayout, eventLayouts } from './event-layouts.ts'
import { type ServedColumn, type ServedTraits, servedTraits } from './served-traits.ts'
import { servingSelects } from './serving-selects.ts'
import { servingState } from './serving-state.ts'

export interface ServingInput {
  readonly definitions: Definitions
  readonly catalog: Catalog
  readonly traits: Readonly<Record<Entity, ServedTraits>>
  /** Where the state of publishing is kept. */
  readonly syncSchema: string
}

/** Where the last publish into a store stood. Instants are ISO with `Z`. */
export interface PublishState {
  readonly storeId: string
  /** Of the store's release. */
  readonly version: number
  /** The last batch of events that the tables had taken in, the run that did, and the arrival of the last event. */
  readonly batch: number
  readonly batchRunId: string
  readonly lastArrival: number
  readonly asOf: string
  readonly shape: string
}

/** Until when, and since when something may have changed; without `since` everything is served anew. */
export interface Span {
  readonly asOf: string
  readonly since?: PublishState
}

/** One of so many parts of about the same size: a warehouse holds documents of one in memory. */
export interface Slice {
  readonly index: number
  readonly of: number
}

/** The statements of a publish, in one dialect, and how to read what they answer. */
export interface ServingPlan {
  /** A hash of the definitions, as the log of runs has it. */
  readonly definitions: string
  readonly columns: Readonly<Record<Entity, readonly ServedColumn[]>>
  /** By the number that stands in an event's row. */
  readonly layouts: readonly EventLayout[]
  /** Whether the tables that a run leaves are there. */
  readonly ready: boolean
  /** One row: `run_id, as_of, definitions_hash` of the last run that ended well; none where there is none. */
  readonly lastRun: Sql
  /** What has been taken in, in order: `batch, run_id, last_arrival, replays`, and whether it is `published`. */
  readonly batches: Sql
  /** Creates what is missing. */
  readonly prepare: readonly Sql[]
  /** The row of {@link PublishState}, where there is one. */
  readonly state: Sql
  /** Finds what may have changed, for the selects with `since`. */
  candidates(span: Required<Span>): readonly Sql[]
  /** One row: `row_count` of the profiles that {@link rows} would answer, or a few more. */
  count(entity: Entity, span: Span): Sql
  /** A row per profile of a slice, as `profileDocument` reads it. */
  rows(entity: Entity, span: Span, slice: Slice): Sql
  /** Ids of what is served no more: `profile_id`. */
  gone(entity: Entity): Sql
  /** Remembers what the store has now. @param all whether all of it was published */
  remember(
    state: PublishState,
    all: boolean,
  ): { readonly before: readonly Sql[]; readonly together: readonly Sql[] }
}

/**
 * @param context with the calls that rows of SQL traits bring
 * @throws {ProblemError} PSN3043 a template of the project's own calls a function that the dialect does not list
 */
export function servingPlan(context: Context, input: ServingInput): ServingPlan {
  const plan = planOf(context, input)
  const problems: Problem[] = []
  checkStatements(
    { ...context, report: (found) => problems.push(found) },
    { id: 'serving' },
    statementsOf(plan),
  )
  if (problems.length > 0) throw new ProblemError(problems)
  return plan
}

/** All that a publish may send, of some instant. */
function statementsOf(plan: ServingPlan): readonly Sql[] {
  const asOf = '2000-01-01T00:00:00Z'
  const since = { storeId: '', version: 0, batch: 0, batchRunId: '', lastArrival: 0, asOf, shape: '' }
  const { before, together } = plan.remember(since, false)
  return [
    plan.batches,
    ...plan.candidates({ asOf, since }),
    ...(['user', 'account'] as const).flatMap((entity) => [
      plan.rows(entity, { asOf, since }, { index: 0, of: 2 }),
      plan.gone(entity),
    ]),
    ...before,
    ...together,
  ]
}

function planOf(context: Context, input: ServingInput): ServingPlan {
  const { dialect, schema } = context
  const { definitions, catalog } = input
  const published = (name: string): CatalogTable | undefined =>
    catalog.tables.find(({ relation: of }) => of.schema === schema && of.name === name)
  const columnsOf = (entity: Entity, table: string): readonly ServedColumn[] =>
    servedTraits(context, input.traits[entity], published(table)?.columns ?? [])
  const layouts = eventLayouts(context)
  const columns = {
    user: columnsOf('user', 'profile_traits'),
    account: columnsOf('account', 'account_traits'),
  }
  const own = (name: string): Relation => relation(input.syncSchema, name)
  const candidates = { user: own('serving_users'), account: own('serving_accounts') }
  const selects = servingSelects(context, {
    columns,
    layouts,
    candidates,
    suppressions: published(suppressionsTable.name) !== undefined,
  })
  const runs = dialect.relation(relation(schema, 'runs'))
  return {
    definitions: hashOfDefinitions(definitions),
    columns,
    layouts,
    ready: published('profile_traits') !== undefined && published('runs') !== undefined,
    lastRun: [
      'select runs.run_id, runs.as_of, runs.definitions_hash',
      `from ${runs} as runs`,
      `where runs.status = ${dialect.text('success')}`,
      'order by runs.started_at desc, runs.run_id desc',
      'limit 1',
    ].join('\n'),
    batches: selects.batches,
    ...servingState(context, {
      columns,
      candidates,
      selects,
      state: own('serving_state'),
      before: { user: own('serving_profile_traits'), account: own('serving_account_traits') },
    }),
    count: selects.count,
    rows: selects.rows,
    gone: selects.gone,
  }
}
