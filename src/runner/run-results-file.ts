import { z } from 'zod'
import { hashOf } from '../config/cache-file.ts'
import type { CompiledNode } from '../ir/node.ts'
import { renderSteps } from './compiled-files.ts'
import type { RunRecord } from './run-log.ts'

const instant = z.iso.datetime()

const node = z.strictObject({
  id: z.string(),
  status: z.enum(['success', 'error', 'skipped', 'cancelled']),
  started_at: instant.optional(),
  seconds: z.number().nonnegative(),
  rows: z.int().nonnegative().optional(),
  message: z.string().optional(),
  warnings: z.array(z.strictObject({ code: z.string(), message: z.string(), hint: z.string() })).optional(),
  checksum: z.string().describe('Of its SQL'),
  run_id: z.string().optional().describe('Of the earlier run that did it, where this one went on from that'),
})

/** `target/run_results.json`: how the last run ended. */
export const runResultsSchema = z
  .strictObject({
    schema_version: z.literal(1),
    personas_version: z.string(),
    run_id: z.string(),
    command: z.string(),
    project: z.string(),
    target: z.string(),
    engine: z.string().describe('The warehouse and its version'),
    as_of: instant.describe('The one instant the run computed for'),
    started_at: instant,
    finished_at: instant.describe('Of a run that is not over: when this was written'),
    status: z
      .enum(['running', 'success', 'error', 'cancelled'])
      .describe('`running`: not over, or killed before it could say how it ended'),
    given: z
      .strictObject({
        schema: z.string(),
        select: z.array(z.string()),
        exclude: z.array(z.string()),
        vars: z.string().optional(),
        full_refresh: z.boolean(),
      })
      .describe('What the run was told, for `personas retry`'),
    nodes: z.array(node).describe('In the order they ended'),
  })
  .describe('target/run_results.json of a personas project')

export type RunResultsFile = z.infer<typeof runResultsSchema>

export interface RunResultsOf {
  readonly run: RunRecord
  /** The warehouse and its version. */
  readonly engine: string
  readonly given: RunResultsFile['given']
  /** All nodes of the project. */
  readonly checksums: ReadonlyMap<string, string>
  /** What the run went on from. */
  readonly earlier?: RunResultsFile
}

/** By id. */
export function checksumsOf(nodes: readonly CompiledNode[]): ReadonlyMap<string, string> {
  return new Map(nodes.map(({ id, steps }) => [id, hashOf(renderSteps(steps))]))
}

/** @returns the text of `run_results.json` */
export function renderRunResults({ run, engine, given, checksums, earlier }: RunResultsOf): string {
  const kept = new Set(run.kept)
  const file: RunResultsFile = {
    schema_version: 1,
    personas_version: run.version,
    run_id: run.runId,
    command: run.command,
    project: run.project,
    target: run.target,
    engine,
    as_of: run.asOf,
    started_at: run.startedAt,
    finished_at: run.finishedAt,
    status: run.status,
    given,
    nodes: [
      ...(earlier?.nodes ?? [])
        .filter(({ id }) => kept.has(id))
        .map((done) => ({ ...done, run_id: done.run_id ?? earlier?.run_id })),
      ...run.results.map((result) => ({
        id: result.nodeId,
        status: result.status,
        started_at: result.startedAt,
        seconds: Math.round(result.seconds * 1000) / 1000,
        rows: result.rows,
        message: result.message,
        warnings: result.warnings?.map(({ code, message, hint }) => ({ code, message, hint })),
        checksum: checksums.get(result.nodeId) ?? '',
      })),
    ],
  }
  return `${JSON.stringify(file, undefined, 2)}\n`
}

/** @returns undefined where it is not what this version writes */
export function parseRunResults(text: string): RunResultsFile | undefined {
  try {
    return runResultsSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
