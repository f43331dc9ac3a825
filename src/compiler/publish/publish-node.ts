import type { Entity } from '../../definitions/definitions.ts'
import type { Sql, TableLayout } from '../../dialects/dialect.ts'
import type { Catalog, CatalogColumn } from '../../ir/catalog.ts'
import type { CompiledNode, NodeColumn } from '../../ir/node.ts'
import type { PublishedTable } from '../../ir/published.ts'
import { relation } from '../../ir/relation.ts'
import { type Statement, type Step, statement, type Warning } from '../../ir/step.ts'
import { valueTypeOf } from '../../ir/value-type.ts'
import { shortName } from '../../sql/names.ts'
import { type Context, work } from '../context.ts'
import { header, steps } from '../header.ts'
import { runIdSql } from './audience-tables.ts'
import type { View } from './event-views.ts'
import type { EntityTraits } from './trait-tables.ts'

export interface Publication {
  readonly tables: readonly PublishedTable[]
  readonly views: readonly View[]
  /** Working tables made just before the transaction: name → select. They may read the public tables. */
  readonly prepared: readonly { readonly name: string; readonly select: Sql }[]
  /** What to tell when all is published. */
  readonly warnings: readonly Warning[]
  /** In the transaction, after all rows. */
  readonly erasure: readonly Statement[]
  /** What the wide tables show. */
  readonly traits: Readonly<Record<Entity, EntityTraits>>
  /** Ids of all nodes that write what is published. */
  readonly dependsOn: readonly string[]
}

/**
 * The last node of a run. Missing public tables are created empty; then one transaction fits their columns, replaces their rows
 * and the views. Tables are never dropped: grants and views of analysts survive. Where a transaction holds rows only, columns
 * are added before it, and those that are no longer defined go after it, as do views.
 *
 * @param catalog what the target's schema held; columns that are no longer defined go, columns of another type are replaced
 */
export function publishNode(context: Context, catalog: Catalog, publication: Publication): CompiledNode {
  const { dialect } = context
  const body: Statement[] = []
  const fitted: Statement[] = []
  const after: Statement[] = []
  const name = 'publish'
  for (const table of publication.tables) {
    const target = relation(context.schema, table.name)
    const { needed, gone } = fitColumns(context, catalog, table)
    if (dialect.definesInTransactions) body.push(...steps(table.name, '', [...gone, ...needed]))
    else {
      fitted.push(...steps(table.name, '', needed))
      after.push(...steps(table.name, '', gone))
    }
    const columns = table.columns.map((column) => dialect.ident(column.name)).join(',\n  ')
    const rows = table.keepsRuns
      ? `\nwhere run_id = ${runIdSql(context)}`
      : table.changes === undefined
        ? '\nwhere true'
        : `\nwhere ${table.changes.stale}`
    const select = table.changes?.select ?? table.select
    body.push(
      statement(table.name, `delete from ${dialect.relation(target)}${rows}`),
      statement(
        table.name,
        `insert into ${dialect.relation(target)} (\n  ${columns}\n)\nselect\n  ${columns}\nfrom (\n  ${indentLines(select)}\n) as published`,
      ),
    )
  }
  for (const view of publication.views) {
    const write = keepsColumns(context, catalog, view) ? dialect.replaceView : dialect.createView
    const place = dialect.definesInTransactions ? body : after
    place.push(...steps(view.name, '', write(relation(context.schema, view.name), view.select)))
  }
  body.push(...publication.erasure)
  const before = [
    ...publication.tables.flatMap((table) =>
      dialect.createTableIfMissing(relation(context.schema, table.name), table.columns, layoutOf(table)),
    ),
    ...publication.prepared.flatMap((table) =>
      dialect.createTableAs(work(context, table.name), table.select),
    ),
  ]
  const all: readonly Step[] = [
    ...steps(name, header('publish', name), before),
    ...fitted,
    { kind: 'transaction', name, body },
    ...after,
    ...publication.warnings,
  ]
  return {
    id: 'publish.publish',
    type: 'publish',
    name,
    description: 'Makes the results of the run visible, all at once.',
    tags: [],
    meta: {},
    dependsOn: [...publication.dependsOn].sort(),
    columns: [],
    steps: all,
  }
}

interface Fitting {
  /** Without these the rows cannot be written. */
  readonly needed: readonly Sql[]
  /** Columns that nobody defines any more. */
  readonly gone: readonly Sql[]
}

/** Tables begin with what their rows are of. */
function layoutOf({ columns, log }: PublishedTable): TableLayout | undefined {
  const key = columns[0]?.name
  return key === undefined ? undefined : { key, ...(log !== undefined && { time: log.time }) }
}

function fitColumns(context: Context, catalog: Catalog, table: PublishedTable): Fitting {
  const { dialect } = context
  const target = relation(context.schema, table.name)
  const existing = catalog.tables.find(
    (candidate) => candidate.relation.schema === context.schema && candidate.relation.name === table.name,
  )
  if (existing === undefined) return { needed: [], gone: [] }
  if (table.keepsColumns === true) {
    return { needed: widenColumns(context, existing.columns, table), gone: [] }
  }
  const stored = ({ name }: NodeColumn): string => shortName(dialect, name)
  const wanted = new Map(table.columns.map((column) => [stored(column), column]))
  const kept = new Set(
    existing.columns
      .filter((column) => {
        const now = wanted.get(column.name)
        return now !== undefined && valueTypeOf(column.type) === storedType(now)
      })
      .map((column) => column.name),
  )
  const drop = ({ name }: CatalogColumn): readonly Sql[] => dialect.dropColumn(target, name, layoutOf(table))
  const others = existing.columns.filter(({ name }) => !kept.has(name))
  return {
    needed: [
      ...others.filter(({ name }) => wanted.has(name)).flatMap(drop),
      ...table.columns
        .filter((column) => !kept.has(stored(column)))
        .flatMap((column) => dialect.addColumnIfMissing(target, column)),
    ],
    gone: others.filter(({ name }) => !wanted.has(name)).flatMap(drop),
  }
}

function widenColumns(
  { dialect, schema }: Context,
  existing: readonly CatalogColumn[],
  table: PublishedTable,
): readonly Sql[] {
  const target = relation(schema, table.name)
  return table.columns.flatMap((column) => {
    const there = existing.find(({ name }) => name === shortName(dialect, column.name))
    if (there === undefined) return dialect.addColumnIfMissing(target, column)
    const from = valueTypeOf(there.type)
    return from === storedType(column) ? [] : dialect.widenColumn(target, column, from, layoutOf(table))
  })
}

function keepsColumns(context: Context, catalog: Catalog, view: View): boolean {
  const existing = catalog.tables.find(
    (candidate) => candidate.relation.schema === context.schema && candidate.relation.name === view.name,
  )
  return (
    existing !== undefined &&
    existing.columns.length === view.columns.length &&
    existing.columns.every(({ name, type }, index) => {
      const column = view.columns[index]
      return (
        column !== undefined &&
        shortName(context.dialect, column.name) === name &&
        storedType(column) === valueTypeOf(type)
      )
    })
  )
}

/** Lists are stored as their JSON text. */
function storedType(column: NodeColumn): NodeColumn['type'] {
  return column.type === 'list' ? 'text' : column.type
}

function indentLines(sql: Sql): Sql {
  return sql.replaceAll('\n', '\n  ')
}
