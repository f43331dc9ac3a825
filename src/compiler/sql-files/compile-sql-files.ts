import type { IdentifierRule, Model, SqlTrait } from '../../definitions/definitions.ts'
import { type Problem, ProblemError, problem } from '../../diagnostics/problem.ts'
import type { Sql } from '../../dialects/dialect.ts'
import type { CatalogColumn } from '../../ir/catalog.ts'
import type { CompiledNode } from '../../ir/node.ts'
import { valueTypeOf } from '../../ir/value-type.ts'
import type { Context } from '../context.ts'
import { modelNode } from './model-node.ts'
import { type Referent, type RenderedSql, renderSqlFile, type SqlFileScope } from './render-sql-file.ts'
import { type Part, parseSqlTemplate } from './sql-template.ts'
import { type CallLog, callLogs } from './sql-trait-calls.ts'
import { sqlTraitNode } from './sql-trait-node.ts'
import { sqlTraitRows } from './sql-trait-rows.ts'
import { type SqlTraitShape, sqlTraitShape } from './sql-trait-shape.ts'

type SqlFile =
  | { readonly kind: 'model'; readonly of: Model }
  | { readonly kind: 'trait'; readonly of: SqlTrait }

export interface CompiledSqlFiles {
  readonly nodes: readonly CompiledNode[]
  /** By id of node, what of its statements is the text of a file. */
  readonly texts: ReadonlyMap<string, Sql>
  /** Trait columns by SQL trait. */
  readonly shapes: ReadonlyMap<SqlTrait, SqlTraitShape>
  /** Calls that rows bring to identity. */
  readonly logs: readonly CallLog[]
  /** Nodes that must have run before identity takes these calls in. */
  readonly beforeIdentity: readonly string[]
}

export interface SqlFilesInput {
  readonly context: Context
  readonly scope: SqlFileScope
  readonly models: readonly Model[]
  readonly traits: readonly SqlTrait[]
  readonly rules: readonly IdentifierRule[]
  readonly sourceNodes: readonly string[]
  /** What a ref may name besides models: traits, audiences, identity tables. */
  referent(name: string): Referent | undefined
  /** Columns of a select, asked of the warehouse; rejects with what it says. */
  describe(select: string): Promise<readonly CatalogColumn[]>
}

/** Models and SQL traits: filled in, described by the warehouse without running them, and held against their rules. */
export async function compileSqlFiles(input: SqlFilesInput): Promise<CompiledSqlFiles> {
  const { context } = input
  // A file with a problem is not shown to the warehouse: it would only complain of what follows from it.
  const faulty = new Set<string>()
  const report = (found: Problem): void => {
    if (found.span !== undefined) faulty.add(found.span.file)
    input.scope.report(found)
  }
  const scope = { ...input.scope, report }
  const files: readonly SqlFile[] = [
    ...input.models.map((of) => ({ kind: 'model' as const, of })),
    ...input.traits.map((of) => ({ kind: 'trait' as const, of })),
  ]
  const parts = new Map(files.map((file) => [file, parseSqlTemplate(file.of.file, file.of.sql, report)]))
  const models = new Map<string, Referent>()
  const nodes: CompiledNode[] = []
  const texts = new Map<string, Sql>()
  const shapes = new Map<SqlTrait, SqlTraitShape>()
  const logs: CallLog[] = []
  const beforeIdentity: string[] = []
  // Whatever a ref names but a model is there once identity is, and so are models that read it.
  const early = new Set<string>()
  const faultyModel = (name: string): boolean =>
    !models.has(name) && input.models.some((model) => model.name === name)
  for (const file of inOrder(files, parts, report)) {
    const refs = (parts.get(file) ?? []).flatMap((part) => (part.kind === 'ref' ? part.words : []))
    // What reads a faulty model is not judged: it would be blamed for the other's fault.
    if (refs.some(faultyModel)) {
      faulty.add(file.of.file)
      continue
    }
    const rendered = renderSqlFile(
      parts.get(file) ?? [],
      scope,
      (name) => models.get(name) ?? input.referent(name),
    )
    const columns = faulty.has(file.of.file) ? undefined : await described(input, file, rendered)
    if (columns === undefined) continue
    if (file.kind === 'model') {
      const node = modelNode(
        context,
        file.of,
        rendered,
        columns.map(({ name, type }) => ({ name, type: valueTypeOf(type) })),
        input.sourceNodes,
      )
      nodes.push(node)
      texts.set(node.id, rendered.sql)
      if (node.relation !== undefined) {
        models.set(file.of.name, { node: node.id, relation: node.relation, columns: node.columns })
        if (rendered.refs.every((ref) => early.has(ref.node))) early.add(node.id)
      }
    } else {
      const trait = file.of
      const late = !rendered.refs.every((ref) => early.has(ref.node))
      const shape = sqlTraitShape(trait, columns, input.rules, late, report)
      if (shape === undefined) continue
      const parts = { trait, shape, rendered, rules: input.rules, logs: callLogs(context, trait, shape) }
      const rows = sqlTraitRows(context, parts, input.sourceNodes)
      shapes.set(trait, shape)
      logs.push(...parts.logs)
      if (shape.creation === 'now') beforeIdentity.push(rows.id)
      const node = sqlTraitNode(context, parts, input.scope.catalog)
      nodes.push(rows, node)
      for (const { id } of [rows, node]) texts.set(id, rendered.sql)
    }
  }
  return { nodes, texts, shapes, logs, beforeIdentity }
}

async function described(
  input: SqlFilesInput,
  file: SqlFile,
  rendered: RenderedSql,
): Promise<readonly CatalogColumn[] | undefined> {
  const span = { file: file.of.file, line: 1, column: 1, endLine: 1, endColumn: 2 }
  if (rendered.sql === '') {
    input.scope.report(problem('PSN3016', { message: 'the file is empty' }, span))
    return undefined
  }
  try {
    return await input.describe(rendered.described)
  } catch (error) {
    const [cause] = error instanceof ProblemError ? error.problems : []
    // A right that lacks is no fault of the select; of anything else, as a lost connection, no further select need be asked.
    if (cause?.code === 'PSN4004') input.scope.report({ ...cause, span })
    else if (cause?.code === 'PSN4000') {
      input.scope.report(problem('PSN3016', { message: cause.message.split('\n')[0] ?? '' }, span))
    } else throw error
    return undefined
  }
}

/** Models before what refers to them; a circle among models is a problem and leaves its members out. */
function inOrder(
  files: readonly SqlFile[],
  parts: ReadonlyMap<SqlFile, readonly Part[]>,
  report: (found: Problem) => void,
): readonly SqlFile[] {
  const models = new Map(files.filter((file) => file.kind === 'model').map((file) => [file.of.name, file]))
  const ordered: SqlFile[] = []
  const state = new Map<SqlFile, 'open' | 'done' | 'circular'>()
  const visit = (file: SqlFile, path: readonly string[]): void => {
    if (state.get(file) === 'open') {
      const cycle = [...path.slice(path.indexOf(file.of.name)), file.of.name].join(' → ')
      report(
        problem('PSN3017', { cycle }, { file: file.of.file, line: 1, column: 1, endLine: 1, endColumn: 2 }),
      )
      state.set(file, 'circular')
    }
    if (state.has(file)) return
    state.set(file, 'open')
    for (const part of parts.get(file) ?? []) {
      const other = part.kind === 'ref' ? models.get(part.words[0] ?? '') : undefined
      if (other !== undefined) visit(other, [...path, file.of.name])
    }
    if (state.get(file) === 'circular') return
    state.set(file, 'done')
    ordered.push(file)
  }
  for (const file of files) visit(file, [])
  return ordered
}
