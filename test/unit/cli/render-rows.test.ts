import { describe, expect, test } from 'vitest'
import { renderRows } from '../../../src/cli/render-rows.ts'

const rows = [
  { n: 1n, text: 'say "hi", twice', flag: null },
  { n: 9007199254740993n, text: '', flag: true },
  { n: null, text: ' line\nbreak', flag: false },
]
const columns = ['n', 'text', 'flag']

describe('rows as text', () => {
  test('a table aligns numbers right and keeps a row on one line', () => {
    expect(renderRows('table', columns, rows)).toBe(
      [
        '               n  text             flag',
        '               1  say "hi", twice  null',
        '9007199254740993                   true',
        '            null   line\\nbreak     false',
      ].join('\n'),
    )
  })

  test('columns stay straight beside letters two columns wide', () => {
    const wide = [
      { name: '花 🌱', n: 1n },
      { name: 'Élodie', n: 20n },
    ]
    expect(renderRows('table', ['name', 'n'], wide)).toBe('name     n\n花 🌱    1\nÉlodie  20')
  })

  test('hundreds of thousands of rows are a table too, in about a second', () => {
    const many = Array.from({ length: 300_000 }, (_, n) => ({ n: BigInt(n) }))
    expect(renderRows('table', ['n'], many).split('\n')).toHaveLength(300_001)
  }, 10_000)

  test('a table without rows is its heads', () => {
    expect(renderRows('table', columns, [])).toBe('n  text  flag')
  })

  test('CSV quotes what must be, and tells NULL from the empty text', () => {
    expect(renderRows('csv', columns, rows)).toBe(
      'n,text,flag\r\n1,"say ""hi"", twice",\r\n9007199254740993,"",true\r\n," line\nbreak",false\r\n',
    )
  })

  test('JSON keeps integers exact', () => {
    expect(JSON.parse(renderRows('json', columns, rows))).toEqual([
      { n: 1, text: 'say "hi", twice', flag: null },
      { n: '9007199254740993', text: '', flag: true },
      { n: null, text: ' line\nbreak', flag: false },
    ])
  })
})
