import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Problem, ProblemError } from '../diagnostics/problem.ts'
import { problemsAsJson, renderProblems } from '../diagnostics/render-problems.ts'
import { SelectorError } from '../runner/select/selector.ts'
import { exitCode } from './invocation.ts'
import type { Output } from './output.ts'
import { projectFolder } from './project-folder.ts'
import { reportUsage, UsageError } from './usage-error.ts'

/**
 * Says what went wrong, for people or as data. Never a stack trace, unless PERSONAS_DEBUG is 1.
 *
 * @returns the exit code
 */
export function reportFailure(
  error: unknown,
  output: Output,
  projectDir: string | undefined,
  stopped: number | undefined,
): number {
  if (process.env.PERSONAS_DEBUG === '1') output.alarm('error', stackOf(error), { stack: stackOf(error) })
  if (stopped !== undefined) {
    output.log('stopped', 'stopped')
    return stopped
  }
  if (error instanceof UsageError || error instanceof SelectorError) {
    reportUsage(error, output)
    return exitCode.usage
  }
  if (error instanceof ProblemError) {
    reportProblems(error.problems, output, projectFolder(projectDir))
    return exitCode.problems
  }
  const message = error instanceof Error ? error.message : String(error)
  output.alarm(
    'error',
    `error: ${message}\n  this is a bug of personas: please report it with what PERSONAS_DEBUG=1 prints`,
    { message, hint: 'this is a bug of personas: please report it with what PERSONAS_DEBUG=1 prints' },
  )
  return exitCode.problems
}

/** All problems on stderr, in the order of their places. */
export function reportProblems(problems: readonly Problem[], output: Output, folder: string): void {
  if (output.json) {
    for (const problem of problemsAsJson(problems)) output.alarm(problem.severity, '', { ...problem })
    return
  }
  const source = (file: string): string | undefined => {
    try {
      return readFileSync(join(folder, file), 'utf8')
    } catch {
      return undefined
    }
  }
  const text = renderProblems(problems, { source, color: output.color.err })
  if (problems.length > 0) output.alarm('error', text, {})
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}
