import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseYaml } from '../../src/config/parse-yaml.ts'
import { isRecord } from '../../src/config/shape.ts'
import { yamlValues } from '../../src/config/yaml-values.ts'
import type { FilterExpr } from '../../src/definitions/filter.ts'
import { sendsRemovals } from '../../src/definitions/filter-removals.ts'
import { readFilter } from '../../src/definitions/read-filter.ts'
import type { Fields } from '../../src/sync/destination.ts'
import { FilterError, passes } from '../../src/sync/filter/evaluate-filter.ts'
import { globMatch } from '../../src/sync/filter/glob.ts'

function parsed(text: string): { readonly filter: FilterExpr; readonly wrong: number } {
  const { value, places } = yamlValues(parseYaml('m.yml', JSON.stringify({ filter: text })), {
    env: {},
    vars: {},
  })
  if (!isRecord(value)) throw new Error('no object')
  let wrong = 0
  const raw = { name: 's', from: { table: 't' }, destination: 'd', mode: 'mirror', filter: text } as const
  Object.assign(value, { name: 's' })
  const filter = readFilter(
    { ...raw, ...value },
    text,
    { profiles: false, columns: true },
    { places, report: () => (wrong += 1) },
  )
  return { filter, wrong }
}

type Scalar = string | number | boolean | null
/** A filter as its text, and a plain function that says what it means; undefined: it cannot be judged. */
interface Case {
  readonly text: string
  readonly means: (fields: Readonly<Record<string, Scalar>>, event: string) => Scalar | undefined
}

const names = ['a', 'b', 'c'] as const
const scalar = fc.constantFrom<Scalar>(null, true, false, 0, 1, -2.5, '', 'x', 'Xy', 'a "b"')
const literal: fc.Arbitrary<Case> = scalar.map((value) => ({
  text: typeof value === 'string' ? JSON.stringify(value) : String(value),
  means: () => value,
}))
const operand = fc.oneof(
  literal,
  fc.constantFrom(...names).map((name): Case => ({ text: name, means: (fields) => fields[name] ?? null })),
  fc.constantFrom(...names).map(
    (name): Case => ({
      text: `lowercase( ${name} )`,
      means: (fields) => {
        const value = fields[name] ?? null
        if (value === null) return null
        return typeof value === 'string' ? value.toLowerCase() : undefined
      },
    }),
  ),
)
const truth = (value: Scalar | undefined): boolean | undefined =>
  value === null ? false : typeof value === 'boolean' ? value : undefined

const { filter } = fc.letrec<{ filter: Case }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    fc
      .constantFrom('new', 'updated', 'deleted')
      .map((event): Case => ({ text: `event = '${event}'`, means: (_, own) => own === event })),
    fc.tuple(operand, fc.constantFrom('=', '!=', '<', '<=', '>', '>='), operand).map(
      ([left, operator, right]): Case => ({
        text: `${left.text}${operator} ${right.text}`,
        means: (fields, event) => {
          const [a, b] = [left.means(fields, event), right.means(fields, event)]
          if (a === undefined || b === undefined) return undefined
          if (operator === '=') return a === b
          if (operator === '!=') return a !== b
          if (a === null || b === null) return false
          if (typeof a !== typeof b || typeof a === 'boolean') return undefined
          return { '<': a < b, '<=': a <= b, '>': a > b, '>=': a >= b }[operator]
        },
      }),
    ),
    fc.tuple(tie('filter'), tie('filter')).map(
      ([left, right]): Case => ({
        text: `(${left.text}) and (${right.text})`,
        means: (fields, event) => {
          const first = truth(left.means(fields, event))
          return first === true ? truth(right.means(fields, event)) : first
        },
      }),
    ),
    fc.tuple(tie('filter'), tie('filter')).map(
      ([left, right]): Case => ({
        text: `(${left.text}) or (${right.text})`,
        means: (fields, event) => {
          const first = truth(left.means(fields, event))
          return first === false ? truth(right.means(fields, event)) : first
        },
      }),
    ),
    tie('filter').map(
      (of): Case => ({
        text: `! (${of.text})`,
        means: (fields, event) => {
          const value = truth(of.means(fields, event))
          return value === undefined ? undefined : !value
        },
      }),
    ),
  ),
}))

function judged(expr: FilterExpr, fields: Fields, event: 'new' | 'updated' | 'deleted'): boolean | undefined {
  try {
    return passes(expr, { event, fields, inputs: new Map() })
  } catch (error) {
    if (error instanceof FilterError) return undefined
    throw error
  }
}

const record = fc.record({ a: scalar, b: scalar, c: scalar })

describe('filters', () => {
  test('mean what a plain evaluator says, and cannot be judged where it cannot', () => {
    fc.assert(
      fc.property(
        filter,
        record,
        fc.constantFrom('new', 'updated', 'deleted'),
        ({ text, means }, fields, event) => {
          const { filter: expr, wrong } = parsed(text)
          expect([text, wrong, judged(expr, fields, event)]).toEqual([text, 0, truth(means(fields, event))])
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('a removal that is kept back passes with no fields whatever', () => {
    fc.assert(
      fc.property(filter, record, ({ text }, fields) => {
        const { filter: expr } = parsed(text)
        if (!sendsRemovals(expr))
          expect([text, judged(expr, fields, 'deleted') ?? false]).toEqual([text, false])
      }),
      { numRuns: 2_000 },
    )
  })

  test('patterns match as their regular expression does', () => {
    const part = fc.constantFrom('*', '?', 'a', 'b', '.', '[ab]', '[a-c]', '\\*', 'ä', '😀')
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 6 }),
        fc.array(fc.constantFrom('a', 'b', '*', '.', 'ä', '😀'), { maxLength: 6 }),
        (parts, text) => {
          const same: Readonly<Record<string, string>> = { '*': '.*', '?': '.', '.': '\\.' }
          const expected = new RegExp(`^${parts.map((each) => same[each] ?? each).join('')}$`, 'su').test(
            text.join(''),
          )
          expect(globMatch(text.join(''), parts.join(''))).toBe(expected)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test.each<[string, Fields, boolean]>([
    ['contains(lowercase(a), "x")', { a: 'AXE' }, true],
    ['contains(a, "x")', {}, false],
    ['match(a, "Order*")', { a: 'Order Completed' }, true],
    ['match(a, "order*")', { a: 'Order Completed' }, false],
    ['match(a, "1\\*")', { a: '1*' }, true],
    ['length(a) = 2', { a: 'ä' }, true],
    ['length(a) = 3', { a: ['x', 'y', 'z'] }, true],
    ['length(b) = 0', {}, true],
    ['snakecase(a) = "order_completed" and kebabcase(a) = "order-completed"', { a: 'Order Completed' }, true],
    ['snakecase(a) = "order_completed"', { a: 'orderCompleted' }, true],
    ['titlecase(a) = "Order Completed"', { a: 'order COMPLETED' }, true],
    ['typeof(a) = "array" and typeof(b) = "null" and typeof(c) = "number"', { a: [], c: 1 }, true],
    ['bool(a) and string(b) = "7" and number(c) = 1.5', { a: 'true', b: 7, c: '1.5' }, true],
    ['"beta" in a and b in ["x", 1]', { a: ['beta'], b: 1 }, true],
    ['!a and a != "x" and a = null', {}, true],
    ['a.b = 1 and c\\.d = 2', { a: { b: 1 }, 'c.d': 2 }, true],
    ["at >= '2023-04-21T19:55:00Z'", { at: '2024-01-01T00:00:00Z' }, true],
  ])('%s', (text, fields, expected) => {
    const { filter: expr, wrong } = parsed(text)
    expect([wrong, judged(expr, fields, 'new')]).toEqual([0, expected])
  })

  test.each([
    '',
    'a =',
    '= 1',
    'a and',
    '(a',
    'a)',
    '"x',
    'a ~ 1',
    'nope(a)',
    '[1',
    '"text"',
    'event = "gone"',
  ])('%s is refused, and lets nothing through', (text) => {
    const { wrong } = parsed(text)
    expect(wrong).toBeGreaterThan(0)
  })
})
