import { syncSchemaOf } from '../../config/config.ts'
import { ProblemError, problem } from '../../diagnostics/problem.ts'
import type { RunResultsFile } from '../../runner/run-results-file.ts'
import type { SyncResultsFile } from '../../runner/sync-results-file.ts'
import { type CommandBody, exitCode, type Invocation } from '../invocation.ts'
import { lastResults } from '../last-results.ts'
import { openConfig, openProject } from '../project.ts'
import { runProject } from '../run-project.ts'
import { syncProject } from '../sync-project.ts'
import { UsageError } from '../usage-error.ts'

export const retry: CommandBody = async (invocation) => {
  const { options, output } = invocation
  const config = openConfig(invocation)
  const { kind, earlier } = lastResults(config)
  checkSame('project', earlier.project, config.name)
  if (options.target !== undefined) checkSame('target', earlier.target, options.target)
  checkFlags(invocation, earlier.given, kind === 'run' ? earlier.as_of : undefined)
  if (earlier.status === 'success') {
    const what = kind === 'run' ? 'run' : 'sync'
    output.log('nothing', `nothing to retry: the last ${what} succeeded`, { run_id: earlier.run_id })
    return exitCode.done
  }
  return kind === 'run' ? retryRun(invocation, earlier) : retrySyncs(invocation, earlier)
}

function retryRun(invocation: Invocation, earlier: RunResultsFile): Promise<number> {
  const { as_of: asOf, run_id: runId, given } = earlier
  const again = asGiven(invocation, earlier, { asOf, fullRefresh: given.full_refresh })
  const project = openProject(again)
  checkSame('schema', given.schema, project.config.target.schema)
  invocation.output.log('retry', `going on from run ${runId}, as of ${asOf.replace('.000Z', 'Z')}`, {
    run_id: runId,
    as_of: asOf,
  })
  return runProject(again, project, earlier)
}

function retrySyncs(invocation: Invocation, earlier: SyncResultsFile): Promise<number> {
  const { run_id: runId, given } = earlier
  const again = asGiven(invocation, earlier, {
    fullResync: given.full_resync,
    allowDeletes: given.allow_deletes || invocation.options.allowDeletes,
  })
  const project = openProject(again)
  checkSame('schema', given.schema, syncSchemaOf(project.config.target))
  invocation.output.log('retry', `going on from syncs ${runId}`, { run_id: runId })
  return syncProject(again, project, earlier)
}

/** @throws {ProblemError} PSN5028 */
function checkSame(what: 'project' | 'target' | 'schema', was: string, is: string): void {
  if (was !== is) throw new ProblemError([problem('PSN5028', { what, was, is })])
}

type Given = Pick<RunResultsFile['given'], 'select' | 'exclude' | 'vars'>

/**
 * What a retry does is what the run was told to do. The same again is no harm: flags may come from the environment.
 *
 * @param asOf of a run; syncs have none
 * @throws {UsageError} something else
 */
function checkFlags({ options }: Invocation, given: Given, asOf: string | undefined): void {
  const differs: readonly (readonly [flag: string, differs: boolean])[] = [
    ['--select', options.select.length > 0 && options.select.join(' ') !== given.select.join(' ')],
    ['--exclude', options.exclude.length > 0 && options.exclude.join(' ') !== given.exclude.join(' ')],
    ['--vars', options.vars !== undefined && options.vars !== given.vars],
    ['--as-of', options.asOf !== undefined && asOf !== undefined && options.asOf !== asOf],
  ]
  for (const [flag, isOther] of differs) {
    if (!isOther) continue
    throw new UsageError(
      `${flag} is not what the last run was given`,
      `retry goes on with what the run was told: leave out ${flag}, or start a new one with \`personas run\``,
    )
  }
}

function asGiven(
  invocation: Invocation,
  { target, given }: { readonly target: string; readonly given: Given },
  more: Partial<Invocation['options']>,
): Invocation {
  const { select, exclude, vars } = given
  const { vars: _, ...options } = invocation.options
  return {
    ...invocation,
    options: { ...options, ...(vars === undefined ? {} : { vars }), ...{ select, exclude, target }, ...more },
  }
}
