import { z } from 'zod'

const instant = z.iso.datetime()

const sync = z.strictObject({
  name: z.string(),
  status: z
    .enum(['not_begun', 'begun', 'success', 'partial', 'failed', 'cancelled', 'error'])
    .describe(
      '`begun`: not over, or killed before it could say how it ended; `partial`: some records were not taken',
    ),
  run_id: z.string().optional().describe('Of the earlier syncs that did it, where these went on from those'),
})

/** `target/sync_results.json`: how the last syncs ended. */
export const syncResultsSchema = z
  .strictObject({
    schema_version: z.literal(1),
    personas_version: z.string(),
    run_id: z.string().describe('As in the table `sync_runs`'),
    command: z.string(),
    project: z.string(),
    target: z.string(),
    started_at: instant,
    finished_at: instant.describe('Of syncs that are not over: when this was written'),
    status: z
      .enum(['running', 'success', 'error', 'cancelled'])
      .describe('`running`: not over, or killed before it could say how it ended'),
    given: z
      .strictObject({
        schema: z.string().describe('Where what was delivered is remembered'),
        select: z.array(z.string()),
        exclude: z.array(z.string()),
        vars: z.string().optional(),
        full_resync: z.boolean(),
        allow_deletes: z.boolean(),
      })
      .describe('What the syncs were told, for `personas retry`'),
    syncs: z.array(sync),
  })
  .describe('target/sync_results.json of a personas project')

export type SyncResultsFile = z.infer<typeof syncResultsSchema>
export type RecordedSync = SyncResultsFile['syncs'][number]

/** @returns the text of `sync_results.json` */
export function renderSyncResults(file: SyncResultsFile): string {
  return `${JSON.stringify(file, undefined, 2)}\n`
}

/** @returns undefined where it is not what this version writes */
export function parseSyncResults(text: string): SyncResultsFile | undefined {
  try {
    return syncResultsSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/**
 * How a retry goes about each sync that earlier ones did not bring to its end: of what was not taken all is sent again; where one had
 * begun, its ledger tells what is left, and nothing is forgotten a second time.
 *
 * @returns undefined where there is nothing left to do
 */
export function retriedSync(
  { syncs, given }: SyncResultsFile,
  name: string,
): { readonly release: boolean; readonly fullResync: boolean } | undefined {
  const status = syncs.find((each) => each.name === name)?.status ?? 'not_begun'
  if (status === 'success') return undefined
  return { release: status === 'partial', fullResync: given.full_resync && status === 'not_begun' }
}
