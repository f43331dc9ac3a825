import { describe, expect, test } from 'vitest'
import { parseFormula, traitsOf } from '../../../src/definitions/formula.ts'

const trait = (name: string) => ({ kind: 'trait', trait: name })
const number = (value: number) => ({ kind: 'number', value })

describe('parseFormula', () => {
  test('binds as arithmetic does', () => {
    expect(parseFormula('a + b * -2')).toEqual({
      ok: true,
      formula: {
        kind: 'arithmetic',
        operator: '+',
        left: trait('a'),
        right: {
          kind: 'arithmetic',
          operator: '*',
          left: trait('b'),
          right: { kind: 'negate', operand: number(2) },
        },
      },
    })
  })

  test('division and subtraction bind to the left', () => {
    expect(parseFormula('a - b - c')).toMatchObject({
      formula: {
        operator: '-',
        left: { operator: '-', left: trait('a'), right: trait('b') },
        right: trait('c'),
      },
    })
  })

  test('calls take the arguments they need', () => {
    expect(parseFormula("coalesce(nullif(plan, ''), 'free')")).toMatchObject({
      ok: true,
      formula: { function: 'coalesce', arguments: [{ function: 'nullif' }, { kind: 'text', value: 'free' }] },
    })
    expect(parseFormula('round(a)')).toMatchObject({ ok: true })
    expect(parseFormula('round(a, 2)')).toMatchObject({ ok: true })
  })

  test.each([
    ['a +', { kind: 'syntax' }],
    ['(a', { kind: 'syntax', index: 2 }],
    ['a b', { kind: 'syntax' }],
    ['', { kind: 'syntax' }],
    ['a.b', { kind: 'syntax' }],
    ['a > b', { kind: 'syntax', index: 2, length: 1 }],
    ['!a', { kind: 'syntax' }],
    ['[a]', { kind: 'syntax' }],
    ['true', { kind: 'syntax' }],
    ['a; b', { kind: 'syntax' }],
    ['2 * nulif(a, b)', { kind: 'function', name: 'nulif', index: 4, length: 5 }],
    ['toString(a)', { kind: 'function', name: 'toString' }],
    ['abs(a, b)', { kind: 'arguments', name: 'abs', expected: '1 argument', found: 2 }],
    ['least()', { kind: 'arguments', expected: '1 argument or more', found: 0 }],
  ])('%j is refused', (expression, error) => {
    expect(parseFormula(expression)).toMatchObject({ ok: false, error })
  })
})

test('traitsOf names each trait once, in order', () => {
  const parsed = parseFormula('b / nullif(a + b, 0) - -c')
  expect(parsed.ok && traitsOf(parsed.formula)).toEqual(['b', 'a', 'c'])
})
