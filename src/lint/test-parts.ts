import type { Operand, Operator, Scalar, Test } from '../definitions/conditions.ts'
import type { Formula, Formulas } from './formula.ts'
import { createPart, type Part } from './part.ts'
import type { Subject, ValueTest } from './value-test.ts'

/** Where tests stand. */
export interface TestScope {
  readonly formulas: Formulas
  /** That what stands on the right of an operator has a value. */
  operandExists(operand: Extract<Operand, { kind: 'parent' | 'property' | 'trait' }>): Formula
}

/** All tests on one value, joined by `all`. */
export function testParts(tests: readonly Test[], subject: Subject, scope: TestScope): readonly Part[] {
  return tests.map((test) => {
    const formula = testFormula(test, subject, scope)
    return createPart({
      span: test.span,
      label: test.operator,
      join: 'all',
      parts: [],
      build: () => formula,
    })
  })
}

/** One test, made of questions that a missing value answers with no. */
function testFormula({ operator, operand }: Test, subject: Subject, scope: TestScope): Formula {
  const { formulas } = scope
  const ask = (test: ValueTest): Formula => formulas.test(subject, test)
  const exists = ask({ kind: 'exists' })
  const some = (name: Operator, test: (value: Scalar) => ValueTest | undefined): Formula => {
    if (operand.kind === 'literal' || operand.kind === 'list') {
      const values = operand.kind === 'list' ? operand.values : [operand.value]
      return formulas.any(values.map((value) => ask(test(value) ?? opaque(name, operand))))
    }
    const asked = ask(opaque(name, operand))
    // Columns are of rows, which are not taken apart.
    return operand.kind === 'duration' || operand.kind === 'column'
      ? asked
      : formulas.all([asked, scope.operandExists(operand)])
  }
  /** Both sides have a value, and it is not so. */
  const unless = (positive: Formula): Formula =>
    formulas.all([
      exists,
      ...(operand.kind === 'parent' || operand.kind === 'property' || operand.kind === 'trait'
        ? [scope.operandExists(operand)]
        : []),
      formulas.not(positive),
    ])
  const equals = (): Formula => some('equals', (value) => ({ kind: 'equals', value }))
  const part = (
    name: 'contains' | 'starts_with' | 'ends_with',
    how: 'contains' | 'starts' | 'ends',
  ): Formula => some(name, (value) => ({ kind: 'part', how, text: String(value) }))
  const number = (kind: 'below' | 'above', orEqual: boolean): Formula =>
    some(operator, (than) => (typeof than === 'number' ? { kind, than, orEqual } : undefined))
  const time = (kind: 'before' | 'after'): Formula =>
    some(operator, (value) => {
      const instant = typeof value === 'string' ? Date.parse(value) : Number.NaN
      return Number.isNaN(instant) ? undefined : { kind, instant }
    })
  const relative = (from: number, to: number, open: boolean): Formula =>
    ask({ kind: 'relative', from, to, open })
  const seconds = operand.kind === 'duration' ? operand.seconds : Number.NaN
  switch (operator) {
    case 'equals':
    case 'one_of':
      return equals()
    case 'not_equals':
    case 'none_of':
      return unless(equals())
    case 'contains':
    case 'contains_one_of':
      return part('contains', 'contains')
    case 'does_not_contain':
      return unless(part('contains', 'contains'))
    case 'starts_with':
      return part('starts_with', 'starts')
    case 'ends_with':
      return part('ends_with', 'ends')
    case 'exists':
      return operand.kind === 'literal' && operand.value === false ? formulas.not(exists) : exists
    case 'less_than':
      return number('below', false)
    case 'less_than_or_equal':
      return number('below', true)
    case 'greater_than':
      return number('above', false)
    case 'greater_than_or_equal':
      return number('above', true)
    case 'before':
      return time('before')
    case 'after':
      return time('after')
    case 'within_last':
      return relative(-seconds, 0, false)
    case 'within_next':
      return relative(0, seconds, false)
    case 'before_last':
      return relative(Number.NEGATIVE_INFINITY, -seconds, true)
    case 'after_next':
      return relative(seconds, Number.POSITIVE_INFINITY, true)
  }
}

/** A test of which nothing is known but that it needs a value. */
function opaque(name: Operator, operand: Operand): ValueTest {
  switch (operand.kind) {
    case 'literal':
      return { kind: 'reference', key: JSON.stringify([name, operand.value]) }
    case 'list':
      return { kind: 'reference', key: JSON.stringify([name, operand.values]) }
    case 'duration':
      return { kind: 'reference', key: JSON.stringify([name, operand.seconds, 's']) }
    case 'parent':
    case 'property':
      return { kind: 'reference', key: JSON.stringify([name, operand.kind, operand.property]) }
    case 'trait':
      return { kind: 'reference', key: JSON.stringify([name, 'trait', operand.trait]) }
    case 'column':
      return { kind: 'reference', key: JSON.stringify([name, 'column', operand.column, operand.of]) }
  }
}
