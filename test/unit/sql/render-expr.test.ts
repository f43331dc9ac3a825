import { describe, expect, test } from 'vitest'
import { duckdb } from '../../../src/dialects/duckdb.ts'
import { and, compare, type Expr, not, or } from '../../../src/ir/expr.ts'
import { renderExpr, renderWhere } from '../../../src/sql/render-expr.ts'

const column = (name: string): Expr => ({ kind: 'column', table: 'orders', name, type: 'integer' })
const one: Expr = { kind: 'integer', value: 1 }
const is = (name: string): Expr => compare('=', column(name), one)
const render = (of: Expr): string => renderExpr(of, duckdb)

describe('expressions', () => {
  test('groups keep their parentheses, whatever they stand in', () => {
    expect(render(and([is('a'), or([is('b'), is('c')])]))).toBe(
      '(orders.a = 1 and (orders.b = 1 or orders.c = 1))',
    )
    expect(render(compare('=', is('a'), is('b')))).toBe('(orders.a = 1) = (orders.b = 1)')
  })

  test('an unknown is false before it is negated', () => {
    expect(render(not(is('a')))).toBe('not coalesce(orders.a = 1, false)')
    expect(render(not(and([is('a'), is('b')])))).toBe('not coalesce(orders.a = 1 and orders.b = 1, false)')
    expect(render(not({ kind: 'present', of: column('a') }))).toBe('orders.a is null')
    expect(render(not(not(is('a'))))).toBe('coalesce(orders.a = 1, false)')
  })

  test('what decides nothing is left out', () => {
    expect(render(and([]))).toBe('true')
    expect(render(or([]))).toBe('false')
    expect(render(and([is('a'), { kind: 'boolean', value: true }, and([is('b')])]))).toBe(
      '(orders.a = 1 and orders.b = 1)',
    )
    expect(render(or([is('a'), { kind: 'boolean', value: true }]))).toBe('true')
  })

  test('long groups go over several lines', () => {
    const long = or(['first_of_many', 'second_of_many', 'third_of_many', 'fourth'].map(is))
    expect(renderWhere(and([is('a'), long]), duckdb)).toBe(
      [
        'orders.a = 1',
        'and (',
        '  orders.first_of_many = 1',
        '  or orders.second_of_many = 1',
        '  or orders.third_of_many = 1',
        '  or orders.fourth = 1',
        ')',
      ].join('\n'),
    )
  })
})
