import type { Expr } from '../../ir/expr.ts'
import { aliasOf, type Join } from '../../ir/select.ts'
import type { Entity } from '../compile-scope.ts'

/** The rows a condition tree is asked of, one per profile, and what is joined beside them as leaves need it. */
export interface Judged {
  readonly entity: Entity
  /** The profile's key. */
  readonly key: Expr
  /** The wide table's alias. */
  readonly profile: string
  /** Those that are not known are never judged. */
  readonly knownOnly: boolean
  /** Where a linked user is judged for one account: that account's key. */
  readonly account?: Expr
  readonly joins: Join[]
}

/** Joins beside the judged rows, once for each alias. */
export function joinBeside(judged: Judged, join: Join): void {
  if (!judged.joins.some((known) => aliasOf(known.item) === aliasOf(join.item))) judged.joins.push(join)
}
