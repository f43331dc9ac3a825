import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Client, connect } from './client.ts'
import { type SnowflakeEmulator, startSnowflakeEmulator } from './start.ts'

let emulator: SnowflakeEmulator
let client: Client

beforeAll(async () => {
  emulator = await startSnowflakeEmulator({ chunkRows: 1000, answerWithinMs: 200 })
  client = await connect(emulator)
})
afterAll(async () => {
  await client.close()
  await emulator.stop()
})

const slow =
  'select count(*) as n from table(generator(rowcount => 100000)) as a, table(generator(rowcount => 100000)) as b'

describe('the unmodified SDK logs in', () => {
  const { privateKey: stranger } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const ways = {
    'by password': () => ({}),
    'by key pair': () => ({ authenticator: 'SNOWFLAKE_JWT', privateKey: emulator.privateKey }),
    'by OAuth token': () => ({ authenticator: 'OAUTH', token: emulator.oauthToken }),
    'by programmatic token': () => ({
      authenticator: 'PROGRAMMATIC_ACCESS_TOKEN',
      token: emulator.programmaticToken,
    }),
  }
  for (const [name, options] of Object.entries(ways)) {
    test(`${name}`, async () => {
      const other = await connect(emulator, options())
      expect(await other.rows('select current_user() as u')).toEqual([{ U: 'PERSONAS' }])
      await other.close()
    })
  }

  const refusals = {
    'a wrong password': [() => ({ password: 'wrong' }), '390100'],
    'a key that is not registered': [
      () => ({ authenticator: 'SNOWFLAKE_JWT', privateKey: stranger }),
      '390144',
    ],
    'a wrong OAuth token': [() => ({ authenticator: 'OAUTH', token: 'wrong' }), '390303'],
    'a wrong programmatic token': [
      () => ({ authenticator: 'PROGRAMMATIC_ACCESS_TOKEN', token: 'wrong' }),
      '394400',
    ],
    'an unknown role': [() => ({ role: 'NOBODY' }), '390189'],
  } as const
  for (const [name, [options, code]] of Object.entries(refusals)) {
    test(`not with ${name}`, async () => {
      await expect(connect(emulator, options())).rejects.toMatchObject({ code })
    })
  }
})

describe('results', () => {
  test('values of every type', async () => {
    const [row] = await client.rows(
      `select 1 as n, 1.50::number(10, 2) as d, 0.1::float as f, true as b, null as z, 'it''s' as t, date '2026-11-01' as day,
        '2026-11-01 10:00:00.123456'::timestamp_ntz as ts, '1969-12-31 23:59:59.5'::timestamp_ntz as early,
        parse_json('{"a": [1, null]}') as v, array_construct('x') as a`,
      { fetchAsString: ['Number'] },
    )
    expect(row).toMatchObject({
      N: '1',
      D: '1.50',
      B: true,
      Z: null,
      T: "it's",
      V: { a: [1, null] },
      A: ['x'],
    })
    expect(Number(row?.F)).toBe(0.1)
    expect(row?.DAY instanceof Date && row.DAY.toISOString()).toBe('2026-11-01T00:00:00.000Z')
    expect(row?.TS instanceof Date && row.TS.toISOString()).toBe('2026-11-01T10:00:00.123Z')
    expect(row?.EARLY instanceof Date && row.EARLY.toISOString()).toBe('1969-12-31T23:59:59.500Z')
  })

  test('integers of 38 digits are exact as text', async () => {
    const rows = await client.rows('select 99999999999999999999999999999999999999 as n', {
      fetchAsString: ['Number'],
    })
    expect(rows).toEqual([{ N: '99999999999999999999999999999999999999' }])
  })

  test('names fold to upper case unless quoted', async () => {
    expect(await client.rows('select 1 as "lower", 2 as Upper_, 3 as "Mixed"')).toEqual([
      { lower: 1, UPPER_: 2, Mixed: 3 },
    ])
  })

  test('3,500 rows in chunks, at once and as a stream', async () => {
    await client.rows(
      'create or replace temporary table many as select row_number() over (order by null) as n from table(generator(rowcount => 3500))',
    )
    expect(await client.rows('select n from many order by n')).toHaveLength(3500)
    const statement = await client.statement('select n from many order by n', { streamResult: true })
    let sum = 0
    for await (const row of statement.streamRows()) sum += row.N
    expect(sum).toBe((3500 * 3501) / 2)
  })

  test('the columns of a query without running it', async () => {
    const statement = await client.statement('select 1.5 as a, array_construct(1) as b where 1 / 0 = 1', {
      describeOnly: true,
    })
    expect(
      statement.getColumns()?.map((column) => [column.getName(), column.getType(), column.getScale()]),
    ).toEqual([
      ['A', 'fixed', 1],
      ['B', 'array', null],
    ])
  })

  test('parameters are echoed', async () => {
    await client.rows("alter session set query_tag = 'personas:test'")
    expect(await client.rows("show parameters like 'query_tag'")).toEqual([
      { key: 'QUERY_TAG', value: 'personas:test' },
    ])
  })
})

describe('binds', () => {
  test('scalar ones', async () => {
    const rows = await client.rows('select ? as t, ? as n, ? as f, ? as b, ?::varchar as z', {
      binds: ["it's \\ é", 7, 1.5, true, null],
    })
    expect(rows).toEqual([{ T: "it's \\ é", N: 7, F: 1.5, B: true, Z: null }])
  })

  test('rows of them', async () => {
    await client.rows('create or replace table bound (id varchar, n number, at timestamp_ntz, ok boolean)')
    const binds = Array.from({ length: 1203 }, (_, index) => [
      `r'${index}`,
      index,
      '2026-01-02 03:04:05.000001',
      index % 2 === 0,
    ])
    const statement = await client.statement('insert into bound values (?, ?, ?, ?)', { binds })
    expect(statement.getNumUpdatedRows()).toBe(1203)
    expect(
      await client.rows(
        "select count(*) as n, max(id) as id from bound where at > '2026-01-02 03:04:05'::timestamp_ntz and not ok",
      ),
    ).toEqual([{ N: 601, ID: "r'999" }])
  })
})

describe('statements', () => {
  test('affected rows by kind', async () => {
    await client.rows('create or replace table changed (id number, name varchar)')
    const count = async (sql: string): Promise<number | undefined> =>
      (await client.statement(sql)).getNumUpdatedRows()
    expect(await count("insert into changed values (1, 'a'), (2, 'b'), (3, 'c')")).toBe(3)
    expect(await count("update changed set name = 'x' where id < 3")).toBe(2)
    expect(await count('delete from changed where id = 1')).toBe(1)
    const merge =
      "merge into changed as t using (select 2 as id union all select 9) as s on t.id = s.id when matched then update set name = 'm' when not matched then insert (id) values (s.id)"
    expect(await client.rows(merge)).toEqual([{ 'number of rows inserted': 1, 'number of rows updated': 1 }])
    expect(await client.rows('select id, name from changed order by id')).toEqual([
      { ID: 2, NAME: 'm' },
      { ID: 3, NAME: 'c' },
      { ID: 9, NAME: null },
    ])
  })

  test('several in one text, each with its result', async () => {
    await expect(client.rows('select 1 as a; select 2 as b')).rejects.toMatchObject({ code: '000008' })
    const results: unknown[] = []
    await new Promise<void>((resolve, reject) => {
      client.connection.execute({
        sqlText: 'select 1 as a; select 2 as b',
        parameters: { MULTI_STATEMENT_COUNT: 2 },
        complete: (error, statement, rows) => {
          if (error) return reject(error)
          results.push(...(rows ?? []))
          if ('hasNext' in statement && statement.hasNext()) statement.NextResult()
          else resolve()
        },
      })
    })
    expect(results).toEqual([{ A: 1 }, { B: 2 }])
  })

  test('errors have their code and state', async () => {
    for (const [sql, code, sqlState] of [
      ['select nope', '000904', '42000'],
      ['select * from nope', '002003', '42S02'],
      ['selec 1', '001003', '42000'],
      ['select 1 / 0', '100051', '22012'],
      ["select 'x'::number", '100038', '22018'],
      ['create schema nowhere.s', '002043', '02000'],
      ['put file:///tmp/x @~', '000002', '0A000'],
    ] as const) {
      await expect(client.rows(sql), sql).rejects.toMatchObject({ code, sqlState })
    }
  })

  test('a transaction rolls back, and DDL commits it', async () => {
    await client.rows('create or replace table kept (n number)')
    await client.rows('begin')
    await client.rows('insert into kept values (1)')
    await client.rows('rollback')
    await client.rows('begin')
    await client.rows('insert into kept values (2)')
    await client.rows('create or replace table other (n number)')
    await client.rows('rollback')
    expect(await client.rows('select n from kept')).toEqual([{ N: 2 }])
  })

  test('what an unfinished session wrote is gone, and others may write again', async () => {
    await client.rows('create or replace table held (n number)')
    const other = await connect(emulator)
    await other.rows('begin')
    await other.rows('insert into held values (1)')
    const waiting = client.rows('insert into held values (2)')
    await other.close()
    await waiting
    expect(await client.rows('select n from held')).toEqual([{ N: 2 }])
  })
})

test('who waits too long for a lock is told', async () => {
  await client.rows('create or replace table locked (n number)')
  await client.rows('begin')
  await client.rows('insert into locked values (1)')
  const other = await connect(emulator)
  await other.rows('alter session set lock_timeout = 1')
  await expect(other.rows('insert into locked values (2)')).rejects.toMatchObject({ code: '000625' })
  await client.rows('rollback')
  await other.rows('insert into locked values (3)')
  expect(await client.rows('select n from locked')).toEqual([{ N: 3 }])
  await other.close()
})

describe('long queries', () => {
  test('an asynchronous one is found again by its id on another connection', async () => {
    const statement = await client.statement('select 42 as x', { asyncExec: true })
    const queryId = statement.getQueryId()
    const other = await connect(emulator)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await other.connection.getQueryStatus(queryId)).toBe('SUCCESS')
    const found = await other.connection.getResultsFromQueryId({ queryId, sqlText: '' })
    const rows: unknown[] = []
    for await (const row of found.streamRows()) rows.push(row)
    expect(rows).toEqual([{ X: 42 }])
    await other.close()
  })

  test('one that is cancelled stops on the server', async () => {
    const statement = await client.statement(slow, { asyncExec: true })
    const queryId = statement.getQueryId()
    expect(await client.connection.getQueryStatus(queryId)).toBe('RUNNING')
    await new Promise<void>((resolve, reject) =>
      statement.cancel((error) => (error ? reject(error) : resolve())),
    )
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await client.connection.getQueryStatus(queryId)).toBe('ABORTED')
    expect(await client.rows('select 1 as x')).toEqual([{ X: 1 }])
  })

  test('one that is waited for is cancelled too', async () => {
    const failed = new Promise((resolve) => {
      const statement = client.connection.execute({ sqlText: slow, complete: (error) => resolve(error) })
      setTimeout(() => statement.cancel(), 400)
    })
    expect(await failed).toMatchObject({ code: '000604' })
  })
})

describe('faults', () => {
  test('503 is tried again, and nothing is done twice', async () => {
    await client.rows('create or replace table once (n number)')
    emulator.faults.add({ kind: 'status', status: 503 })
    emulator.faults.add({ kind: 'reset', when: 'after' }, { sql: /insert into once/ })
    await client.rows('insert into once values (1)')
    expect(await client.rows('select count(*) as n from once')).toEqual([{ N: 1 }])
  })

  test('a session that has run out is renewed', async () => {
    emulator.expireSessions()
    expect(await client.rows('select 1 as x')).toEqual([{ X: 1 }])
  })

  test('a slow answer', async () => {
    emulator.faults.add({ kind: 'delay', ms: 300 })
    const before = Date.now()
    await client.rows('select 1 as x')
    expect(Date.now() - before).toBeGreaterThanOrEqual(290)
  })

  test('no warehouse, no database, no right', async () => {
    const bare = await connect(emulator, { warehouse: 'NOWHERE', database: 'NOWHERE' })
    await expect(bare.rows('select * from information_schema.tables')).rejects.toMatchObject({
      code: '000606',
    })
    await expect(bare.rows('use warehouse nowhere')).rejects.toMatchObject({ code: '002043' })
    await bare.rows(`use warehouse ${emulator.warehouse}`)
    await expect(bare.rows('select * from x')).rejects.toMatchObject({ code: '090105' })
    await bare.close()
    const reader = await connect(emulator, { role: emulator.readerRole })
    await expect(reader.rows('create table mine (n number)')).rejects.toMatchObject({
      code: '003001',
      sqlState: '42501',
    })
    await reader.close()
  })
})
