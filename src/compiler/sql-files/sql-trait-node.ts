import type { IdentifierRule, SqlTrait } from '../../definitions/definitions.ts'
import { type Problem, problem } from '../../diagnostics/problem.ts'
import type { CatalogColumn } from '../../ir/catalog.ts'
import type { CompiledNode, NodeColumn } from '../../ir/node.ts'
import type { Step } from '../../ir/step.ts'
import { valueTypeOf } from '../../ir/value-type.ts'
import { shortName } from '../../sql/names.ts'
import { keyColumn } from '../compile-scope.ts'
import { type Context, work, workSql } from '../context.ts'
import { header, steps } from '../header.ts'
import { columnSql, textSql } from '../sources/field-sql.ts'
import type { RenderedSql } from './render-sql-file.ts'

const mostColumns = 25
const userIdentifiers = ['user_id', 'email', 'anonymous_id']

/** What a SQL trait's select returns: the column that identifies the profile, and one trait per further column. */
export interface SqlTraitShape {
  readonly identifier: CatalogColumn
  readonly columns: readonly CatalogColumn[]
}

/** Holds the columns against the rules of SQL traits (spec 5); undefined where one is broken. */
export function sqlTraitShape(
  trait: SqlTrait,
  columns: readonly CatalogColumn[],
  report: (found: Problem) => void,
): SqlTraitShape | undefined {
  const allowed = trait.entity === 'user' ? userIdentifiers : ['group_id']
  const identifiers = columns.filter(({ name }) => allowed.includes(name))
  const [identifier] = identifiers
  const list = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')
  if (columns.length > mostColumns) {
    report(problem('PSN3021', { trait: trait.name, count: columns.length }, trait.fileSpan))
    return undefined
  }
  if (identifier === undefined || identifiers.length > 1) {
    const found = identifiers.length === 0 ? columns : identifiers
    report(
      problem(
        'PSN3020',
        { trait: trait.name, columns: list(found.map(({ name }) => name)), expected: list(allowed) },
        trait.fileSpan,
      ),
    )
    return undefined
  }
  if (columns.length === 1) {
    report(problem('PSN3022', { trait: trait.name }, trait.fileSpan))
    return undefined
  }
  return { identifier, columns: columns.filter((column) => column !== identifier) }
}

/**
 * The select's rows in `sql_<name>`, checked, then one row per known profile in `trait_<name>`. Rows of unknown identifiers
 * are left out; where a profile owns several of the identifiers, the row of the smallest one counts.
 */
export function sqlTraitNode(
  context: Context,
  trait: SqlTrait,
  shape: SqlTraitShape,
  rendered: RenderedSql,
  rules: readonly IdentifierRule[],
  dependsOn: readonly string[],
): CompiledNode {
  const { dialect, templates } = context
  const raw = work(context, shortName(dialect, `sql_${trait.name}`))
  const relation = work(context, shortName(dialect, `trait_${trait.name}`))
  const origin = { file: trait.span.file, line: trait.span.line }
  const id = textSql(dialect, columnSql(dialect, 'sql_rows', shape.identifier))
  const rule = rules.find(({ type }) => type === shape.identifier.name)
  const normal = rule?.normalize === 'lowercase' ? dialect.lower(dialect.trim(id)) : dialect.trim(id)
  const columns: readonly NodeColumn[] = shape.columns.map(({ name, type }) => ({
    name,
    type: valueTypeOf(type),
  }))
  const select = templates.render('sql-trait', {
    key: keyColumn(trait.entity),
    rows: dialect.relation(raw),
    id: normal,
    order: dialect.orderBy([{ sql: normal, type: 'text', descending: false }]),
    columns: shape.columns
      .map((column) => `,\n${columnSql(dialect, 'sql_rows', column).sql} as ${dialect.ident(column.name)}`)
      .join(''),
    names: shape.columns.map(({ name }) => `,\nmatched.${dialect.ident(name)}`).join(''),
    user: trait.entity === 'user' && {
      identifiers: workSql(context, 'identifiers'),
      type: dialect.text(shape.identifier.name),
    },
    accounts: workSql(context, 'accounts'),
  })
  const all: readonly Step[] = [
    ...steps(trait.name, header('trait', trait.name, origin), dialect.createTableAs(raw, rendered.sql)),
    {
      kind: 'check',
      name: 'no null identifiers',
      sql: `select\n  count(*) as row_count\nfrom ${dialect.relation(raw)} as sql_rows\nwhere ${id} is null\nhaving count(*) > 0`,
      message: `${trait.file} returns rows without ${shape.identifier.name}`,
      hint: `add \`where ${shape.identifier.name} is not null\``,
    },
    {
      kind: 'check',
      name: 'no duplicate identifiers',
      sql: `select\n  ${normal} as ${shape.identifier.name},\n  count(*) as row_count\nfrom ${dialect.relation(raw)} as sql_rows\ngroup by ${normal}\nhaving count(*) > 1\norder by ${normal}`,
      message: `${trait.file} returns the same ${shape.identifier.name} more than once`,
      hint: `return one row for each ${shape.identifier.name}, for example with \`group by\``,
    },
    ...steps(trait.name, '', dialect.createTableAs(relation, select)),
  ]
  return {
    id: `trait.${trait.name}`,
    type: 'trait',
    name: trait.name,
    origin,
    ...(trait.description !== undefined && { description: trait.description }),
    ...(trait.owner !== undefined && { owner: trait.owner }),
    tags: trait.tags,
    meta: trait.meta,
    dependsOn: [
      ...new Set([
        ...dependsOn,
        ...rendered.refs.map((ref) => ref.node),
        trait.entity === 'user' ? 'identity.profiles' : 'identity.accounts',
      ]),
    ].sort(),
    relation,
    columns,
    steps: all,
  }
}
