import { problem } from '../diagnostics/problem.ts'
import type { Catalog } from '../ir/catalog.ts'
import type { CompiledNode } from '../ir/node.ts'
import type { PublishedTable } from '../ir/published.ts'
import { shortName } from '../sql/names.ts'
import type { Context } from './context.ts'
import { nodeSpan } from './node-span.ts'
import { statementsOf } from './statements-of.ts'

/** Names of tables may be shortened, but those of schemas are known to others. */
export function checkSchemaNames({ dialect, schema, workSchema, report }: Context): void {
  const most = dialect.maxIdentifierBytes
  for (const name of [schema, workSchema]) {
    const bytes = Buffer.byteLength(name)
    if (bytes > most) report(problem('PSN3042', { schema: name, bytes, most, warehouse: dialect.name }))
  }
}

/** Reports the first table with more columns, public ones first, and statements with more bytes than the warehouse takes. */
export function checkLimits(
  context: Context,
  nodes: readonly CompiledNode[],
  published: readonly PublishedTable[],
  catalog: Catalog,
): void {
  const { dialect, schema, report } = context
  const { statementBytes, tableColumns } = dialect.limits
  const tables = [
    ...published.map((table) => ({
      name: `${schema}.${table.name}`,
      count: columnsOf(context, table, catalog),
    })),
    ...nodes.flatMap(({ relation, columns }) =>
      relation === undefined ? [] : [{ name: `${relation.schema}.${relation.name}`, count: columns.length }],
    ),
  ]
  const wide = tables.find(({ count }) => count > tableColumns)
  if (wide !== undefined) {
    const { name: table, count: columns } = wide
    report(problem('PSN3040', { table, columns, most: tableColumns, warehouse: dialect.name }))
  }
  for (const node of nodes) {
    const bytes = Math.max(0, ...node.steps.flatMap(statementsOf).map((sql) => Buffer.byteLength(sql)))
    if (bytes <= statementBytes) continue
    const parameters = { node: node.id, bytes, most: statementBytes, warehouse: dialect.name }
    report(problem('PSN3041', parameters, nodeSpan(node)))
  }
}

/** Columns that are there and stay count as well. */
function columnsOf({ dialect, schema }: Context, table: PublishedTable, catalog: Catalog): number {
  const there = catalog.tables.find(
    ({ relation }) => relation.schema === schema && relation.name === table.name,
  )
  const kept = table.keepsColumns === true ? (there?.columns ?? []) : []
  return new Set([...kept, ...table.columns].map(({ name }) => shortName(dialect, name))).size
}
