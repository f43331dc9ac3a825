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
  if (!(error instanceof ProblemError)) {
    return problem(
      'PSN5001',
      { node: node.id, reason: result.message ?? 'it did not say why', ...file },
      span,
    )
  }
  const reason = error.problems.map(({ message }) => message).join('; ')
  // Of a statement that was refused the compiled file says all there is to say.
  const remedies = error.problems.filter(({ code }) => code !== 'PSN4000').map(({ hint }) => hint)
  const remedy = remedies.length === 0 ? {} : { remedy: remedies.join('; ') }
  return problem('PSN5001', { node: node.id, reason, ...remedy, ...file }, span)
}
