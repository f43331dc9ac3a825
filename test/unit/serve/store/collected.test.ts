import { statSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, inject, test } from 'vitest'
import type { ServingStore } from '../../../../src/config/config.ts'
import { openReader, openStore } from '../../../../src/serve/store/open-store.ts'
import { kinds, type Place } from './kinds.ts'
import { publishVersion, readVersion } from './versioned.mjs'

/** In a database of its own: what is gone stays for as long as a transaction of others in the same one may see it. */
async function ownDatabase(): Promise<Place> {
  const name = `personas_collected_${process.pid}`
  const url = new URL(inject('postgresUrl'))
  const server = new pg.Client({ connectionString: url.href })
  await server.connect()
  await server.query(`create database ${name}`)
  url.pathname = `/${name}`
  return {
    store: { type: 'postgres', url: url.href, schema: 'serving' },
    async drop() {
      await server.query(`drop database ${name} with (force)`)
      await server.end()
    },
  }
}

describe.each(kinds)('a store in $name', ({ name, place }) => {
  test('grows no further with versions that replace everything', async () => {
    const { store: at, drop } = await (name === 'postgres' ? ownDatabase() : place())
    const store = await openStore(at)
    const reader = await openReader(at)
    for (let version = 1; version <= 15; version += 1) await publishVersion(store)
    const before = await bytesOf(at)
    for (let version = 16; version <= 200; version += 1) {
      await publishVersion(store)
      if (version % 20 === 0) expect(await readVersion(reader, version)).toBe(version)
    }
    expect(await bytesOf(at)).toBeLessThan(before * 2)
    await reader.close()
    await store.close()
    await drop()
  })
})

async function bytesOf(at: ServingStore): Promise<number> {
  if (at.type === 'embedded') return statSync(join(at.path, 'profiles.mdb')).size
  const client = new pg.Client({ connectionString: at.url })
  await client.connect()
  const { rows } = await client.query(
    `select sum(pg_total_relation_size(class.oid)) as bytes
    from pg_class as class
    inner join pg_namespace as namespace on namespace.oid = class.relnamespace
    where namespace.nspname = $1 and class.relkind = 'r'`,
    [at.schema],
  )
  await client.end()
  return Number(rows[0]?.bytes)
}
