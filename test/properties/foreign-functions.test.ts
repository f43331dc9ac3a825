import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { callsIn } from '../../src/dialects/calls-in.ts'
import { dialectOf } from '../../src/dialects/dialects.ts'
import { indent } from '../../src/sql/templates.ts'

/** Much of what ends or begins something somewhere, and what looks like a call. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'f(',
        ' g (',
        "'",
        '"',
        '`',
        '\\',
        '$$',
        '$x$',
        '--',
        '//',
        '#',
        '/*',
        '*/',
        '\n',
        ';',
        '.',
        'e',
      ),
      fc.string({ unit: 'grapheme', maxLength: 3 }).filter((value) => !/\0|\p{Surrogate}/u.test(value)),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''))

/** A part of a statement with what it calls. */
type Piece = readonly [sql: string, calls: readonly string[]]

describe.each((['duckdb', 'postgres', 'bigquery', 'snowflake'] as const).map(dialectOf))(
  'calls on $name',
  (dialect) => {
    const piece: fc.Arbitrary<Piece> = fc.oneof(
      fc.constantFrom('max', 'foreign_one', 'two$').map((name): Piece => [`${name}(a)`, [name]]),
      // What is written by characters calls for them.
      text.map((value): Piece => [dialect.text(value), dialect.text(value).match(/chr(?=\(\d+\))/g) ?? []]),
      text.filter((name) => name !== '').map((name): Piece => [dialect.ident(name), []]),
      text.map((value): Piece => [`a -- ${value.replaceAll('\n', ' ')}\n`, []]),
      text.map((value): Piece => [`a /* ${value.replaceAll(/[*/]/g, ' ')} */`, []]),
    )

    test('are found whatever stands beside them, indented or not', () => {
      fc.assert(
        fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
          const sql = `select a,\n${pieces.map(([part]) => part).join(',\n')}`
          const calls = pieces.flatMap(([, found]) => found)
          for (const form of [sql, indent(4, sql)]) {
            expect(callsIn(form, dialect.lexis).map(({ name }) => name)).toEqual(calls)
          }
        }),
        { numRuns: 2000 },
      )
    })

    test('no text takes long or none: what is not closed goes to the end', () => {
      for (const part of ["'", '"', '`', '$$', '/*', 'a'.repeat(30), '\\', "'''", '((((', '$a']) {
        callsIn(`select ${part.repeat(20_000)}`, dialect.lexis)
      }
    })
  },
)
