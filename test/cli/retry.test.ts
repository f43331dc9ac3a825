import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Adapter } from '../../src/adapters/adapter.ts'
import { openAdapter } from '../../src/adapters/open-adapter.ts'
import { copyProject, personas, start, useBuilt, useFolder, type Where } from './personas.ts'

useBuilt()
const folder = useFolder()
const fixed = ['--as-of', '2026-06-01']
const database = `personas_retry_${process.pid}`
const url = new URL(inject('postgresUrl'))
url.pathname = `/${database}`

const place = { name: 'x', schema: 'x', workSchema: 'y', threads: 1 } as const
let server: Adapter
beforeAll(async () => {
  server = await openAdapter({ ...place, type: 'postgres', url: inject('postgresUrl') })
  await server.execute(`create database ${database}`)
})
afterAll(async () => {
  await server.execute(`drop database if exists ${database} with (force)`)
  await server.close()
})

const engines = [
  {
    name: 'DuckDB',
    target: '{ type: duckdb, path: target/small.duckdb, schema: personas }',
    endless: 'select count(*) as n from range(100000000000000) as numbers\n',
  },
  {
    name: 'PostgreSQL',
    target: '{ type: postgres, url: "{{ env_var \'DATABASE_URL\' }}", schema: personas }',
    endless: 'select cast(pg_sleep(36000) as text) as n\n',
  },
] as const

type EngineHere = (typeof engines)[number]
interface Project extends Where {
  readonly engine: EngineHere
}

let schemas = 0

/** A project that ran once; its source has more events since. */
async function project(engine: EngineHere): Promise<Project> {
  schemas += 1
  const ofItsOwn = engine.target.replace('schema: personas', `schema: personas_${schemas}`)
  const cwd = copyProject(folder, {
    'personas.config.yaml': `name: small\nversion: 1\ntarget: here\ntargets:\n  here: ${ofItsOwn}\n  other: ${ofItsOwn}\npaths: { seeds: tables }\nvars: { least: 50 }\n`,
  })
  const where = { engine, cwd, env: { DATABASE_URL: url.href } }
  expect(await personas(['seed'], where)).toMatchObject({ code: 0 })
  expect(await personas(['run', ...fixed], where)).toMatchObject({ code: 0 })
  const orders = join(cwd, 'tables/web/order_completed.csv')
  const further = 'o4,u2,a1,2026-06-03T00:00:00Z,2026-06-03T00:00:00Z,order_completed,Order Completed,70,\n'
  writeFileSync(orders, `${readFileSync(orders, 'utf8')}${further}`)
  expect(await personas(['seed'], where)).toMatchObject({ code: 0 })
  return where
}

const tables = ['profile_traits', 'user_identifiers', 'id_graph', 'audience_big_spenders']
async function published({ engine, cwd }: Project, schema = schemas): Promise<string> {
  const adapter =
    engine.name === 'DuckDB'
      ? await openAdapter({ ...place, type: 'duckdb', path: join(cwd, 'target/small.duckdb') })
      : await openAdapter({ ...place, type: 'postgres', url: url.href })
  try {
    const shown: string[] = []
    for (const table of tables) {
      const rows = await adapter.query(`select * from personas_${schema}.${table} order by 1, 2`)
      shown.push(
        `${table}:`,
        ...rows.map((row) =>
          JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
        ),
      )
    }
    return shown.join('\n')
  } finally {
    await adapter.close()
  }
}

const results = ({ cwd }: Where) => JSON.parse(readFileSync(join(cwd, 'target/run_results.json'), 'utf8'))
const statusOf = (where: Where, id: string) =>
  results(where).nodes.find((node: { id: string }) => node.id === id)?.status

describe.each(engines)('retry on $name', (engine) => {
  test('goes on where a node failed, once it is mended; then there is nothing to retry', async () => {
    const where = await project(engine)
    writeFileSync(
      join(where.cwd, 'models/bad.sql'),
      "select cast(min(user_id) as integer) + count(*) as n from {{source 'web' 'tracks'}}",
    )
    const failed = await personas(['run', '--as-of', '2026-07-01'], where)
    expect([failed.code, failed.stdout]).toEqual([1, ''])
    expect(failed.stderr).toContain('error[PSN5001]: `model.bad` failed')
    expect(failed.stderr).toContain('retry` goes on from here')
    const again = await personas(['retry'], where)
    expect(again.code).toBe(1)
    expect(again.stderr).toContain('1/2')
    expect(again.stderr).not.toContain('identity.profiles')

    writeFileSync(join(where.cwd, 'models/bad.sql'), "select count(*) as n from {{source 'web' 'tracks'}}")
    const mended = await personas(['retry', '--log-format', 'json'], where)
    expect(mended.code).toBe(0)
    const ran = [...mended.stderr.matchAll(/"event":"node_started".*?"node":"([^"]+)"/g)].map(
      (match) => match[1],
    )
    expect(ran).toEqual(['model.bad', 'publish.publish'])
    expect(results(where)).toMatchObject({
      command: 'retry',
      status: 'success',
      as_of: '2026-07-01T00:00:00.000Z',
    })
    expect(statusOf(where, 'identity.profiles')).toBe('success')
    const done = await published(where)
    await personas(['run', '--as-of', '2026-07-01'], where)
    expect(await published(where)).toBe(done)

    const nothing = await personas(['retry'], where)
    expect([nothing.code, nothing.stdout, nothing.stderr]).toEqual([
      0,
      '',
      'nothing to retry: the last run succeeded\n',
    ])
  })

  test.each(['SIGKILL', 'SIGINT'] as const)(
    'goes on with a run that %s ended in the middle',
    async (signal) => {
      const where = await project(engine)
      const before = await published(where)
      writeFileSync(join(where.cwd, 'models/endless.sql'), engine.endless)
      const args = ['run', '--as-of', '2026-07-01', '--full-refresh', '--log-format', 'json']
      const run = start(args, where)
      await run.says('"node":"scan.order_completed","status":"success"')
      run.kill(signal)
      await run.ended
      expect(results(where).status).toBe(signal === 'SIGKILL' ? 'running' : 'cancelled')
      if (engine.name === 'PostgreSQL') {
        // What a killed client leaves behind ends when the server notices that nobody waits for it.
        const sleeping =
          "select count(*) as n from pg_stat_activity where datname = $1 and state = 'active' and query like '/* %pg_sleep%'"
        for (let left = 100; left > 0 && (await server.query(sleeping, [database]))[0]?.n !== 0n; left -= 1)
          await new Promise((resolve) => setTimeout(resolve, 100))
        expect(await server.query(sleeping, [database])).toEqual([{ n: 0n }])
      }
      expect(await published(where)).toBe(before)

      writeFileSync(join(where.cwd, 'models/endless.sql'), 'select 1 as n\n')
      const again = await personas(['retry'], where)
      expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('going on from run')])
      expect(results(where).given).toMatchObject({ full_refresh: true })
      const done = await published(where)
      expect(done).not.toBe(before)
      expect(await personas(['run', '--as-of', '2026-07-01', '--full-refresh'], where)).toMatchObject({
        code: 0,
      })
      expect(await published(where)).toBe(done)
    },
  )

  test('runs again what was edited meanwhile, with what comes after it', async () => {
    const where = await project(engine)
    writeFileSync(
      join(where.cwd, 'models/bad.sql'),
      "select cast(min(user_id) as integer) as n from {{source 'web' 'tracks'}}",
    )
    expect(await personas(['run', ...fixed], where)).toMatchObject({ code: 1 })
    rmSync(join(where.cwd, 'models/bad.sql'))
    const shop = join(where.cwd, 'models/shop.yml')
    writeFileSync(shop, readFileSync(shop, 'utf8').replace('greater_than: 50', 'greater_than: 1000'))
    const again = await personas(['retry', '--log-format', 'json'], where)
    const ran = [...again.stderr.matchAll(/"event":"node_started".*?"node":"([^"]+)"/g)].map(
      (match) => match[1],
    )
    expect([again.code, ran]).toEqual([0, ['audience.big_spenders', 'publish.publish']])
    const members = await personas(['show', 'big_spenders', '--output', 'csv'], where)
    expect(members.stdout.trim().split('\n')).toHaveLength(1)
  })

  test('keeps selection and variables', async () => {
    const where = await project(engine)
    const shop = join(where.cwd, 'models/shop.yml')
    const text = readFileSync(shop, 'utf8').replace('greater_than: 50', 'greater_than: "{{ var \'least\' }}"')
    writeFileSync(shop, text)
    const bad = join(where.cwd, 'models/bad.sql')
    writeFileSync(bad, "select cast(min(user_id) as integer) as n from {{source 'web' 'tracks'}}")
    const given = ['--select', 'bad', 'big_spenders', '--vars', '{least: 1000}']
    expect(await personas(['run', ...fixed, ...given], where)).toMatchObject({ code: 1 })
    writeFileSync(bad, 'select 1 as n')
    for (const other of [
      ['--select', 'type:model'],
      ['--vars', '{least: 1}'],
      ['--as-of', '2026-01-01'],
      ['--exclude', 'bad'],
    ]) {
      const refused = await personas(['retry', ...other], where)
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(`${other[0]} is not what`)])
    }
    expect(await personas(['retry', ...given], where)).toMatchObject({ code: 0 })
    expect(results(where).given).toMatchObject({ select: ['bad', 'big_spenders'], vars: '{least: 1000}' })
    expect(results(where).nodes.map(({ id }: { id: string }) => id)).not.toContain('identity.profiles')
    const members = await personas(['show', 'big_spenders', '--output', 'csv'], where)
    expect(members.stdout.trim().split('\n')).toHaveLength(1)
  })

  test('refuses where a later run has written, and where the results are of something else', async () => {
    const where = await project(engine)
    const bad = join(where.cwd, 'models/bad.sql')
    writeFileSync(bad, "select cast(min(user_id) as integer) as n from {{source 'web' 'tracks'}}")
    expect(await personas(['run', ...fixed], where)).toMatchObject({ code: 1 })
    const file = join(where.cwd, 'target/run_results.json')
    const kept = readFileSync(file, 'utf8')
    rmSync(bad)
    await new Promise((resolve) => setTimeout(resolve, 1100))
    expect(await personas(['run', ...fixed], where)).toMatchObject({ code: 0 })
    writeFileSync(file, kept)
    const passed = await personas(['retry'], where)
    expect([passed.code, passed.stderr]).toEqual([
      1,
      expect.stringMatching(/error\[PSN5031\]: run \S+ has written since/),
    ])

    const other = await personas(['retry', '--target', 'other'], where)
    expect([other.code, other.stderr]).toEqual([
      1,
      expect.stringContaining('error[PSN5028]: the last run was of target `here`'),
    ])
    expect(other.stderr).toContain('--target here')
    writeFileSync(file, kept.replace('"project": "small"', '"project": "large"'))
    expect((await personas(['retry'], where)).stderr).toContain(
      'was of project `large`, and this is project `small`',
    )
    writeFileSync(file, '{ "schema_version": 1 ')
    expect((await personas(['retry'], where)).stderr).toContain('was not written by this version of personas')
    expect(await personas(['clean'], where)).toMatchObject({ code: 0 })
    const none = await personas(['retry'], where)
    expect([none.code, none.stderr]).toEqual([
      1,
      expect.stringContaining('error[PSN5027]: there is no run to go on from'),
    ])
  })
})
