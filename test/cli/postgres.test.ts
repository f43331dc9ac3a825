import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Adapter } from '../../src/adapters/adapter.ts'
import { openAdapter } from '../../src/adapters/open-adapter.ts'
import { copyProject, personas, type Started, start, useBuilt, useFolder } from './personas.ts'

useBuilt()
const folder = useFolder()
const database = `personas_cli_${process.pid}`
const url = new URL(inject('postgresUrl'))
url.pathname = `/${database}`

let server: Adapter
let cwd: string
const config = `name: small
version: 1
target: pg
targets:
  pg: { type: postgres, url: "{{ env_var 'DATABASE_URL' }}", schema: personas }
paths: { seeds: tables }
`
const env = { DATABASE_URL: url.href }
const run = (...args: string[]) => personas(args, { cwd, env })
const query = async (sql: string) => (await run('show', '--output', 'csv', '--inline', sql)).stdout
const fixed = ['--as-of', '2026-06-01']

function openServer(address: string): Promise<Adapter> {
  return openAdapter({ type: 'postgres', name: 'x', url: address, schema: 'x', workSchema: 'y', threads: 1 })
}

beforeAll(async () => {
  server = await openServer(inject('postgresUrl'))
  await server.execute(`create database ${database}`)
  cwd = copyProject(folder, { 'personas.config.yaml': config })
  expect(await run('seed')).toMatchObject({ code: 0 })
  expect(await run('run', ...fixed)).toMatchObject({ code: 0 })
})
afterAll(async () => {
  await server.execute(`drop database if exists ${database} with (force)`)
  await server.close()
})

/** A run that is in the middle of a query that would last for hours. */
async function startEndless(): Promise<Started> {
  writeFileSync(`${cwd}/models/endless.sql`, 'select cast(pg_sleep(36000) as text) as n\n')
  const first = start(['run', '--as-of', '2026-07-01', '--log-format', 'json'], { cwd, env })
  await first.says('"node":"model.endless"')
  return first
}

const sleeping = async () =>
  (
    await server.query(
      "select count(*) as n from pg_stat_activity where datname = $1 and state = 'active' and query like '%pg_sleep%'",
      [database],
    )
  )[0]?.n

describe('the commands on PostgreSQL', () => {
  test('run, show, data tests', async () => {
    expect(await query('select count(*) as n from personas.id_graph')).toBe('n\r\n2\r\n')
    expect((await run('show', 'big_spenders', '--output', 'csv')).stdout).toContain(',u1,')
    const { code, stdout } = await run('test')
    expect([code, stdout]).toEqual([0, expect.stringContaining(' 0 failed')])
  })

  test('unit tests on the target leave nothing behind', async () => {
    const { code, stdout } = await run('test', '--target', 'pg', '--select', 'orders add up')
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^PASS {2}unit test: orders add up/)])
    const schemas = "select schema_name from information_schema.schemata where schema_name like 'psn%'"
    expect(await query(schemas)).toBe('schema_name\r\n')
  })

  test('a second run stops, or waits; a signal cancels on the server', async () => {
    const before = await query('select * from personas.profile_traits order by 1')
    const first = await startEndless()
    const second = await run('run', ...fixed)
    expect([second.code, second.stdout]).toEqual([1, ''])
    expect(second.stderr).toContain('error[PSN5004]: another run is writing to schema `personas`')
    expect(second.stderr).toContain('--lock-timeout')

    const third = start(['run', ...fixed, '--exclude', 'endless', '--lock-timeout', '60'], { cwd, env })
    await third.says('waiting for another run')
    expect(await sleeping()).toBe(1n)
    first.kill('SIGINT')
    const ended = await first.ended
    expect([ended.code, ended.stdout]).toEqual([130, ''])
    expect(await sleeping()).toBe(0n)
    expect(await third.ended).toMatchObject({ code: 0 })
    expect(await query('select * from personas.profile_traits order by 1')).toBe(before)
  })

  test('a wrong password is said without showing it', async () => {
    const wrong = new URL(url)
    wrong.password = 'opensesame'
    wrong.username = 'nobody_here'
    const { code, stdout, stderr } = await personas(['run'], { cwd, env: { DATABASE_URL: wrong.href } })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/error\[PSN40\d\d\]/)
    expect(stderr).not.toContain('opensesame')
    expect(stderr).not.toMatch(/^ +at /m)
  })

  test('debug names the schema that a user may not create, and the right that lacks', async () => {
    const role = `personas_guest_${process.pid}`
    await server.execute(`create role ${role} login password 'opensesame'`)
    try {
      const guest = new URL(url)
      guest.username = role
      guest.password = 'opensesame'
      const { code, stderr } = await personas(['debug'], { cwd, env: { DATABASE_URL: guest.href } })
      expect(code).toBe(1)
      expect(stderr).toContain('error[PSN5014]: cannot create tables in schema `personas`: ')
      expect(stderr).toContain("grant the target's user the right to create and use `personas_work`")
      expect(stderr).not.toContain('opensesame')
    } finally {
      await server.execute(`drop role ${role}`)
    }
  })

  test('a missing variable is named', async () => {
    const { code, stderr } = await personas(['run'], { cwd })
    expect(code).toBe(1)
    expect(stderr).toContain('DATABASE_URL')
  })
})
