import { z } from 'zod'
import { DeliveryError, destinationType, type FieldValue } from '../../../destination.ts'
import { fixedLogin, openLogin } from '../oauth.ts'
import {
  baseUrl,
  chunks,
  everyMode,
  identified,
  isRemoval,
  type Patience,
  type Row,
  type Rows,
  readJson,
  refused,
  textOf,
  untested,
  waiting,
} from '../vendor.ts'
import { type IngestResult, ingest } from './ingest-job.ts'
import { type Org, openOrg } from './org.ts'

const name = z.string().regex(/^\w+$/, { error: 'must be an API name' })
const settings = z
  .strictObject({
    instance_url: baseUrl.describe('address of the org: `https://example.my.salesforce.com`'),
    access_token: z.string().min(1).optional().describe('a session, instead of the client'),
    client_id: z.string().min(1).optional().describe('connected app with the client credentials flow'),
    client_secret: z.string().min(1).optional().describe('its secret'),
    object: name.default('Contact').describe('API name of the object'),
    external_id: name.describe('external id field records are found by; the mapping must give it'),
    on_remove: z
      .enum(['clear', 'delete'])
      .default('clear')
      .describe('empty the mapped fields, or delete the record'),
    api_version: z
      .string()
      .regex(/^\d+\.\d$/, { error: 'must look like 62.0' })
      .default('62.0')
      .describe('version of the API'),
    ...waiting,
  })
  .refine(
    ({ access_token: token, client_id: id, client_secret: secret }) =>
      (token === undefined) === (id !== undefined && secret !== undefined),
    { error: 'give either `access_token`, or `client_id` and `client_secret`' },
  )
type Settings = z.output<typeof settings>

const described = z.object({
  fields: z.array(
    z.object({
      name: z.string(),
      externalId: z.boolean().default(false),
      idLookup: z.boolean().default(false),
    }),
  ),
})
const queried = z.object({ records: z.array(z.record(z.string(), z.unknown())) })

/** Failures that pass: another process has the record, or too much is going on. */
const passing = /^(UNABLE_TO_LOCK_ROW|REQUEST_LIMIT_EXCEEDED|SERVER_UNAVAILABLE|TXN_SECURITY|QUERY_TIMEOUT)/

/** Jobs of the Bulk API 2.0, each waited for until it says what became of its rows. */
export const salesforce = destinationType<Settings>({
  type: 'salesforce',
  summary: 'records of any object in Salesforce, through the Bulk API 2.0',
  note: untested,
  takes: 'The external id, and fields by their API names. Null and the empty text empty a field.',
  settings,
  secrets: ['access_token', 'client_secret'],
  example: {
    instance_url: 'https://example.my.salesforce.com',
    client_id: "{{ env_var 'SF_CLIENT' }}",
    client_secret: "{{ env_var 'SF_SECRET' }}",
    external_id: 'Profile_Id__c',
  },
  capabilities: () => ({
    modes: everyMode,
    batchRows: 10_000,
    // A job holds 150 MB, as base64.
    batchBytes: 50_000_000,
    concurrency: 1,
    repeated: 'harmless',
    visible: 'batch',
  }),
  async check(own) {
    const answer = await orgOf(own).ask(`sobjects/${own.object}/describe`, { method: 'GET' })
    const field = readJson(answer, described).fields.find((each) => each.name === own.external_id)
    if (field?.externalId === true || field?.idLookup === true) return
    const wrong = field === undefined ? 'has no such field' : 'cannot find records by it'
    throw new DeliveryError('fatal', 'external id', `${own.external_id}: ${own.object} ${wrong}`)
  },
  async open(own) {
    const org = orgOf(own)
    return {
      async write(changes, signal) {
        const batch = identified(changes, own.external_id)
        const patience = {
          firstMs: own.poll_seconds * 1_000,
          withinMs: own.wait_minutes * 60_000,
          signal,
        }
        if (batch.rows.length === 0) return batch.results
        await (isRemoval(changes) ? remove(org, own, batch, patience) : upsert(org, own, batch, patience))
        return batch.results
      },
      async close() {},
    }
  },
})

async function upsert(org: Org, own: Settings, batch: Rows, patience: Patience): Promise<void> {
  const columns = columnsOf(batch.rows, own.external_id)
  const result = await ingest(org, {
    operation: 'upsert',
    object: own.object,
    externalIdFieldName: own.external_id,
    lines: [
      [own.external_id, ...columns],
      ...batch.rows.map(({ id, change }) => [id, ...columns.map((column) => cellOf(change.fields[column]))]),
    ],
    patience,
  })
  refuse(batch, result, ({ id }) => id)
}

/** Removing goes by Salesforce's own ids: an upsert would bring back what somebody deleted. */
async function remove(org: Org, own: Settings, batch: Rows, patience: Patience): Promise<void> {
  const ids = await idsOf(org, own, batch.rows)
  const found = batch.rows.flatMap((row) => {
    const id = ids.get(row.id.toLowerCase())
    return id === undefined ? [] : [id]
  })
  if (found.length === 0) return
  const columns = own.on_remove === 'delete' ? [] : columnsOf(batch.rows, own.external_id)
  if (own.on_remove === 'clear' && columns.length === 0) return
  const result = await ingest(org, {
    operation: own.on_remove === 'delete' ? 'delete' : 'update',
    object: own.object,
    lines: [['Id', ...columns], ...found.map((id) => [id, ...columns.map(() => '#N/A')])],
    patience,
  })
  refuse(batch, result, ({ id }) => ids.get(id.toLowerCase()))
}

async function idsOf(org: Org, own: Settings, rows: readonly Row[]): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>()
  for (const some of chunks(rows, 100)) {
    const texts = some.map(({ id }) => `'${id.replaceAll(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`)
    const soql = `SELECT Id, ${own.external_id} FROM ${own.object} WHERE ${own.external_id} IN (${texts.join(',')})`
    const answer = await org.ask(`query?q=${encodeURIComponent(soql)}`, { method: 'GET' })
    for (const record of readJson(answer, queried).records)
      ids.set(String(record[own.external_id]).toLowerCase(), String(record.Id))
  }
  return ids
}

function refuse(
  { rows, results }: Rows,
  { failed, unprocessed }: IngestResult,
  keyOf: (row: Row) => string | undefined,
): void {
  for (const row of rows) {
    const key = keyOf(row)
    if (key === undefined) continue
    const error = failed.get(key)
    // `CODE:what it means:fields --`
    if (error !== undefined) {
      const code = error.slice(0, Math.max(0, error.indexOf(':'))).toLowerCase() || 'refused'
      results[row.index] = refused(code.replaceAll('_', ' '), error, passing.test(error))
    } else if (unprocessed.has(key))
      results[row.index] = refused('not processed', 'the job ended before it came to this row', true)
  }
}

function columnsOf(rows: readonly Row[], externalId: string): readonly string[] {
  const names = new Set(rows.flatMap(({ change }) => Object.keys(change.fields)))
  names.delete(externalId)
  return [...names]
}

/** An empty cell is left as it is in Salesforce; `#N/A` empties it. */
function cellOf(value: FieldValue | undefined): string {
  if (value === undefined) return ''
  return textOf(value) || '#N/A'
}

function orgOf(own: Settings): Org {
  const { access_token: token, client_id: id = '', client_secret: secret = '' } = own
  const login =
    token === undefined
      ? openLogin(`${own.instance_url}/services/oauth2/token`, {
          grant_type: 'client_credentials',
          client_id: id,
          client_secret: secret,
        })
      : fixedLogin({ access_token: token })
  return openOrg(login, own.instance_url, own.api_version)
}
