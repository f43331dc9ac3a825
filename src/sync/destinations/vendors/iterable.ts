import { z } from 'zod'
import { type Change, destinationType } from '../../destination.ts'
import {
  askJson,
  baseUrl,
  everyMode,
  identified,
  isRemoval,
  type Rows,
  refused,
  refusedSomewhere,
  sendJson,
  untested,
  without,
} from './vendor.ts'

const settings = z.strictObject({
  api_key: z.string().min(1).describe('server-side API key'),
  identifier: z
    .enum(['email', 'userId'])
    .default('email')
    .describe('the field that says who a record is about; the mapping must give it'),
  list_id: z.int().min(1).optional().describe('a static list that holds exactly what is synced'),
  on_remove: z
    .enum(['clear', 'keep'])
    .optional()
    .describe('empty the mapped fields, or leave the user; `clear`, with a list `keep`'),
  region: z.enum(['us', 'eu']).default('us').describe('where the project is'),
  api_url: baseUrl.optional().describe('address of the API, instead of that of the region'),
})
type Settings = z.output<typeof settings>

const answered = z.object({
  failCount: z.int().default(0),
  invalidEmails: z.array(z.string()).nullish(),
  invalidUserIds: z.array(z.string()).nullish(),
  /** Addresses and ids by what is wrong with them: `invalidEmails`, `forgottenUserIds` and others. */
  failedUpdates: z.record(z.string(), z.array(z.string()).nullish()).nullish(),
})
type Answered = z.output<typeof answered>

/** Bulk updates of users; with a list, subscribing is the update. */
export const iterable = destinationType<Settings>({
  type: 'iterable',
  summary: 'users and static lists in Iterable',
  note: untested,
  takes: '`email` and `userId` say who is meant; every other field is one of the user.',
  settings,
  secrets: ['api_key'],
  example: { api_key: "{{ env_var 'ITERABLE_KEY' }}", list_id: 4711 },
  capabilities: () => ({
    modes: everyMode,
    batchRows: 1_000,
    batchBytes: 3_500_000,
    concurrency: 2,
    rate: { requests: 4, perMs: 1_000 },
    repeated: 'harmless',
    visible: 'batch',
  }),
  async check(own) {
    await sendJson(`${hostOf(own)}/api/lists`, { method: 'GET', ...as(own) })
  },
  async open(own) {
    return {
      async write(changes) {
        const batch = identified(changes, own.identifier)
        if (batch.rows.length === 0) return batch.results
        const removal = isRemoval(changes)
        if (own.list_id !== undefined) {
          const subscribers = batch.rows.map(({ change }) => (removal ? whoOf(change) : userOf(own, change)))
          const verb = removal ? 'unsubscribe' : 'subscribe'
          refuse(own, batch, await ask(own, `lists/${verb}`, { listId: own.list_id, subscribers }))
        }
        const how = own.on_remove ?? (own.list_id === undefined ? 'clear' : 'keep')
        if (removal ? how === 'clear' : own.list_id === undefined) {
          const users = batch.rows.map(({ change }) => userOf(own, change))
          refuse(own, batch, await ask(own, 'users/bulkUpdate', { users }))
        }
        return batch.results
      },
      async close() {},
    }
  },
})

function userOf(own: Settings, change: Change): unknown {
  const fields = without(change.fields, ['email', 'userId'])
  const dataFields =
    change.operation === 'remove'
      ? Object.fromEntries(Object.keys(fields).map((name) => [name, null]))
      : fields
  return { ...whoOf(change), dataFields, ...(own.identifier === 'userId' && { preferUserId: true }) }
}

function whoOf({ fields: { email, userId } }: Change): Change['fields'] {
  return { ...(email != null && { email }), ...(userId != null && { userId }) }
}

function refuse(own: Settings, batch: Rows, answer: Answered): void {
  const { failCount, failedUpdates, invalidEmails, invalidUserIds } = answer
  const named = new Set<number>()
  for (const [reason, ids] of Object.entries({ invalidEmails, invalidUserIds, ...failedUpdates })) {
    const wrong = new Set((ids ?? []).map((id) => id.toLowerCase()))
    for (const { id, index, change } of batch.rows) {
      const other = own.identifier === 'email' ? change.fields.userId : change.fields.email
      if (!wrong.has(id.toLowerCase()) && !(typeof other === 'string' && wrong.has(other.toLowerCase())))
        continue
      named.add(index)
      const words = reason.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
      // Conflicts come of other updates of the same user at the same time.
      batch.results[index] = refused(words, 'Iterable did not take it', reason.startsWith('conflict'))
    }
  }
  if (failCount > named.size)
    refusedSomewhere(batch, 'refused', `Iterable refused ${failCount} and named ${named.size}`)
}

function ask(own: Settings, path: string, json: unknown): Promise<Answered> {
  return askJson(`${hostOf(own)}/api/${path}`, answered, { json, ...as(own) })
}

function hostOf({ api_url: url, region }: Settings): string {
  return url ?? (region === 'eu' ? 'https://api.eu.iterable.com' : 'https://api.iterable.com')
}

function as({ api_key: key }: Settings): { readonly headers: Readonly<Record<string, string>> } {
  return { headers: { 'api-key': key } }
}
