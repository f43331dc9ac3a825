import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { open } from 'lmdb'
import pg from 'pg'
import { describe, expect, inject, test } from 'vitest'
import type { ServingStore } from '../../../../src/config/config.ts'
import { ProblemError } from '../../../../src/diagnostics/problem.ts'
import { wordKey } from '../../../../src/serve/store/embedded/keys.ts'
import { openReader, openStore } from '../../../../src/serve/store/open-store.ts'
import { kinds } from './kinds.ts'
import { otherProcess } from './processes.ts'
import { publishVersion, readVersion } from './versioned.mjs'

async function problemOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (error instanceof ProblemError) return error.message
    throw error
  }
  throw new Error('there is no problem')
}

const newer: Readonly<Record<ServingStore['type'], (at: ServingStore) => Promise<void>>> = {
  async embedded(at) {
    if (at.type !== 'embedded') return
    const root = open<string, Buffer>({
      path: join(at.path, 'control.mdb'),
      keyEncoding: 'binary',
      encoding: 'string',
    })
    const state = root.openDB<string, Buffer>('state', { keyEncoding: 'binary', encoding: 'string' })
    await state.put(wordKey('format'), '9')
    await root.close()
  },
  async postgres(at) {
    if (at.type === 'postgres') await sql(`update ${pg.escapeIdentifier(at.schema)}.store set format = 9`)
  },
}

async function sql(text: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  const { rows } = await client.query<Readonly<Record<string, unknown>>>(text)
  await client.end()
  return rows
}

describe.each(kinds)('a store in $name', ({ name, place }) => {
  test('of another format is refused: PSN7002', async () => {
    const { store: at, drop } = await place()
    const store = await openStore(at)
    await publishVersion(store)
    await store.close()
    await newer[name](at)
    for (const open of [openStore, openReader]) {
      expect(await problemOf(open(at))).toMatch(/^PSN7002: .* of personas: its format is 9, not 2$/)
    }
    await drop()
  })

  test('that another makes in a new format is no longer read: PSN7002', async () => {
    const { store: at, drop } = await place()
    const store = await openStore(at)
    await publishVersion(store)
    await newer[name](at)
    // Within a second.
    await expect.poll(() => problemOf(store.release()).catch(String), { timeout: 5_000 }).toContain('PSN7002')
    expect(await problemOf(store.tokenName('00'))).toContain('PSN7002')
    await store.close()
    await drop()
  })
})

test('a file that is no store is refused: PSN7002', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'personas-store-'))
  writeFileSync(join(folder, 'control.mdb'), 'not made by us\n'.repeat(1_000))
  const at: ServingStore = { type: 'embedded', path: folder }
  for (const open of [openStore, openReader]) expect(await problemOf(open(at))).toContain('PSN7002')
  rmSync(folder, { recursive: true })
})

test('a folder where none can be made is refused: PSN7004', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'personas-store-'))
  writeFileSync(join(folder, 'file'), '')
  const at: ServingStore = { type: 'embedded', path: join(folder, 'file', 'store') }
  expect(await problemOf(openStore(at))).toMatch(/^PSN7004: .*file\/store cannot be used: ENOTDIR/)
  rmSync(folder, { recursive: true })
})

test('a server that does not answer, or does not let us in, is told without the password: PSN7004', async () => {
  const url = new URL(inject('postgresUrl'))
  url.username = 'nobody_we_know'
  url.password = 'hunter2'
  const refused = url.href
  url.port = '1'
  for (const open of [openStore, openReader]) {
    for (const each of [
      url.href,
      refused,
      'postgres://someone:hunter2@[broken',
      `${refused}_no_such_database`,
    ]) {
      const message = await problemOf(open({ type: 'postgres', url: each, schema: 'serving' }))
      expect(message).toMatch(/^PSN7004: /)
      expect(message).toContain('schema `serving` of PostgreSQL')
      expect(message).not.toContain('hunter2')
    }
  }
})

test('a server that goes away in the middle of a publish is told: PSN7004', async () => {
  const place = await kinds.find(({ name }) => name === 'postgres')?.place()
  if (place?.store.type !== 'postgres') throw new Error('there is no PostgreSQL')
  const { drop } = place
  const name = `leaves ${process.pid}`
  const url = new URL(place.store.url)
  url.searchParams.set('application_name', name)
  const store = await openStore({ ...place.store, url: url.href })
  await publishVersion(store)
  const killed = store.publish(
    { full: true, release: { runId: '', asOf: '', definitions: '', publishedAt: '' } },
    async () => {
      // Others publish to this server at the same time.
      const found = await sql(`select pg_terminate_backend(pid) as gone from pg_stat_activity
        where application_name = ${pg.escapeLiteral(name)} and pid in (select pid from pg_locks where locktype = 'advisory')`)
      expect(found).toEqual([{ gone: true }])
    },
  )
  expect(await problemOf(killed)).toContain('PSN7004')
  expect(await readVersion(store, 1)).toBe(1)
  await publishVersion(store)
  expect(await readVersion(store, 1)).toBe(2)
  await store.close()
  await drop()
})

test('a disk that is full leaves the last version in a folder: PSN7003', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'personas-store-'))
  const at: ServingStore = { type: 'embedded', path: join(folder, 'store') }
  const store = await openStore(at)
  await publishVersion(store)
  const other = otherProcess('publish', at, { size: 50_000 }, 2_000)
  expect(await other.said()).toBe('ready')
  expect(await other.said()).toBeUndefined()
  await expect(other.ended()).rejects.toThrow(/PSN7003: nothing more can be written to .*: (Input|File)/)
  expect(await readVersion(store, 1)).toBe(1)
  await publishVersion(store, { size: 50_000 })
  expect(await readVersion(store, 1)).toBe(2)
  await store.close()
  rmSync(folder, { recursive: true })
})

test('a disk that is full leaves the last version in PostgreSQL: PSN7003', async () => {
  const place = await kinds.find(({ name }) => name === 'postgres')?.place()
  if (place?.store.type !== 'postgres') throw new Error('there is no PostgreSQL')
  const store = await openStore(place.store)
  await publishVersion(store)
  const schema = pg.escapeIdentifier(place.store.schema)
  await sql(`create function ${schema}.full() returns trigger language plpgsql as
    $$ begin raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$;
    create trigger full_disk before insert on ${schema}.profiles execute function ${schema}.full()`)
  expect(await problemOf(publishVersion(store))).toMatch(/^PSN7003: nothing more can be written to schema/)
  expect(await readVersion(store, 1)).toBe(1)
  await store.close()
  await place.drop()
})

test('a store that was taken away and made again in the same folder is another one, which readers find', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'personas-store-'))
  const at: ServingStore = { type: 'embedded', path: join(folder, 'store') }
  const reader = await openReader(at)
  const first = await openStore(at)
  const id = await first.id()
  await publishVersion(first)
  await publishVersion(first)
  expect(await readVersion(reader, 1)).toBe(2)
  rmSync(at.path, { recursive: true })
  mkdirSync(dirname(at.path), { recursive: true })
  const other = otherProcess('publish', at, { times: 1 })
  await other.said()
  await other.said()
  await other.ended()
  await expect.poll(() => readVersion(reader, 1), { timeout: 5_000 }).toBe(1)
  expect(await first.id()).not.toBe(id)
  await publishVersion(first)
  expect(await readVersion(reader, 1)).toBe(2)
  await first.close()
  await reader.close()
  rmSync(folder, { recursive: true })
})
