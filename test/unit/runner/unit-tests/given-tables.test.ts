import { describe, expect, test } from 'vitest'
import type { SegmentSource, Source, TableSource, UnitTest } from '../../../../src/definitions/definitions.ts'
import { typeOfValues } from '../../../../src/runner/unit-tests/given-column.ts'
import { givenTables } from '../../../../src/runner/unit-tests/given-tables.ts'

const span = { file: 'models/x.yml', line: 1, column: 1, endLine: 1, endColumn: 2 }
const carried = { tags: [], meta: {}, span, nameSpan: span }
const web: SegmentSource = {
  ...carried,
  name: 'web',
  format: 'segment',
  schema: 'web_prod',
  schemaSpan: span,
}
const pos: TableSource = {
  ...carried,
  name: 'pos',
  format: 'table',
  schema: 'raw',
  table: 'orders',
  tableSpan: span,
  type: 'track',
  event: { literal: 'Order Completed' },
  id: { column: 'order_id', span },
  timestamp: { column: 'ordered_at', span },
  loadedAt: { column: 'loaded_at', span },
  identifiers: [{ type: 'email', column: 'customer_email', span }],
  properties: [{ property: 'revenue', column: 'total', span }],
}

function given(rows: UnitTest['given'], sources: readonly Source[] = [web, pos]) {
  const test: UnitTest = { ...carried, name: 't', asOf: '2026-06-01T00:00:00Z', given: rows, expect: {} }
  const names = new Map([['order_completed', 'Order completed']])
  const { tables, problems } = givenTables(test, sources, (source) => `test_${source.schema}`, names)
  const shown = tables.map(({ relation, columns, rows }) => ({
    table: `${relation.schema}.${relation.name}`,
    types: Object.fromEntries(columns.map(({ name, type }) => [name, type])),
    rows: rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]]))),
  }))
  return { tables: shown, problems }
}

describe('tables a unit test gives', () => {
  test('an event table gets what its rows always have, and its rows in tracks', () => {
    const { tables } = given({
      'web.order_completed': [
        { user_id: 'u1', revenue: 1.5, timestamp: '2026-05-01T12:00:00+02:00' },
        { anonymous_id: 'a1', revenue: 2 },
      ],
    })
    expect(tables.map(({ table }) => table)).toEqual([
      'test_web_prod.order_completed',
      'test_web_prod.tracks',
    ])
    expect(tables[0]?.types).toMatchObject({
      id: 'text',
      timestamp: 'timestamp',
      received_at: 'timestamp',
      revenue: 'number',
    })
    expect(tables[0]?.rows).toEqual([
      {
        id: 'order_completed-1',
        user_id: 'u1',
        anonymous_id: null,
        timestamp: '2026-05-01T10:00:00.000Z',
        received_at: '2026-05-01T10:00:00.000Z',
        event: 'order_completed',
        event_text: 'Order completed',
        revenue: 1.5,
      },
      {
        id: 'order_completed-2',
        user_id: null,
        anonymous_id: 'a1',
        timestamp: '2026-05-31T00:00:01.000Z',
        received_at: '2026-05-31T00:00:01.000Z',
        event: 'order_completed',
        event_text: 'Order completed',
        revenue: 2,
      },
    ])
    expect(tables[1]?.rows.map((row) => [row.id, row.user_id, row.revenue])).toEqual([
      ['order_completed-1', 'u1', undefined],
      ['order_completed-2', null, undefined],
    ])
  })

  test('tracks that are given stay as they are', () => {
    const { tables } = given({
      'web.signed_up': [{ user_id: 'u1' }],
      'web.tracks': [{ id: 't1', user_id: 'u1', event: 'signed_up' }],
    })
    expect(tables.map(({ table, rows }) => [table, rows.length])).toEqual([
      ['test_web_prod.signed_up', 1],
      ['test_web_prod.tracks', 1],
    ])
    expect(tables[0]?.rows[0]?.event_text).toBe('Signed Up')
  })

  test('a table source has all columns it maps, whatever the rows name', () => {
    const { tables } = given({
      'pos.orders': [{ customer_email: 'a@x.io', ordered_at: '2026-05-01T00:00:00Z' }],
    })
    expect(tables).toEqual([
      {
        table: 'test_raw.orders',
        types: {
          order_id: 'text',
          ordered_at: 'timestamp',
          loaded_at: 'timestamp',
          customer_email: 'text',
          total: 'text',
        },
        rows: [
          {
            order_id: 'orders-1',
            ordered_at: '2026-05-01T00:00:00.000Z',
            loaded_at: '2026-05-01T00:00:00.000Z',
            customer_email: 'a@x.io',
            total: null,
          },
        ],
      },
    ])
    expect(given({ 'raw.orders': [] }).tables.map(({ table }) => table)).toEqual(['test_raw.orders'])
  })

  test('nested values are JSON text, whole numbers integers', () => {
    const [table] = given({
      'web.identifies': [{ user_id: 1, tags: ['a', 'b'], plan: { name: 'x' }, ok: true }],
    }).tables
    expect(table?.rows[0]).toMatchObject({ user_id: 1n, tags: '["a","b"]', plan: '{"name":"x"}', ok: true })
    expect(table?.types).toMatchObject({ user_id: 'integer', tags: 'text', ok: 'boolean' })
  })

  test('a table of no source, and values of two types, are problems with their place', () => {
    const { problems } = given({
      'wbe.tracks': [],
      'pos.order': [],
      'web.identifies': [{ age: 3 }, { age: 'three' }],
    })
    expect(problems).toMatchObject([
      { code: 'PSN5012', parameters: { table: 'wbe.tracks', near: 'web.tracks' }, span },
      { code: 'PSN5012', parameters: { table: 'pos.order', near: 'pos.orders' } },
      { code: 'PSN5017', parameters: { column: 'age', table: 'web.identifies' } },
    ])
  })

  test.each([
    [[null, undefined], 'text'],
    [[1, null], 'integer'],
    [[1, 1.5], 'number'],
    [['2026-01-01T00:00:00Z', '2026-01-01 00:00:00.5+01:00'], 'timestamp'],
    [['2026-01-01'], 'text'],
    [['2026-01-01T00:00:00Z', ''], 'text'],
    [[true, 1], undefined],
    [['a', 1], undefined],
  ])('%j is %s', (values, type) => {
    expect(typeOfValues(values)).toBe(type)
  })
})
