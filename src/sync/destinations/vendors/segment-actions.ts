import { createRequire } from 'node:module'
import { join } from 'node:path'
import { z } from 'zod'
import { type Change, DeliveryError, destinationType, type RowResult } from '../../destination.ts'
import { retryableStatus } from '../../http.ts'
import { isRemoval, refused } from './vendor.ts'

const settings = z.strictObject({
  destination: z
    .string()
    .regex(/^[a-z0-9-]+$/, { error: 'must be the folder of a destination: `braze`' })
    .describe('folder of the destination in `@segment/action-destinations`'),
  action: z
    .string()
    .regex(/^\w+$/, { error: 'must be the name of an action' })
    .describe('action for records that came or changed'),
  remove_action: z
    .string()
    .regex(/^\w+$/, { error: 'must be the name of an action' })
    .optional()
    .describe('action for records that left; without it nothing is removed'),
  settings: z.record(z.string(), z.unknown()).default({}).describe('settings of the destination'),
  mapping: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('further inputs of the action, in Segment’s notation; each field of the record is one'),
  access_token: z.string().min(1).optional().describe('for destinations with OAuth'),
  batch_rows: z.int().min(1).max(1_000).default(100).describe('rows in a call'),
})
type Settings = z.output<typeof settings>

/** Installed by those who want it, never by us. */
const core = '@segment/actions-core'

/** What is used of the library; it has no types without being installed. */
const library = z.object({ Destination: z.custom<DestinationClass>((value) => typeof value === 'function') })
const definition = z.object({
  default: z.looseObject({ actions: z.record(z.string(), z.looseObject({})) }),
})
const node = z.looseObject({
  status: z.number().optional(),
  errortype: z.string().optional(),
  errormessage: z.string().optional(),
})
const thrown = z.looseObject({
  status: z.number().optional(),
  code: z.unknown().optional(),
  message: z.string().optional(),
  response: z
    .looseObject({
      status: z.number().optional(),
      headers: z.custom<Headers>((value) => typeof value === 'object').optional(),
    })
    .optional(),
})

type DestinationClass = new (
  definition: unknown,
) => {
  readonly actions: Readonly<Record<string, { readonly hasBatchSupport: boolean }>>
  testAuthentication(settings: unknown): Promise<void>
  executeBatch(action: string, input: unknown): Promise<readonly unknown[]>
  executeAction(action: string, input: unknown): Promise<unknown>
}
type Loaded = InstanceType<DestinationClass>

/** Segment's open-source actions, frozen at the last version that npm got. */
export const segmentActions = destinationType<Settings>({
  type: 'segment_actions',
  summary: "any destination of Segment's open-source action library",
  note: 'experimental; needs @segment/action-destinations 3.497.0, which you install: see docs/destinations.md',
  takes: 'Each field is an input of the action.',
  settings,
  secrets: ['settings', 'access_token'],
  example: {
    destination: 'braze',
    action: 'updateUserProfile2',
    settings: { api_key: "{{ env_var 'BRAZE_KEY' }}", endpoint: 'https://rest.iad-01.braze.com' },
    mapping: { __segment_internal_sync_mode: 'update' },
  },
  capabilities: ({ remove_action: removes, batch_rows: batchRows }) => ({
    modes:
      removes === undefined ? ['add', 'update', 'upsert'] : ['add', 'update', 'upsert', 'delete', 'mirror'],
    batchRows,
    concurrency: 1,
    // Nobody says what an action does with a message it has seen before.
    repeated: 'harmful',
    visible: 'batch',
  }),
  async check(own) {
    const loaded = load(own)
    try {
      await loaded.testAuthentication(own.settings)
    } catch (error) {
      throw asDeliveryError(error)
    }
  },
  async open(own, { startedAt }) {
    const loaded = load(own)
    return {
      async write(changes, signal) {
        if (changes.length === 0) return []
        const action = isRemoval(changes) ? (own.remove_action ?? own.action) : own.action
        const shared = {
          mapping: mappingOf(own, changes),
          settings: own.settings,
          auth: { accessToken: own.access_token ?? '', refreshToken: '' },
          signal,
          features: {},
        }
        const events = changes.map((change) => eventOf(change, startedAt))
        if (loaded.actions[action]?.hasBatchSupport === true) {
          const nodes = await loaded.executeBatch(action, { ...shared, events }).catch((error: unknown) => {
            throw asDeliveryError(error)
          })
          return changes.map((_, index) => resultOf(nodes[index]))
        }
        const results: RowResult[] = []
        for (const event of events) results.push(await one(loaded, action, { ...shared, event }))
        return results
      },
      async close() {},
    }
  },
})

async function one(loaded: Loaded, action: string, input: unknown): Promise<RowResult> {
  try {
    await loaded.executeAction(action, input)
    return { ok: true }
  } catch (error) {
    const failed = asDeliveryError(error)
    if (failed.kind === 'fatal') throw failed
    return refused(failed.reason, failed.message, failed.kind === 'retryable')
  }
}

/** Loads one destination by its folder: the index loads all, and asks for a package that it does not bring. */
function load(own: Settings): Loaded {
  const requires = [
    createRequire(join(process.cwd(), 'personas.config.yaml')),
    createRequire(import.meta.url),
  ]
  let cause: unknown
  let installed = false
  for (const require of requires) {
    try {
      const { Destination } = library.parse(require(core))
      installed = true
      const path = `@segment/action-destinations/dist/destinations/${own.destination}`
      const { default: found } = definition.parse(require(path))
      for (const action of [own.action, own.remove_action])
        if (action !== undefined && !Object.hasOwn(found.actions, action))
          throw new DeliveryError(
            'fatal',
            'action',
            `${own.destination} has no action \`${action}\`, but ${Object.keys(found.actions).join(', ')}`,
          )
      // Its schemas are named by titles that newer versions of a dependency refuse as addresses.
      const actions = Object.fromEntries(
        Object.entries(found.actions).map(([key, action]) => [key, { ...action, title: key }]),
      )
      return new Destination({ ...found, name: own.destination, actions })
    } catch (error) {
      if (error instanceof DeliveryError) throw error
      cause = error
    }
  }
  const detail = installed
    ? `\`${own.destination}\` is none of its destinations, or does not load`
    : '`@segment/action-destinations` 3.497.0 has to be installed in the project: see docs/destinations.md'
  throw new DeliveryError('fatal', installed ? 'destination' : 'not installed', detail, { cause })
}

function mappingOf(own: Settings, changes: readonly Change[]): Readonly<Record<string, unknown>> {
  const names = new Set(changes.flatMap(({ fields }) => Object.keys(fields)))
  const paths = [...names].map((name) => [name, { '@path': `$.properties.${name}` }])
  return { ...Object.fromEntries(paths), enable_batching: true, ...own.mapping }
}

function eventOf({ fields, key, idempotencyKey }: Change, timestamp: string): unknown {
  return {
    type: 'track',
    event: 'Record',
    messageId: idempotencyKey,
    userId: key,
    timestamp,
    properties: fields,
  }
}

function resultOf(given: unknown): RowResult {
  const { data } = node.safeParse(given)
  const status = data?.status ?? 500
  if (status < 300) return { ok: true }
  const { errortype: type = 'refused', errormessage: message = '' } = data ?? {}
  if (status === 401 || status === 403) throw new DeliveryError('fatal', 'not allowed', message)
  return refused(type.toLowerCase().replaceAll('_', ' '), message, retryableStatus.has(status))
}

function asDeliveryError(error: unknown): DeliveryError {
  const { data } = thrown.safeParse(error)
  const status = data?.response?.status ?? data?.status
  const message = data?.message ?? String(error)
  const after = Number(data?.response?.headers?.get('retry-after') ?? Number.NaN)
  const options = { cause: error, retryAfterMs: Number.isNaN(after) ? undefined : after * 1_000 }
  if (status === undefined || retryableStatus.has(status))
    return new DeliveryError('retryable', String(status ?? data?.code ?? 'no connection'), message, options)
  if (status === 401 || status === 403)
    return new DeliveryError('fatal', 'not allowed', message, { cause: error })
  return new DeliveryError('rejected', `HTTP ${status}`, message, { cause: error })
}
