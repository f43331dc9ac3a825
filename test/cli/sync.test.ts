import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Adapter } from '../../src/adapters/adapter.ts'
import { openAdapter } from '../../src/adapters/open-adapter.ts'
import { copyProject, type Ended, personas, start, useBuilt, useFolder } from './personas.ts'

useBuilt()
const folder = useFolder()
const fixed = ['--as-of', '2026-06-01']
const secret = 'open-sesame-9f31'

/** Keys that came, and whether answers wait. */
const arrived: string[] = []
let holding = false
const held: (() => void)[] = []
let server: Server
let hook = ''

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      const { records }: { records: { key: string; operation: string }[] } = JSON.parse(body)
      arrived.push(...records.map(({ key, operation }) => `${operation} ${key}`))
      if (holding) held.push(() => response.end('{}'))
      else response.end('{}')
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  hook = `http://127.0.0.1:${address.port}/`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const orders = (rows: readonly string[]): string =>
  `id,user_id,event,event_text,revenue,received_at,timestamp\n${rows
    .map(
      (user, index) =>
        `t${index},${user},order_completed,Order Completed,60,2026-05-01T10:00:00Z,2026-05-01T10:00:00Z\n`,
    )
    .join('')}`

const syncs = `destinations:
  - { name: hook, type: webhook, url: "{{ env_var 'HOOK_URL' }}", secret: "{{ env_var 'HOOK_SECRET' }}", batch_rows: 1, concurrency: 1 }
  - { name: other_hook, type: webhook, url: "{{ env_var 'HOOK_URL' }}" }
syncs:
  - { name: spenders, from: { audience: big_spenders }, destination: hook, mode: mirror, tags: [crm], mapping: { user_id: { identifier: user_id } }, key: { identifier: user_id } }
  - { name: everyone, from: profiles, destination: other_hook, mode: upsert, filter: traits.orders_total > 5 }
`

function project(files: Readonly<Record<string, string>> = {}): {
  cwd: string
  run: (...args: string[]) => Promise<Ended>
  env: Record<string, string>
} {
  const cwd = copyProject(folder, {
    'models/syncs.yml': syncs,
    'tables/web/order_completed.csv': orders(['u1', 'u2', 'u3', 'u4']),
    ...files,
  })
  const env = { HOOK_URL: hook, HOOK_SECRET: secret }
  arrived.length = 0
  return { cwd, env, run: (...args) => personas(args, { cwd, env }) }
}

const csv = async (run: (...args: string[]) => Promise<Ended>, sql: string) =>
  (await run('show', '--output', 'csv', '--inline', sql)).stdout.trim().split('\r\n').slice(1)

describe('personas build and sync', () => {
  test('build runs, tests and syncs; what fails ends it', async () => {
    const { cwd, run } = project()
    await run('seed')
    const built = await run('build', ...fixed)
    expect([built.code, built.stderr]).toEqual([0, expect.not.stringContaining('error')])
    expect(arrived).toEqual(['add u1', 'add u2', 'add u3', 'add u4'])
    expect(built.stdout.indexOf('PASS')).toBeGreaterThan(0)
    expect(built.stdout.lastIndexOf('spenders')).toBeGreaterThan(built.stdout.indexOf('PASS'))
    const shown = await run('show', 'sync_records', '--output', 'csv')
    expect([shown.code, shown.stdout.match(/acknowledged/g)?.length]).toEqual([0, 4])
    expect(await csv(run, 'select sync, status, delivered from personas.sync_runs order by sync')).toEqual([
      'everyone,success,0',
      'spenders,success,4',
    ])
    writeFileSync(`${cwd}/tables/web/order_completed.csv`, orders(['u1']))
    const tests = readFileSync(`${cwd}/models/tests.yml`, 'utf8')
    writeFileSync(`${cwd}/models/tests.yml`, tests.replace('profiles: 2', 'profiles: 3'))
    const failed = await run('build', '--full-refresh', ...fixed)
    expect([failed.code, arrived.length]).toEqual([1, 4])
    expect(failed.stderr).toContain('PSN5007')
  })

  test('selectors choose syncs; a dry run sends nothing, even the first', async () => {
    const { run } = project()
    await run('seed')
    await run('run', ...fixed)
    expect((await run('ls', '--select', 'type:sync')).stdout.trim().split('\n')).toHaveLength(2)
    expect((await run('ls', '--select', '+spenders')).stdout).toContain('big_spenders')
    const dry = await run('sync', '--dry-run', '--select', 'tag:crm')
    expect(dry).toMatchObject({ code: 0 })
    expect(dry.stdout).toContain('add {"user_id":"u1"}')
    expect(dry.stdout).not.toContain('everyone')
    expect(arrived).toEqual([])
    expect(await csv(run, 'select count(*) from personas.sync_runs')).toEqual(['0'])
    expect(await run('sync', '--select', 'type:sync', '--exclude', 'everyone')).toMatchObject({ code: 0 })
    expect(arrived).toHaveLength(4)
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s in the middle of a sync, exit %i: what was acknowledged is remembered',
    async (signal, code) => {
      const { cwd, env, run } = project()
      await run('seed')
      await run('run', ...fixed)
      holding = true
      const sync = start(['sync'], { cwd, env })
      const until = async (count: number): Promise<void> => {
        while (arrived.length < count) await new Promise((ready) => setTimeout(ready, 20))
      }
      await until(1)
      held.shift()?.()
      await until(2)
      sync.kill(signal)
      // A call that was made is waited for: what came of it has to be known.
      await new Promise((ready) => setTimeout(ready, 300))
      holding = false
      for (const answer of held.splice(0)) answer()
      const ended = await sync.ended
      expect([ended.code, ended.stderr]).toEqual([code, expect.not.stringMatching(/^ +at /m)])
      expect(arrived).toEqual(['add u1', 'add u2'])
      expect(
        await csv(run, "select count(*) from personas.sync_records where status = 'acknowledged'"),
      ).toEqual(['2'])
      expect(await run('sync')).toMatchObject({ code: 0 })
      expect(arrived).toEqual(['add u1', 'add u2', 'add u3', 'add u4'])
    },
  )

  test('no secret is in compiled files, logs, errors or tables', async () => {
    const { cwd, env, run } = project()
    await run('seed')
    const said = [
      await run('build', ...fixed, '--log-format', 'json'),
      await run('compile'),
      await run('ls', '--output', 'json'),
    ]
    const down = { ...env, HOOK_URL: `http://user:${secret}@127.0.0.1:1/${secret}` }
    said.push(await personas(['destinations', 'test', 'hook'], { cwd, env: down }))
    expect(said.at(-1)).toMatchObject({ code: 1 })
    for (const { stdout, stderr } of said) expect(`${stdout}${stderr}`).not.toContain(secret)
    const files = readdirSync(`${cwd}/target`, { recursive: true, encoding: 'utf8' })
      .map((file) => join(cwd, 'target', file))
      .filter((file) => statSync(file).isFile())
    expect(files.some((file) => file.endsWith('spenders.sql'))).toBe(true)
    for (const file of files) expect([file, readFileSync(file).includes(secret)]).toEqual([file, false])
  })
})

describe('on PostgreSQL', () => {
  const database = `personas_sync_${process.pid}`
  const reader = `reader_${process.pid}`
  const url = new URL(inject('postgresUrl'))
  url.pathname = `/${database}`
  const readerUrl = new URL(url)
  readerUrl.username = reader
  readerUrl.password = 'reads'
  const config = `name: small
version: 1
target: pg
targets:
  pg: { type: postgres, url: "${url.href}", schema: personas }
  reads: { type: postgres, url: "${readerUrl.href}", schema: personas, sync_state: state/syncs.duckdb }
paths: { seeds: tables }
`
  let admin: Adapter
  const open = (address: string) =>
    openAdapter({ type: 'postgres', name: 'x', url: address, schema: 'x', workSchema: 'y', threads: 1 })
  beforeAll(async () => {
    admin = await open(inject('postgresUrl'))
    await admin.execute(`create database ${database}`)
    await admin.execute(`create role ${reader} login password 'reads'`)
  })
  afterAll(async () => {
    await admin.execute(`drop database if exists ${database} with (force)`)
    await admin.execute(`drop role if exists ${reader}`)
    await admin.close()
  })

  test('a role that may only read syncs with a state of its own; two syncs at once do not', async () => {
    const { cwd, env, run } = project({ 'personas.config.yaml': config, 'state/.keep': '' })
    await run('seed')
    expect(await run('run', ...fixed)).toMatchObject({ code: 0 })
    const owner = await open(url.href)
    try {
      for (const schema of ['personas', 'personas_work', 'web'])
        for (const sql of [
          `grant usage on schema ${schema} to ${reader}`,
          `grant select on all tables in schema ${schema} to ${reader}`,
        ])
          await owner.execute(sql)
      const read = await run('sync', '--target', 'reads')
      expect([read.code, read.stderr]).toEqual([0, expect.not.stringContaining('error')])
      expect(arrived).toEqual(['add u1', 'add u2', 'add u3', 'add u4'])
      const again = await run('sync', '--target', 'reads')
      expect([again.code, again.stderr]).toEqual([0, expect.not.stringContaining('error')])
      expect(arrived).toHaveLength(4)
      const runs = await run('show', 'sync_runs', '--target', 'reads', '--output', 'json')
      expect(JSON.parse(runs.stdout)).toHaveLength(2 * 2)
      expect(await run('show', 'sync_dead_letters', '--target', 'reads')).toMatchObject({ code: 0 })
      const schemas = await owner.query(
        "select schema_name from information_schema.schemata where schema_name like 'personas%' order by 1",
      )
      expect(schemas.map(({ schema_name: name }) => name)).toEqual(['personas', 'personas_work'])
    } finally {
      await owner.close()
    }
    arrived.length = 0
    holding = true
    const first = start(['sync'], { cwd, env })
    while (arrived.length < 1) await new Promise((ready) => setTimeout(ready, 20))
    const second = await run('sync')
    expect([second.code, second.stderr]).toEqual([1, expect.stringContaining('error[PSN6006]')])
    holding = false
    held.splice(0).forEach((answer) => answer())
    expect(await first.ended).toMatchObject({ code: 0 })
    expect(arrived).toHaveLength(4)
  })
})
