import { z } from 'zod'
import { DeliveryError } from '../../../destination.ts'
import { fatalIfRejected } from '../oauth.ts'
import { type Patience, poll, readJson } from '../vendor.ts'
import { parseCsv, renderCsv } from './csv.ts'
import type { Org } from './org.ts'

export interface Ingest {
  readonly operation: 'upsert' | 'update' | 'delete'
  readonly object: string
  /** Of an upsert: the field records are found by. */
  readonly externalIdFieldName?: string
  /** The first line, and a line for each record, all begun by what records are found by. */
  readonly lines: readonly (readonly string[])[]
  readonly patience: Patience
}

/** What became of records, by the first of their columns. What is not here was taken. */
export interface IngestResult {
  readonly failed: ReadonlyMap<string, string>
  readonly unprocessed: ReadonlySet<string>
}

const created = z.object({ id: z.string() })
const state = z.object({
  state: z.string(),
  errorMessage: z.string().nullish(),
  numberRecordsFailed: z.int().nullish(),
})

/** A job of the Bulk API 2.0 from its creation to its results. */
export async function ingest(org: Org, work: Ingest): Promise<IngestResult> {
  const { operation, object, externalIdFieldName, lines, patience } = work
  const job = readJson(
    await fatalIfRejected(() =>
      org.ask('jobs/ingest', {
        json: {
          operation,
          object,
          ...(externalIdFieldName !== undefined && { externalIdFieldName }),
          contentType: 'CSV',
          lineEnding: 'LF',
          columnDelimiter: 'COMMA',
        },
      }),
    ),
    created,
  )
  const path = `jobs/ingest/${encodeURIComponent(job.id)}`
  await org.ask(`${path}/batches`, { method: 'PUT', csv: renderCsv(lines) })
  await org.ask(path, { method: 'PATCH', json: { state: 'UploadComplete' } })
  const done = await poll(async () => {
    const now = readJson(await org.ask(path, { method: 'GET' }), state)
    return ['JobComplete', 'Failed', 'Aborted'].includes(now.state) ? now : undefined
  }, patience)
  const message = done.errorMessage ?? done.state
  // A job fails as a whole for its object or its columns: fewer rows would not help.
  if (done.state === 'Failed') throw new DeliveryError('fatal', 'job failed', message)
  if (done.state === 'Aborted') throw new DeliveryError('retryable', 'job aborted', message)
  const key = lines[0]?.[0] ?? ''
  const results = async (name: string): Promise<readonly Readonly<Record<string, string>>[]> =>
    parseCsv((await org.ask(`${path}/${name}/`, { method: 'GET' })).text)
  const failed = done.numberRecordsFailed === 0 ? [] : await results('failedResults')
  const unprocessed = await results('unprocessedrecords')
  return {
    failed: new Map(failed.map((record) => [record[key] ?? '', record.sf__Error ?? ''])),
    unprocessed: new Set(unprocessed.map((record) => record[key] ?? '')),
  }
}
