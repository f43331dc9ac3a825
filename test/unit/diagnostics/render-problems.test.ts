import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { problem } from '../../../src/diagnostics/problem.ts'
import { problemsAsJson, renderProblems } from '../../../src/diagnostics/render-problems.ts'

const span = (file: string, line: number, column: number, endLine = line, endColumn = column + 1) => ({
  file,
  line,
  column,
  endLine,
  endColumn,
})
const text = 'first line\n\tkey: value here\n  multi:\n    - a\n'
const source = (file: string): string | undefined => (file === 'a.yml' ? text : undefined)
const parameters = { key: 'k', within: 'trait `t`' }

describe('renderProblems', () => {
  test('shows the source line with carets and the hint, tabs kept', () => {
    const found = problem('PSN1011', parameters, span('a.yml', 2, 7, 2, 12))
    expect(renderProblems([found], { source, color: false })).toBe(
      'error[PSN1011]: trait `t` lacks `k`\n  a.yml:2:7\n2 | \tkey: value here\n  | \t     ^^^^^ add `k`\n',
    )
  })

  test('a span of several lines is marked to the end of its first', () => {
    const found = problem('PSN1011', parameters, span('a.yml', 3, 3, 4, 8))
    expect(renderProblems([found], { source, color: false })).toContain('3 |   multi:\n  |   ^^^^^^ add')
  })

  test('without a text or a place the hint stands by itself', () => {
    const placed = renderProblems([problem('PSN1011', parameters, span('b.yml', 1, 1))], {
      source,
      color: false,
    })
    expect(placed).toBe('error[PSN1011]: trait `t` lacks `k`\n  b.yml:1:1\n  add `k`\n')
    const bare = renderProblems([problem('PSN1011', parameters)], { source, color: false })
    expect(bare).toBe('error[PSN1011]: trait `t` lacks `k`\n  add `k`\n')
  })

  test('problems are sorted by file and place, placeless ones first', () => {
    const at = (file: string, line: number, column: number) =>
      problem('PSN1011', parameters, span(file, line, column))
    const json = problemsAsJson([
      at('b.yml', 1, 1),
      at('a.yml', 10, 1),
      at('a.yml', 2, 5),
      at('a.yml', 2, 1),
      problem('PSN1011', parameters),
    ])
    expect(
      json.map((one) => (one.span ? `${one.span.file}:${one.span.line}:${one.span.column}` : 'none')),
    ).toEqual(['none', 'a.yml:2:1', 'a.yml:2:5', 'a.yml:10:1', 'b.yml:1:1'])
  })

  test('colour marks severity and carets only', () => {
    const colored = renderProblems([problem('PSN1011', parameters, span('a.yml', 1, 1))], {
      source,
      color: true,
    })
    expect(colored).toContain('\u001b[31m')
    expect(stripVTControlCharacters(colored)).toBe(
      renderProblems([problem('PSN1011', parameters, span('a.yml', 1, 1))], { source, color: false }),
    )
  })
})

test('problems as data survive JSON', () => {
  const found = problem(
    'PSN1013',
    { key: 'type', found: '`summ`', allowed: ['sum'], near: 'sum' },
    span('a.yml', 1, 1),
  )
  const [json] = problemsAsJson([found])
  expect(JSON.parse(JSON.stringify(json))).toEqual(json)
  expect(json).toMatchObject({ code: 'PSN1013', severity: 'error', parameters: { near: 'sum' } })
})
