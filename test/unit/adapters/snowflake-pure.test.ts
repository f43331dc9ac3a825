import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bindMarks } from '../../../src/adapters/bind-marks.ts'
import { queryTag } from '../../../src/adapters/snowflake-query-tag.ts'
import { connectionOptions } from '../../../src/adapters/snowflake-settings.ts'
import { bindText, cellValue, snowflakeColumnType, utcText } from '../../../src/adapters/snowflake-values.ts'
import { swapCase } from '../../../src/dialects/snowflake-names.ts'

describe('names', () => {
  test.each([
    ['profile_traits', 'PROFILE_TRAITS'],
    ['PROFILE_TRAITS', 'profile_traits'],
    ['_x1$', '_X1$'],
    ['_1', '_1'],
    ['Mixed', 'Mixed'],
    ['order id', 'order id'],
    ['é', 'é'],
  ])('%s is stored as %s', (name, stored) => {
    expect(swapCase(name)).toBe(stored)
  })

  test('the way back is the same, so no two names meet', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (name) => swapCase(swapCase(name)) === name))
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_$ ]+$/), (name) => swapCase(swapCase(name)) === name),
    )
  })
})

describe('parameters', () => {
  test('marks, in the order in which they stand', () => {
    expect(bindMarks('select $2, $1, $2', ['a', 'b'])).toEqual({
      sql: 'select ?, ?, ?',
      values: ['b', 'a', 'b'],
    })
  })

  test('not inside literals, names and comments', () => {
    const sql = `select '$1 \\' it''s $1', "$1", -- $1\n /* $1 */ $1`
    expect(bindMarks(sql, [null])).toEqual({ sql: sql.replace(/\$1$/, '?'), values: [null] })
  })

  test('a mark without a value is a mistake', () => {
    expect(() => bindMarks('select $2', ['a'])).toThrow(/\$2/)
  })
})

describe('query tags', () => {
  test('run and node of the comment', () => {
    expect(queryTag('/* personas run_id=r-1 node=trait.orders */\nselect 1')).toBe(
      '{"app":"personas","run_id":"r-1","node":"trait.orders"}',
    )
    expect(queryTag('select 1')).toBeUndefined()
    expect(queryTag('/* a remark */ select 1')).toBeUndefined()
  })

  test('shortened to what the server takes', () => {
    const tag = queryTag(`/* personas run_id=r-1 node=${'x'.repeat(5000)} */\nselect 1`) ?? ''
    expect(tag.length).toBeLessThanOrEqual(2000)
    expect(JSON.parse(tag)).toMatchObject({ app: 'personas', run_id: 'r-1' })
  })
})

describe('values', () => {
  const instant = Object.assign(new Date(0), {
    getEpochSeconds: () => -1,
    getNanoSeconds: () => 123_456_789,
  })
  test.each([
    ['9223372036854775807', 'fixed', 0, 9223372036854775807n],
    ['1.50', 'fixed', 2, '1.50'],
    ['0.1', 'real', 0, 0.1],
    ['-inf', 'real', 0, Number.NEGATIVE_INFINITY],
    ['NaN', 'real', 0, Number.NaN],
    [true, 'boolean', 0, true],
    [new Date('2026-01-02T00:00:00Z'), 'date', 0, '2026-01-02'],
    [instant, 'timestamp_ntz', 9, '1969-12-31T23:59:59.123456Z'],
    ['{"a":1}', 'variant', 0, '{"a":1}'],
    [null, 'fixed', 0, null],
  ] as const)('%s of type %s', (cell, type, scale, value) => {
    expect(cellValue(cell, type, scale)).toEqual(value)
  })

  test.each([
    ['NUMBER', 0, 'integer'],
    ['NUMBER', 2, 'decimal'],
    ['FLOAT', 0, 'float'],
    ['TEXT', 0, 'text'],
    ['TIMESTAMP_LTZ', 9, 'timestamptz'],
    ['VARIANT', 0, 'json'],
    ['TIME', 9, 'other'],
    ['fixed', 0, 'integer'],
    ['real', 0, 'float'],
  ] as const)('a column of type %s', (name, scale, type) => {
    expect(snowflakeColumnType(name, scale)).toBe(type)
  })

  test.each([
    ['2026-01-01T00:00:00.123456789+02:00', '2025-12-31 22:00:00.123456'],
    ['2026-01-01 08:00:00+00', '2026-01-01 08:00:00'],
    ['2026-01-01', '2026-01-01 00:00:00'],
    ['2026-01-01 10:00:00.5', '2026-01-01 10:00:00.5'],
  ])('%s in UTC', (iso, text) => {
    expect(utcText(iso)).toBe(text)
  })

  test('numbers as the warehouse reads them', () => {
    expect(bindText(Number.NEGATIVE_INFINITY, 'number')).toBe('-inf')
    expect(bindText(2n ** 62n, 'integer')).toBe('4611686018427387904')
    expect(bindText(null, 'text')).toBeNull()
  })
})

describe('logins', () => {
  const place = { account: 'xy1', username: 'u', warehouse: 'w', database: 'd' }
  test('one way each', () => {
    expect(connectionOptions({ ...place, password: 'p' })).toMatchObject({ password: 'p' })
    expect(connectionOptions({ ...place, token: 't' })).toMatchObject({
      token: 't',
      authenticator: 'PROGRAMMATIC_ACCESS_TOKEN',
    })
    expect(connectionOptions({ ...place, token: 't', authenticator: 'oauth' })).toMatchObject({
      authenticator: 'OAUTH',
    })
    expect(
      connectionOptions({ ...place, private_key: 'MIIE\\nabc', private_key_passphrase: 'x' }),
    ).toMatchObject({
      authenticator: 'SNOWFLAKE_JWT',
      privateKey: '-----BEGIN PRIVATE KEY-----\nMIIE\nabc\n-----END PRIVATE KEY-----\n',
      privateKeyPass: 'x',
    })
  })

  test('another address', () => {
    expect(
      connectionOptions({ ...place, password: 'p', host: 'localhost', port: 81, protocol: 'http' }),
    ).toMatchObject({ accessUrl: 'http://localhost:81' })
  })
})
