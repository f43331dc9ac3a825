import { WarehouseError } from '../adapters/warehouse-error.ts'
import type { CompiledSync } from '../compiler/syncs/compile-sync.ts'
import type { Config } from '../config/config.ts'
import { type Problem, ProblemError, problem } from '../diagnostics/problem.ts'
import type { SyncEnd } from '../sync/run-syncs.ts'
import type { SyncResult } from '../sync/sync-run.ts'
import { reportProblems } from './failure.ts'
import { exitCode, type Invocation } from './invocation.ts'
import { renderSyncs } from './render-syncs.ts'

/** What came of syncs on stdout, what went wrong on stderr. @returns the exit code */
export function reportSyncs({ output }: Invocation, config: Config, ends: readonly SyncEnd[]): number {
  const results = ends.flatMap((end) => ('result' in end ? [end.result] : []))
  if (results.length > 0) output.result(renderSyncs(results, output.color.out))
  const problems = ends.flatMap((end) =>
    'result' in end ? problemsOf(end.sync, end.result) : failure(end.error),
  )
  reportProblems(problems, output, config.projectDir)
  return problems.length === 0 ? exitCode.done : exitCode.problems
}

/** Anything else is a bug, and ends the command as one. */
function failure(error: unknown): readonly Problem[] {
  if (error instanceof ProblemError) return error.problems
  if (error instanceof WarehouseError) return error.problems
  throw error
}

function problemsOf({ definition }: CompiledSync, result: SyncResult): readonly Problem[] {
  const { name, destination, nameSpan } = definition
  switch (result.status) {
    case 'planned':
    case 'success':
      return []
    case 'failed':
    case 'cancelled':
      return [
        problem('PSN6010', { sync: name, destination, detail: result.message ?? result.status }, nameSpan),
      ]
    case 'partial': {
      const counts = Object.entries(result.records)
        .filter(([status]) => status !== 'acknowledged')
        .map(([status, count]) => `${count.toLocaleString('en')} ${status.replaceAll('_', ' ')}`)
      return [problem('PSN6011', { sync: name, counts: counts.join(', ') }, nameSpan)]
    }
  }
}
