import { z } from 'zod'
import { destinationType, type FieldValue, type Session } from '../../destination.ts'
import {
  askJson,
  baseUrl,
  everyMode,
  identified,
  isRemoval,
  type Row,
  type Rows,
  refused,
  refusedSomewhere,
  sendJson,
  untested,
} from './vendor.ts'

const settings = z.strictObject({
  access_token: z.string().min(1).describe('token of a private app'),
  object: z
    .string()
    .regex(/^[\w-]+$/, { error: 'must be the name or type id of an object' })
    .default('contacts')
    .describe('`contacts`, `companies`, or any other object'),
  id_property: z
    .string()
    .regex(/^\w+$/, { error: 'must be the name of a property' })
    .default('email')
    .describe('the unique property records are found by; the mapping must give it'),
  list_id: z
    .string()
    .regex(/^\d+$/, { error: 'must be the number of a list' })
    .optional()
    .describe('a static list that holds exactly what is synced'),
  on_remove: z
    .enum(['clear', 'archive', 'keep'])
    .optional()
    .describe('empty the mapped properties, archive the record, or leave it; `clear`, with a list `keep`'),
  api_url: baseUrl.default('https://api.hubapi.com').describe('address of the API'),
})
type Settings = z.output<typeof settings>

const answered = z.object({
  results: z.array(z.object({ id: z.string() })).default([]),
  errors: z
    .array(
      z.object({
        category: z.string().default('error'),
        message: z.string().default(''),
        context: z.record(z.string(), z.array(z.string())).default({}),
      }),
    )
    .default([]),
})
type Answered = z.output<typeof answered>

/** Batches of the CRM API, version 3. */
export const hubspot = destinationType<Settings>({
  type: 'hubspot',
  summary: 'contacts, companies or other objects in HubSpot, and static lists',
  note: untested,
  takes: 'Each field is a property. Lists are joined with `;`, as properties of several values have it.',
  settings,
  secrets: ['access_token'],
  example: { access_token: "{{ env_var 'HUBSPOT_TOKEN' 'token' }}", list_id: '12' },
  capabilities: () => ({
    modes: everyMode,
    batchRows: 100,
    concurrency: 2,
    rate: { requests: 50, perMs: 10_000 },
    repeated: 'harmless',
    visible: 'batch',
  }),
  async check(own) {
    await sendJson(`${own.api_url}/crm/v3/objects/${own.object}?limit=1`, { method: 'GET', ...as(own) })
  },
  async open(own): Promise<Session> {
    return {
      async write(changes) {
        const batch = identified(changes, own.id_property)
        if (batch.rows.length > 0) await (isRemoval(changes) ? remove(own, batch) : upsert(own, batch))
        return batch.results
      },
      async close() {},
    }
  },
})

async function upsert(own: Settings, batch: Rows): Promise<void> {
  const inputs = batch.rows.map((row) => ({
    id: row.id,
    idProperty: own.id_property,
    objectWriteTraceId: row.change.key,
    properties: Object.fromEntries(
      Object.entries(row.change.fields).map(([name, value]) => [name, propertyOf(value)]),
    ),
  }))
  const answer = await ask(own, 'batch/upsert', { inputs })
  refuse(batch, answer)
  if (own.list_id !== undefined) await member(own, 'add', answer)
}

async function remove(own: Settings, batch: Rows): Promise<void> {
  const how = own.on_remove ?? (own.list_id === undefined ? 'clear' : 'keep')
  if (own.list_id !== undefined || how === 'archive') {
    const found = await ask(own, 'batch/read', {
      idProperty: own.id_property,
      properties: [own.id_property],
      inputs: batch.rows.map(({ id }) => ({ id })),
    })
    if (own.list_id !== undefined) await member(own, 'remove', found)
    const inputs = found.results.map(({ id }) => ({ id }))
    if (how === 'archive' && inputs.length > 0) await ask(own, 'batch/archive', { inputs })
  }
  if (how !== 'clear') return
  const inputs = batch.rows.map(({ id, change }) => ({
    id,
    idProperty: own.id_property,
    objectWriteTraceId: change.key,
    properties: Object.fromEntries(
      Object.keys(change.fields)
        .filter((name) => name !== own.id_property)
        .map((name) => [name, '']),
    ),
  }))
  const answer = await ask(own, 'batch/update', { inputs })
  // A record that is not there has nothing to empty.
  refuse(batch, {
    ...answer,
    errors: answer.errors.filter(({ category }) => category !== 'OBJECT_NOT_FOUND'),
  })
}

function refuse(batch: Rows, { errors }: Answered): void {
  for (const { category, message, context } of errors) {
    const traces = context.objectWriteTraceId ?? []
    const ids = context.ids ?? context.id ?? []
    const concerned = batch.rows.filter(
      ({ id, change }: Row) => traces.includes(change.key) || ids.includes(id),
    )
    const reason = category.toLowerCase().replaceAll('_', ' ')
    for (const { index } of concerned) batch.results[index] = refused(reason, message)
    if (concerned.length === 0) refusedSomewhere(batch, reason, message)
  }
}

async function member(own: Settings, verb: 'add' | 'remove', { results }: Answered): Promise<void> {
  if (results.length === 0) return
  const url = `${own.api_url}/crm/v3/lists/${own.list_id}/memberships/${verb}`
  await sendJson(url, { method: 'PUT', json: results.map(({ id }) => id), ...as(own) })
}

function ask(own: Settings, path: string, json: unknown): Promise<Answered> {
  return askJson(`${own.api_url}/crm/v3/objects/${own.object}/${path}`, answered, { json, ...as(own) })
}

function as({ access_token: token }: Settings): { readonly headers: Readonly<Record<string, string>> } {
  return { headers: { authorization: `Bearer ${token}` } }
}

/** HubSpot takes texts only; an empty one empties the property. */
function propertyOf(value: FieldValue): string {
  if (value === null) return ''
  if (Array.isArray(value)) return value.map(propertyOf).join(';')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
