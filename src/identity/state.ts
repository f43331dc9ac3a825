import type { Dialect, Sql } from '../dialects/dialect.ts'
import type { Relation } from '../ir/relation.ts'
import { type Statement, statement } from '../ir/step.ts'
import type { ValueType } from '../ir/value-type.ts'
import { identityRelation, type TableName } from './tables.ts'

/** A table that the next run goes on from. Profiles are arrivals of founding events; `batch` is the one that wrote the row. */
const stateColumns = {
  events: {
    arrival: 'integer',
    source: 'text',
    event_id: 'text',
    type: 'text',
    event: 'text',
    timestamp: 'timestamp',
    received_at: 'timestamp',
    group_id: 'text',
  },
  eventIdentifiers: {
    arrival: 'integer',
    identifier_type: 'text',
    identifier_value: 'text',
    location: 'integer',
  },
  /** One row an identifier: the profile it was first given to, never rewritten; `linked_at` in microseconds. */
  stateLinks: {
    id: 'integer',
    identifier_type: 'text',
    identifier_value: 'text',
    profile: 'integer',
    linked_by: 'integer',
    linked_at: 'integer',
    batch: 'integer',
  },
  /** Every profile ever founded, what it is now and since which batch; counts are those of canonical profiles. */
  stateProfiles: {
    profile: 'integer',
    segment_id: 'text',
    canonical: 'integer',
    pointed_in: 'integer',
    identifiers: 'integer',
    id_sum: 'integer',
    known: 'boolean',
    profile_hash: 'integer',
  },
  /** The profile of each event as it was then; no row where it has none. */
  stateEventProfiles: { arrival: 'integer', profile: 'integer' },
  /** Foundings and re-pointings. */
  stateUpdates: { profile: 'integer', canonical: 'integer', arrival: 'integer', batch: 'integer' },
  violations: {
    event_id: 'text',
    source: 'text',
    identifier_type: 'text',
    identifier_value: 'text',
    reason: 'text',
    segment_id: 'text',
    run_id: 'text',
    timestamp: 'timestamp',
    arrival: 'integer',
    batch: 'integer',
  },
  /** Events that landed behind what had been processed, with the event they came after. */
  stateLateEvents: {
    source: 'text',
    event_id: 'text',
    batch: 'integer',
    after_received_at: 'timestamp',
    after_event_id: 'text',
    after_source: 'text',
  },
  /** One row for each run that brought events or took some in once more, with the place in order that it got to. */
  stateBatches: {
    batch: 'integer',
    run_id: 'text',
    as_of: 'timestamp',
    events: 'integer',
    last_arrival: 'integer',
    last_received_at: 'timestamp',
    last_event_id: 'text',
    last_source: 'text',
    replays: 'boolean',
    /** Events of earlier batches that this one took out. */
    erased: 'integer',
  },
  /** `identity.cut` as of the last run that brought anything. */
  stateCuts: {
    cut_key: 'text',
    event_id: 'text',
    source: 'text',
    left_type: 'text',
    left_value: 'text',
    right_type: 'text',
    right_value: 'text',
  },
  /** Rows of `suppressions` that have been seen to. */
  stateSuppressions: { suppression_id: 'text', identifier_hash: 'text' },
  /** Batches whose warnings have been said; those of a run that died before are said by the next. */
  stateWarned: { batch: 'integer' },
} as const satisfies Partial<Record<TableName, Readonly<Record<string, ValueType>>>>

export type StateTable = keyof typeof stateColumns

export function stateColumnsOf(table: StateTable): readonly { name: string; type: ValueType }[] {
  return Object.entries(stateColumns[table]).map(([name, type]) => ({ name, type }))
}

/** What is looked up of few rows: whose an identifier is, what that profile has become, all that became it, what they hold. */
const lookedUp = [
  ['stateLinks', 'id'],
  ['stateProfiles', 'profile'],
  ['stateProfiles', 'canonical'],
  ['stateLinks', 'profile'],
] as const satisfies readonly (readonly [StateTable, string])[]

/** Where the warehouse has indexes. The first batch is in by then: to fill a table that has one takes longer. */
export function createIndexes(dialect: Dialect, workSchema: string): readonly Statement[] {
  return indexStatements(workSchema, (target, column) => dialect.createIndexIfMissing(target, column))
}

/** For a state that is about to be filled anew. */
export function dropIndexes(dialect: Dialect, workSchema: string): readonly Statement[] {
  return indexStatements(workSchema, (target, column) => dialect.dropIndex(target, column))
}

function indexStatements(
  workSchema: string,
  of: (target: Relation, column: string) => readonly Sql[],
): readonly Statement[] {
  return lookedUp.flatMap(([table, column]) =>
    of(identityRelation(workSchema, table), column).map((sql) => statement(`index of ${table}`, sql)),
  )
}

/** Show what a run takes in, while it does. */
const batchViews = ['batchEvents', 'batchIdentifiers'] as const satisfies readonly TableName[]

export const stateTables: readonly StateTable[] = Object.keys(stateColumns).filter(
  (name): name is StateTable => Object.hasOwn(stateColumns, name),
)

/**
 * Creates what is missing of the state, empty. Views over what a run is about to replace, which a run that was stopped
 * may have left, go first.
 */
export function createState(dialect: Dialect, workSchema: string): readonly Statement[] {
  return [...dropBatchViews(dialect, workSchema), ...createTables(dialect, workSchema)]
}

export function dropBatchViews(dialect: Dialect, workSchema: string): readonly Statement[] {
  return batchViews.flatMap((view) =>
    dialect
      .dropView(identityRelation(workSchema, view))
      .map((sql) => statement('drop what shows the batch', sql)),
  )
}

function createTables(dialect: Dialect, workSchema: string): readonly Statement[] {
  return stateTables.flatMap((table) => {
    const target = identityRelation(workSchema, table)
    return dialect
      .createTableIfMissing(target, stateColumnsOf(table))
      .map((sql) => statement(`state: ${target.name}`, sql))
  })
}
