import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Change, DeliveryError, destinationType, type RowResult } from '../../destination.ts'
import { type HttpAnswer, refusal } from '../../http.ts'
import { metaFields } from './personal-data.ts'
import {
  baseUrl,
  everyMode,
  isRemoval,
  jsonOf,
  type Row,
  readJson,
  refused,
  refusedSomewhere,
  sendJson,
  textOf,
  untested,
} from './vendor.ts'

const number = z.string().regex(/^\d+$/, { error: 'must be a number, as text' })
const settings = z
  .strictObject({
    access_token: z.string().min(1).describe('token of a system user with `ads_management`'),
    audience_id: number.optional().describe('the custom audience'),
    ad_account_id: number.optional().describe('where an audience is looked for by name, and created'),
    audience_name: z.string().min(1).optional().describe('its name there; that of the sync unless given'),
    customer_file_source: z
      .enum(['USER_PROVIDED_ONLY', 'PARTNER_PROVIDED_ONLY', 'BOTH_USER_AND_PARTNER_PROVIDED'])
      .default('USER_PROVIDED_ONLY')
      .describe('where the data is from, for an audience that is created'),
    api_version: z
      .string()
      .regex(/^v\d+\.\d$/, { error: 'must look like v25.0' })
      .default('v25.0')
      .describe('version of the Graph API'),
    api_url: baseUrl.default('https://graph.facebook.com').describe('address of the API'),
  })
  .refine(({ audience_id: id, ad_account_id: account }) => (id === undefined) !== (account === undefined), {
    error: 'give either `audience_id` or `ad_account_id`',
  })
type Settings = z.output<typeof settings>

const audiences = z.object({ data: z.array(z.object({ id: z.string(), name: z.string().default('') })) })
const audience = z.object({ id: z.string() })
const taken = z.object({ num_invalid_entries: z.int().default(0) })
const failure = z.object({
  error: z.object({
    message: z.string().default(''),
    code: z.int().optional(),
    error_user_msg: z.string().optional(),
    is_transient: z.boolean().optional(),
  }),
})

/** Members of a customer file audience; all that is personal leaves as a hash. */
export const metaAudience = destinationType<Settings>({
  type: 'meta_audience',
  summary: 'members of a Meta custom audience',
  note: untested,
  takes: `${Object.keys(metaFields)
    .map((name) => `\`${name}\``)
    .join(
      ', ',
    )}; all but \`external_id\` and \`mobile_ad_id\` are normalised and hashed, unless they are hashes.`,
  settings,
  secrets: ['access_token'],
  example: { access_token: "{{ env_var 'META_TOKEN' }}", ad_account_id: '1234' },
  capabilities: () => ({
    modes: everyMode,
    batchRows: 10_000,
    concurrency: 1,
    repeated: 'harmless',
    visible: 'batch',
  }),
  async check(own) {
    const path = own.audience_id ?? `act_${own.ad_account_id}`
    await ask(own, `${path}?fields=id,name`, 'GET')
  },
  async open(own, { sync, fields }) {
    let id = own.audience_id
    return {
      async prepare() {
        const strange = fields.find(({ name }) => !Object.hasOwn(metaFields, name))
        if (strange !== undefined)
          throw new DeliveryError('fatal', 'mapping', `Meta matches nobody by \`${strange.name}\``)
        id ??= await ensure(own, own.audience_name ?? sync)
      },
      async write(changes) {
        const names = Object.keys(metaFields).filter((name) =>
          changes.some(({ fields }) => fields[name] != null),
        )
        const rows: Row[] = []
        const data: string[][] = []
        const results = changes.map((change, index): RowResult => {
          const cells = names.map((name) => cellOf(change, name))
          if (cells.every((cell) => cell === ''))
            return refused('no identifier', 'nothing to match anybody by')
          rows.push({ index, id: change.key, change })
          data.push(cells)
          return { ok: true }
        })
        if (rows.length === 0) return results
        const json = {
          session: sessionOf(rows),
          payload: { schema: names.map((name) => metaFields[name]?.key ?? ''), data },
        }
        const method = isRemoval(changes) ? 'DELETE' : 'POST'
        const { num_invalid_entries: wrong } = readJson(await ask(own, `${id}/users`, method, json), taken)
        if (wrong > 0) refusedSomewhere({ rows, results }, 'invalid', `Meta calls ${wrong} entries invalid`)
        return results
      },
      async close() {},
    }
  },
})

async function ensure(own: Settings, name: string): Promise<string> {
  const path = `act_${own.ad_account_id}/customaudiences`
  const filtering = JSON.stringify([{ field: 'name', operator: 'EQUAL', value: name }])
  const query = new URLSearchParams({ fields: 'id,name', filtering })
  const { data } = readJson(await ask(own, `${path}?${query}`, 'GET'), audiences)
  const found = data.find((each) => each.name === name)
  if (found !== undefined) return found.id
  const json = { name, subtype: 'CUSTOM', customer_file_source: own.customer_file_source }
  return readJson(await ask(own, path, 'POST', json), audience).id
}

function cellOf({ fields }: Change, name: string): string {
  const value = fields[name] ?? null
  // One of a list has to do: a key of the schema holds one value.
  const text = textOf(Array.isArray(value) ? (value[0] ?? null) : value).trim()
  return text === '' ? '' : (metaFields[name]?.as(text) ?? '')
}

/** Each batch is an upload of its own, the same whenever it is sent again. */
function sessionOf(rows: readonly Row[]): Readonly<Record<string, number | boolean>> {
  const hash = createHash('sha256')
  for (const { change } of rows) hash.update(change.idempotencyKey)
  return {
    session_id: hash.digest().readUIntBE(0, 6),
    batch_seq: 1,
    last_batch_flag: true,
    estimated_num_total: rows.length,
  }
}

/** Codes that say something other than that a request is wrong, whatever their HTTP status. */
const limits: ReadonlySet<number> = new Set([1, 2, 4, 17, 32, 341, 368, 613, 80_003])
const rights: ReadonlySet<number> = new Set([10, 102, 190])

async function ask(own: Settings, path: string, method: 'GET' | 'POST' | 'DELETE', json?: unknown) {
  const answer = await sendJson(`${own.api_url}/${own.api_version}/${path}`, {
    method,
    ...(json !== undefined && { json }),
    headers: { authorization: `Bearer ${own.access_token}` },
    accept: (status) => status === 400,
    timeoutMs: 120_000,
  })
  if (answer.status === 400) throw meaningOf(answer)
  return answer
}

function meaningOf(answer: HttpAnswer): DeliveryError {
  const { data } = failure.safeParse(jsonOf(answer.text))
  if (data === undefined) return refusal(answer)
  const { code = 0, message, error_user_msg: said, is_transient: passes } = data.error
  const text = said === undefined ? message : `${message}: ${said}`
  if (rights.has(code) || (code >= 200 && code < 300)) return new DeliveryError('fatal', 'not allowed', text)
  if (passes === true || limits.has(code)) return new DeliveryError('retryable', `Meta ${code}`, text)
  return new DeliveryError('rejected', `Meta ${code}`, text)
}
