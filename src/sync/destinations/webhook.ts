import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { destinationType, type JsonRecords, type RowResult } from '../destination.ts'
import { request } from '../http.ts'
import { jsonBatch } from '../json-batch.ts'

const settings = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .describe('where batches go'),
  secret: z.string().min(1).optional().describe('signs each body: `x-signature` (SHA-1), `x-signature-256`'),
  method: z.enum(['POST', 'PUT', 'PATCH']).default('POST').describe('HTTP method'),
  headers: z.record(z.string(), z.string()).default({}).describe('further headers, for a token'),
  format: z.enum(['json', 'ndjson']).default('json').describe('a document a batch, or a line a record'),
  batch_rows: z.int().min(1).max(4_000).default(1_000).describe('records in a request'),
  batch_bytes: z.int().min(1_000).default(4_000_000).describe('bytes of records in a request'),
  concurrency: z.int().min(1).max(64).default(4).describe('requests side by side'),
  timeout_seconds: z.int().min(1).max(600).default(30).describe('wait for an answer'),
})
type Settings = z.output<typeof settings>

/** Answers of a receiver that tells rows apart; what it does not name it has taken. */
const answered = z.object({
  errors: z.array(
    z.object({
      index: z.int().min(0),
      reason: z.string().default('refused by the receiver'),
      message: z.string().default(''),
      retryable: z.boolean().default(false),
    }),
  ),
})

/** Any HTTP endpoint: batches as JSON or a record a line, signed where there is a secret. */
export const webhook = destinationType<Settings>({
  type: 'webhook',
  summary: 'batches of records to an HTTP endpoint, signed',
  settings,
  secrets: ['secret', 'headers'],
  takes: 'Whatever the receiver reads: any fields.',
  example: { url: 'https://example.com/hook', secret: "{{ env_var 'HOOK_SECRET' }}" },
  capabilities: ({ batch_rows: batchRows, batch_bytes: batchBytes, concurrency }) => ({
    modes: ['add', 'update', 'upsert', 'delete', 'mirror'],
    batchRows,
    batchBytes,
    concurrency,
    repeated: 'keyed',
    visible: 'batch',
  }),
  async check({ url, timeout_seconds: seconds }) {
    // Any answer shows that somebody listens; what it says of a request without a body does not matter.
    await request(url, { method: 'GET', timeoutMs: seconds * 1000, accept: () => true })
  },
  async open(own, { sync, runId, version }) {
    const about = JSON.stringify({ sync, run_id: runId }).slice(1, -1)
    const inDocument = own.format === 'json'
    const json: JsonRecords = {
      head: inDocument ? '' : `${about},`,
      before: inDocument ? `{${about},"records":[` : '',
      between: inDocument ? ',' : '\n',
      behind: inDocument ? ']}' : '\n',
      async write({ rows, body, key }) {
        if (rows === 0) return []
        const answer = await request(own.url, {
          method: own.method,
          body,
          timeoutMs: own.timeout_seconds * 1000,
          headers: {
            'content-type': inDocument ? 'application/json' : 'application/x-ndjson',
            'user-agent': `personas/${version}`,
            'idempotency-key': key,
            ...(own.secret !== undefined && signatures(own.secret, body)),
            ...own.headers,
          },
        })
        return resultsOf(answer.text, rows)
      },
    }
    return {
      json,
      write: (changes, signal) => json.write(jsonBatch(changes, json), signal),
      async close() {},
    }
  },
})

/** The first as Segment's webhooks have it, the second with a hash of today. */
function signatures(secret: string, body: string | Uint8Array): Readonly<Record<string, string>> {
  return {
    'x-signature': createHmac('sha1', secret).update(body).digest('hex'),
    'x-signature-256': createHmac('sha256', secret).update(body).digest('hex'),
  }
}

function resultsOf(text: string, count: number): readonly RowResult[] {
  const results = Array<RowResult>(count).fill({ ok: true })
  if (!text.startsWith('{')) return results
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    // An answer of another kind, with a status of success: taken.
    return results
  }
  const { data } = answered.safeParse(json)
  for (const { index, ...error } of data?.errors ?? [])
    if (index < count) results[index] = { ok: false, ...error }
  return results
}
