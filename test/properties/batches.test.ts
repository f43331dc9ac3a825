import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batches, type Planned } from '../../src/sync/deliver/batches.ts'
import type { Change, FieldValue } from '../../src/sync/destination.ts'
import { seed } from '../support/seed.ts'

const value: fc.Arbitrary<FieldValue> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom('\u0000\u0001"\\', '\u{1F642}\u{1F642}', '\uD800', 'x'.repeat(200)),
  fc.double(),
  fc.constantFrom(null, true, -1.7976931348623157e308, 5e-324),
  fc.array(fc.oneof(fc.string({ maxLength: 5 }), fc.integer()), { maxLength: 3 }),
  fc.record({ 'a"\n': fc.string({ maxLength: 5 }), b: fc.array(fc.integer(), { maxLength: 3 }) }),
)

const planned: fc.Arbitrary<readonly Planned[]> = fc
  .array(
    fc.record({
      operation: fc.constantFrom<Change['operation'][]>('remove', 'add', 'update'),
      key: fc.string({ unit: 'binary', maxLength: 12 }),
      fields: fc.option(fc.dictionary(fc.string({ unit: 'binary', maxLength: 6 }), value, { maxKeys: 4 }), {
        freq: 8,
      }),
    }),
    { maxLength: 40 },
  )
  .map((all) =>
    // Removals come first.
    all
      .toSorted((a, b) => Number(b.operation === 'remove') - Number(a.operation === 'remove'))
      .map(({ operation, key, fields }, index) => ({
        seq: index + 1,
        operation,
        change:
          fields === null
            ? { refused: 'cannot be mapped' }
            : { operation, key, fields, changed: [], idempotencyKey: '0123456789abcdef' },
      })),
  )

/** Bytes that a change counts for, told without any bound. */
function bytesOf({ change }: Planned): number {
  if ('refused' in change) return 0
  const { fields, key, idempotencyKey } = change
  return Buffer.byteLength(JSON.stringify(fields)) + Buffer.byteLength(key) + idempotencyKey.length + 100
}

/** One after the other, each into the last batch where it still fits. */
function cutPlainly(all: readonly Planned[], rows: number, bytes: number | undefined): number[][] {
  const found: Planned[][] = []
  for (const each of all) {
    const last = found.at(-1)
    const turned = last?.at(-1)?.operation === 'remove' && each.operation !== 'remove'
    const size = [...(last ?? []), each].reduce((sum, one) => sum + bytesOf(one), 0)
    const over = bytes !== undefined && !('refused' in each.change) && size > bytes
    if (last === undefined || turned || last.length >= rows || over) found.push([each])
    else last.push(each)
  }
  return found.map((batch) => batch.map(({ seq }) => seq))
}

test('batches are as large as rows and bytes let them be, however the changes come', async () => {
  await fc.assert(
    fc.asyncProperty(
      planned,
      fc.integer({ min: 1, max: 12 }),
      fc.option(fc.integer({ min: 1, max: 2_000 }), { nil: undefined }),
      fc.integer({ min: 1, max: 9 }),
      async (all, rows, bytes, atATime) => {
        async function* some(): AsyncGenerator<readonly Planned[]> {
          for (let at = 0; at < all.length; at += atATime) yield all.slice(at, at + atATime)
        }
        const found: number[][] = []
        for await (const batch of batches(some(), { rows, bytes }))
          found.push((await batch.planned()).map(({ seq }) => seq))
        expect(found).toEqual(cutPlainly(all, rows, bytes))
      },
    ),
    { seed, numRuns: 500 },
  )
})
