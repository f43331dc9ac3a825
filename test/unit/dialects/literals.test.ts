import { describe, expect, test } from 'vitest'
import { dialectOf } from '../../../src/dialects/dialects.ts'
import { indent } from '../../../src/sql/templates.ts'
import { adversarialTexts, unstorableTexts } from '../../support/adversarial.ts'
import { engines } from '../../support/engines.ts'
import { expectGolden } from '../../support/golden.ts'

const entries = Object.entries(adversarialTexts)

/** Each has a golden file. */
const names = ['duckdb', 'postgres', 'bigquery', 'snowflake'] as const

describe.each(names.map(dialectOf))('literals and names of $name', (dialect) => {
  test('are written byte for byte as they always were', () => {
    const lines = entries.map(([name, text]) =>
      [`-- ${name}`, dialect.text(text), dialect.ident(text), ''].join('\n'),
    )
    expectGolden(`literals/${dialect.name}.sql`, lines.join('\n'))
  })

  test('have no line ends, which indenting would change', () => {
    for (const [, text] of entries) expect(indent(2, dialect.text(text))).toBe(dialect.text(text))
  })

  test.each(Object.entries(unstorableTexts))('refuse %s', (_, text) => {
    expect(() => dialect.text(text)).toThrow(/NUL|surrogate/)
    expect(() => dialect.ident(text)).toThrow(/NUL|surrogate/)
  })
})

describe.each(engines)('round trips through $name', (engine) => {
  test('every text as a literal, as a parameter, and as the name of a column, a table and a schema', async () => {
    const { adapter, schema, drop } = await engine.open()
    const { dialect } = adapter
    try {
      await adapter.execute(
        `create table ${dialect.relation({ schema, name: 'victims' })} (x ${dialect.typeName('text')})`,
      )
      for (const [what, text] of entries) {
        const [literal] = await adapter.query(`select ${dialect.text(text)} as value`)
        expect([what, literal?.value]).toEqual([what, text])
        const [bound] = await adapter.query(`select cast($1 as ${dialect.typeName('text')}) as value`, [text])
        expect([what, bound?.value]).toEqual([what, text])
        // BigQuery takes few characters in names that are no letters.
        if (engine.name === 'bigquery') continue
        const inner = `${schema}_${text}`.slice(0, 40)
        const target = { schema: inner, name: text }
        const columns = [{ name: text, type: 'text' as const }]
        for (const sql of dialect.createSchema(inner)) await adapter.execute(sql)
        for (const sql of dialect.createTableIfMissing(target, columns)) await adapter.execute(sql)
        const column = dialect.ident(text)
        await adapter.execute(
          `insert into ${dialect.relation(target)} (${column}) values (${dialect.text(text)})`,
        )
        const [row] = await adapter.query(`select t.${column} from ${dialect.relation(target)} as t`)
        expect([what, Object.values(row ?? {})]).toEqual([what, [text]])
        await adapter.execute(`drop schema ${dialect.ident(inner)} cascade`)
      }
      const { tables } = await adapter.catalog([schema])
      expect(tables.map((table) => table.relation.name)).toEqual(['victims'])
    } finally {
      await drop()
    }
  })
})
