import { type Problem, ProblemError, problem } from '../diagnostics/problem.ts'
import type { CompiledNode } from '../ir/node.ts'
import type { NodeResult } from './node-result.ts'
import { StepError } from './step-error.ts'

/**
 * What the author should know of a node that failed.
 *
 * @param compiled its file, as the author would open it
 */
export function nodeProblem(node: CompiledNode, result: NodeResult, compiled: string | undefined): Problem {
  const { error } = result
  const file = compiled === undefined ? {} : { compiled }
  const span =
    node.origin === undefined
      ? undefined
      : { file: node.origin.file, line: node.origin.line, column: 1, endLine: node.origin.line, endColumn: 1 }
  if (error instanceof StepError) {
    if (error.kind === 'bound')
      return problem('PSN5003', { node: node.id, reason: error.message, ...file }, span)
    const rows = error.evidence.map((row) =>
      Object.entries(row)
        .map(([column, value]) => `${column} = ${value}`)
        .join(', '),
    )
    return problem('PSN5002', { node: node.id, message: error.message, hint: error.hint, rows }, span)
  }
  const reason =
    error instanceof ProblemError ? error.problems.map((each) => each.message).join('; ') : result.message
  return problem('PSN5001', { node: node.id, reason: reason ?? 'it did not say why', ...file }, span)
}
