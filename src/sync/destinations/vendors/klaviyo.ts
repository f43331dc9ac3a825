import { z } from 'zod'
import { type Change, DeliveryError, destinationType, type FieldValue } from '../../destination.ts'
import {
  askJson,
  baseUrl,
  chunks,
  everyMode,
  identified,
  isRemoval,
  poll,
  type Rows,
  refused,
  refusedSomewhere,
  sendJson,
  untested,
  waiting,
} from './vendor.ts'

const identifiers = ['email', 'phone_number', 'external_id'] as const
const settings = z.strictObject({
  api_key: z.string().min(1).describe('private API key, for profiles and lists'),
  identifier: z
    .enum(identifiers)
    .default('email')
    .describe('the field that says who a record is about; the mapping must give it'),
  list_id: z
    .string()
    .regex(/^\w+$/, { error: 'must be the id of a list' })
    .optional()
    .describe('a list that holds exactly what is synced'),
  on_remove: z
    .enum(['clear', 'keep'])
    .optional()
    .describe('empty the mapped properties, or leave the profile; `clear`, with a list `keep`'),
  revision: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}(\.\w+)?$/, { error: 'must be a date' })
    .default('2026-01-15')
    .describe('revision of the API'),
  ...waiting,
  api_url: baseUrl.default('https://a.klaviyo.com').describe('address of the API'),
})
type Settings = z.output<typeof settings>

/** Fields of a profile that are Klaviyo's own; all others are properties. */
const ownFields: ReadonlySet<string> = new Set([
  'email',
  'phone_number',
  'external_id',
  'first_name',
  'last_name',
  'organization',
  'locale',
  'title',
  'image',
  'location',
])

const job = z.object({
  data: z.object({
    id: z.string(),
    attributes: z.object({ status: z.string(), failed_count: z.int().nullish() }),
  }),
})
const failures = z.object({
  data: z.array(
    z.object({
      attributes: z.object({
        code: z.string().default('refused'),
        detail: z.string().default(''),
        source: z.object({ pointer: z.string().nullish() }).nullish(),
        original_payload: z.record(z.string(), z.unknown()).nullish(),
      }),
    }),
  ),
  links: z.object({ next: z.string().nullish() }).optional(),
})
const profiles = z.object({ data: z.array(z.object({ id: z.string() })) })

/** Bulk import jobs, each waited for until it says what became of its profiles; what is to be emptied goes one by one. */
export const klaviyo = destinationType<Settings>({
  type: 'klaviyo',
  summary: 'profiles and lists in Klaviyo',
  note: untested,
  takes: `${[...ownFields].map((name) => `\`${name}\``).join(', ')}; every other field is a property of the profile.`,
  settings,
  secrets: ['api_key'],
  example: { api_key: "{{ env_var 'KLAVIYO_KEY' }}", list_id: 'VRgFBd' },
  capabilities: () => ({
    modes: everyMode,
    batchRows: 1_000,
    // Requests hold 5 MB.
    batchBytes: 3_500_000,
    concurrency: 2,
    rate: { requests: 30, perMs: 60_000 },
    repeated: 'harmless',
    visible: 'batch',
  }),
  async check(own) {
    const path = own.list_id === undefined ? 'accounts' : `lists/${own.list_id}`
    await sendJson(`${own.api_url}/api/${path}`, { method: 'GET', ...as(own) })
  },
  async open(own) {
    return {
      async write(changes, signal) {
        const batch = identified(changes, own.identifier)
        if (batch.rows.length === 0) return batch.results
        const removal = isRemoval(changes)
        if (removal && own.list_id !== undefined) await unlist(own, own.list_id, batch)
        const how = own.on_remove ?? (own.list_id === undefined ? 'clear' : 'keep')
        if (!removal) await importAll(own, batch, signal)
        if (!removal || how === 'clear') await emptyAll(own, batch)
        return batch.results
      },
      async close() {},
    }
  },
})

async function importAll(own: Settings, batch: Rows, signal: AbortSignal): Promise<void> {
  const data = batch.rows.map(({ change }) => ({
    type: 'profile',
    attributes: attributesOf(change),
  }))
  const list = own.list_id
  const created = await askJson(`${own.api_url}/api/profile-bulk-import-jobs`, job, {
    ...as(own),
    json: {
      data: {
        type: 'profile-bulk-import-job',
        attributes: { profiles: { data } },
        ...(list !== undefined && { relationships: { lists: { data: [{ type: 'list', id: list }] } } }),
      },
    },
  })
  const url = `${own.api_url}/api/profile-bulk-import-jobs/${encodeURIComponent(created.data.id)}`
  const done = await poll(
    async () => {
      const { data: now } = await askJson(url, job, { method: 'GET', ...as(own) })
      return ['complete', 'cancelled'].includes(now.attributes.status) ? now.attributes : undefined
    },
    { firstMs: own.poll_seconds * 1_000, withinMs: own.wait_minutes * 60_000, signal },
  )
  if (done.status === 'cancelled')
    throw new DeliveryError('retryable', 'job cancelled', 'Klaviyo cancelled the import')
  if ((done.failed_count ?? 0) > 0) await refuse(own, batch, `${url}/import-errors?page%5Bsize%5D=100`)
}

async function refuse(own: Settings, batch: Rows, first: string): Promise<void> {
  let found = 0
  for (let url: string | undefined = first; url !== undefined; ) {
    const page: z.output<typeof failures> = await askJson(url, failures, { method: 'GET', ...as(own) })
    for (const { attributes } of page.data) {
      found += 1
      const at = /profiles\/data\/(\d+)/.exec(attributes.source?.pointer ?? '')?.[1]
      const id = attributes.original_payload?.[own.identifier]
      const row =
        at === undefined
          ? batch.rows.find((each) => typeof id === 'string' && each.id.toLowerCase() === id.toLowerCase())
          : batch.rows[Number(at)]
      if (row === undefined) refusedSomewhere(batch, attributes.code, attributes.detail)
      else batch.results[row.index] = refused(attributes.code, attributes.detail)
    }
    const next: string | null | undefined = page.links?.next
    // The key goes nowhere but to the address of the settings.
    url = next == null ? undefined : `${own.api_url}${next.replace(/^https?:\/\/[^/]+/, '')}`
  }
  if (found === 0) refusedSomewhere(batch, 'refused', 'Klaviyo counts failed profiles, and names none')
}

async function unlist(own: Settings, list: string, { rows }: Rows): Promise<void> {
  const ids: string[] = []
  for (const some of chunks(rows, 100)) {
    const filter = `any(${own.identifier},[${some.map(({ id }) => JSON.stringify(id)).join(',')}])`
    const query = new URLSearchParams({ filter, 'fields[profile]': own.identifier, 'page[size]': '100' })
    const { data } = await askJson(`${own.api_url}/api/profiles?${query}`, profiles, {
      method: 'GET',
      ...as(own),
    })
    ids.push(...data.map(({ id }) => id))
  }
  if (ids.length === 0) return
  await sendJson(`${own.api_url}/api/lists/${list}/relationships/profiles`, {
    method: 'DELETE',
    json: { data: ids.map((id) => ({ type: 'profile', id })) },
    ...as(own),
  })
}

function attributesOf({ fields }: Change): Record<string, FieldValue> {
  const own: Record<string, FieldValue> = {}
  const properties: Record<string, FieldValue> = {}
  for (const [name, value] of Object.entries(fields))
    if (value !== null) {
      if (ownFields.has(name)) own[name] = value
      else properties[name] = value
    }
  return { ...own, ...(Object.keys(properties).length > 0 && { properties }) }
}

/** An import empties nothing: each profile with something to empty is written by itself. */
async function emptyAll(own: Settings, { rows, results }: Rows): Promise<void> {
  const waiting = rows.filter((row) => results[row.index]?.ok === true)
  for (const [at, { index, id, change }] of waiting.entries()) {
    const names = emptied(change)
    if (names.length === 0) continue
    const unset = names.filter((name) => !ownFields.has(name))
    const nulls = names.filter((name) => ownFields.has(name)).map((name) => [name, null])
    const data = {
      type: 'profile',
      attributes: { [own.identifier]: id, ...Object.fromEntries(nulls) },
      ...(unset.length > 0 && { meta: { patch_properties: { unset } } }),
    }
    try {
      await sendJson(`${own.api_url}/api/profile-import`, { json: { data }, ...as(own) })
    } catch (error) {
      if (!(error instanceof DeliveryError) || error.kind === 'fatal') throw error
      const { kind, reason, message } = error
      if (kind === 'rejected') results[index] = refused(reason, message)
      else if (at === 0) throw error
      else {
        // Those before are done, and must not be waited for again.
        for (const later of waiting.slice(at)) results[later.index] = refused(reason, message, true)
        return
      }
    }
  }
}

/** Fields without a value; of who leaves all fields, but those that say who it is. */
function emptied({ operation, fields }: Change): readonly string[] {
  return Object.entries(fields)
    .filter(([, value]) => operation === 'remove' || value === null)
    .map(([name]) => name)
    .filter((name) => !identifiers.some((each) => each === name))
}

function as({ api_key: key, revision }: Settings): { readonly headers: Readonly<Record<string, string>> } {
  return {
    headers: {
      authorization: `Klaviyo-API-Key ${key}`,
      accept: 'application/vnd.api+json',
      'content-type': 'application/vnd.api+json',
      revision,
    },
  }
}
