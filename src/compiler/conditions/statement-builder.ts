import type { Problem } from '../../diagnostics/problem.ts'
import type { Sql } from '../../dialects/dialect.ts'
import { type Relation, relation } from '../../ir/relation.ts'
import type { Select } from '../../ir/select.ts'
import { shortName } from '../../sql/names.ts'
import { renderSelect } from '../../sql/render-select.ts'
import type { CompileScope } from '../compile-scope.ts'

/** One CTE as templates take it, named for what its rows are. */
export interface WrittenStep {
  readonly name: Sql
  readonly select: Sql
}

/** One statement while it is being written: its steps so far, and the nodes it reads. */
export interface StatementBuilder {
  readonly scope: CompileScope
  /** The working table of the as-of instant. */
  readonly run: Relation
  /** In the order in which they may refer to each other. */
  readonly steps: readonly WrittenStep[]
  /** Adds a step, or finds the one that is already the same. @returns its name */
  step(name: string, select: Select): string
  /** Ids of nodes. */
  readonly reads: ReadonlySet<string>
  read(node: string): void
  /** Ids of nodes that must be run whenever this one is. */
  readonly computedIn: ReadonlySet<string>
  computeIn(node: string): void
  /** Each problem once, however often its place is compiled. */
  report(found: Problem): void
  work(name: string): Relation
}

export function statementBuilder(scope: CompileScope): StatementBuilder {
  const steps: WrittenStep[] = []
  const names = new Set<string>()
  const bySelect = new Map<string, string>()
  const reads = new Set<string>()
  const computedIn = new Set<string>()
  const reported = new Set<string>()
  const work = (name: string): Relation => relation(scope.workSchema, shortName(scope.dialect, name))
  return {
    scope,
    run: work('run'),
    steps,
    step(name, select) {
      const sql = renderSelect(select, scope.dialect)
      const same = bySelect.get(sql)
      if (same !== undefined) return same
      let unique = shortName(scope.dialect, name)
      for (let copy = 2; names.has(unique); copy++) unique = shortName(scope.dialect, `${name}_${copy}`)
      names.add(unique)
      bySelect.set(sql, unique)
      steps.push({ name: scope.dialect.ident(unique), select: sql })
      return unique
    },
    reads,
    read: (node) => reads.add(node),
    computedIn,
    computeIn: (node) => computedIn.add(node),
    report(found) {
      const key = JSON.stringify([found.code, found.span, found.parameters])
      if (reported.has(key)) return
      reported.add(key)
      scope.report(found)
    },
    work,
  }
}
