import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Value } from '../../src/adapters/adapter.ts'
import { relation } from '../../src/ir/relation.ts'
import { engines } from '../support/engines.ts'
import { seed } from '../support/seed.ts'

const number = fc.option(
  fc.oneof(
    fc.constantFrom(0, -0, 1, 0.1, 0.30000000000000004, 1e21, 5e-324, Number.MAX_VALUE, 2 ** 53),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    fc.double(),
  ),
)
const integer = fc.option(
  fc.oneof(fc.constantFrom(0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
)

describe.each(engines)('values and the texts of others, on $name', (engine) => {
  test.each([
    ['number', number],
    ['integer', integer],
  ] as const)(`differ where the values do: %s; seed ${seed}`, async (type, drawn) => {
    const place = await engine.open()
    const { adapter, schema } = place
    const { dialect } = adapter
    const differs = dialect.differsFromText?.('pairs.one', dialect.toTextOfMany('pairs.other', type), type)
    try {
      // Where reading takes as long as writing, texts are compared.
      if (differs === undefined) return expect(dialect.name).not.toBe('duckdb')
      for (const sql of dialect.createSchema(schema)) await adapter.execute(sql)
      const pair: fc.Arbitrary<readonly [Value, Value]> = fc.oneof(
        fc.tuple<[Value, Value]>(drawn, drawn),
        drawn.map((value): [Value, Value] => [value, value]),
      )
      const pairs = fc.array(pair, { minLength: 2_000, maxLength: 2_000 })
      await fc.assert(
        fc.asyncProperty(pairs, async (all) => {
          async function* rows(): AsyncGenerator<readonly Value[]> {
            for (const [at, [one, other]] of all.entries()) yield [BigInt(at), one, other]
          }
          const table = relation(schema, 'pairs')
          const columns = [
            { name: 'at', type: 'integer' },
            { name: 'one', type },
            { name: 'other', type },
          ] as const
          await adapter.load(table, columns, rows())
          const found = await adapter.query(
            `select pairs.at, ${differs} as differs from ${dialect.relation(table)} as pairs order by pairs.at`,
          )
          expect(found.map((row) => row.differs)).toEqual(
            all.map(([one, other]) => one !== other && !(Number.isNaN(one) && Number.isNaN(other))),
          )
        }),
        { seed, numRuns: 5 },
      )
    } finally {
      await place.drop()
    }
  })
})
