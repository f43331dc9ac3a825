import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fastEngines, type Place } from '../support/engines.ts'
import { seed } from '../support/seed.ts'

const awkward = [
  -0, 0, 0.1, 20, -7, 1e15, 999999999999999, 1e16, -1e17, 1e21, 1e-7, 5e-324, 1.7976931348623157e308,
]

describe.each(fastEngines)('numbers as texts, on $name', (engine) => {
  let place: Place
  beforeAll(async () => {
    place = await engine.open()
  })
  afterAll(() => place.drop())

  test('are the same of many rows as of one, and read back', async () => {
    const { adapter } = place
    const { dialect } = adapter
    const numbers = fc.array(
      fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer(),
        fc.constantFrom(...awkward),
      ),
      { minLength: 1, maxLength: 60 },
    )
    await fc.assert(
      fc.asyncProperty(numbers, async (values) => {
        const rows = [...values.map(String), 'Infinity', '-Infinity', 'NaN']
          .map((text) => `select ${dialect.fromText(dialect.text(text), 'number')} as number`)
          .join(' union all ')
        const found = await adapter.query(
          `select ${dialect.toText('given.number', 'number')} as one, ${dialect.toTextOfMany('given.number', 'number')} as many from (${rows}) as given`,
        )
        expect(found.map(({ many }) => many)).toEqual(found.map(({ one }) => one))
        const read = found.map(({ many }) => Number(many))
        expect(read).toEqual([...values.map((value) => value + 0), Infinity, -Infinity, NaN])
      }),
      { numRuns: 60, seed },
    )
  })
})
