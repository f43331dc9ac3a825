import type { Sync } from '../../definitions/definitions.ts'
import type { Dialect, Sql } from '../../dialects/dialect.ts'
import { suppressionsRelation, suppressionsTable } from '../../identity/suppressions.ts'
import type { Relation } from '../../ir/relation.ts'

/** `use_` and 27 digits and letters. */
const segmentIdLength = 31

/** How a sync of people tells whose records are to leave the destination, and the logs, for good. */
export interface ForgottenRecords {
  /** The public table of suppressions, or a copy of it beside the state. */
  readonly suppressions: Relation
  /** Creates it where it is missing. */
  readonly prepare: readonly Sql[]
  /** Answers a row where anybody is forgotten. */
  readonly any: Sql
  /** What stands for a record among the forgotten, made of its key. */
  keyOf(recordKey: Sql): Sql
  /** Those keys, as a select of `forgotten_key`. */
  readonly keys: Sql
}

export function forgottenRecords(
  dialect: Dialect,
  publicSchema: string,
  { key, from }: Sync,
): ForgottenRecords {
  const suppressions = suppressionsRelation(publicSchema)
  const table = dialect.relation(suppressions)
  const where = 'where suppressions.forgotten\n  and suppressions.ended_at is null'
  const type = key?.kind === 'identifier' ? key.type : undefined
  const column = type === undefined ? 'segment_id' : 'identifier_hash'
  const ofRows = from.kind === 'audience' && from.rows !== undefined
  return {
    suppressions,
    prepare: dialect.createTableIfMissing(suppressions, suppressionsTable.columns),
    any: `select suppressions.suppression_id\nfrom ${table} as suppressions\n${where}\nlimit 1`,
    keyOf(recordKey) {
      if (type !== undefined) return dialect.md5(`${dialect.text(`${type}:`)} || ${recordKey}`)
      // Of a row of a member the key begins with the member's id.
      return ofRows ? `substr(${recordKey}, 1, ${segmentIdLength})` : recordKey
    },
    keys: `select distinct suppressions.${column} as forgotten_key\nfrom ${table} as suppressions\n${where}\n  and suppressions.${column} is not null`,
  }
}
