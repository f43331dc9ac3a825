import type { Catalog, CatalogColumn } from '../ir/catalog.ts'
import { relation } from '../ir/relation.ts'

interface TableColumn {
  readonly schema: string
  readonly table: string
  readonly column: CatalogColumn
}

/** Columns in the order of their table, tables sorted by schema and name in code unit order. */
export function groupColumns(columns: readonly TableColumn[]): Catalog {
  const tables = new Map<string, { schema: string; name: string; columns: CatalogColumn[] }>()
  for (const { schema, table, column } of columns) {
    const key = `${schema}\n${table}`
    const known = tables.get(key)
    if (known === undefined) tables.set(key, { schema, name: table, columns: [column] })
    else known.columns.push(column)
  }
  return {
    tables: [...tables.values()]
      .sort((a, b) => compare(a.schema, b.schema) || compare(a.name, b.name))
      .map((table) => ({ relation: relation(table.schema, table.name), columns: table.columns })),
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
