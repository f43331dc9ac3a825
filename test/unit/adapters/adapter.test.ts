import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Value } from '../../../src/adapters/adapter.ts'
import { WarehouseError } from '../../../src/adapters/warehouse-error.ts'
import { relation } from '../../../src/ir/relation.ts'
import type { ValueType } from '../../../src/ir/value-type.ts'

import { engines, type Place } from '../../support/engines.ts'

/** Ten to the power of twelve rows: long enough to be stopped, on either engine. */
const endless = `select count(*) from ${Array.from(
  { length: 12 },
  (_, index) => `(values (1), (2), (3), (4), (5), (6), (7), (8), (9), (0)) as t${index} (x)`,
).join(' cross join ')} where t0.x + t5.x + t11.x = 7`

async function* stream(rows: readonly (readonly Value[])[]): AsyncGenerator<readonly Value[]> {
  yield* rows
}

async function failure(work: Promise<unknown>): Promise<WarehouseError> {
  try {
    await work
  } catch (error) {
    if (error instanceof WarehouseError) return error
    throw error
  }
  throw new Error('it did not fail')
}

// What BigQuery answers is in bigquery.test.ts: its statements are others.
describe.each(engines.filter(({ dialect }) => dialect !== 'bigquery'))('adapter of $name', (engine) => {
  /** What is written in SQL that DuckDB and Postgres read; Snowflake is asked in its own, in snowflake.test.ts. */
  const asked = engine.dialect === 'snowflake' ? (): void => {} : test

  let place: Place
  let folder: string
  beforeAll(async () => {
    place = await engine.open()
    folder = mkdtempSync(join(tmpdir(), 'personas-adapter-'))
  })
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    await place.drop()
  })

  asked('version', async () => {
    expect(await place.adapter.version()).toMatch(/^(DuckDB|PostgreSQL) \d+\.\d+(\.\d+)?$/)
  })

  test('what a statement would read is not said beforehand', async () => {
    expect(await place.adapter.scannedBytes('select 1 as one')).toBeUndefined()
  })

  asked('values', async () => {
    const rows = await place.adapter.query(
      'select cast(1 as smallint) as small, 2 as int, cast(9223372036854775807 as bigint) as big, ' +
        'sum(x) as sum_of_integers, cast(1.50 as decimal(10, 2)) as dec, cast(0.1 as double precision) as dbl, ' +
        'cast(0.5 as real) as flt, true as yes, cast(null as text) as nothing, ' +
        "timestamp '2026-01-01 10:00:00.120' as ts, timestamptz '2026-01-01 10:00:00+02' as tz, date '2026-01-02' as day, " +
        `array['a', 'b"'] as list, cast('{"a":1}' as json) as json, 'x?y $1' as marks from (values (1), (2)) as t (x)`,
    )
    expect(rows).toEqual([
      {
        small: 1n,
        int: 2n,
        big: 9223372036854775807n,
        sum_of_integers: 3n,
        dec: '1.50',
        dbl: 0.1,
        flt: 0.5,
        yes: true,
        nothing: null,
        ts: '2026-01-01T10:00:00.12Z',
        tz: '2026-01-01T08:00:00Z',
        day: '2026-01-02',
        list: '["a","b\\""]',
        json: '{"a":1}',
        marks: 'x?y $1',
      },
    ])
  })

  test('parameters are bound, not pasted', async () => {
    const rows = await place.adapter.query(
      'select cast($1 as text) as t, cast($2 as bigint) as i, cast($3 as double precision) as n, cast($4 as boolean) as b, cast($5 as text) as z',
      ["it's; --", 2n ** 62n, 1.5, true, null],
    )
    expect(rows).toEqual([{ t: "it's; --", i: 2n ** 62n, n: 1.5, b: true, z: null }])
  })

  asked('long texts as bytes, beside what else a row has', async () => {
    const long = 'é😀\n'.repeat(1_000)
    const rows = await place.adapter.queryTexts(
      `select x as n, case x when 2 then '' else '${long}' end as body, cast('b' as text) as tag ` +
        'from (select 1 as x union all select 3 union all select 2) as numbers order by x desc',
      'body',
    )
    expect(rows.map(({ row, text }) => [row.n, row.tag, Buffer.from(text).toString()])).toEqual([
      [3n, 'b', long],
      [2n, 'b', ''],
      [1n, 'b', long],
    ])
  })

  asked('rows affected', async () => {
    const { adapter, schema } = place
    const target = relation(schema, 'affected')
    const counts: number[] = []
    for (const sql of adapter.dialect.createTableAs(target, 'select x from (values (1), (2), (3)) as t (x)'))
      counts.push(await adapter.execute(sql))
    expect(Math.max(...counts)).toBe(3)
    const name = adapter.dialect.relation(target)
    expect(await adapter.execute(`insert into ${name} values (4), (5)`)).toBe(2)
    expect(await adapter.execute(`update ${name} set x = 0 where x > 3`)).toBe(2)
    expect(await adapter.execute(`delete from ${name} where x = 1`)).toBe(1)
    expect(
      await adapter.transaction([`delete from ${name}`, `insert into ${name} values (7), (8), (9)`]),
    ).toBe(3)
  })

  asked('a transaction is all or nothing', async () => {
    const { adapter, schema } = place
    const name = adapter.dialect.relation(relation(schema, 'whole'))
    await adapter.execute(`create table ${name} (x integer)`)
    const error = await failure(
      adapter.transaction([
        `insert into ${name} values (1)`,
        `create table ${name}_2 (y integer)`,
        'select * from nowhere_at_all',
      ]),
    )
    expect(error.code).toBe('PSN4000')
    expect(error.message).toContain('nowhere_at_all')
    expect(error.cause).toBeInstanceOf(Error)
    expect(await adapter.query(`select count(*) as n from ${name}`)).toEqual([{ n: 0n }])
    expect((await adapter.catalog([schema])).tables.map((table) => table.relation.name)).not.toContain(
      'whole_2',
    )
    expect(await adapter.transaction([`insert into ${name} values (1)`])).toBe(1)
  })

  asked('the catalogue knows tables and views, sorted, and no schema that is missing', async () => {
    const other = await engine.open()
    const { adapter, schema, workSchema } = other
    const { dialect } = adapter
    for (const sql of [
      ...dialect.createView(relation(schema, 'b_view'), "select 1 as i, date '2026-01-01' as d"),
      ...dialect.createTableAs(
        relation(schema, 'a'),
        "select 1.5 as dec, timestamptz '2026-01-01 00:00:00Z' as tz",
      ),
      ...dialect.createTableAs(
        relation(schema, 'B'),
        "select 'x' as t, cast('{}' as json) as j, cast('0d9f5a9e-45a4-4f5a-9a34-2f6f7b0f6a3c' as uuid) as u",
      ),
      ...dialect.createTableAs(relation(workSchema, 'a'), 'select true as b'),
    ]) {
      await adapter.execute(sql)
    }
    expect(await adapter.catalog([workSchema, 'no_such_schema', schema])).toEqual({
      tables: [
        {
          relation: relation(schema, 'B'),
          columns: [
            { name: 't', type: 'text' },
            { name: 'j', type: 'json' },
            { name: 'u', type: 'other' },
          ],
        },
        {
          relation: relation(schema, 'a'),
          columns: [
            { name: 'dec', type: 'decimal' },
            { name: 'tz', type: 'timestamptz' },
          ],
        },
        {
          relation: relation(schema, 'b_view'),
          columns: [
            { name: 'i', type: 'integer' },
            { name: 'd', type: 'date' },
          ],
        },
        { relation: relation(workSchema, 'a'), columns: [{ name: 'b', type: 'boolean' }] },
      ],
    })
    expect(await adapter.catalog([])).toEqual({ tables: [] })
    await other.drop()
  })

  asked('describe tells columns and runs nothing', async () => {
    const { adapter, schema } = place
    const name = adapter.dialect.relation(relation(schema, 'described'))
    await adapter.execute(`create table ${name} (x integer)`)
    const columns = await adapter.describe(
      `-- a comment\nwith t as (select x from ${name})\nselect t.x, 'a' as "T", 1.5 as d, cast(1 as double precision) as f, ` +
        "timestamp '2026-01-01 00:00:00' as ts, 1 / t.x as never from t",
    )
    expect(columns.slice(0, 5)).toEqual([
      { name: 'x', type: 'integer' },
      { name: 'T', type: 'text' },
      { name: 'd', type: 'decimal' },
      { name: 'f', type: 'float' },
      { name: 'ts', type: 'timestamp' },
    ])
    for (const bad of [
      'select 1; select 2',
      `drop table ${name}`,
      `delete from ${name}`,
      'select no_such_column',
      'selec 1',
      '',
    ]) {
      expect((await failure(adapter.describe(bad))).code, bad).toBe('PSN4000')
    }
    expect(await adapter.query(`select count(*) as n from ${name}`)).toEqual([{ n: 0n }])
  })

  test('load streams rows of every type and replaces what was there', async () => {
    const { adapter, schema } = place
    const target = relation(schema, 'Loaded')
    const columns: readonly { name: string; type: ValueType }[] = [
      { name: 'i', type: 'integer' },
      { name: 't', type: 'text' },
      { name: 'n', type: 'number' },
      { name: 'b', type: 'boolean' },
      { name: 'order', type: 'timestamp' },
      { name: 'l', type: 'list' },
    ]
    await adapter.load(target, [{ name: 'old', type: 'text' }], stream([['x']]))
    const count = await adapter.load(
      target,
      columns,
      stream([
        [1n, 'a\tb\\N\n\r"', 0.1, true, '2026-01-01T00:00:00.123456+02:00', '["a"]'],
        [2n, '', 1e20, false, '2026-01-01T00:00:00Z', null],
        [null, null, null, null, null, null],
      ]),
    )
    expect(count).toBe(3)
    expect(await adapter.query(`select * from ${adapter.dialect.relation(target)} order by i`)).toEqual([
      { i: 1n, t: 'a\tb\\N\n\r"', n: 0.1, b: true, order: '2025-12-31T22:00:00.123456Z', l: '["a"]' },
      { i: 2n, t: '', n: 1e20, b: false, order: '2026-01-01T00:00:00Z', l: null },
      { i: null, t: null, n: null, b: null, order: null, l: null },
    ])
  })

  test('a load that breaks off leaves the old table', async () => {
    const { adapter, schema } = place
    const target = relation(schema, 'kept')
    await adapter.load(target, [{ name: 'x', type: 'integer' }], stream([[1n]]))
    async function* broken(): AsyncGenerator<readonly Value[]> {
      yield [2n]
      throw new Error('the source broke off')
    }
    expect(
      (await failure(adapter.load(target, [{ name: 'x', type: 'integer' }], broken()))).message,
    ).toContain('the source broke off')
    expect(await adapter.query(`select * from ${adapter.dialect.relation(target)}`)).toEqual([{ x: 1n }])
  })

  test('a CSV file gets the same types and values everywhere', async () => {
    const { adapter, schema } = place
    const file = join(folder, "it's.csv")
    writeFileSync(
      file,
      'id,zip,big,amount,yes,day,at,instant,american,empty,mixed,"odd ""name"""\n' +
        '1,007,12345678901234567890,1.5,true,2026-01-01,2026-01-01 10:00:00.5,2026-01-01T10:00:00+02:00,01/02/2026,,a,"a\nb,c\\N"\n' +
        '20,123,1,2,false,2026-01-02,2026-01-01 10:00:00,2026-01-01T10:00:00Z,03/04/2026,,1,\n',
    )
    const target = relation(schema, 'from_csv')
    expect(await adapter.loadCsv(target, file)).toBe(2)
    const { tables } = await adapter.catalog([schema])
    expect(tables.find((table) => table.relation.name === 'from_csv')?.columns).toEqual([
      { name: 'id', type: 'integer' },
      { name: 'zip', type: 'text' },
      { name: 'big', type: 'text' },
      { name: 'amount', type: 'float' },
      { name: 'yes', type: 'boolean' },
      { name: 'day', type: 'date' },
      { name: 'at', type: 'timestamp' },
      { name: 'instant', type: 'timestamptz' },
      { name: 'american', type: 'text' },
      { name: 'empty', type: 'text' },
      { name: 'mixed', type: 'text' },
      { name: 'odd "name"', type: 'text' },
    ])
    const dates = {
      day: '2026-01-01',
      at: '2026-01-01T10:00:00.5Z',
      instant: '2026-01-01T08:00:00Z',
      american: '01/02/2026',
    }
    expect(await adapter.query(`select * from ${adapter.dialect.relation(target)} order by id`)).toEqual([
      {
        id: 1n,
        zip: '007',
        big: '12345678901234567890',
        amount: 1.5,
        yes: true,
        ...dates,
        empty: null,
        mixed: 'a',
        'odd "name"': 'a\nb,c\\N',
      },
      {
        ...{
          id: 20n,
          zip: '123',
          big: '1',
          amount: 2,
          yes: false,
          day: '2026-01-02',
          at: '2026-01-01T10:00:00Z',
        },
        ...{
          instant: '2026-01-01T10:00:00Z',
          american: '03/04/2026',
          empty: null,
          mixed: '1',
          'odd "name"': null,
        },
      },
    ])
    expect(await adapter.loadCsv(target, file)).toBe(2)
  })

  test('an id that grows a leading zero after many rows is text', async () => {
    const { adapter, schema } = place
    const file = join(folder, 'late.csv')
    writeFileSync(
      file,
      `id,n\n${Array.from({ length: 30_000 }, (_, index) => `${index + 1},${index}`).join('\n')}\n007,30000\n`,
    )
    const target = relation(schema, 'late')
    expect(await adapter.loadCsv(target, file)).toBe(30_001)
    const name = adapter.dialect.relation(target)
    expect(await adapter.query(`select id from ${name} where n = 30000`)).toEqual([{ id: '007' }])
  })

  test('a CSV file that is missing says so', async () => {
    const error = await failure(
      place.adapter.loadCsv(relation(place.schema, 'none'), join(folder, 'none.csv')),
    )
    expect(error.message).toContain('none.csv')
  })

  test('one lock per schema', async () => {
    const { adapter, schema, workSchema } = place
    const lock = await adapter.tryLock(schema)
    expect(lock).toBeDefined()
    expect(await adapter.tryLock(schema)).toBeUndefined()
    const other = await adapter.tryLock(workSchema)
    expect(other).toBeDefined()
    await other?.release()
    await lock?.release()
    const again = await adapter.tryLock(schema)
    expect(again).toBeDefined()
    await again?.release()
  })

  test('statements run side by side, and more of them than connections', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => place.adapter.query(`select ${index} as i`)),
    )
    expect(answers.map(([row]) => row?.i)).toEqual(Array.from({ length: 20 }, (_, index) => BigInt(index)))
  })

  test('cancel stops what runs, and the adapter goes on', async () => {
    const { adapter } = place
    await adapter.cancel()
    const running = failure(adapter.execute(endless))
    // It may be asked before the statement has reached the server, so it is asked until the statement ends.
    let ended = false
    const asking = (async () => {
      while (!ended) {
        await adapter.cancel()
        await delay(50)
      }
    })()
    const error = await running
    ended = true
    await asking
    expect(error.code).toBe('PSN4010')
    expect(await adapter.query('select 1 as x')).toEqual([{ x: 1n }])
  })

  asked('an error tells what the warehouse said, in a line, and what to do', async () => {
    const error = await failure(place.adapter.query('select\n  1 as a,\n  nope as b'))
    expect(error.message).toMatch(/^(DuckDB|PostgreSQL) refused a statement: .*nope/)
    expect(error.message).not.toMatch(/LINE|\n/)
    expect(error.problems[0]?.hint).toContain('target/compiled')
    expect(error.retryable).toBe(false)
  })
})
