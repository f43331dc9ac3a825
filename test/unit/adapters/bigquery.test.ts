import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Adapter, Value } from '../../../src/adapters/adapter.ts'
import { bigqueryError } from '../../../src/adapters/bigquery-errors.ts'
import { jobLabels } from '../../../src/adapters/bigquery-labels.ts'
import { tryLease } from '../../../src/adapters/lease-lock.ts'
import { openAdapter } from '../../../src/adapters/open-adapter.ts'
import { WarehouseError } from '../../../src/adapters/warehouse-error.ts'
import type { BigqueryTarget } from '../../../src/config/config.ts'
import { bigquery as dialect } from '../../../src/dialects/bigquery.ts'
import { relation } from '../../../src/ir/relation.ts'
import { tagged } from '../../../src/runner/run-tag.ts'
import { bigqueryClient } from '../../emulators/bigquery/emulator.ts'
import { bigqueryTarget } from '../../support/engines.ts'

const given = inject('bigquery')

async function failure(work: Promise<unknown>): Promise<WarehouseError> {
  try {
    await work
  } catch (error) {
    if (error instanceof WarehouseError) return error
    throw error
  }
  throw new Error('it did not fail')
}

async function* stream(rows: readonly (readonly Value[])[]): AsyncGenerator<readonly Value[]> {
  yield* rows
}

test('memory that BigQuery has not says so', () => {
  const cause = Object.assign(new Error('Resources exceeded during query execution'), {
    errors: [{ reason: 'resourcesExceeded', message: 'Resources exceeded during query execution' }],
  })
  const error = bigqueryError(cause, { project: 'p', dataset: 'd', location: undefined })
  expect([error.code, error.retryable]).toEqual(['PSN4036', false])
})

test('labels are what BigQuery takes, and lead back to project, node and run', () => {
  const tag = '/* personas project=Shop_1 run_id=01J.ab:c node=trait.Größe */\nselect 1'
  expect(jobLabels(tag, { Team: 'Data & Co', '1st': 'x' })).toEqual({
    team: 'data___co',
    l1st: 'x',
    personas_project: 'shop_1',
    personas_run_id: '01j_ab_c',
    personas_node: 'trait_größe',
  })
  expect(jobLabels(`/* personas node=${'x'.repeat(99)} */ select 1`).personas_node).toHaveLength(63)
  expect(jobLabels('select 1')).toEqual({})
})

describe.skipIf('missing' in given)('adapter of BigQuery, emulated', () => {
  const shared = 'missing' in given ? { apiEndpoint: '', project: '', token: '' } : given
  const client = bigqueryClient(shared)
  const schema = `adapter_${process.pid}`
  const names = { name: 'test', schema, workSchema: `${schema}_work`, threads: 2 }
  const target = bigqueryTarget(client.address, names)
  const as = (settings: Partial<BigqueryTarget['settings']>): BigqueryTarget => ({
    ...target,
    settings: { ...target.settings, ...settings },
  })
  let adapter: Adapter
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'personas-bigquery-'))
    adapter = await openAdapter(target)
    for (const sql of dialect.createSchema(schema)) await adapter.execute(sql)
  })
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    await adapter.execute(`drop schema ${schema} cascade`)
    await adapter.close()
  })

  test('what a statement would read is what a dry run says, of a table made from a select that of the select', async () => {
    for (const sql of dialect.createTableAs(relation(schema, 'scanned'), "select 'abcdef' as a, 1 as b")) {
      await adapter.execute(sql)
    }
    const select = `select scanned.a from ${schema}.scanned as scanned`
    const bytes = await adapter.scannedBytes(select)
    expect(bytes).toBeGreaterThan(0n)
    const [made = ''] = dialect.createTableAs(relation('not_there', 'copy'), select)
    expect(await adapter.scannedBytes(`-- a header\n\n${made}`)).toBe(bytes)
    expect((await failure(adapter.scannedBytes('select * from not_there.at_all'))).code).toBe('PSN4033')
  })

  test('values', async () => {
    const [row] = await adapter.query(
      "select 9223372036854775807 as big, numeric '1.50' as dec, bignumeric '12345678901234567890123456789.5' as bignum, " +
        "0.1 as dbl, cast('-inf' as float64) as inf, cast('nan' as float64) as nan, true as yes, cast(null as string) as nothing, " +
        "timestamp '2026-01-01 10:00:00.12+02' as tz, timestamp '1969-12-31 23:59:59.999999+00' as before, " +
        "datetime '2026-01-01 10:00:00.500' as dt, date '2026-01-02' as day, time '03:04:05' as clock, ['a', 'b\"'] as list, " +
        "struct(9007199254740993 as i, [struct('x' as y)] as s) as nested, json '{\"a\":1}' as j, b'abc' as bytes",
    )
    expect(row).toEqual({
      big: 9223372036854775807n,
      dec: '1.5',
      bignum: '12345678901234567890123456789.5',
      dbl: 0.1,
      inf: Number.NEGATIVE_INFINITY,
      nan: Number.NaN,
      yes: true,
      nothing: null,
      tz: '2026-01-01T08:00:00.12Z',
      before: '1969-12-31T23:59:59.999999Z',
      dt: '2026-01-01T10:00:00.5Z',
      day: '2026-01-02',
      clock: '03:04:05',
      list: '["a","b\\""]',
      nested: '{"i":9007199254740993,"s":[{"y":"x"}]}',
      j: '{"a":1}',
      bytes: 'YWJj',
    })
  })

  test('parameters are bound, not pasted', async () => {
    const rows = await adapter.query(
      "select $1 as t, $2 as i, $3 as n, $4 as b, $5 as z, '$1' as text -- $9",
      ["it's; --", 2n ** 62n, 1.5, true, null],
    )
    expect(rows).toEqual([{ t: "it's; --", i: 2n ** 62n, n: 1.5, b: true, z: null, text: '$1' }])
  })

  test('long texts as bytes, beside what else a row has', async () => {
    const long = 'é😀'.repeat(1_000)
    const rows = await adapter.queryTexts(
      `select x as n, case x when 2 then '' else '${long}' end as body, cast('b' as string) as tag ` +
        'from (select 1 as x union all select 3 union all select 2) as numbers order by x desc',
      'body',
    )
    expect(rows.map(({ row, text }) => [row.n, row.tag, Buffer.from(text).toString()])).toEqual([
      [3n, 'b', long],
      [2n, 'b', ''],
      [1n, 'b', long],
    ])
  })

  test('more rows than a page, in their order', async () => {
    await client.pageRows(700)
    const rows = await adapter.query('select n from unnest(generate_array(1, 2001)) as n order by n')
    await client.pageRows(1000)
    expect(rows.map((row) => row.n)).toEqual(Array.from({ length: 2001 }, (_, index) => BigInt(index + 1)))
  })

  test('rows affected, by statements and by transactions', async () => {
    const table = `${schema}.affected`
    await adapter.execute(`create table ${table} as select x from unnest([1, 2, 3]) as x`)
    expect(await adapter.execute(`insert into ${table} (x) values (4), (5)`)).toBe(2)
    expect(await adapter.execute(`update ${table} set x = 0 where x > 3`)).toBe(2)
    expect(await adapter.execute(`delete from ${table} where x = 1`)).toBe(1)
    expect(
      await adapter.transaction([
        `delete from ${table} where true`,
        `insert into ${table} (x) values (7), (8)`,
      ]),
    ).toBe(2)
    const error = await failure(
      adapter.transaction([`insert into ${table} (x) values (1)`, 'select nope from nowhere_at_all']),
    )
    expect(error.message).toContain('nowhere_at_all')
    expect(await adapter.query(`select count(*) as n from ${table}`)).toEqual([{ n: 2n }])
    expect(await adapter.transaction([])).toBe(0)
  })

  test('the catalogue knows tables and views, sorted, and no dataset that is missing', async () => {
    await adapter.execute(
      `create table ${schema}.kinds (t string(10), n numeric(10, 2), a array<int64>, s struct<x int64>, j json, ts timestamp, dt datetime, d date, b bool, f float64, bytes bytes)`,
    )
    await adapter.execute(`create view ${schema}.b_view as select 1 as i`)
    const { tables } = await adapter.catalog([schema, 'no_such_dataset'])
    const found = new Map(
      tables.map(({ relation: { name }, columns }) => [name, columns.map(({ type }) => type)]),
    )
    expect(found.get('kinds')).toEqual([
      'text',
      'decimal',
      'json',
      'json',
      'json',
      'timestamptz',
      'timestamp',
      'date',
      'boolean',
      'float',
      'other',
    ])
    expect(found.get('b_view')).toEqual(['integer'])
    expect(await adapter.catalog([])).toEqual({ tables: [] })
  })

  test('describe tells columns and runs nothing', async () => {
    expect(
      await adapter.describe(
        "-- a comment\nwith t as (select 1 as x) select x, 'a' as `T`, [1] as l, current_timestamp() as ts, 1 / 0 as never from t",
      ),
    ).toEqual([
      { name: 'x', type: 'integer' },
      { name: 'T', type: 'text' },
      { name: 'l', type: 'json' },
      { name: 'ts', type: 'timestamptz' },
      { name: 'never', type: 'float' },
    ])
    for (const bad of ['select 1; select 2', `drop table ${schema}.x`, 'select no_such_column', '']) {
      expect((await failure(adapter.describe(bad))).code, bad).toBe('PSN4000')
    }
  })

  test('load streams rows of every type and replaces what was there, or leaves it', async () => {
    const loaded = relation(schema, 'loaded')
    await adapter.load(loaded, [{ name: 'old', type: 'text' }], stream([['x']]))
    const columns = [
      { name: 'i', type: 'integer' },
      { name: 't', type: 'text' },
      { name: 'n', type: 'number' },
      { name: 'b', type: 'boolean' },
      { name: 'order', type: 'timestamp' },
    ] as const
    const rows: readonly (readonly Value[])[] = [
      [2n ** 62n + 1n, 'a\tb\\N\n\r"é🙂', 0.1, true, '2026-01-01T00:00:00.123456+02:00'],
      [2n, '', Number.NaN, false, '2026-01-01T00:00:00Z'],
      [null, null, null, null, null],
    ]
    expect(await adapter.load(loaded, columns, stream(rows))).toBe(3)
    expect(await adapter.query(`select * from ${schema}.loaded order by i desc`)).toEqual([
      { i: 2n ** 62n + 1n, t: 'a\tb\\N\n\r"é🙂', n: 0.1, b: true, order: '2025-12-31T22:00:00.123456Z' },
      { i: 2n, t: '', n: Number.NaN, b: false, order: '2026-01-01T00:00:00Z' },
      { i: null, t: null, n: null, b: null, order: null },
    ])
    async function* broken(): AsyncGenerator<readonly Value[]> {
      yield [2n]
      throw new Error('the source broke off')
    }
    const error = await failure(adapter.load(loaded, [{ name: 'i', type: 'integer' }], broken()))
    expect(error.message).toContain('the source broke off')
    expect(await adapter.query(`select count(*) as n from ${schema}.loaded`)).toEqual([{ n: 3n }])
    expect(await adapter.load(relation(schema, 'empty'), columns, stream([]))).toBe(0)
    expect(await adapter.query(`select i from ${schema}.empty`)).toEqual([])
  })

  test('a CSV file gets the same types and values as elsewhere', async () => {
    const file = join(folder, 'a.csv')
    writeFileSync(
      file,
      'id,zip,amount,yes,day,at,instant\n1,007,1.5,true,2026-01-01,2026-01-01 10:00:00.5,2026-01-01T10:00:00+02:00\n2,,,,,,\n',
    )
    expect(await adapter.loadCsv(relation(schema, 'from_csv'), file)).toBe(2)
    expect(await adapter.query(`select * from ${schema}.from_csv where id = 1`)).toEqual([
      {
        id: 1n,
        zip: '007',
        amount: 1.5,
        yes: true,
        day: '2026-01-01',
        at: '2026-01-01T10:00:00.5Z',
        instant: '2026-01-01T08:00:00Z',
      },
    ])
  })

  test('jobs carry labels, the place and the most they may read', async () => {
    const limited = await openAdapter(as({ maximum_bytes_billed: 1000, job_labels: { team: 'data' } }))
    await tagged(limited, 'shop', 'run_1', 'scan.orders').transaction([`select 1`])
    expect(await client.jobs()).toContainEqual(
      expect.objectContaining({
        configuration: expect.objectContaining({
          labels: {
            team: 'data',
            personas_project: 'shop',
            personas_run_id: 'run_1',
            personas_node: 'scan_orders',
          },
          query: expect.objectContaining({ maximumBytesBilled: '1000' }),
        }),
      }),
    )
    await adapter.execute(`create or replace table ${schema}.wide as select repeat('x', 5000) as x`)
    const error = await failure(limited.query(`select x from ${schema}.wide`))
    expect([error.code, error.retryable]).toEqual(['PSN4034', false])
  })

  test('what passes is tried again, and nothing is sent twice', async () => {
    const table = `${schema}.once`
    await adapter.execute(`create table ${table} (x int64)`)
    const insert = `insert into ${table} (x) values (1)`
    await client.faults([{ kind: 'answer', status: 503, reason: 'backendError', times: 2 }])
    expect(await adapter.execute(insert)).toBe(1)
    // The answer is lost, before and after the job was made.
    await client.faults([{ kind: 'reset', on: 'POST' }])
    expect(await adapter.execute(insert)).toBe(1)
    await client.faults([{ kind: 'reset', after: true, on: 'POST' }])
    expect(await adapter.execute(insert)).toBe(1)
    await client.faults([{ kind: 'reset', on: 'GET .*queries', times: 2 }])
    expect(await adapter.execute(insert)).toBe(1)
    await client.faults([{ kind: 'job', reason: 'backendError', on: 'once' }])
    expect(await adapter.execute(insert)).toBe(1)
    expect(await adapter.query(`select count(*) as n from ${table}`)).toEqual([{ n: 5n }])
    // What is wrong stays wrong.
    const before = (await client.jobs()).length
    await client.faults([{ kind: 'job', reason: 'invalidQuery', on: 'once' }])
    expect((await failure(adapter.execute(insert))).code).toBe('PSN4000')
    expect((await client.jobs()).length).toBe(before + 1)
    const never = await openAdapter(as({ job_retries: 0 }))
    await client.faults([{ kind: 'job', reason: 'rateLimitExceeded', on: 'once' }])
    expect((await failure(never.execute(insert))).retryable).toBe(true)
    await client.faults([])
  })

  test('errors say what to do, and no secret', async () => {
    const unknown = await failure(adapter.query('select\n  1 as a,\n  nope as b'))
    expect(unknown.message).toMatch(/^BigQuery refused a statement: .*nope/)
    const secret = `ya29.${'s'.repeat(40)}`
    const refused = await failure(openAdapter(as({ token: secret })))
    expect([refused.code, JSON.stringify(refused.problems).includes(secret)]).toEqual(['PSN4031', false])
    const noFile = await failure(openAdapter(omit(as({ keyfile: join(folder, 'none.json') }))))
    expect([noFile.code, noFile.message]).toEqual(['PSN4031', expect.stringContaining('none.json')])
    const elsewhere = await openAdapter(as({ location: 'EU' }))
    await adapter.execute(`create or replace table ${schema}.here as select 1 as x`)
    expect((await failure(elsewhere.query(`select x from ${schema}.here`))).code).toBe('PSN4033')
    expect((await failure(adapter.query('select x from no_such_dataset.t'))).code).toBe('PSN4033')
    await client.deny(['bigquery.jobs.create'])
    const denied = await failure(adapter.query('select 1'))
    expect([denied.code, denied.problems[0]?.hint]).toEqual(['PSN4032', expect.stringContaining('Job User')])
    // A dataset that is there needs no right to make it.
    await client.deny([])
    const message =
      'Access Denied: Project p: User does not have bigquery.datasets.create permission in project p.'
    await client.faults([{ kind: 'job', reason: 'accessDenied', on: 'create schema', times: 2, message }])
    expect(await adapter.execute(dialect.createSchema(schema)[0] ?? '')).toBe(0)
    const notMade = await failure(adapter.execute(dialect.createSchema(`${schema}_other`)[0] ?? ''))
    expect([notMade.code, notMade.problems[0]?.hint]).toEqual(['PSN4032', expect.stringContaining('by hand')])
    await client.faults([{ kind: 'job', reason: 'quotaExceeded' }])
    expect((await failure(adapter.query('select 1'))).code).toBe('PSN4035')
    const gone = await failure(openAdapter(as({ api_endpoint: 'http://127.0.0.1:1', job_retries: 0 })))
    expect([gone.code, gone.retryable]).toEqual(['PSN4037', true])
  })

  test('cancel stops what runs, and the adapter goes on', async () => {
    await client.faults([{ kind: 'delay', millis: 60_000, on: 'endless' }])
    const running = failure(adapter.execute('select 1 as endless'))
    let ended = false
    const asking = (async () => {
      while (!ended) {
        await adapter.cancel()
        await delay(20)
      }
    })()
    expect((await running).code).toBe('PSN4010')
    ended = true
    await asking
    expect(await adapter.query('select 1 as x')).toEqual([{ x: 1n }])
  })

  test('one lock per schema, held by whoever renews it', async () => {
    const lock = await adapter.tryLock(schema)
    expect(lock).toBeDefined()
    expect(await adapter.tryLock(schema)).toBeUndefined()
    await lock?.release()
    // Many at once: one gets it.
    const all = await Promise.all(Array.from({ length: 5 }, () => adapter.tryLock(schema)))
    const held = all.filter((each) => each !== undefined)
    expect(held.length).toBeLessThanOrEqual(1)
    for (const each of held) await each.release()
    const again = await adapter.tryLock(schema)
    expect(again).toBeDefined()
    await again?.release()

    // One that is renewed outlives its term; one whose row another took is lost.
    const lease = { adapter, dialect, now: 'current_timestamp()', seconds: 1 }
    const short = await tryLease(lease, schema)
    await delay(1500)
    expect(await tryLease(lease, schema)).toBeUndefined()
    expect(short?.lost.aborted).toBe(false)
    await adapter.execute(`update ${schema}.run_lease set holder = 'another' where true`)
    await expect.poll(() => short?.lost.aborted, { timeout: 5000 }).toBe(true)
    await short?.release()
    expect(await adapter.query(`select holder from ${schema}.run_lease`)).toEqual([{ holder: 'another' }])
    // Nobody renews it any more.
    await delay(1200)
    const next = await tryLease(lease, schema)
    expect(next).toBeDefined()
    await next?.release()
  })
})

/** Without the token: whoever we are is then looked for elsewhere. */
function omit(target: BigqueryTarget): BigqueryTarget {
  const { token: _, ...settings } = target.settings
  return { ...target, settings }
}
