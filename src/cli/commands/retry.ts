import { join, relative } from 'node:path'
import type { Config } from '../../config/config.ts'
import { readText } from '../../config/read-text.ts'
import { ProblemError, problem } from '../../diagnostics/problem.ts'
import { parseRunResults, type RunResultsFile } from '../../runner/run-results-file.ts'
import { type CommandBody, exitCode, type Invocation } from '../invocation.ts'
import { openConfig, openProject } from '../project.ts'
import { runProject } from '../run-project.ts'
import { runResultsFile } from '../save-results.ts'
import { UsageError } from '../usage-error.ts'

export const retry: CommandBody = async (invocation) => {
  const { options, output } = invocation
  const config = openConfig(invocation)
  const earlier = lastRun(config)
  checkSame('project', earlier.project, config.name)
  if (options.target !== undefined) checkSame('target', earlier.target, options.target)
  checkFlags(invocation, earlier)
  if (earlier.status === 'success') {
    output.log('nothing', 'nothing to retry: the last run succeeded', { run_id: earlier.run_id })
    return exitCode.done
  }
  const again = asGiven(invocation, earlier)
  const project = openProject(again)
  checkSame('schema', earlier.given.schema, project.config.target.schema)
  output.log('retry', `going on from run ${earlier.run_id}, as of ${earlier.as_of.replace('.000Z', 'Z')}`, {
    run_id: earlier.run_id,
    as_of: earlier.as_of,
  })
  return runProject(again, project, earlier)
}

/** @throws {ProblemError} PSN5027 there is none, or none that this version can read */
function lastRun({ paths, projectDir }: Config): RunResultsFile {
  const path = join(paths.target, runResultsFile)
  const file = relative(projectDir, path)
  const read = readText(path, file)
  if (!read.ok) {
    const reason = read.missing ? 'does not exist' : 'cannot be read'
    throw new ProblemError([problem('PSN5027', { file, reason })])
  }
  const results = parseRunResults(read.text)
  if (results !== undefined) return results
  throw new ProblemError([
    problem('PSN5027', { file, reason: 'was not written by this version of personas' }),
  ])
}

/** @throws {ProblemError} PSN5028 */
function checkSame(what: 'project' | 'target' | 'schema', was: string, is: string): void {
  if (was !== is) throw new ProblemError([problem('PSN5028', { what, was, is })])
}

/**
 * What a retry does is what the run was told to do. The same again is no harm: flags may come from the environment.
 *
 * @throws {UsageError} something else
 */
function checkFlags({ options }: Invocation, { as_of: asOf, given }: RunResultsFile): void {
  const differs: readonly (readonly [flag: string, differs: boolean])[] = [
    ['--select', options.select.length > 0 && options.select.join(' ') !== given.select.join(' ')],
    ['--exclude', options.exclude.length > 0 && options.exclude.join(' ') !== given.exclude.join(' ')],
    ['--vars', options.vars !== undefined && options.vars !== given.vars],
    ['--as-of', options.asOf !== undefined && options.asOf !== asOf],
  ]
  for (const [flag, isOther] of differs) {
    if (!isOther) continue
    throw new UsageError(
      `${flag} is not what the last run was given`,
      `retry goes on with what the run was told: leave out ${flag}, or start a new one with \`personas run\``,
    )
  }
}

function asGiven(invocation: Invocation, { as_of: asOf, target, given }: RunResultsFile): Invocation {
  const { select, exclude, vars, full_refresh: fullRefresh } = given
  const { vars: _, ...options } = invocation.options
  return {
    ...invocation,
    options: {
      ...options,
      ...(vars === undefined ? {} : { vars }),
      ...{ select, exclude, asOf, target, fullRefresh },
    },
  }
}
