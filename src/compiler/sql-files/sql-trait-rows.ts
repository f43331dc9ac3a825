import type { IdentifierRule, SqlTrait } from '../../definitions/definitions.ts'
import type { Sql } from '../../dialects/dialect.ts'
import type { CompiledNode } from '../../ir/node.ts'
import type { Relation } from '../../ir/relation.ts'
import type { Check } from '../../ir/step.ts'
import { valueTypeOf } from '../../ir/value-type.ts'
import { shortName } from '../../sql/names.ts'
import { type Context, work } from '../context.ts'
import { header, steps } from '../header.ts'
import { columnSql, textSql } from '../sources/field-sql.ts'
import type { RenderedSql } from './render-sql-file.ts'
import { addCalls, type CallLog, createLog, withoutSuppressed } from './sql-trait-calls.ts'
import { identifierSql, rowKey } from './sql-trait-key.ts'
import type { SqlTraitShape } from './sql-trait-shape.ts'

const mostRecordBytes = 16 * 1024
/** Of what a check found; more would not be read. */
const samples = 20

/** What the parts of a SQL trait are made of. */
export interface SqlTraitParts {
  readonly trait: SqlTrait
  readonly shape: SqlTraitShape
  readonly rendered: RenderedSql
  readonly rules: readonly IdentifierRule[]
  readonly logs: readonly CallLog[]
}

export function rowsRelation(context: Context, trait: SqlTrait): Relation {
  return work(context, shortName(context.dialect, `sql_${trait.name}`))
}

/** The node `rows.<name>`: the select's rows in `sql_<name>`, held against the rules, and the calls they bring. */
export function sqlTraitRows(
  context: Context,
  parts: SqlTraitParts,
  dependsOn: readonly string[],
): CompiledNode {
  const { dialect } = context
  const { trait, shape, rendered, rules, logs } = parts
  const target = rowsRelation(context, trait)
  const rows = dialect.relation(target)
  const origin = { file: trait.span.file, line: trait.span.line }
  const calls = logs.flatMap((log) => [
    ...createLog(context, log),
    addCalls(context, log, rows, rules),
    ...withoutSuppressed(context, log, rules),
  ])
  return {
    id: `rows.${trait.name}`,
    type: 'rows',
    name: trait.name,
    origin,
    description: `What ${trait.file} returns.`,
    ...(trait.owner !== undefined && { owner: trait.owner }),
    tags: trait.tags,
    meta: trait.meta,
    dependsOn: [...new Set([...dependsOn, ...rendered.refs.map((ref) => ref.node)])].sort(),
    relation: target,
    columns: [...shape.keys, ...shape.links, ...shape.identifiers]
      .map(({ column }) => column)
      .concat(shape.columns)
      .map(({ name, type }) => ({ name, type: valueTypeOf(type) })),
    steps: [
      ...steps(trait.name, header('rows', trait.name, origin), dialect.createTableAs(target, rendered.sql)),
      ...checks(context, parts, rows),
      ...steps(trait.name, '', calls),
    ],
  }
}

function checks(context: Context, { trait, shape, rules }: SqlTraitParts, rows: Sql): readonly Check[] {
  const { dialect } = context
  const key = rowKey(dialect, shape, rules)
  const names = shape.keys.map(({ type }) => type)
  const called = names.join(' or ')
  const typed = names.length > 1
  const column = dialect.ident(names.length === 1 ? (names[0] ?? '') : 'identifier')
  const returns = (what: string): string => `SQL trait \`${trait.name}\`: ${trait.file} returns ${what}`
  const callers = [...shape.keys, ...shape.links].filter(({ type }) =>
    ['user_id', 'anonymous_id'].includes(type),
  )
  return [
    {
      kind: 'check',
      name: 'not too many rows',
      sql: `select\n  count(*) as row_count\nfrom ${rows} as sql_rows\nhaving count(*) > ${trait.maxRows}`,
      message: returns(`more than ${trait.maxRows.toLocaleString('en-US')} rows`),
      hint: 'narrow the select down, or raise `max_rows` of the trait',
    },
    {
      kind: 'check',
      name: 'no null identifiers',
      sql: `select\n  count(*) as row_count\nfrom ${rows} as sql_rows\nwhere ${key.value} is null\nhaving count(*) > 0`,
      message: returns(`rows without ${called}`),
      hint: `add \`where ${names.map((name) => `${name} is not null`).join(' or ')}\``,
    },
    ...(callers.length < 2
      ? []
      : [
          {
            kind: 'check' as const,
            name: 'one identifier a row',
            sql: [
              'select',
              `  ${callers.map((each) => `${identifierSql(dialect, each, rules)} as ${each.type}`).join(',\n  ')}`,
              `from ${rows} as sql_rows`,
              `where ${callers.map((each) => `${identifierSql(dialect, each, rules)} is not null`).join('\n  and ')}`,
              'order by 1, 2',
              `limit ${samples}`,
            ].join('\n'),
            message: returns('both user_id and anonymous_id in one row'),
            hint: 'return a user_id where there is one and NULL as anonymous_id beside it, for example with `case`',
          },
        ]),
    {
      kind: 'check',
      name: 'no duplicate identifiers',
      sql: [
        'select',
        ...(typed ? ['  keyed_rows.identifier_type,'] : []),
        `  keyed_rows.identifier as ${column},`,
        '  count(*) as row_count',
        'from (',
        '  select',
        ...(typed ? [`    ${key.type} as identifier_type,`] : []),
        `    ${key.value} as identifier`,
        `  from ${rows} as sql_rows`,
        ') as keyed_rows',
        `group by ${typed ? 'keyed_rows.identifier_type, ' : ''}keyed_rows.identifier`,
        'having count(*) > 1',
        `order by ${dialect.orderBy([{ sql: 'keyed_rows.identifier', type: 'text', descending: false }])}`,
        `limit ${samples}`,
      ].join('\n'),
      message: returns(`the same ${called} more than once`),
      hint: `return one row for each ${called}, for example with \`group by\``,
    },
    {
      kind: 'check',
      name: 'no record too large',
      sql: recordSizes(context, shape, rows, key.value, column),
      message: returns('rows of more than 16 KB'),
      hint: 'leave out or shorten the longest columns, for example with `substr`',
    },
  ]
}

/** The bytes of all values of a row, as text. */
function recordSizes({ dialect }: Context, shape: SqlTraitShape, rows: Sql, key: Sql, column: Sql): Sql {
  const columns = [...shape.keys, ...shape.identifiers, ...shape.links].map((each) => each.column)
  const bytes = [...columns, ...shape.columns]
    .map(
      (each) => `coalesce(${dialect.byteLength(textSql(dialect, columnSql(dialect, 'sql_rows', each)))}, 0)`,
    )
    .join('\n    + ')
  return [
    'select',
    `  sized_rows.identifier as ${column},`,
    '  sized_rows.bytes',
    'from (',
    '  select',
    `    ${key} as identifier,`,
    `    ${bytes} as bytes`,
    `  from ${rows} as sql_rows`,
    ') as sized_rows',
    `where sized_rows.bytes > ${mostRecordBytes}`,
    `order by ${dialect.orderBy([{ sql: 'sized_rows.identifier', type: 'text', descending: false }])}`,
    `limit ${samples}`,
  ].join('\n')
}
