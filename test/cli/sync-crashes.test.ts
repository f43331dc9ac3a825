import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, inject, test } from 'vitest'
import type { Adapter, Value } from '../../src/adapters/adapter.ts'
import { openAdapter } from '../../src/adapters/open-adapter.ts'
import { WarehouseError } from '../../src/adapters/warehouse-error.ts'
import type { Target } from '../../src/config/config.ts'
import { relation } from '../../src/ir/relation.ts'
import { seed } from '../support/seed.ts'
import { start, useBuilt, useFolder } from './personas.ts'

useBuilt()
const folder = useFolder()

/** `SYNC_CRASHES=200 SEED=7 npx vitest run test/cli/sync-crashes.test.ts` for more of them. */
const crashes = Number(process.env.SYNC_CRASHES ?? 16)
const people = 600

interface Arrival {
  readonly operation: string
  readonly key: string
  readonly idempotency_key: string
  readonly fields: { readonly version: number }
}

/** A receiver that knows each change by its idempotency key, and remembers every arrival. */
async function openReceiver() {
  const held = new Map<string, number>()
  const known = new Set<string>()
  const last = new Map<string, Arrival>()
  const acknowledged = new Set<string>()
  const wrong: string[] = []
  const arrive = (arrival: Arrival): void => {
    const { operation, key, idempotency_key: id, fields } = arrival
    if (!id) wrong.push(`${key} has no idempotency key`)
    if (acknowledged.has(id)) wrong.push(`${operation} ${key} was acknowledged and came again`)
    const before = last.get(key)
    const same = before?.operation === operation && before.fields.version === fields.version
    if (same && before.idempotency_key !== id) wrong.push(`${operation} ${key} came again under another key`)
    last.set(key, arrival)
    if (known.has(id)) return
    known.add(id)
    if (operation === 'remove') held.delete(key)
    else held.set(key, fields.version)
  }
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      const { records }: { records: Arrival[] } = JSON.parse(body)
      // Some are taken before the sender is gone, some answers come late.
      for (const record of records) arrive(record)
      setTimeout(() => response.end('{}'), body.length % 7)
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const { port }: AddressInfo = address
  return { url: `http://127.0.0.1:${port}/`, held, acknowledged, wrong, close: () => server.close() }
}

/** xorshift, so that a seed tells the whole story. */
function randomFrom(start: number): () => number {
  let state = start || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** No rows where a table of the sync is not there: it was killed before creating it, or between dropping and creating it. */
async function unlessMissing(found: ReturnType<Adapter['query']>): ReturnType<Adapter['query']> {
  try {
    return await found
  } catch (error) {
    if (error instanceof WarehouseError && /\b\w+_all_people\b.* does not exist/.test(error.message))
      return []
    throw error
  }
}

const targets: readonly (readonly [string, (cwd: string) => { target: Target; yaml: string }])[] = [
  [
    'duckdb',
    (cwd) => ({
      target: {
        type: 'duckdb',
        name: 'here',
        path: `${cwd}/target/crash.duckdb`,
        schema: 'personas',
        workSchema: 'personas_work',
        threads: 1,
      },
      yaml: '{ type: duckdb, path: target/crash.duckdb, schema: personas }',
    }),
  ],
  [
    'postgres',
    () => {
      const url = inject('postgresUrl')
      const schema = `crash_${process.pid}`
      return {
        target: { type: 'postgres', name: 'here', url, schema, workSchema: `${schema}_work`, threads: 1 },
        yaml: `{ type: postgres, url: "${url}", schema: ${schema} }`,
      }
    },
  ],
]

describe.each(targets)('kill -9 while a sync delivers, on %s', (_, place) => {
  test(`${crashes} times, seed ${seed}: nothing lost, nothing acknowledged sent again`, {
    timeout: 60_000 + crashes * 20_000,
  }, async () => {
    const random = randomFrom(seed)
    const receiver = await openReceiver()
    const cwd = mkdtempSync(join(folder, 'crash-'))
    mkdirSync(join(cwd, 'models'))
    const { target, yaml } = place(cwd)
    const shop = `${target.schema}_shop`
    writeFileSync(
      `${cwd}/personas.config.yaml`,
      `name: crash\nversion: 1\ntarget: here\ntargets:\n  here: ${yaml}\n`,
    )
    writeFileSync(
      `${cwd}/models/sync.yml`,
      `sources:
  - name: people
    format: table
    table: ${shop}.people
    type: identify
    id: id
    timestamp: seen_at
    identifiers: { user_id: id }
destinations:
  - { name: hook, type: webhook, url: "${receiver.url}", batch_rows: 7, concurrency: 3 }
syncs:
  - name: all_people
    from: { table: ${shop}.people }
    key: { column: id }
    destination: hook
    mode: mirror
    mapping: { version: { column: version } }
`,
    )
    const rows = new Map<string, number>(Array.from({ length: people }, (_, index) => [`p${index}`, 1]))
    const change = async (): Promise<void> => {
      for (const [key, version] of rows) {
        const drawn = random()
        if (drawn < 0.1) rows.delete(key)
        else if (drawn < 0.6) rows.set(key, version + 1)
      }
      for (let added = rows.size; added < people; added += 1) rows.set(`q${Math.floor(random() * 1e9)}`, 1)
    }
    const withWarehouse = async <T>(use: (adapter: Adapter) => Promise<T>): Promise<T> => {
      const adapter = await openAdapter(target)
      try {
        return await use(adapter)
      } finally {
        await adapter.close()
      }
    }
    const load = (): Promise<void> =>
      withWarehouse(async (adapter) => {
        for (const sql of adapter.dialect.createSchema(shop)) await adapter.execute(sql)
        async function* values(): AsyncGenerator<readonly Value[]> {
          for (const [key, version] of rows) yield [key, version, '2026-01-01T00:00:00Z']
        }
        const columns = [
          { name: 'id', type: 'text' },
          { name: 'version', type: 'integer' },
          { name: 'seen_at', type: 'timestamp' },
        ] as const
        await adapter.load(relation(shop, 'people'), columns, values())
      })
    /** What the ledger has as acknowledged at this moment, though the sync is gone. */
    const readLedger = (): Promise<void> =>
      withWarehouse(async (adapter) => {
        const schema = `${target.schema}_sync`
        const found = await unlessMissing(
          adapter.query(
            `select changes.idempotency_key from ${schema}.changes_all_people as changes
          inner join ${schema}.progress_all_people as progress
            on changes.seq between progress.first_seq and progress.last_seq and progress.state = 'settled'
          where exists (select 1 from ${schema}.plan_all_people as plan where plan.opened)`,
          ),
        )
        for (const row of found) receiver.acknowledged.add(String(row.idempotency_key))
      })
    try {
      await load()
      // The first is left alone, and says how long one takes on this machine.
      let longest: number | undefined
      for (let crashed = 0; crashed < crashes; ) {
        const started = performance.now()
        const sync = start(['sync', '--quiet'], { cwd })
        const killed =
          longest === undefined
            ? undefined
            : delay(Math.floor(random() * longest)).then(() => sync.kill('SIGKILL'))
        const { code, stderr } = await sync.ended
        await killed
        await readLedger()
        if (code === null) crashed += 1
        else {
          expect([code, stderr]).toEqual([0, ''])
          longest = Math.max(500, performance.now() - started)
          expect(new Map(receiver.held)).toEqual(rows)
          await change()
          await load()
        }
      }
      const { code, stderr } = await start(['sync', '--quiet'], { cwd }).ended
      expect([code, stderr]).toEqual([0, ''])
      expect(new Map(receiver.held)).toEqual(rows)
      expect(receiver.wrong.slice(0, 5)).toEqual([])
      // Some were stopped in the middle, or nothing was shown.
      expect(receiver.acknowledged.size).toBeGreaterThan(0)
    } finally {
      receiver.close()
      await withWarehouse(async (adapter) => {
        for (const schema of [shop, target.schema, target.workSchema, `${target.schema}_sync`])
          await adapter.execute(`drop schema if exists ${schema} cascade`)
      })
    }
  })
})
