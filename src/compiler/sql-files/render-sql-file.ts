import { nearest } from '../../diagnostics/nearest.ts'
import { type Problem, problem } from '../../diagnostics/problem.ts'
import type { Dialect, Sql } from '../../dialects/dialect.ts'
import type { Catalog } from '../../ir/catalog.ts'
import type { NodeColumn } from '../../ir/node.ts'
import type { Relation } from '../../ir/relation.ts'
import type { SourceTable } from '../sources/source-table.ts'
import type { Part } from './sql-template.ts'

/** What `{{ref 'x'}}` names: a relation of this run, with the node that writes it. */
export interface Referent {
  readonly node: string
  readonly relation: Relation
  readonly columns: readonly NodeColumn[]
}

/** Where the expressions of a `.sql` file find their values. */
export interface SqlFileScope {
  readonly dialect: Dialect
  readonly catalog: Catalog
  readonly tables: readonly SourceTable[]
  /** Source name → schema, for tables of a Segment source. */
  readonly schemas: ReadonlyMap<string, string>
  readonly vars: Readonly<Record<string, unknown>>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly secrets: readonly string[]
  readonly refNames: readonly string[]
  report(found: Problem): void
}

export interface RenderedSql {
  /** What runs. */
  readonly sql: Sql
  /** The same select over empty stand-ins for what `ref` names, so that it can be described before a first run. */
  readonly described: Sql
  readonly refs: readonly Referent[]
}

/** Fills a `.sql` file in. Variables become literals, escaped by the dialect; a secret never does. */
export function renderSqlFile(
  parts: readonly Part[],
  scope: SqlFileScope,
  referent: (name: string) => Referent | undefined,
): RenderedSql {
  const refs = new Map<string, Referent>()
  const texts = parts.map((part): { sql: Sql; described: Sql } => {
    if (part.kind === 'text') return { sql: part.text, described: part.text }
    const [first = '', second] = part.words
    switch (part.kind) {
      case 'ref': {
        const found = referent(first)
        if (found === undefined) {
          const near = nearest(first, scope.refNames)
          scope.report(
            problem('PSN3010', { file: part.span.file, ref: first, ...(near && { near }) }, part.span),
          )
          return same('')
        }
        refs.set(first, found)
        return {
          sql: scope.dialect.relation(found.relation),
          described: scope.dialect.ident(found.relation.name),
        }
      }
      case 'source':
        return same(sourceSql(scope, part, first, second))
      case 'var':
        return same(varSql(scope, part, first, second))
      case 'env_var':
        return same(envSql(scope, part, first, second))
    }
  })
  const body = texts.map(({ described }) => described).join('')
  const stubs = [...refs.values()].map((ref) => stub(scope.dialect, ref))
  return {
    sql: texts
      .map(({ sql }) => sql)
      .join('')
      .trim(),
    described:
      stubs.length === 0 ? body : `with\n${stubs.join(',\n')}\nselect * from (\n${body}\n) as described`,
    refs: [...refs.values()],
  }
}

function same(sql: Sql): { sql: Sql; described: Sql } {
  return { sql, described: sql }
}

function stub(dialect: Dialect, ref: Referent): Sql {
  const columns = ref.columns.map(({ name, type }) => `  ${dialect.nullOf(type)} as ${dialect.ident(name)}`)
  return `${dialect.ident(ref.relation.name)} as (\n  select\n  ${columns.join(',\n  ')}\n  limit 0\n)`
}

function sourceSql(
  scope: SqlFileScope,
  part: Exclude<Part, { kind: 'text' }>,
  first: string,
  second: string | undefined,
): Sql {
  const { dialect, catalog } = scope
  if (second === undefined) {
    const table = scope.tables.find((candidate) => candidate.source === first && candidate.format === 'table')
    if (table !== undefined) return dialect.relation(table.relation)
  }
  const schema = scope.schemas.get(first) ?? first
  const found = catalog.tables.find(({ relation }) => relation.schema === schema && relation.name === second)
  if (found !== undefined) return dialect.relation(found.relation)
  const near = nearest(
    second ?? first,
    second === undefined
      ? [...new Set(scope.tables.map((table) => table.source))]
      : catalog.tables
          .filter(({ relation }) => relation.schema === schema)
          .map(({ relation }) => relation.name),
  )
  scope.report(problem('PSN3011', { source: first, table: second ?? '', ...(near && { near }) }, part.span))
  return ''
}

function varSql(
  scope: SqlFileScope,
  part: Exclude<Part, { kind: 'text' }>,
  name: string,
  fallback: string | undefined,
): Sql {
  const value = scope.vars[name] ?? fallback
  if (value === undefined) {
    const near = nearest(name, Object.keys(scope.vars))
    scope.report(problem('PSN3012', { name, ...(near && { near }) }, part.span))
    return ''
  }
  return literal(scope.dialect, value)
}

function envSql(
  scope: SqlFileScope,
  part: Exclude<Part, { kind: 'text' }>,
  name: string,
  fallback: string | undefined,
): Sql {
  const value = scope.env[name] ?? fallback
  if (value === undefined) {
    scope.report(problem('PSN3013', { name }, part.span))
    return ''
  }
  if (scope.secrets.includes(value)) {
    scope.report(problem('PSN3014', { name }, part.span))
    return ''
  }
  return scope.dialect.text(value)
}

function literal(dialect: Dialect, value: unknown): Sql {
  if (typeof value === 'number')
    return Number.isInteger(value) ? dialect.integer(value) : dialect.number(value)
  if (typeof value === 'boolean') return dialect.boolean(value)
  if (Array.isArray(value)) return `(${value.map((item) => literal(dialect, item)).join(', ')})`
  return dialect.text(typeof value === 'string' ? value : JSON.stringify(value))
}
