import type { Expr } from '../../ir/expr.ts'
import type { FromItem, Join } from '../../ir/select.ts'
import type { RowLink, StagedProperty } from '../compile-scope.ts'
import { equal } from '../conditions/read-value.ts'

/** Rows that are there, and rows to join to them; `is` says which end of the link each is. */
export interface Ends {
  readonly from: { readonly table: string; readonly is: 'left' | 'right' }
  readonly to: { readonly item: FromItem; readonly table: string }
  /** The alias of the rows between them, where there are any. */
  readonly between: string
}

/** The joins from rows of a relationship to those below or above them; `also` must hold of the rows joined. */
export function linkJoins(
  link: RowLink,
  { from, to, between }: Ends,
  also: readonly Expr[] = [],
): readonly Join[] {
  const [near, far] = from.is === 'left' ? (['left', 'right'] as const) : (['right', 'left'] as const)
  const nearRow = stagedColumn(from.table, link[near])
  const farRow = stagedColumn(to.table, link[far])
  switch (link.kind) {
    case 'columns':
      return [{ kind: 'inner', item: to.item, on: all([...also, equal(nearRow, farRow)]) }]
    case 'junction': {
      const { links } = link
      const item: FromItem = { kind: 'relation', relation: links.relation, alias: between }
      return [
        { kind: 'inner', item, on: all([equal(nearRow, stagedColumn(between, links[near]))]) },
        {
          kind: 'inner',
          item: to.item,
          on: all([...also, equal(stagedColumn(between, links[far]), farRow)]),
        },
      ]
    }
  }
}

export function stagedColumn(table: string, { column, type }: StagedProperty): Expr {
  return { kind: 'column', table, name: column, type }
}

/** Types that are never equal are a problem of their own. */
function all(parts: readonly (Expr | undefined)[]): Expr {
  const never: Expr = { kind: 'boolean', value: false }
  return parts.length === 1 ? (parts[0] ?? never) : { kind: 'and', parts: parts.map((part) => part ?? never) }
}
