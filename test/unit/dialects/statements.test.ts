import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dialectOf } from '../../../src/dialects/dialects.ts'
import {
  bigqueryKeywords,
  duckdbKeywords,
  postgresKeywords,
  snowflakeKeywords,
} from '../../../src/dialects/keywords.ts'
import { relation } from '../../../src/ir/relation.ts'
import { engines, type Place } from '../../support/engines.ts'

describe.each(engines)('statements on $name', (engine) => {
  let place: Place
  beforeAll(async () => {
    place = await engine.open()
  })
  afterAll(() => place.drop())

  const run = async (statements: readonly string[]): Promise<void> => {
    for (const sql of statements) await place.adapter.execute(sql)
  }
  const columns = async (name: string): Promise<unknown> => {
    const { tables } = await place.adapter.catalog([place.schema])
    return tables.find((table) => table.relation.name === name)?.columns
  }

  test('a dialect is found by its name', () => {
    expect(dialectOf(engine.dialect)).toBe(place.adapter.dialect)
  })

  test('a schema may be created twice', async () => {
    await run(place.adapter.dialect.createSchema(place.schema))
    await run(place.adapter.dialect.createSchema(place.schema))
  })

  test('a table is replaced, with other columns', async () => {
    const { adapter, schema } = place
    const target = relation(schema, 'select')
    await run(adapter.dialect.createTableAs(target, "select 1 as a, 'x' as b"))
    await run(
      adapter.dialect.createTableAs(
        target,
        `select ${adapter.dialect.fromText("'2'", 'integer')} as ${adapter.dialect.ident('order')}`,
      ),
    )
    expect(await columns('select')).toEqual([{ name: 'order', type: 'integer' }])
    expect(await adapter.query(`select * from ${adapter.dialect.relation(target)}`)).toEqual([{ order: 2n }])
  })

  test('a table grows and shrinks by columns, and says nothing the second time', async () => {
    const { adapter, schema } = place
    const { dialect } = adapter
    const target = relation(schema, 'grows')
    for (let twice = 0; twice < 2; twice += 1) {
      await run(
        dialect.createTableIfMissing(target, [
          { name: 'a', type: 'text' },
          { name: 'From', type: 'integer' },
        ]),
      )
      await run(dialect.addColumnIfMissing(target, { name: 'n', type: 'number' }))
      await run(dialect.addColumnIfMissing(target, { name: 'when', type: 'timestamp' }))
      await run(dialect.addColumnIfMissing(target, { name: 'l', type: 'list' }))
      await run(dialect.addColumnIfMissing(target, { name: 'b', type: 'boolean' }))
    }
    await run(dialect.dropColumn(target, 'a'))
    expect(await columns('grows')).toEqual([
      { name: 'From', type: 'integer' },
      { name: 'n', type: 'float' },
      { name: 'when', type: dialect.timestampColumn },
      { name: 'l', type: 'text' },
      { name: 'b', type: 'boolean' },
    ])
  })

  test('an index is made once, and what reads by it answers the same', async () => {
    const { adapter, schema } = place
    const { dialect } = adapter
    const target = relation(schema, 'indexed')
    const order = dialect.ident('order')
    await run(dialect.createTableAs(target, `select cast(2 as ${dialect.typeName('integer')}) as ${order}`))
    for (let twice = 0; twice < 2; twice += 1) await run(dialect.createIndexIfMissing(target, 'order'))
    const found = relation(schema, 'found')
    const select = `select rows_there.${order} from ${dialect.relation(target)} as rows_there where rows_there.${order} = 2`
    await run(dialect.createScratchTableAs(found, select).map((sql) => dialect.byIndex(sql)))
    expect(await adapter.query(`select * from ${dialect.relation(found)}`)).toEqual([{ order: 2n }])
    for (let twice = 0; twice < 2; twice += 1) await run(dialect.dropIndex(target, 'order'))
    // In a transaction it holds for the statement alone.
    await adapter.transaction([
      dialect.byIndex(`delete from ${dialect.relation(found)} where 1 = 1`),
      `insert into ${dialect.relation(found)} ${select}`,
    ])
    expect(await adapter.query(`select * from ${dialect.relation(found)}`)).toEqual([{ order: 2n }])
  })

  test('a column is widened with the values it has', async () => {
    const { adapter, schema } = place
    const { dialect } = adapter
    const target = relation(schema, 'widens')
    await run(
      dialect.createTableIfMissing(target, [
        { name: 'n', type: 'integer' },
        { name: 'x', type: 'number' },
        { name: 'when', type: 'timestamp' },
      ]),
    )
    await run([
      `insert into ${dialect.relation(target)} select 7, ${dialect.number(2)}, ${dialect.timestamp('2026-05-01T00:00:00.5Z')}`,
    ])
    await run([
      ...dialect.widenColumn(target, { name: 'n', type: 'number' }, 'integer'),
      ...dialect.widenColumn(target, { name: 'x', type: 'text' }, 'number'),
      ...dialect.widenColumn(target, { name: 'when', type: 'text' }, 'timestamp'),
      `insert into ${dialect.relation(target)} select ${dialect.number(7.5)}, 'XL', 'later'`,
    ])
    expect(await adapter.query(`select * from ${dialect.relation(target)} order by 1`)).toEqual([
      { n: 7, x: '2', when: '2026-05-01T00:00:00.5Z' },
      { n: 7.5, x: 'XL', when: 'later' },
    ])
  })

  test('a table that is laid out by a key and a time stays so when its columns change', async () => {
    const { adapter, schema } = place
    const { dialect } = adapter
    const target = relation(schema, 'laid_out')
    const layout = { key: 'id', time: 'timestamp' }
    await run([
      ...dialect.createTableIfMissing(
        target,
        [
          { name: 'id', type: 'text' },
          { name: 'timestamp', type: 'timestamp' },
          { name: 'n', type: 'integer' },
          { name: 'm', type: 'integer' },
        ],
        layout,
      ),
      `insert into ${dialect.relation(target)} select 'a', ${dialect.timestamp('2026-05-01T00:00:00Z')}, 7, 8`,
      `insert into ${dialect.relation(target)} select 'b', ${dialect.nullOf('timestamp')}, 9, 10`,
      ...dialect.widenColumn(target, { name: 'n', type: 'text' }, 'integer', layout),
      ...dialect.dropColumn(target, 'm', layout),
      `delete from ${dialect.relation(target)} where id = 'b'`,
    ])
    expect(await adapter.query(`select * from ${dialect.relation(target)}`)).toEqual([
      { id: 'a', timestamp: '2026-05-01T00:00:00Z', n: '7' },
    ])
  })

  test('a view is replaced by one of other columns', async () => {
    const { adapter, schema } = place
    const target = relation(schema, 'seen')
    await run(adapter.dialect.createView(target, 'select 1 as a'))
    await run(
      adapter.dialect.createView(target, `select ${adapter.dialect.toText("'x'", 'text')} as b, 2 as a`),
    )
    expect(await columns('seen')).toEqual([
      { name: 'b', type: 'text' },
      { name: 'a', type: 'integer' },
    ])
  })

  test('tables and views are dropped, and may be missing', async () => {
    const { adapter, schema } = place
    const { dialect } = adapter
    await run(dialect.createTableAs(relation(schema, 'gone'), 'select 1 as a'))
    await run(dialect.createView(relation(schema, 'gone_view'), 'select 1 as a'))
    for (let twice = 0; twice < 2; twice += 1) {
      await run(dialect.dropView(relation(schema, 'gone_view')))
      await run(dialect.dropTable(relation(schema, 'gone')))
    }
    expect([await columns('gone'), await columns('gone_view')]).toEqual([undefined, undefined])
  })

  test('every word the engine calls a keyword is a good name', async () => {
    const { adapter } = place
    const { dialect } = adapter
    const catalog = {
      duckdb: 'select keyword_name as word from duckdb_keywords()',
      postgres: 'select word from pg_get_keywords()',
      // It tells nobody its own; it has to take those of the others.
      bigquery: `select word from unnest([${[...bigqueryKeywords, ...duckdbKeywords, ...postgresKeywords].map(dialect.text).join(', ')}]) as word`,
      snowflake: [...snowflakeKeywords, ...bigqueryKeywords, ...duckdbKeywords, ...postgresKeywords]
        .map((word) => `select ${dialect.text(word)} as word`)
        .join(' union '),
    }
    const words = (await adapter.query(catalog[engine.dialect])).map((row) => String(row.word))
    expect(words.length).toBeGreaterThan(['bigquery', 'snowflake'].includes(engine.dialect) ? 150 : 300)
    const names = [...new Set([...words, 'user', 'current_date', 'timestamp', 'value', 'name'])].map((word) =>
      dialect.ident(word),
    )
    const select = `select ${names.map((name) => `${name} as ${name}, x.${name} + 1 as ${dialect.ident(`x_${name.replaceAll(/["`]/g, '')}`)}`).join(', ')}`
    const [row] = await adapter.query(
      `${select} from (select ${names.map((name, index) => `${index} as ${name}`).join(', ')}) as x`,
    )
    expect(Object.keys(row ?? {})).toHaveLength(names.length * 2)
    for (const name of names) {
      // BigQuery takes the name for that of the table.
      const column = engine.name === 'bigquery' ? `${name}.${name}` : name
      const rows = await adapter.query(
        `with ${name} as (select 1 as ${name}) select ${name}.${name} as v from ${name} as ${name} ` +
          `where ${column} = 1 and not (${column} in (2)) group by ${name}.${name} order by ${column} desc`,
      )
      expect(rows, name).toEqual([{ v: 1n }])
    }
  })

  test('plain names stay plain', () => {
    const { dialect } = place.adapter
    expect(['events', 'timestamp', '_x1', 'name'].map((name) => dialect.ident(name))).toEqual([
      'events',
      'timestamp',
      '_x1',
      'name',
    ])
    const quoted = {
      duckdb: ['"Events"', '"a b"', '"a""b"', '"1a"', '"select"', '"a`b\\"'],
      postgres: ['"Events"', '"a b"', '"a""b"', '"1a"', '"select"', '"a`b\\"'],
      bigquery: ['`Events`', '`a b`', '`a"b`', '`1a`', '`select`', '`a\\`b\\\\`'],
      // In upper case a keyword is the name that it is without quotes.
      snowflake: ['"Events"', '"a b"', '"a""b"', '"1a"', '"SELECT"', '"a`b\\"'],
    }
    expect(['Events', 'a b', 'a"b', '1a', 'select', 'a`b\\'].map((name) => dialect.ident(name))).toEqual(
      quoted[engine.dialect],
    )
    expect(dialect.relation({ database: 'Db', schema: 's', name: 'order' })).toBe(
      [dialect.ident('Db'), 's', dialect.ident('order')].join('.'),
    )
    expect(() => dialect.ident('')).toThrow(/empty/)
  })

  test('a name has as many bytes as the dialect says', async () => {
    const { adapter, schema } = place
    const { dialect } = adapter
    const name = 'ä'.repeat(Math.floor(dialect.maxIdentifierBytes / 2))
    await run(dialect.createTableAs(relation(schema, name), `select 1 as ${dialect.ident(name)}`))
    expect(await columns(name)).toEqual([{ name, type: 'integer' }])
  })
})
