import type { Sql } from '../../dialects/dialect.ts'
import { createSuppressions } from '../../identity/suppressed.ts'
import { suppressionsRelation } from '../../identity/suppressions.ts'
import { type Statement, statement } from '../../ir/step.ts'
import { asOfSql, type Context, workSql } from '../context.ts'

/** What a run does so that nothing of those who were forgotten stays in its public tables. */
export interface Erasure {
  /** Creates the table of suppressions where it is missing. */
  readonly prepare: readonly Statement[]
  /** In the transaction that publishes, when all rows are written: their identifiers go, hashes stay. */
  readonly done: Statement
}

export function erasure(context: Context): Erasure {
  const { dialect, schema } = context
  const target = dialect.relation(suppressionsRelation(schema))
  return {
    prepare: createSuppressions(dialect, schema),
    done: statement(
      'who was forgotten is erased',
      [
        `update ${target}`,
        'set',
        `  value = ${dialect.nullOf('text')},`,
        `  erased_at = ${asOfSql(context)}`,
        `where ${due(context)}`,
      ].join('\n'),
    ),
  }
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
