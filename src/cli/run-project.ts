import { relative } from 'node:path'
import type { Adapter } from '../adapters/adapter.ts'
import type { Manifest } from '../compiler/manifest.ts'
import type { Config } from '../config/config.ts'
import { hashOfDefinitions } from '../definitions/hash-of-definitions.ts'
import type { Project } from '../definitions/load-project.ts'
import { ProblemError, problem } from '../diagnostics/problem.ts'
import { allEventsAhead, clockDiffers } from '../runner/clock-warnings.ts'
import { executeRun, SchemaLockedError } from '../runner/execute-run.ts'
import { nodeProblem } from '../runner/node-problem.ts'
import { nodesDone } from '../runner/nodes-done.ts'
import { RunPassedError } from '../runner/prepare-run.ts'
import { newRunId } from '../runner/run-id.ts'
import type { RunRecord } from '../runner/run-log.ts'
import { checksumsOf, type RunResultsFile } from '../runner/run-results-file.ts'
import { withComputing } from '../runner/select/select-nodes.ts'
import { unbuiltInputs } from '../runner/unbuilt-inputs.ts'
import { compiledFile, writeCompiled } from './artifacts.ts'
import { compiledProject, selectedNodes } from './compiled-project.ts'
import { reportProblems } from './failure.ts'
import { exitCode, type Invocation } from './invocation.ts'
import { programName } from './program-name.ts'
import { openProgress } from './progress.ts'
import { withFreeAdapter } from './project.ts'
import { renderSummary } from './render-summary.ts'
import { saveResults } from './save-results.ts'
import { summarize } from './summary.ts'
import { personasVersion } from './version.ts'

/**
 * Compiles a project and runs what its invocation selects.
 *
 * @param earlier a run that did not succeed, to go on from
 * @returns the exit code
 * @throws {ProblemError} nothing was run
 */
export async function runProject(
  invocation: Invocation,
  project: Project,
  earlier?: RunResultsFile,
): Promise<number> {
  const { config } = project
  return withFreeAdapter(invocation, config, async (adapter) => {
    const manifest = await compiledProject(invocation, project, adapter)
    const chosen = new Set(withComputing(manifest.nodes, selectedNodes(invocation, project, manifest)))
    writeCompiled(config, manifest)
    const runnable = manifest.nodes.filter((node) => chosen.has(node.id) && node.steps.length > 0)
    if (runnable.length === 0) {
      invocation.output.log('nothing', 'nothing to do')
      return exitCode.done
    }
    // What is chosen becomes visible by publishing, whatever the selectors say.
    const publishers = manifest.nodes.filter((node) => node.type === 'publish')
    const selected = new Set([...runnable, ...publishers].map((node) => node.id))
    const unbuilt = await unbuiltInputs(adapter, config.target.workSchema, manifest.nodes, selected)
    if (unbuilt.length > 0) throw new ProblemError(unbuilt)
    return runSelected({ invocation, project, adapter, manifest, selected, earlier })
  })
}

interface Selected {
  readonly invocation: Invocation
  readonly project: Project
  readonly adapter: Adapter
  readonly manifest: Manifest
  readonly selected: ReadonlySet<string>
  readonly earlier: RunResultsFile | undefined
}

async function runSelected(of: Selected): Promise<number> {
  const { invocation, project, adapter, manifest, selected, earlier } = of
  const { config, definitions } = project
  const { options, output, signal } = invocation
  const started = performance.now()
  const engine = await adapter.version()
  if (options.asOf === undefined) {
    reportProblems(await clockDiffers(adapter, new Date()), output, config.projectDir)
  }
  const checksums = checksumsOf(manifest.nodes)
  const save = saveResults(config, {
    engine,
    given: {
      schema: config.target.schema,
      select: [...options.select],
      exclude: [...options.exclude],
      ...(options.vars === undefined ? {} : { vars: options.vars }),
      full_refresh: options.fullRefresh,
    },
    checksums,
    ...(earlier === undefined ? {} : { earlier }),
  })
  let total = selected.size
  const progress = await openProgress(output, () => total)
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
    definitionsHash: hashOfDefinitions(definitions),
    lockTimeoutSeconds: options.lockTimeoutSeconds,
    signal,
    report: (event) => progress.report(event),
    save: (run) => {
      total = selected.size - run.kept.length
      save(run)
    },
    ...(earlier === undefined
      ? {}
      : {
          continues: {
            runId: earlier.run_id,
            done: nodesDone(manifest.nodes, selected, checksums, earlier),
          },
        }),
    waiting: () =>
      output.log('waiting', `waiting for another run on schema ${config.target.schema} to end`, {
        schema: config.target.schema,
      }),
  })
    .catch((error: unknown) => {
      throw asProblem(error, options.lockTimeoutSeconds)
    })
    .finally(() => progress.end())
  if (record.status !== 'success') return reportFailed(invocation, config, manifest, record)
  reportProblems(
    [
      ...record.problems,
      ...(await allEventsAhead(adapter, config.target.workSchema, record.asOf)),
      ...record.results.flatMap(({ warnings = [] }) => warnings),
    ],
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

function asProblem(error: unknown, waitedSeconds: number): unknown {
  if (error instanceof SchemaLockedError) {
    return new ProblemError([problem('PSN5004', { schema: error.schema, waitedSeconds })], { cause: error })
  }
  if (error instanceof RunPassedError) {
    const { runId, laterRunId } = error
    return new ProblemError([problem('PSN5031', { runId, laterRunId })], { cause: error })
  }
  return error
}

function reportFailed({ output }: Invocation, config: Config, manifest: Manifest, record: RunRecord): number {
  const problems = record.results.flatMap((result) => {
    const { warnings = [] } = result
    const node = manifest.nodes.find(({ id }) => id === result.nodeId)
    if (node === undefined || result.status !== 'error') return warnings
    return [...warnings, nodeProblem(node, result, compiledFile(config, node))]
  })
  reportProblems([...record.problems, ...problems], output, config.projectDir)
  const count = (status: string): number => record.results.filter((each) => each.status === status).length
  output.log(
    'run_ended',
    `${count('success')} done, ${count('error')} failed, ${count('skipped')} skipped, ${count('cancelled')} stopped; public tables are as before; \`${programName()} retry\` goes on from here`,
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
