import { generateKeyPairSync } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Adapter } from '../../../src/adapters/adapter.ts'
import { openAdapter } from '../../../src/adapters/open-adapter.ts'
import { connectionError, statementError } from '../../../src/adapters/snowflake-errors.ts'
import { WarehouseError } from '../../../src/adapters/warehouse-error.ts'
import type { SnowflakeTarget } from '../../../src/config/config.ts'
import { relation } from '../../../src/ir/relation.ts'
import { type SnowflakeEmulator, startSnowflakeEmulator } from '../../emulators/snowflake/start.ts'

/*
 * The adapter on a simulated server of its own, whose faults can be chosen: what is shown here is what our code and the
 * unmodified driver do, not what Snowflake does.
 */
let emulator: SnowflakeEmulator
let adapter: Adapter
beforeAll(async () => {
  emulator = await startSnowflakeEmulator({ chunkRows: 1000, answerWithinMs: 100 })
  adapter = await openAdapter(target({}))
  for (const sql of adapter.dialect.createSchema('shop')) await adapter.execute(sql)
})
afterEach(() => emulator.faults.clear())
afterAll(async () => {
  await adapter.close()
  await emulator.stop()
})

function target(settings: Partial<SnowflakeTarget['settings']>): SnowflakeTarget {
  const { host, port, protocol, account, username, password, database, warehouse, role } = emulator
  const ways = 'token' in settings || 'private_key' in settings ? {} : { password }
  return {
    type: 'snowflake',
    name: 'test',
    schema: 'shop',
    workSchema: 'shop_work',
    threads: 1,
    settings: { host, port, protocol, account, username, database, warehouse, role, ...ways, ...settings },
  }
}

async function refusal(work: Promise<unknown>): Promise<WarehouseError> {
  try {
    await work
  } catch (error) {
    if (error instanceof WarehouseError) return error
    throw error
  }
  throw new Error('it did not fail')
}

const opening = async (settings: Partial<SnowflakeTarget['settings']>): Promise<void> => {
  const opened = await openAdapter(target(settings))
  await opened.close()
}

describe('logging in', () => {
  test('by key pair, OAuth token and programmatic token', async () => {
    await opening({ private_key: emulator.privateKey })
    await opening({ token: emulator.oauthToken, authenticator: 'oauth' })
    await opening({ token: emulator.programmaticToken })
  })

  test('what is refused says so and shows no secret', async () => {
    const { privateKey: stranger } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    const wrong = [{ password: 'opensesame' }, { token: 'opensesame' }, { private_key: stranger }]
    for (const settings of wrong) {
      const error = await refusal(opening(settings))
      expect([error.code, error.retryable], error.message).toEqual(['PSN4051', false])
      expect(error.message).not.toMatch(/opensesame|PRIVATE KEY/)
    }
  })

  test('a key that is none', async () => {
    expect((await refusal(opening({ private_key: 'opensesame' }))).code).toBe('PSN4054')
  })

  test.each(['role', 'database', 'warehouse'] as const)('a %s that is not there', async (kind) => {
    const error = await refusal(opening({ [kind]: 'NOWHERE' }))
    expect([error.code, error.message]).toEqual([
      'PSN4052',
      `there is no ${kind} \`NOWHERE\` at Snowflake, or the user may not use it`,
    ])
  })
})

describe('statements', () => {
  test('version', async () => {
    expect(await adapter.version()).toMatch(/^Snowflake \d+\.\d+\.\d+$/)
  })

  test('values', async () => {
    const rows = await adapter.query(
      'select 2 as int, 9223372036854775807 as big, 1.50 as dec, cast(0.1 as float) as dbl, true as yes, ' +
        "cast(null as varchar) as nothing, cast('2026-01-01 10:00:00.123456789' as timestamp_ntz(6)) as ts, " +
        "cast('2026-01-01T10:00:00+02:00' as timestamp_ltz) as tz, date '2026-01-02' as day, " +
        `array_construct('a', 'b"') as list, parse_json('{"a":1}') as json, 'x?y $1' as marks, 'Q' as "Quoted", 'l' as "lower"`,
    )
    expect(rows).toEqual([
      {
        int: 2n,
        big: 9223372036854775807n,
        dec: '1.50',
        dbl: 0.1,
        yes: true,
        nothing: null,
        ts: '2026-01-01T10:00:00.123456Z',
        tz: '2026-01-01T08:00:00Z',
        day: '2026-01-02',
        list: '["a","b\\""]',
        json: '{"a":1}',
        marks: 'x?y $1',
        Quoted: 'Q',
        LOWER: 'l',
      },
    ])
  })

  test('long texts as bytes, beside what else a row has', async () => {
    const long = 'é😀\n'.repeat(1_000)
    const rows = await adapter.queryTexts(
      `select x as n, case x when 2 then '' else '${long}' end as body, cast('b' as varchar) as tag ` +
        'from (select 1 as x union all select 3 union all select 2) as numbers order by x desc',
      'body',
    )
    expect(rows.map(({ row, text }) => [row.n, row.tag, Buffer.from(text).toString()])).toEqual([
      [3n, 'b', long],
      [2n, 'b', ''],
      [1n, 'b', long],
    ])
  })

  test('more rows than come at once', async () => {
    const rows = await adapter.query('select 1 as n from table(generator(rowcount => 3500))')
    expect(rows).toHaveLength(3500)
  })

  test('rows affected', async () => {
    const name = adapter.dialect.relation(relation('shop', 'affected'))
    await adapter.execute(`create or replace table ${name} (x integer)`)
    expect(await adapter.execute(`insert into ${name} values (4), (5)`)).toBe(2)
    expect(await adapter.execute(`update ${name} set x = 0 where x > 3`)).toBe(2)
    expect(await adapter.execute(`delete from ${name} where x = 0`)).toBe(2)
    expect(
      await adapter.transaction([`insert into ${name} values (7)`, `insert into ${name} values (8), (9)`]),
    ).toBe(2)
  })

  test('a transaction is all or nothing, and holds rows only', async () => {
    const name = adapter.dialect.relation(relation('shop', 'whole'))
    await adapter.execute(`create or replace table ${name} (x integer)`)
    const error = await refusal(
      adapter.transaction([`insert into ${name} values (1)`, 'select * from shop.nowhere_at_all']),
    )
    expect([error.code, error.message]).toEqual(['PSN4000', expect.stringContaining('NOWHERE_AT_ALL')])
    expect(await adapter.query(`select count(*) as n from ${name}`)).toEqual([{ n: 0n }])
    expect(() => adapter.transaction([`create table ${name}_2 (y integer)`])).toThrow(
      /no transaction can hold this/,
    )
  })

  test('the catalogue in the words of a project', async () => {
    await adapter.execute(
      'create or replace table shop.kinds (Dec number(10, 2), i integer, f float, "Ts" timestamp_ntz, tz timestamp_tz, "low" date, j variant, t varchar, b boolean)',
    )
    const { tables } = await adapter.catalog(['shop', 'nowhere'])
    expect(tables.find((table) => table.relation.name === 'kinds')).toEqual({
      relation: relation('shop', 'kinds'),
      columns: [
        { name: 'dec', type: 'decimal' },
        { name: 'i', type: 'integer' },
        { name: 'f', type: 'float' },
        { name: 'Ts', type: 'timestamp' },
        { name: 'tz', type: 'timestamptz' },
        { name: 'LOW', type: 'date' },
        { name: 'j', type: 'json' },
        { name: 't', type: 'text' },
        { name: 'b', type: 'boolean' },
      ],
    })
    expect(await adapter.describe('select dec, j, "Ts" as x from shop.kinds')).toEqual([
      { name: 'dec', type: 'decimal' },
      { name: 'j', type: 'json' },
      { name: 'x', type: 'timestamp' },
    ])
    expect((await refusal(adapter.describe('drop table shop.kinds'))).code).toBe('PSN4000')
  })

  test('an error is one line, with what to do', async () => {
    const error = await refusal(adapter.query('select\n  1 as a,\n  nope as b'))
    expect(error.message).toMatch(/^Snowflake refused a statement: .*NOPE/)
    expect(error.message).not.toContain('\n')
    expect(error.problems[0]?.hint).toContain('target/compiled')
  })

  test('a role that may not write', async () => {
    const reader = await openAdapter(target({ role: emulator.readerRole }))
    try {
      expect((await refusal(reader.execute('create table shop.mine (x integer)'))).code).toBe('PSN4004')
      // The schema is there already, and that is all a run asks for.
      for (const sql of reader.dialect.createSchema('shop')) expect(await reader.execute(sql)).toBe(0)
    } finally {
      await reader.close()
    }
  })
})

describe('faults', () => {
  const inserted = async (table: string): Promise<unknown> =>
    (await adapter.query(`select count(*) as n from shop.${table}`))[0]?.n

  test('a server that is busy is asked again', async () => {
    emulator.faults.add({ kind: 'status', status: 503 }, { times: 2 })
    expect(await adapter.query('select 1 as x')).toEqual([{ x: 1n }])
  })

  test.each(['before', 'after'] as const)(
    'a connection that breaks %s an insert leaves its rows once',
    async (when) => {
      await adapter.execute(`create or replace table shop.once_${when} (x integer)`)
      emulator.faults.add({ kind: 'reset', when }, { sql: /insert into shop\.once/ })
      expect(await adapter.execute(`insert into shop.once_${when} values (1)`)).toBe(1)
      expect(await inserted(`once_${when}`)).toBe(1n)
    },
  )

  test('a result is asked for again by the id of the query', async () => {
    await adapter.execute('create or replace table shop.resumed (x integer)')
    emulator.faults.add({ kind: 'status', status: 503 }, { path: /\/result/, times: 1 })
    const rows = await adapter.query(
      'select count(*) as n from table(generator(rowcount => 100000)) as a, table(generator(rowcount => 3000)) as b',
    )
    expect(rows).toEqual([{ n: 300_000_000n }])
  })

  test('a session that has expired is opened anew', async () => {
    emulator.expireSessions('master')
    expect(await adapter.query('select 1 as x')).toEqual([{ x: 1n }])
    emulator.expireSessions('session')
    expect(await adapter.query('select 1 as x')).toEqual([{ x: 1n }])
  })
})

test('one run per schema', async () => {
  const lock = await adapter.tryLock('shop')
  expect(lock).toBeDefined()
  const other = await openAdapter(target({}))
  expect(await other.tryLock('shop')).toBeUndefined()
  await lock?.release()
  const again = await other.tryLock('shop')
  expect(again).toBeDefined()
  await again?.release()
  await other.close()
})

describe('what the server calls it', () => {
  const said = (code: string, message = 'said'): Error => Object.assign(new Error(message), { code })

  test.each([
    ['003001', 'PSN4004'],
    ['000604', 'PSN4010'],
    ['000630', 'PSN4055'],
    ['000606', 'PSN4052'],
    ['090105', 'PSN4052'],
    ['090073', 'PSN4056'],
    ['001003', 'PSN4000'],
    ['401001', 'PSN4009'],
  ])('%s is %s', (code, expected) => {
    expect(statementError(said(code)).code).toBe(expected)
  })

  test('a fate that is not known is said, and nothing is tried again', () => {
    const error = statementError(said('401001'), true)
    expect([error.retryable, error.message]).toEqual([
      false,
      'the connection to the warehouse was lost: said; whether the last statement was done is not known',
    ])
  })

  test.each([
    ['390100', 'PSN4051'],
    ['390144', 'PSN4051'],
    ['390189', 'PSN4052'],
    ['401001', 'PSN4053'],
    ['404026', 'PSN4054'],
  ])('at login %s is %s', (code, expected) => {
    expect(connectionError(said(code), target({}).settings).code).toBe(expected)
  })
})
