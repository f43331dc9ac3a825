import type { Dialect } from '../../dialects/dialect.ts'
import { type Expr, typeOf } from '../../ir/expr.ts'
import type { SelectColumn } from '../../ir/select.ts'
import { shortName } from '../../sql/names.ts'
import { renderExpr } from '../../sql/render-expr.ts'

/** The columns of a step while those who read it say what they need; what is the same is one column. */
export interface RowColumns {
  /** @returns the column as the step's readers see it; a literal stays one */
  add(name: string, of: Expr): Expr
  readonly columns: readonly SelectColumn[]
}

/** @param table the name readers see the step by */
export function rowColumns(dialect: Dialect, table: string): RowColumns {
  const columns: SelectColumn[] = []
  const bySql = new Map<string, Expr>()
  const taken = new Set<string>()
  return {
    columns,
    add(name, of) {
      if (of.kind === 'boolean' || of.kind === 'null') return of
      const sql = renderExpr(of, dialect)
      const same = bySql.get(sql)
      if (same !== undefined) return same
      let free = shortName(dialect, name)
      for (let copy = 2; taken.has(free); copy += 1) free = shortName(dialect, `${name}_${copy}`)
      taken.add(free)
      columns.push({ of, name: free })
      const column: Expr = { kind: 'column', table, name: free, type: typeOf(of) }
      bySql.set(sql, column)
      return column
    },
  }
}
