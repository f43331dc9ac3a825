import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { openAdapter } from '../../../src/adapters/open-adapter.ts'
import { WarehouseError } from '../../../src/adapters/warehouse-error.ts'
import type { DuckdbTarget, PostgresTarget } from '../../../src/config/config.ts'
import { useBuilt } from '../../cli/personas.ts'
import { engines } from '../../support/engines.ts'

const names = { name: 'test', schema: 'test', workSchema: 'test_work', threads: 1 }

async function refusal(target: DuckdbTarget | PostgresTarget): Promise<WarehouseError> {
  try {
    const adapter = await openAdapter(target)
    await adapter.close()
  } catch (error) {
    if (error instanceof WarehouseError) return error
    throw error
  }
  throw new Error('it was opened')
}

function postgres(change: (url: URL) => void): PostgresTarget {
  const url = new URL(inject('postgresUrl'))
  change(url)
  return { ...names, type: 'postgres', url: url.href }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

describe('PostgreSQL', () => {
  test('a server that is not running', async () => {
    const port = await freePort()
    const target = postgres((url) => {
      url.hostname = 'localhost'
      url.port = `${port}`
    })
    const error = await refusal(target)
    expect([error.code, error.serverCode, error.retryable]).toEqual(['PSN4001', 'ECONNREFUSED', true])
    expect(error.message).toBe(`no PostgreSQL server answers at localhost:${port} (ECONNREFUSED)`)
  })

  test('a host that does not exist', async () => {
    const error = await refusal({ ...names, type: 'postgres', host: 'no-such-host.invalid' })
    expect(error.message).toMatch(
      /^no PostgreSQL server answers at no-such-host\.invalid:5432 \((ENOTFOUND|EAI_AGAIN)\)$/,
    )
  })

  test('a wrong password, which nobody gets to see', async () => {
    const error = await refusal(
      postgres((url) => {
        url.password = 'hunter2-is-wrong'
      }),
    )
    expect([error.code, error.serverCode, error.retryable]).toEqual(['PSN4002', '28P01', false])
    expect(error.message).toContain('refused to log in user `postgres`')
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('hunter2')
  })

  test('no password at all', async () => {
    const error = await refusal(
      postgres((url) => {
        url.password = ''
      }),
    )
    expect(error.code).toBe('PSN4002')
  })

  test('a database that does not exist', async () => {
    const error = await refusal(
      postgres((url) => {
        url.pathname = '/no_such_database'
      }),
    )
    expect([error.code, error.serverCode]).toEqual(['PSN4003', '3D000'])
    expect(error.problems[0]?.hint).toContain('createdb no_such_database')
  })

  test('a URL that cannot be read is not repeated', async () => {
    const error = await refusal({ ...names, type: 'postgres', url: 'postgres://user:hunter2@:host/db' })
    expect(error.code).toBe('PSN4014')
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('hunter2')
  })

  test('encryption that the server does not offer', async () => {
    const error = await refusal(
      postgres((url) => {
        url.searchParams.set('sslmode', 'require')
      }),
    )
    expect([error.code, error.problems[0]?.hint]).toEqual(['PSN4011', expect.stringContaining('sslmode')])
  })

  test('the parts of a connection work as its URL does', async () => {
    const url = new URL(inject('postgresUrl'))
    const { hostname: host, port, username: user, password } = url
    const adapter = await openAdapter({
      ...names,
      ...{ type: 'postgres', host, port: Number(port), user, password, database: url.pathname.slice(1) },
    })
    const [row] = await adapter.query(
      "select current_setting('application_name') as app, current_setting('timezone') as zone",
    )
    expect(row).toEqual({ app: 'personas', zone: 'UTC' })
    await adapter.close()
  })

  test('a right that the user does not have', async () => {
    const admin = await openAdapter(postgres(() => {}))
    const user = `reader_${process.pid}`
    await admin.execute(`create role ${user} login password 'reads'`)
    try {
      const reader = await openAdapter(
        postgres((url) => {
          url.username = user
          url.password = 'reads'
        }),
      )
      const refused = reader.execute('create schema not_mine')
      await expect(refused).rejects.toMatchObject({ code: 'PSN4004', serverCode: '42501' })
      await expect(refused).rejects.toThrow(/permission denied for database/)
      await reader.close()
    } finally {
      await admin.execute(`drop role ${user}`)
      await admin.close()
    }
  })

  test('more columns, and more in a row, than a table takes', async () => {
    const adapter = await openAdapter(postgres(() => {}))
    const columns = (count: number, value: string) =>
      Array.from({ length: count }, (_, index) => `${value} as c${index}`).join(', ')
    const tooMany = adapter.execute(`create table public.too_many as select ${columns(1601, '1')}`)
    await expect(tooMany).rejects.toMatchObject({
      code: 'PSN4023',
      problems: [{ hint: expect.stringContaining('dropped count too') }],
    })
    const tooLong = adapter.execute(
      `create table public.too_long as select ${columns(1500, 'cast(1 as bigint)')}`,
    )
    await expect(tooLong).rejects.toMatchObject({
      code: 'PSN4023',
      problems: [{ hint: expect.stringContaining('8,160 bytes') }],
    })
    await adapter.close()
  })

  test('a connection that is lost in the middle, and the next statement', async () => {
    const adapter = await openAdapter(postgres(() => {}))
    const lost = adapter.query('select pg_terminate_backend(pg_backend_pid())')
    await expect(lost).rejects.toMatchObject({ code: 'PSN4009', retryable: true })
    expect(await adapter.query('select 1 as x')).toEqual([{ x: 1n }])
    await adapter.close()
  })

  test('a lock is kept out of other connections, and let go with its own', async () => {
    const [first, second] = [await openAdapter(postgres(() => {})), await openAdapter(postgres(() => {}))]
    const lock = await first.tryLock('shared')
    expect(await second.tryLock('shared')).toBeUndefined()
    await lock?.release()
    const again = await second.tryLock('shared')
    expect(again).toBeDefined()
    await again?.release()
    await Promise.all([first.close(), second.close()])
  })
})

describe('DuckDB', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'personas-duckdb-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const at = (path: string): DuckdbTarget => ({ ...names, type: 'duckdb', path })

  test('folders on the way are made', async () => {
    const path = join(folder, 'target/deep/new.duckdb')
    const adapter = await openAdapter(at(path))
    await adapter.execute('create table t as select 1 as x')
    await adapter.close()
    expect(existsSync(path)).toBe(true)
    const again = await openAdapter(at(path))
    expect(await again.query('select * from t')).toEqual([{ x: 1n }])
    await again.close()
  })

  test('a file that another process has open', async () => {
    const path = join(folder, 'locked.duckdb')
    const holder = spawn(
      process.execPath,
      [
        '-e',
        "require('@duckdb/node-api').DuckDBInstance.create(process.argv[1]).then((held) => { globalThis.held = held; console.log('open'); process.stdin.resume() })",
        path,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    await once(holder.stdout, 'data')
    const error = await refusal(at(path))
    expect([error.code, error.retryable]).toEqual(['PSN4005', true])
    expect(error.message).toBe(`${path} is in use by another process (PID ${holder.pid})`)
    expect(error.problems[0]?.hint).toContain('wait until the other run has ended')
    holder.kill()
    await once(holder, 'exit')
    await (await openAdapter(at(path))).close()
  })

  test('a file opened twice in one process is one database with one lock', async () => {
    const path = join(folder, 'twice.duckdb')
    const [first, second] = [await openAdapter(at(path)), await openAdapter(at(path))]
    await first.execute('create table t as select 1 as x')
    expect(await second.query('select * from t')).toEqual([{ x: 1n }])
    const lock = await first.tryLock('s')
    expect(await second.tryLock('s')).toBeUndefined()
    await lock?.release()
    await first.close()
    expect(await second.query('select * from t')).toEqual([{ x: 1n }])
    await second.close()
  })

  test('a file that is no database stays as it is', async () => {
    const path = join(folder, 'notes.txt')
    writeFileSync(path, 'not a database '.repeat(1000))
    const error = await refusal(at(path))
    expect([error.code, error.message]).toEqual([
      'PSN4007',
      `${path} is not a DuckDB database that this version can read`,
    ])
  })

  test.each([
    ['a folder', () => folder, /: Is a directory$/],
    [
      'below a file',
      () => join(folder, 'file/x.duckdb'),
      /: .*(ENOTDIR|not a directory|EEXIST|file already exists)/i,
    ],
    ['where nothing can be written', () => '/proc/personas/x.duckdb', /: .*no such file or directory/i],
  ])('a path that cannot be written: %s', async (_, path, message) => {
    writeFileSync(join(folder, 'file'), '')
    const error = await refusal(at(path()))
    expect(error.code).toBe('PSN4006')
    expect(error.message).toMatch(message)
  })

  test('the memory limit of the target holds', async () => {
    const adapter = await openAdapter({ ...at(':memory:'), memoryLimit: '64MB' })
    expect(await adapter.query("select current_setting('memory_limit') as m")).toEqual([{ m: '61.0 MiB' }])
    const tooMuch = adapter.query('select list(x) as l from range(100000000) as t (x)')
    await expect(tooMuch).rejects.toMatchObject({ code: 'PSN4012' })
    await adapter.close()
  })

  test('a file that is named like a schema in it', async () => {
    const adapter = await openAdapter(at(join(folder, 'shop.duckdb')))
    await adapter.execute('create schema shop')
    await expect(adapter.execute('create table shop.orders (id integer)')).rejects.toMatchObject({
      code: 'PSN4024',
    })
    await adapter.close()
  })

  test('a file that may only be read', async () => {
    const path = join(folder, 'read-only.duckdb')
    const script = `const { DuckDBInstance } = require('@duckdb/node-api'); const { chmodSync } = require('node:fs');
      DuckDBInstance.create(process.argv[1]).then((made) => { made.closeSync(); chmodSync(process.argv[1], 0o444) })`
    execFileSync(process.execPath, ['-e', script, path])
    // Who may do anything may write it all the same: root is asked by way of a limit to the size of files.
    if (process.getuid?.() === 0) return
    const error = await refusal(at(path))
    expect([error.code, error.message]).toEqual(['PSN4006', expect.stringMatching(/Permission denied/i)])
  })

  // In a process of its own, since the limit is of the process.
  useBuilt()
  test('a file that cannot grow any more', () => {
    const path = join(folder, 'limited.duckdb')
    const main = join(import.meta.dirname, '../../../src/adapters/open-adapter.ts')
    const script = `const { openAdapter } = await import(process.argv[1])
      const adapter = await openAdapter({ name: 'x', type: 'duckdb', path: process.argv[2], schema: 'x', workSchema: 'y', threads: 1 })
      await adapter.execute('create table kept as select 1 as x')
      await adapter.execute('checkpoint')
      await adapter.execute('create table t as select md5(cast(range as text)) as x from range(1000000)').catch((error) => console.log(error.code, error.message))
      console.log(JSON.stringify((await adapter.query('select cast(x as text) as x from kept'))))`
    const shell = 'ulimit -f 8192; exec "$0" --input-type=module -e "$1" "$2" "$3"'
    const bundled = main.replace('/src/', '/dist/').replace(/\.ts$/, '.js')
    const said = execFileSync('sh', ['-c', shell, process.execPath, script, bundled, path], {
      encoding: 'utf8',
    })
    expect(said).toMatch(/^PSN4008 the disk is full: .*\n\[{"x":"1"}\]\n$/)
  })

  test('a disk that is full', async () => {
    const adapter = await openAdapter({ ...at(join(folder, 'full.duckdb')), memoryLimit: '40MB' })
    await adapter.execute("set max_temp_directory_size = '1MB'")
    const sort = 'create table t as select md5(range::varchar) as x from range(2000000) order by x'
    await expect(adapter.execute(sort)).rejects.toMatchObject({
      code: 'PSN4008',
      message: expect.stringContaining('the disk is full'),
    })
    await adapter.close()
  })
})

test.each(engines)('a closed adapter of $name refuses, and does not crash', async (engine) => {
  const { adapter, drop } = await engine.open()
  await drop()
  await expect(adapter.query('select 1 as x')).rejects.toBeInstanceOf(WarehouseError)
})
