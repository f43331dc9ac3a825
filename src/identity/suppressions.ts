import type { NodeColumn } from '../ir/node.ts'
import { type Relation, relation } from '../ir/relation.ts'

/**
 * The public table of those who are not to be followed: a row for each identifier that a suppressed profile had.
 *
 * An event received after `suppressed_at`, or at any time where the profile is `forgotten`, and not after `ended_at`, does
 * without the identifier; one that it leads is not taken in at all. `value` is NULL once a run has erased the profile: then
 * only `identifier_hash`, the MD5 of `type:value`, is left to tell its events by.
 */
const columns: readonly NodeColumn[] = [
  { name: 'suppression_id', type: 'text' },
  { name: 'type', type: 'text' },
  { name: 'value', type: 'text' },
  { name: 'identifier_hash', type: 'text' },
  { name: 'segment_id', type: 'text' },
  { name: 'forgotten', type: 'boolean' },
  { name: 'suppressed_at', type: 'timestamp' },
  { name: 'ended_at', type: 'timestamp' },
  { name: 'erased_at', type: 'timestamp' },
]

export const suppressionsTable = { name: 'suppressions', columns } as const

export function suppressionsRelation(schema: string): Relation {
  return relation(schema, suppressionsTable.name)
}
