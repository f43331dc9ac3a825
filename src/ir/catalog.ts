import type { Relation } from './relation.ts'
import type { ColumnType } from './value-type.ts'

export interface CatalogColumn {
  readonly name: string
  readonly type: ColumnType
}

export interface CatalogTable {
  readonly relation: Relation
  readonly columns: readonly CatalogColumn[]
}

/** What the warehouse held when the project was compiled, sorted by schema and name. */
export interface Catalog {
  readonly tables: readonly CatalogTable[]
}
