import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRowText } from '../../src/ir/row-text.ts'
import { engines, type Place } from '../support/engines.ts'

const text = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(...':0123456789é🙂\n\t"'),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    ),
    maxLength: 20,
  })
  .filter((value) => !value.includes('\0') && !/\p{Surrogate}/u.test(value))

describe.each(engines)('one text of many, on $name', (engine) => {
  let place: Place
  beforeAll(async () => {
    place = await engine.open()
  })
  afterAll(() => place.drop())

  test('gives back each of them, and which are NULL', async () => {
    const { adapter } = place
    const { dialect } = adapter
    const lists = fc.array(fc.option(text), { minLength: 1, maxLength: 120 })
    await fc.assert(
      fc.asyncProperty(lists, async (values) => {
        const texts = values.map((value) => (value === null ? dialect.nullOf('text') : dialect.text(value)))
        const [row] = await adapter.query(`select ${dialect.rowText(dialect.text(''), texts)} as line`)
        expect(readRowText(row?.line)).toEqual(values)
      }),
      { numRuns: 40, examples: [[Array.from({ length: 120 }, (_, index) => String(index))]] },
    )
  })
})
