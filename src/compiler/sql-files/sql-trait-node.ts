import type { Catalog } from '../../ir/catalog.ts'
import type { CompiledNode, NodeColumn, Preview } from '../../ir/node.ts'
import { relation } from '../../ir/relation.ts'
import { valueTypeOf } from '../../ir/value-type.ts'
import { shortName } from '../../sql/names.ts'
import { keyColumn } from '../compile-scope.ts'
import { type Context, work, workSql } from '../context.ts'
import { header, steps } from '../header.ts'
import { columnSql } from '../sources/field-sql.ts'
import { rowKey } from './sql-trait-key.ts'
import { rowsRelation, type SqlTraitParts } from './sql-trait-rows.ts'

/**
 * The node `trait.<name>`: the rows of `rows.<name>`, one per known profile, in `trait_<name>`. Where a profile owns several
 * of the identifiers, the row of the smallest one counts.
 *
 * @param catalog tells whether there are profiles to preview the rows against
 */
export function sqlTraitNode(context: Context, parts: SqlTraitParts, catalog: Catalog): CompiledNode {
  const { dialect, templates } = context
  const { trait, shape, rules } = parts
  const target = work(context, shortName(dialect, `trait_${trait.name}`))
  const origin = { file: trait.span.file, line: trait.span.line }
  const key = rowKey(dialect, shape, rules)
  const columns: readonly NodeColumn[] = shape.columns.map(({ name, type }) => ({
    name,
    type: valueTypeOf(type),
  }))
  const select = templates.render('sql-trait', {
    key: keyColumn(trait.entity),
    rows: dialect.relation(rowsRelation(context, trait)),
    id: key.value,
    order: dialect.orderBy([
      ...(shape.keys.length > 1 ? [{ sql: key.type, type: 'text' as const, descending: true }] : []),
      { sql: key.value, type: 'text', descending: false },
    ]),
    columns: shape.columns
      .map((column) => `,\n${columnSql(dialect, 'sql_rows', column).sql} as ${dialect.ident(column.name)}`)
      .join(''),
    names: shape.columns.map(({ name }) => `,\nmatched.${dialect.ident(name)}`).join(''),
    user: trait.entity === 'user' && { identifiers: workSql(context, 'identifiers'), type: key.type },
    accounts: workSql(context, 'accounts'),
  })
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
      `rows.${trait.name}`,
      trait.entity === 'user' ? 'identity.profiles' : 'identity.accounts',
    ].sort(),
    computedIn: [`rows.${trait.name}`],
    relation: target,
    columns,
    steps: steps(trait.name, header('trait', trait.name, origin), dialect.createTableAs(target, select)),
    preview: previewOf(context, parts, catalog),
  }
}

/** The rows as they are now, each marked by whether a profile that was published has its identifier. */
function previewOf(context: Context, parts: SqlTraitParts, catalog: Catalog): Preview {
  const { dialect, templates } = context
  const { trait, shape, rendered, rules } = parts
  const user = trait.entity === 'user'
  const known = relation(context.schema, user ? 'user_identifiers' : 'account_traits')
  const built = catalog.tables.some(
    (table) => table.relation.schema === known.schema && table.relation.name === known.name,
  )
  const columns = [...shape.keys, ...shape.links, ...shape.identifiers]
    .map(({ column }) => column)
    .concat(shape.columns)
  const taken = new Set(columns.map(({ name }) => name))
  const key = rowKey(dialect, shape, rules)
  let mark = 'profile'
  while (taken.has(mark)) mark = `${mark}_`
  return {
    select: templates.render('sql-trait-preview', {
      select: rendered.sql,
      columns: columns.map(({ name }) => `sql_rows.${dialect.ident(name)},\n`).join(''),
      mark: dialect.ident(mark),
      known: built && {
        relation: dialect.relation(known),
        on: user
          ? `known.type = ${key.type}\nand known.value = ${key.value}`
          : `known.account_id = ${key.value}`,
        isKnown: `known.${user ? 'value' : 'account_id'} is not null`,
      },
    }),
    reads: rendered.refs.map((ref) => ref.relation),
    mark,
    key: shape.keys.map(({ type }) => type).join(' or '),
  }
}
