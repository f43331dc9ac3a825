import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { indent } from '../../src/sql/templates.ts'
import { engines, type Place } from '../support/engines.ts'

/** Characters that end literals, names, comments or lines somewhere, and some that are simply long. */
const text = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(...'\'"\\`$;-/*?:%_{}[]()\n\r\t\u0001\u0085\u2028é🙂'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
  })
  .filter((value) => !value.includes('\0') && !/\p{Surrogate}/u.test(value))

describe.each(engines)('quoting on $name', (engine) => {
  let place: Place
  beforeAll(async () => {
    place = await engine.open()
  })
  afterAll(() => place.drop())

  test('any text survives as a literal, indented or not', async () => {
    const { adapter } = place
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 40 }), async (values) => {
        const sql = `select\n${values.map((value, index) => `  ${adapter.dialect.text(value)} as c${index}`).join(',\n')}`
        const [row] = await adapter.query(indent(6, sql))
        expect(Object.values(row ?? {})).toEqual(values)
      }),
      { numRuns: 60 },
    )
  })

  // BigQuery refuses names with most characters that are no letters.
  const told = engine.name === 'bigquery' ? (): void => {} : test
  told('any text survives as the name of a column, a table and a schema', async () => {
    const { adapter } = place
    const { dialect } = adapter
    // DuckDB folds case, so names differ by more than that.
    const names = fc
      .uniqueArray(
        text.filter(
          (name) =>
            name !== '' &&
            Buffer.byteLength(name) <= 60 &&
            // A name of Snowflake's begins at the blank, and its driver keeps result columns in a plain object.
            (engine.dialect !== 'snowflake' || !(/\p{Cc}/u.test(name) || name in Object.prototype)),
        ),
        { minLength: 2, maxLength: 6, selector: (name) => name.toLowerCase() },
      )
      .map(([first = 'a', ...rest]) => ({ first, rest }))
    await fc.assert(
      fc.asyncProperty(names, async ({ first, rest }) => {
        const target = { schema: place.schema, name: first }
        const columns = rest.map((name) => ({ name, type: 'text' as const }))
        try {
          for (const sql of dialect.createTableIfMissing(target, columns)) await adapter.execute(sql)
          const described = await adapter.describe(
            `select ${rest.map((name) => `q.${dialect.ident(name)}`).join(', ')} from ${dialect.relation(target)} as q`,
          )
          expect(described).toEqual(columns)
          const { tables } = await adapter.catalog([place.schema])
          expect(tables.filter((table) => table.relation.name === first)).toHaveLength(1)
        } finally {
          for (const sql of dialect.dropTable(target)) await adapter.execute(sql)
        }
      }),
      { numRuns: engine.dialect === 'snowflake' ? 12 : 60 },
    )
  })
})
