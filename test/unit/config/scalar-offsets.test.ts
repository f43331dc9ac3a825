import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Document, isScalar, parseDocument, Scalar } from 'yaml'
import { scalarOffsets } from '../../../src/config/scalar-offsets.ts'

function aligned(text: string): { value: string; offsets: readonly number[] } {
  const node = parseDocument(text).getIn(['query'], true)
  if (!isScalar(node) || typeof node.value !== 'string') throw new Error('no text under query')
  const offsets = scalarOffsets(node, node.value, text)
  if (offsets === undefined) throw new Error(`not aligned:\n${text}`)
  return { value: node.value, offsets }
}

/** What is written where a part of the value stands. */
function writtenAt(text: string, part: string): string {
  const { value, offsets } = aligned(text)
  const index = value.indexOf(part)
  return text.slice(offsets[index], offsets[index + part.length])
}

test.each([
  ['plain', 'query: trait(x) = 5 AND y'],
  ['single quotes', "query: 'trait(''a'') = 5 AND y'"],
  ['double quotes', 'query: "trait(\\u0041\\t\\"a\\") = 5 AND y"'],
  ['literal block', 'query: |\n  trait(a)\n\n    more\n  = 5 AND y\n'],
  ['literal block with a header', 'query: |2- # as told\n    trait(a)\n  = 5 AND y\n\n'],
  ['folded block', 'query: >-\n  trait(a)\n    more\n\n\n  = 5 AND\n  = 5 AND y\n'],
  ['folded plain', 'query: trait(a)\n  with\n\n  = 5 AND y\n'],
  ['folded double quotes', 'query: "trait(a) \\\n   with\\\n\n  = 5 AND y"\n'],
  ['CRLF', 'query: |\r\n  trait(a)\r\n  = 5 AND y\r\n'],
])('%s: a part is found where it is written', (_, text) => {
  expect(writtenAt(text, '= 5 AND y')).toBe('= 5 AND y')
  expect(writtenAt(text, '5')).toBe('5')
})

test('an escape is found whole', () => {
  expect(writtenAt('query: "a \\U0001F642 b"', '\u{1F642}')).toBe('\\U0001F642')
  expect(writtenAt("query: 'it''s so'", "'")).toBe("''")
})

describe('any text in any style', () => {
  const styles = [
    Scalar.PLAIN,
    Scalar.QUOTE_SINGLE,
    Scalar.QUOTE_DOUBLE,
    Scalar.BLOCK_LITERAL,
    Scalar.BLOCK_FOLDED,
  ] as const
  const texts = fc.array(
    fc.constantFrom(
      'a',
      'word',
      ' ',
      '  ',
      '\n',
      "'",
      '"',
      '\\',
      ': ',
      '#',
      'é',
      '\u{1F642}',
      '\t',
      '(',
      '-',
    ),
    { minLength: 1, maxLength: 40 },
  )
  test.each(styles)('%s', (type) => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 20, max: 60 }), (parts, lineWidth) => {
        const value = parts.join('')
        const scalar = new Scalar(value)
        scalar.type = type
        const text = new Document({ before: 1, query: scalar }).toString({ lineWidth })
        // `-` before a line break is written plain by the library, and read as something else.
        fc.pre(typeof parseDocument(text).get('query') === 'string')
        const { value: read, offsets } = aligned(text)
        expect([...offsets].toSorted((a, b) => a - b)).toEqual(offsets)
        for (const [index, character] of [...read].entries()) {
          const start = [...read].slice(0, index).join('').length
          if (/[\w(é+#]/.test(character)) expect(text[offsets[start] ?? -1]).toBe(character)
        }
      }),
      { numRuns: 500, seed: 20_260_601 },
    )
  })
})
