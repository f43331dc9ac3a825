import type { Expr } from './expr.ts'
import type { Relation } from './relation.ts'

/** What can stand after `from`; columns are asked by its alias. */
export type FromItem =
  | { readonly kind: 'relation'; readonly relation: Relation; readonly alias: string }
  /** An earlier step of the same statement, under its own name unless it has an alias. */
  | { readonly kind: 'step'; readonly name: string; readonly alias?: string }
  /** The elements of a JSON array in a text, one column `element`. */
  | { readonly kind: 'elements'; readonly of: Expr; readonly alias: string }

export type Join =
  | { readonly kind: 'inner' | 'left'; readonly item: FromItem; readonly on: Expr }
  | { readonly kind: 'cross'; readonly item: FromItem }

export interface SelectColumn {
  readonly of: Expr
  readonly name: string
}

export interface Select {
  readonly distinct?: boolean
  /** An alias all of whose columns stand before the others. */
  readonly allOf?: string
  readonly columns: readonly SelectColumn[]
  readonly from: FromItem
  readonly joins: readonly Join[]
  readonly where?: Expr
  readonly groupBy?: readonly Expr[]
  readonly having?: Expr
}

export function aliasOf(item: FromItem): string {
  return item.kind === 'step' ? (item.alias ?? item.name) : item.alias
}
