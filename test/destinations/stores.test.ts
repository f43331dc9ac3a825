import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { createConnection } from 'mysql2/promise'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { openAdapter } from '../../src/adapters/open-adapter.ts'
import type { Fields } from '../../src/sync/destination.ts'
import { awkward, change, opened, typeOf } from './opened.ts'
import { startMariadb, startRedis } from './servers.ts'

const signal = new AbortController().signal

/** A store that keeps a row for each record. */
interface Store {
  readonly type: string
  readonly settings: Readonly<Record<string, unknown>>
  /** Settings nobody answers to. */
  readonly wrong: Readonly<Record<string, unknown>>
  /** Fields by key, as the store has them. */
  held(): Promise<ReadonlyMap<string, Fields>>
  stop(): Promise<void>
}

const plain = (row: Record<string, unknown>): Fields => ({
  email: row.email === null || row.email === undefined ? null : String(row.email),
  spent: row.spent === null || row.spent === undefined ? null : Number(row.spent),
  orders: row.orders === null || row.orders === undefined ? null : Number(row.orders),
  vip: row.vip === null || row.vip === undefined ? null : Boolean(Number(row.vip)) || row.vip === 'true',
  likes: likesOf(row.likes),
})

function likesOf(value: unknown): Fields['likes'] {
  if (value === null || value === undefined) return null
  return JSON.parse(typeof value === 'string' ? value : JSON.stringify(value))
}

const byKey = (rows: readonly Record<string, unknown>[]): ReadonlyMap<string, Fields> =>
  new Map(rows.map((row) => [String(row.record_key), plain(row)]))

const stores: readonly (readonly [string, () => Promise<Store>])[] = [
  [
    'postgres_table',
    async () => {
      const url = inject('postgresUrl')
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      const table = `sync_people_${process.pid}`
      return {
        type: 'postgres_table',
        settings: { url, table },
        wrong: { url: 'postgres://nobody@127.0.0.1:1/none', table },
        held: async () => byKey((await client.query(`select * from ${table}`)).rows),
        async stop() {
          await client.query(`drop table if exists ${table}`)
          await client.end()
        },
      }
    },
  ],
  [
    'mysql_table',
    async () => {
      const server = await startMariadb()
      const connection = await createConnection(server.url)
      return {
        type: 'mysql_table',
        settings: { url: server.url, table: 'people' },
        wrong: { url: server.url.replace('secret', 'guess'), table: 'people' },
        async held() {
          const [rows] = await connection.query('select * from people')
          return byKey(Array.isArray(rows) ? rows.map((row) => ({ ...row })) : [])
        },
        async stop() {
          await connection.end()
          await server.stop()
        },
      }
    },
  ],
  [
    'duckdb_table',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'personas-table-'))
      const path = join(folder, 'people.duckdb')
      return {
        type: 'duckdb_table',
        settings: { path, table: 'crm.people' },
        wrong: { path: join(import.meta.dirname, 'stores.test.ts'), table: 'people' },
        async held() {
          const adapter = await openAdapter({
            type: 'duckdb',
            name: 'x',
            path,
            schema: 'main',
            workSchema: 'main',
            threads: 1,
          })
          try {
            return byKey(await adapter.query('select * from crm.people'))
          } finally {
            await adapter.close()
          }
        },
        async stop() {
          rmSync(folder, { recursive: true })
        },
      }
    },
  ],
  [
    'redis',
    async () => {
      const server = await startRedis()
      const client = new Redis(server.url)
      return {
        type: 'redis',
        settings: { url: server.url },
        wrong: { url: server.url.replace('secret', 'guess') },
        async held() {
          const found = new Map<string, Fields>()
          for (const key of await client.keys('profile:*'))
            found.set(key.slice('profile:'.length), plain(await client.hgetall(key)))
          return found
        },
        async stop() {
          client.disconnect()
          await server.stop()
        },
      }
    },
  ],
]

describe.each(stores)('%s', (_, make) => {
  let store: Store
  beforeAll(async () => {
    store = await make()
  })
  afterAll(() => store.stop())

  const write = async (changes: readonly ReturnType<typeof change>[]) => {
    const session = await opened(store.type, store.settings)
    try {
      return await session.write(changes, signal)
    } finally {
      await session.close()
    }
  }

  test('adds, updates and removes; a batch that arrives twice changes nothing', async () => {
    const ann = { email: 'ann@a.example', spent: 1.5, orders: 3, vip: true, likes: ['tea', 'books'] }
    const bob = { email: 'bob@a.example', spent: null, orders: 0, vip: false, likes: [] }
    const first = [change('add', 'a', ann), change('add', 'b', bob)]
    expect(await write(first)).toEqual([{ ok: true }, { ok: true }])
    await write(first)
    expect(await store.held()).toEqual(
      new Map<string, Fields>([
        ['a', ann],
        ['b', bob],
      ]),
    )
    const second = [change('remove', 'a', ann), change('update', 'b', { ...bob, spent: -2, likes: null })]
    await write(second)
    await write(second)
    expect(await store.held()).toEqual(new Map([['b', { ...bob, spent: -2, likes: null }]]))
    await write([change('remove', 'b', bob), change('remove', 'never there', bob)])
    expect((await store.held()).size).toBe(0)
  })

  test('any text is kept as it is, in keys and fields', async () => {
    const rows = awkward.map((text, index) =>
      change('add', `${index} ${text}`, {
        email: text,
        spent: index,
        orders: index,
        vip: true,
        likes: [text],
      }),
    )
    expect(await write(rows)).toEqual(rows.map(() => ({ ok: true })))
    const held = await store.held()
    expect(held.size).toBe(rows.length)
    for (const { key, fields } of rows) expect(held.get(key)).toEqual(fields)
    await write(rows.map((row) => change('remove', row.key, row.fields)))
    expect((await store.held()).size).toBe(0)
  })

  test('an empty batch, and a large one', async () => {
    expect(await write([])).toEqual([])
    const rows = Array.from({ length: 3_000 }, (_, index) =>
      change('add', `k${index}`, {
        email: `e${index}`,
        spent: index / 4,
        orders: index,
        vip: index % 2 === 0,
        likes: null,
      }),
    )
    expect(await write(rows)).toHaveLength(3_000)
    const held = await store.held()
    expect(held.size).toBe(3_000)
    expect(held.get('k1001')).toEqual(rows[1001]?.fields)
    await write(rows.map((row) => change('remove', row.key, row.fields)))
  })

  test('check accepts the settings, and says what is wrong with others', async () => {
    const type = await typeOf(store.type)
    await type.check(type.settings.parse(store.settings), signal)
    await expect(type.check(type.settings.parse(store.wrong), signal)).rejects.toMatchObject({
      name: 'DeliveryError',
    })
  })
})
