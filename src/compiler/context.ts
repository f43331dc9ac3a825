import type { Problem } from '../diagnostics/problem.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { type Relation, relation } from '../ir/relation.ts'
import type { Templates } from '../sql/templates.ts'
import type { SourceTable } from './sources/source-table.ts'

/** What every part of the compiler needs to write its statements. */
export interface Context {
  readonly dialect: Dialect
  readonly templates: Templates
  /** Public tables. */
  readonly schema: string
  /** Working tables. */
  readonly workSchema: string
  readonly tables: readonly SourceTable[]
  report(found: Problem): void
}

export function work(context: { readonly workSchema: string }, name: string): Relation {
  return relation(context.workSchema, name)
}

/** A working table as SQL. */
export function workSql(
  context: { readonly workSchema: string; readonly dialect: Dialect },
  name: string,
): string {
  return context.dialect.relation(work(context, name))
}

/** The instant the run speaks of, as an SQL expression. */
export function asOfSql(context: { readonly workSchema: string; readonly dialect: Dialect }): string {
  return `(select run.as_of from ${workSql(context, 'run')} as run)`
}
