import { relative } from 'node:path'
import type { Adapter } from '../../adapters/adapter.ts'
import type { Manifest } from '../../compiler/manifest.ts'
import type { Config } from '../../config/config.ts'
import type { Project } from '../../definitions/load-project.ts'
import { ProblemError, problem } from '../../diagnostics/problem.ts'
import { executeRun, SchemaLockedError } from '../../runner/execute-run.ts'
import { nodeProblem } from '../../runner/node-problem.ts'
import { newRunId } from '../../runner/run-id.ts'
import type { RunRecord } from '../../runner/run-log.ts'
import { renderRunResults } from '../../runner/run-results-file.ts'
import { withComputing } from '../../runner/select/select-nodes.ts'
import { unbuiltInputs } from '../../runner/unbuilt-inputs.ts'
import { compiledFile, writeArtifact, writeCompiled } from '../artifacts.ts'
import { compiledProject, selectedNodes } from '../compiled-project.ts'
import { reportProblems } from '../failure.ts'
import { type CommandBody, exitCode, type Invocation } from '../invocation.ts'
import { programName } from '../program-name.ts'
import { openProgress } from '../progress.ts'
import { openProject, withFreeAdapter } from '../project.ts'
import { renderSummary } from '../render-summary.ts'
import { summarize } from '../summary.ts'
import { personasVersion } from '../version.ts'

export const run: CommandBody = async (invocation) => {
  const project = openProject(invocation)
  const { config } = project
  return withFreeAdapter(invocation, config, async (adapter) => {
    const manifest = await compiledProject(invocation, project, adapter)
    const chosen = new Set(withComputing(manifest.nodes, selectedNodes(invocation, project, manifest)))
    await writeCompiled(config, manifest)
    const runnable = manifest.nodes.filter(
      (node) => chosen.has(node.id) && node.steps.length > 0 && node.type !== 'sync',
    )
    if (runnable.length === 0) {
      invocation.output.log('nothing', 'nothing to do')
      return exitCode.done
    }
    // What is chosen becomes visible by publishing, whatever the selectors say.
    const publishers = manifest.nodes.filter((node) => node.type === 'publish')
    const selected = new Set([...runnable, ...publishers].map((node) => node.id))
    const unbuilt = await unbuiltInputs(adapter, config.target.workSchema, manifest.nodes, selected)
    if (unbuilt.length > 0) throw new ProblemError(unbuilt)
    return runSelected(invocation, project, adapter, manifest, selected)
  })
}

async function runSelected(
  invocation: Invocation,
  { config, definitions }: Project,
  adapter: Adapter,
  manifest: Manifest,
  selected: ReadonlySet<string>,
): Promise<number> {
  const { options, output, signal } = invocation
  const started = performance.now()
  const progress = await openProgress(output, selected.size)
  const record = await executeRun({
    adapter,
    schema: config.target.schema,
    workSchema: config.target.workSchema,
    nodes: manifest.nodes,
    selected,
    threads: config.target.threads,
    runId: newRunId(new Date()),
    command: invocation.command,
    asOf: options.asOf ?? new Date().toISOString(),
    fullRefresh: options.fullRefresh,
    target: config.target.name,
    project: config.name,
    version: personasVersion(),
    lockTimeoutSeconds: options.lockTimeoutSeconds,
    signal,
    report: (event) => progress.report(event),
    waiting: () =>
      output.log('waiting', `waiting for another run on schema ${config.target.schema} to end`, {
        schema: config.target.schema,
      }),
  })
    .catch((error: unknown) => {
      throw error instanceof SchemaLockedError ? lockedProblem(error, options.lockTimeoutSeconds) : error
    })
    .finally(() => progress.end())
  const engine = await adapter.version()
  await writeArtifact(config, 'run_results.json', renderRunResults(record, engine))
  if (record.status !== 'success') return reportFailed(invocation, config, manifest, record)
  reportProblems(
    record.results.flatMap(({ warnings = [] }) => warnings),
    output,
    config.projectDir,
  )
  const summary = await summarize({
    adapter,
    schema: config.target.schema,
    nodes: manifest.nodes,
    traits: definitions.traits,
    runId: record.runId,
  })
  const head = {
    project: config.name,
    target: config.target.name,
    engine,
    seconds: (performance.now() - started) / 1000,
    asOf: record.asOf.replace('.000Z', 'Z'),
    place: placeOf(config),
    next: nextCommands(manifest),
  }
  output.result(renderSummary(head, summary, output.color.out))
  return exitCode.done
}

function lockedProblem(error: SchemaLockedError, waitedSeconds: number): ProblemError {
  return new ProblemError([problem('PSN5004', { schema: error.schema, waitedSeconds })], { cause: error })
}

function reportFailed({ output }: Invocation, config: Config, manifest: Manifest, record: RunRecord): number {
  const problems = record.results.flatMap((result) => {
    const { warnings = [] } = result
    const node = manifest.nodes.find(({ id }) => id === result.nodeId)
    if (node === undefined || result.status !== 'error') return warnings
    return [...warnings, nodeProblem(node, result, compiledFile(config, node))]
  })
  reportProblems(problems, output, config.projectDir)
  const count = (status: string): number => record.results.filter((each) => each.status === status).length
  output.log(
    'run_ended',
    `${count('success')} done, ${count('error')} failed, ${count('skipped')} skipped, ${count('cancelled')} stopped; public tables are as before`,
    { run_id: record.runId, status: record.status },
  )
  return exitCode.problems
}

/** Where an analyst finds the tables, without anything secret. */
function placeOf({ target }: Config): string {
  const schema = `schema \`${target.schema}\``
  if (target.type !== 'duckdb') return `${schema} of target ${target.name}`
  return target.path === ':memory:' ? schema : `${schema} of ${relative(process.cwd(), target.path)}`
}

function nextCommands(manifest: Manifest): readonly (readonly [string, string])[] {
  const personas = programName()
  const audience = manifest.nodes.find((node) => node.type === 'audience')
  return [
    [`${personas} show profile_traits`, 'one row per profile, one column per trait'],
    audience === undefined
      ? [`${personas} show user_identifiers`, 'which identifiers belong to whom']
      : [`${personas} show ${audience.name}`, 'who is in this audience'],
    [`${personas} test`, 'check the definitions and the tables'],
  ]
}
