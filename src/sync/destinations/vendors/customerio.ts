import { z } from 'zod'
import { type Change, destinationType } from '../../destination.ts'
import {
  askJson,
  baseUrl,
  everyMode,
  identified,
  type Row,
  refused,
  refusedSomewhere,
  sendJson,
  untested,
  without,
} from './vendor.ts'

const identifiers = ['id', 'email', 'cio_id', 'object_id'] as const
const settings = z.strictObject({
  site_id: z.string().min(1).describe('site id of the workspace'),
  api_key: z.string().min(1).describe('Track API key of the workspace'),
  region: z.enum(['us', 'eu']).default('us').describe('where the workspace is'),
  identifier: z
    .enum(identifiers)
    .default('id')
    .describe('the field that says who a record is about; `object_id` for objects such as accounts'),
  object_type_id: z.string().min(1).default('1').describe('type of the objects, with `object_id`'),
  on_remove: z
    .enum(['clear', 'delete'])
    .default('clear')
    .describe('empty the mapped attributes, or delete the person or object'),
  api_url: baseUrl.optional().describe('address of the API, instead of that of the region'),
})
type Settings = z.output<typeof settings>

/** What the API takes of one record. */
const recordBytes = 32_000

const answered = z.object({
  errors: z
    .array(
      z.object({
        batch_index: z.int().min(0).optional(),
        reason: z.string().default('refused'),
        field: z.string().default(''),
        message: z.string().default(''),
      }),
    )
    .default([]),
})

/** Version 2 of the Track API. */
export const customerio = destinationType<Settings>({
  type: 'customerio',
  summary: 'people or objects in Customer.io',
  note: untested,
  takes: 'The identifier, and attributes.',
  settings,
  secrets: ['site_id', 'api_key'],
  example: { site_id: "{{ env_var 'CIO_SITE' }}", api_key: "{{ env_var 'CIO_KEY' }}" },
  capabilities: () => ({
    modes: everyMode,
    batchRows: 1_000,
    // Requests hold 500 KB.
    batchBytes: 350_000,
    concurrency: 4,
    rate: { requests: 100, perMs: 1_000 },
    repeated: 'harmless',
    visible: 'batch',
  }),
  async check(own) {
    await sendJson(`${hostOf(own)}/auth`, { method: 'GET', ...as(own) })
  },
  async open(own) {
    return {
      async write(changes) {
        const { rows: named, results } = identified(changes, own.identifier)
        const rows: Row[] = []
        const batch: unknown[] = []
        for (const row of named) {
          const record = recordOf(own, row)
          const bytes = Buffer.byteLength(JSON.stringify(record))
          if (bytes > recordBytes)
            results[row.index] = refused('too large', `${bytes} bytes; Customer.io takes ${recordBytes}`)
          else {
            rows.push(row)
            batch.push(record)
          }
        }
        if (rows.length === 0) return results
        const answer = await askJson(`${hostOf(own)}/api/v2/batch`, answered, { json: { batch }, ...as(own) })
        for (const { batch_index: at, reason, field, message } of answer.errors) {
          const row = at === undefined ? undefined : rows[at]
          const said = field === '' ? message : `${field}: ${message}`
          if (row === undefined) refusedSomewhere({ rows, results }, reason, said)
          else results[row.index] = refused(reason, said)
        }
        return results
      },
      async close() {},
    }
  },
})

function recordOf(own: Settings, { id, change }: Row): unknown {
  const isObject = own.identifier === 'object_id'
  const who = {
    type: isObject ? 'object' : 'person',
    identifiers: {
      ...(isObject && { object_type_id: own.object_type_id }),
      [own.identifier]: id,
    },
  }
  if (change.operation === 'remove' && own.on_remove === 'delete') return { ...who, action: 'delete' }
  return { ...who, action: 'identify', attributes: attributesOf(change, own.identifier) }
}

/** An empty text takes an attribute away; who somebody is stays. */
function attributesOf({ operation, fields }: Change, identifier: string): Change['fields'] {
  const removal = operation === 'remove'
  const own = Object.entries(without(fields, removal ? identifiers : [identifier]))
  return Object.fromEntries(own.map(([name, value]) => [name, removal || value === null ? '' : value]))
}

function hostOf({ api_url: url, region }: Settings): string {
  return url ?? (region === 'eu' ? 'https://track-eu.customer.io' : 'https://track.customer.io')
}

function as(own: Settings): { readonly headers: Readonly<Record<string, string>> } {
  const credentials = Buffer.from(`${own.site_id}:${own.api_key}`).toString('base64')
  return { headers: { authorization: `Basic ${credentials}` } }
}
