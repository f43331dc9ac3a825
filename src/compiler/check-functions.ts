import { problem } from '../diagnostics/problem.ts'
import type { Sql } from '../dialects/dialect.ts'
import { foreignFunctions } from '../dialects/foreign-functions.ts'
import type { CompiledNode } from '../ir/node.ts'
import type { Context } from './context.ts'
import { nodeSpan } from './node-span.ts'
import { statementsOf } from './statements-of.ts'

type Checking = Pick<Context, 'dialect' | 'templates' | 'report'>

/**
 * Reports what statements of a node call beside the functions of their dialect: compiled SQL has to mean the same on every
 * warehouse, and nobody has looked those up.
 *
 * @param written text of a user's own file that stands in them: there the functions of the warehouse are free
 */
export function checkFunctions(context: Checking, node: CompiledNode, written = ''): void {
  const statements = node.steps.flatMap(statementsOf)
  checkStatements(
    context,
    node,
    node.preview === undefined ? statements : [...statements, node.preview.select],
    written,
  )
}

/** The same of statements that are made of a node later on, perhaps in another dialect. */
export function checkStatements(
  { dialect, templates, report }: Checking,
  node: Pick<CompiledNode, 'id' | 'origin'>,
  statements: readonly Sql[],
  written = '',
): void {
  const found = new Set(
    statements.flatMap((sql) =>
      foreignFunctions(dialect, written === '' ? sql : sql.replace(written, () => '\n')),
    ),
  )
  for (const name of found) {
    const place = templates.placeOfCall(name, dialect.lexis)
    const parameters = {
      node: node.id,
      function: name,
      warehouse: dialect.name,
      ofTemplate: place !== undefined,
    }
    report(problem('PSN3043', parameters, place ?? nodeSpan(node)))
  }
}
