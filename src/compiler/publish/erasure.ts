import type { Sql } from '../../dialects/dialect.ts'
import { suppressionsRelation } from '../../identity/suppressions.ts'
import type { Relation } from '../../ir/relation.ts'
import { type Statement, statement } from '../../ir/step.ts'
import { asOfSql, type Context, workSql } from '../context.ts'

/**
 * What a run does, in the transaction that publishes and when all rows are written, so that nothing of those who were forgotten
 * stays in its public tables: their identifiers go, hashes stay.
 *
 * @param left public tables with rows of profiles that no run writes any more
 */
export function erasure(context: Context, left: readonly Relation[]): readonly Statement[] {
  const { dialect, schema } = context
  const target = dialect.relation(suppressionsRelation(schema))
  return [
    ...left.map(
      (table) =>
        `delete from ${dialect.relation(table)}\nwhere canonical_segment_id in (\n  ${erasedProfiles(context).replaceAll('\n', '\n  ')}\n)`,
    ),
    [
      `update ${target}`,
      'set',
      `  value = ${dialect.nullOf('text')},`,
      `  erased_at = ${asOfSql(context)}`,
      `where ${due(context)}`,
    ].join('\n'),
  ].map((sql) => statement('who was forgotten is erased', sql))
}

/** Ids of profiles that identity has forgotten and that public tables may still speak of, as a select. */
export function erasedProfiles(context: Context): Sql {
  const table = context.dialect.relation(suppressionsRelation(context.schema))
  return [
    'select suppressions.segment_id',
    `from ${table} as suppressions`,
    `where ${due(context).replaceAll('\n', '\n  ')}`,
    '  and suppressions.segment_id is not null',
  ].join('\n')
}

function due(context: Context): Sql {
  return [
    'forgotten',
    'and erased_at is null',
    'and suppression_id in (',
    '  select state_suppressions.suppression_id',
    `  from ${workSql(context, 'state_suppressions')} as state_suppressions`,
    ')',
  ].join('\n')
}
