import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { ServingStore } from '../../../../src/config/config.ts'
import { createApi } from '../../../../src/serve/http/app.ts'
import { finish, listen } from '../../../../src/serve/http/listen.ts'
import type { AnsweredRequest, FailedRequest } from '../../../../src/serve/http/serve-log.ts'
import { openReader, openStore } from '../../../../src/serve/store/open-store.ts'
import type { ProfileReader, ProfileStore } from '../../../../src/serve/store/store.ts'
import { newToken, tokenHash } from '../../../../src/serve/token.ts'
import { asOf, documents } from './sample.ts'

export interface Served {
  readonly api: FastifyInstance
  readonly url: string
  readonly store: ProfileStore
  readonly token: string
  readonly answered: AnsweredRequest[]
  readonly failed: FailedRequest[]
  get(path: string, init?: RequestInit): Promise<Got>
  close(): Promise<void>
}

export interface Got {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Undefined where the body is no JSON. */
  readonly body: unknown
}

export interface ServeSettings {
  readonly rateLimit?: number
  /** An embedded store of its own unless given. */
  readonly place?: ServingStore
  /** Nothing is published. */
  readonly empty?: boolean
  /** The reader that the API is given in place of the store's own. */
  readonly through?: (reader: ProfileReader) => ProfileReader
}

export function basic(token: string): string {
  return `Basic ${Buffer.from(`${token}:`).toString('base64')}`
}

export const users = '/v1/spaces/shop/collections/users/profiles'
export const accounts = '/v1/spaces/shop/collections/accounts/profiles'

/** The API on loopback, on a store with the sample in it. */
export async function serve(settings: ServeSettings = {}): Promise<Served> {
  const { rateLimit = 0, empty = false, through } = settings
  const folder = mkdtempSync(join(tmpdir(), 'personas-http-'))
  const place = settings.place ?? { type: 'embedded', path: join(folder, 'store') }
  const store = await openStore(place)
  const token = newToken()
  await store.addToken({ name: 'test', hash: tokenHash(token), createdAt: asOf })
  if (!empty) await publish(store)
  const reader = await openReader(place)
  const answered: AnsweredRequest[] = []
  const failed: FailedRequest[] = []
  const api = await createApi({
    reader: through?.(reader) ?? reader,
    space: 'shop',
    rateLimit,
    log: { answered: (each) => answered.push(each), failed: (each) => failed.push(each) },
    version: '1.2.3',
  })
  const url = await listen(api, { host: '127.0.0.1', port: 0 })
  return {
    api,
    url,
    store,
    token,
    answered,
    failed,
    async get(path, init) {
      const response = await fetch(`${url}${path}`, { headers: { authorization: basic(token) }, ...init })
      const text = await response.text()
      return { status: response.status, headers: response.headers, text, body: parsed(text) }
    },
    async close() {
      await finish(api)
      await reader.close()
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
}

export async function publish(store: ProfileStore): Promise<void> {
  const release = { runId: 'run-1', asOf, definitions: 'd1', publishedAt: asOf }
  await store.publish({ full: true, release }, async (writer) => {
    for (const [collection, document] of documents) await writer.put(collection, document)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
