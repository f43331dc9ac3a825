import { z } from 'zod'
import type { RunRecord } from './run-log.ts'

const instant = z.iso.datetime()

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
    finished_at: instant,
    status: z.enum(['success', 'error', 'cancelled']),
    nodes: z
      .array(
        z.strictObject({
          id: z.string(),
          status: z.enum(['success', 'error', 'skipped', 'cancelled']),
          started_at: instant.optional(),
          seconds: z.number().nonnegative(),
          rows: z.int().nonnegative().optional(),
          message: z.string().optional(),
          warnings: z
            .array(z.strictObject({ code: z.string(), message: z.string(), hint: z.string() }))
            .optional(),
        }),
      )
      .describe('In the order they ended'),
  })
  .describe('target/run_results.json of a personas project')

export type RunResultsFile = z.infer<typeof runResultsSchema>

/** @returns the text of `run_results.json` */
export function renderRunResults(run: RunRecord, engine: string): string {
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
    nodes: run.results.map((result) => ({
      id: result.nodeId,
      status: result.status,
      started_at: result.startedAt,
      seconds: Math.round(result.seconds * 1000) / 1000,
      rows: result.rows,
      message: result.message,
      warnings: result.warnings?.map(({ code, message, hint }) => ({ code, message, hint })),
    })),
  }
  return `${JSON.stringify(file, undefined, 2)}\n`
}
