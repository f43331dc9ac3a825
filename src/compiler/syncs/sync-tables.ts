import type { Dialect } from '../../dialects/dialect.ts'
import type { NodeColumn } from '../../ir/node.ts'
import { type Relation, relation } from '../../ir/relation.ts'
import { shortName } from '../../sql/names.ts'

/** A table that a sync keeps for itself. */
export function syncTable(dialect: Dialect, schema: string, kind: string, sync: string): Relation {
  return relation(schema, shortName(dialect, `${kind}_${sync}`))
}

export const failureColumns: readonly NodeColumn[] = [
  { name: 'record_key', type: 'text' },
  { name: 'operation', type: 'text' },
  { name: 'row_hash', type: 'text' },
  { name: 'idempotency_key', type: 'text' },
  { name: 'status', type: 'text' },
  { name: 'reason', type: 'text' },
  { name: 'message', type: 'text' },
  { name: 'syncs', type: 'integer' },
  { name: 'first_failed_at', type: 'timestamp' },
  { name: 'last_failed_at', type: 'timestamp' },
  { name: 'run_id', type: 'text' },
]

export const syncRunColumns: readonly NodeColumn[] = [
  { name: 'run_id', type: 'text' },
  { name: 'sync', type: 'text' },
  { name: 'destination', type: 'text' },
  { name: 'mode', type: 'text' },
  { name: 'started_at', type: 'timestamp' },
  { name: 'finished_at', type: 'timestamp' },
  { name: 'status', type: 'text' },
  { name: 'added', type: 'integer' },
  { name: 'updated', type: 'integer' },
  { name: 'removed', type: 'integer' },
  { name: 'delivered', type: 'integer' },
  { name: 'rejected', type: 'integer' },
  { name: 'retrying', type: 'integer' },
  { name: 'given_up', type: 'integer' },
  { name: 'unknown', type: 'integer' },
  { name: 'not_sent', type: 'integer' },
  { name: 'requests', type: 'integer' },
  { name: 'message', type: 'text' },
]

export const syncRecordColumns: readonly NodeColumn[] = [
  { name: 'run_id', type: 'text' },
  { name: 'sync', type: 'text' },
  { name: 'record_key', type: 'text' },
  { name: 'operation', type: 'text' },
  { name: 'status', type: 'text' },
  { name: 'reason', type: 'text' },
  { name: 'message', type: 'text' },
  { name: 'attempts', type: 'integer' },
  { name: 'idempotency_key', type: 'text' },
  { name: 'recorded_at', type: 'timestamp' },
]

export const leftOutColumns: readonly NodeColumn[] = [
  { name: 'record_key', type: 'text' },
  { name: 'row_hash', type: 'text' },
]

/** `message` says why a record could not be judged. */
export const judgedColumns: readonly NodeColumn[] = [
  ...leftOutColumns,
  { name: 'belongs', type: 'boolean' },
  { name: 'as_new', type: 'boolean' },
  { name: 'as_updated', type: 'boolean' },
  { name: 'message', type: 'text' },
]

export const planColumns: readonly NodeColumn[] = [
  { name: 'run_id', type: 'text' },
  { name: 'planned_at', type: 'timestamp' },
  { name: 'opened', type: 'boolean' },
]

export const destinationColumns: readonly NodeColumn[] = [
  { name: 'destination', type: 'text' },
  { name: 'mode', type: 'text' },
]

export const progressColumns: readonly NodeColumn[] = [
  { name: 'first_seq', type: 'integer' },
  { name: 'last_seq', type: 'integer' },
  { name: 'state', type: 'text' },
]

export const outcomeColumns: readonly NodeColumn[] = [
  { name: 'seq', type: 'integer' },
  { name: 'status', type: 'text' },
  { name: 'reason', type: 'text' },
  { name: 'message', type: 'text' },
  { name: 'attempts', type: 'integer' },
]
