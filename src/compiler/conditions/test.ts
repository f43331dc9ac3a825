import type { Operand, Test } from '../../definitions/conditions.ts'
import { and, type Comparison, compare, type Expr, not, or, type TextPart } from '../../ir/expr.ts'
import type { Relation } from '../../ir/relation.ts'
import { asNumber, asText, asTimestamp, equal, literal } from './read-value.ts'

/** A right-hand side that must be looked up in a row. */
export type Reference = Extract<Operand, { kind: 'parent' | 'property' | 'trait' | 'column' }>

export interface TestScope {
  /** The working table of the as-of instant. */
  readonly run: Relation
  /** Undefined where no source has it; the problem is reported. */
  reference(of: Reference): Expr | undefined
}

const never: Expr = { kind: 'boolean', value: false }

/**
 * All tests on one value. The result may be NULL, which counts as false.
 *
 * @param value undefined where nothing can have it: only `exists: false` holds
 */
export function compileTests(value: Expr | undefined, tests: readonly Test[], scope: TestScope): Expr {
  if (value === undefined) return { kind: 'boolean', value: tests.every(asksAbsence) }
  return and(tests.map((test) => compileTest(value, test, scope)))
}

export function asksAbsence(test: Test): boolean {
  return test.operator === 'exists' && test.operand.kind === 'literal' && test.operand.value === false
}

function compileTest(value: Expr, test: Test, scope: TestScope): Expr {
  const operands = operandsOf(test.operand, scope)
  if (operands === undefined) return never
  switch (test.operator) {
    case 'equals':
    case 'one_of':
      return equalsAny(value, operands)
    case 'not_equals':
    case 'none_of':
      return unless(value, operands, equalsAny(value, operands))
    case 'contains':
    case 'contains_one_of':
      return hasPart('contains', value, operands)
    case 'does_not_contain':
      return unless(value, operands, hasPart('contains', value, operands))
    case 'starts_with':
      return hasPart('starts', value, operands)
    case 'ends_with':
      return hasPart('ends', value, operands)
    case 'exists':
      return { kind: asksAbsence(test) ? 'absent' : 'present', of: value }
    case 'less_than':
      return numbers('<', value, operands)
    case 'less_than_or_equal':
      return numbers('<=', value, operands)
    case 'greater_than':
      return numbers('>', value, operands)
    case 'greater_than_or_equal':
      return numbers('>=', value, operands)
    case 'before':
      return times('<', value, operands)
    case 'after':
      return times('>', value, operands)
    case 'within_last':
    case 'within_next':
    case 'before_last':
    case 'after_next':
      return test.operand.kind === 'duration'
        ? relative(test.operator, value, test.operand.seconds, scope.run)
        : never
  }
}

function operandsOf(operand: Operand, scope: TestScope): readonly Expr[] | undefined {
  switch (operand.kind) {
    case 'literal':
      return [literal(operand.value)]
    case 'list':
      return operand.values.map(literal)
    case 'duration':
      return []
    case 'parent':
    case 'property':
    case 'trait':
    case 'column': {
      const found = scope.reference(operand)
      return found === undefined ? undefined : [found]
    }
  }
}

/** A negative operator holds only where both sides have a value; `exists: false` is how to ask for none. */
function unless(value: Expr, operands: readonly Expr[], positive: Expr): Expr {
  return and([
    ...[value, ...operands.filter(isReference)].map((of): Expr => ({ kind: 'present', of })),
    not(positive),
  ])
}

function isReference(of: Expr): boolean {
  return !['text', 'integer', 'number', 'boolean'].includes(of.kind)
}

function equalsAny(value: Expr, operands: readonly Expr[]): Expr {
  const byLeft = new Map<string, { left: Expr; rights: Expr[] }>()
  for (const operand of operands) {
    const equality = equal(value, operand)
    if (equality?.kind !== 'compare') continue
    const key = equality.left.kind
    const same = byLeft.get(key) ?? { left: equality.left, rights: [] }
    byLeft.set(key, same)
    same.rights.push(equality.right)
  }
  return or(
    [...byLeft.values()].map(({ left, rights: [first, ...more] }): Expr => {
      if (first === undefined) return never
      return more.length === 0
        ? compare('=', left, first)
        : { kind: 'in', of: left, values: [first, ...more] }
    }),
  )
}

function hasPart(how: TextPart, value: Expr, operands: readonly Expr[]): Expr {
  return or(operands.map((part): Expr => ({ kind: 'part', how, text: asText(value), part: partText(part) })))
}

/** A literal is written as text at once. */
function partText(part: Expr): Expr {
  switch (part.kind) {
    case 'integer':
    case 'number':
    case 'boolean':
      return { kind: 'text', value: String(part.value) }
    default:
      return asText(part)
  }
}

function numbers(comparison: Comparison, value: Expr, operands: readonly Expr[]): Expr {
  return both(comparison, asNumber(value), operands[0] && asNumber(operands[0]))
}

function times(comparison: Comparison, value: Expr, operands: readonly Expr[]): Expr {
  return both(comparison, asTimestamp(value), operands[0] && asTimestamp(operands[0]))
}

function both(comparison: Comparison, left: Expr | undefined, right: Expr | undefined): Expr {
  return left === undefined || right === undefined ? never : compare(comparison, left, right)
}

function relative(
  operator: 'within_last' | 'within_next' | 'before_last' | 'after_next',
  value: Expr,
  seconds: number,
  run: Relation,
): Expr {
  const time = asTimestamp(value)
  if (time === undefined) return never
  const asOf = (shift: number): Expr => ({ kind: 'asOf', run, shift })
  switch (operator) {
    case 'within_last':
      return and([compare('>=', time, asOf(-seconds)), compare('<=', time, asOf(0))])
    case 'within_next':
      return and([compare('>=', time, asOf(0)), compare('<=', time, asOf(seconds))])
    case 'before_last':
      return compare('<', time, asOf(-seconds))
    case 'after_next':
      return compare('>', time, asOf(seconds))
  }
}
