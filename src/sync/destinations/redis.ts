import { z } from 'zod'
import { DeliveryError, destinationType, type FieldValue, type RowResult } from '../destination.ts'
import { driverOf } from './driver.ts'

const settings = z.strictObject({
  url: z.string().min(1).describe('`redis://user:password@host:6379`'),
  prefix: z.string().default('profile:').describe('what keys begin with'),
  as: z.enum(['hash', 'json']).default('hash').describe('a hash with a field for each, or one text'),
  ttl_seconds: z.int().min(1).optional().describe('how long a key stays after it was written'),
})
type Settings = z.output<typeof settings>

/** A hash, or a JSON text, for each record under its key. */
export const redis = destinationType<Settings>({
  type: 'redis',
  summary: 'a hash or a JSON text in Redis for each record',
  settings,
  secrets: ['url'],
  takes: 'Each field is one of the hash, or of the JSON text.',
  example: { url: "{{ env_var 'REDIS_URL' }}" },
  capabilities: () => ({
    modes: ['add', 'update', 'upsert', 'delete', 'mirror'],
    batchRows: 1_000,
    concurrency: 2,
    repeated: 'harmless',
    visible: 'batch',
  }),
  async check({ url }) {
    const client = await connected(url)
    await failing(() => client.ping()).finally(() => client.disconnect())
  },
  async open(own) {
    const client = await connected(own.url)
    return {
      async write(changes) {
        const pipeline = client.multi()
        for (const { operation, key, fields } of changes) {
          const name = `${own.prefix}${key}`
          if (operation === 'remove' || own.as === 'hash') pipeline.del(name)
          if (operation === 'remove') continue
          if (own.as === 'json') pipeline.set(name, JSON.stringify(fields))
          else {
            const set = Object.entries(fields).flatMap(([field, value]) =>
              value === null ? [] : [[field, textOf(value)] as const],
            )
            if (set.length > 0) pipeline.hset(name, Object.fromEntries(set))
          }
          if (own.ttl_seconds !== undefined) pipeline.expire(name, own.ttl_seconds)
        }
        // One transaction: a record is never seen half written.
        const answers = await failing(() => pipeline.exec())
        const failure = answers?.find(([error]) => error !== null)?.[0]
        if (failure) throw new DeliveryError('rejected', 'Redis', failure.message, { cause: failure })
        return changes.map((): RowResult => ({ ok: true }))
      },
      async close() {
        client.disconnect()
      },
    }
  },
})

async function connected(url: string) {
  const { Redis } = await driverOf('ioredis', () => import('ioredis'))
  const client = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectTimeout: 15_000,
  })
  // Every command says what is wrong; an error without a listener would end the process.
  client.on('error', () => undefined)
  await failing(() => client.connect())
  return client
}

function textOf(value: FieldValue): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

async function failing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const kind = /WRONGPASS|NOAUTH|NOPERM/.test(error.message) ? 'fatal' : 'retryable'
    throw new DeliveryError(kind, 'Redis', error.message, { cause: error })
  }
}
