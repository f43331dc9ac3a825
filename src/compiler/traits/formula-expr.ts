import type { Formula } from '../../definitions/formula.ts'
import { type Expr, typeOf } from '../../ir/expr.ts'
import { asNumber, asText } from '../conditions/read-value.ts'

export const noNumber: Expr = { kind: 'null', type: 'number' }

export interface FormulaScope {
  /** A trait of the profile, as it is read. */
  trait(name: string, as: 'number' | 'text'): Expr
  /** Puts a value into a column of its own, since what follows repeats it. */
  hoist(value: Expr): Expr
  /** The digits of a `round` are not written out as 0 to 9. */
  digitsUnknown(): void
}

/** The formula as a double; text stays text only where the formula compares it with text or falls back to it. */
export function compileFormula(formula: Formula, scope: FormulaScope): Expr {
  const double = (part: Formula): Expr => compileFormula(part, scope)
  switch (formula.kind) {
    case 'number':
      return { kind: 'number', value: formula.value }
    case 'text':
      return asDouble({ kind: 'text', value: formula.value })
    case 'trait':
      return scope.trait(formula.trait, 'number')
    case 'negate':
      return { kind: 'negate', of: double(formula.operand) }
    case 'arithmetic': {
      const { operator } = formula
      return { kind: 'arithmetic', operator, left: double(formula.left), right: double(formula.right) }
    }
    case 'call':
      return isTextual(formula) ? asDouble(textOf(formula, scope)) : compileCall(formula, scope)
  }
}

type Call = Extract<Formula, { kind: 'call' }>

function compileCall(call: Call, scope: FormulaScope): Expr {
  const parts = call.arguments.map((part) => compileFormula(part, scope))
  const [first = noNumber, second = noNumber] = parts
  switch (call.function) {
    case 'coalesce':
    case 'least':
    case 'greatest':
      return { kind: call.function, parts }
    case 'nullif':
      return { kind: 'nullIf', of: first, unwanted: second }
    case 'abs':
    case 'floor':
    case 'ceil':
      return { kind: 'function', name: call.function, of: first }
    case 'round': {
      const digits = digitsOf(call.arguments[1])
      if (digits === undefined) {
        scope.digitsUnknown()
        return noNumber
      }
      const value = scope.hoist(first)
      const rounded: Expr = { kind: 'round', of: { kind: 'exact', of: value }, digits }
      // Too large for a decimal is too large to have digits after the point.
      return { kind: 'coalesce', parts: [{ kind: 'cast', of: rounded, type: 'number' }, value] }
    }
  }
}

function digitsOf(argument: Formula | undefined): number | undefined {
  if (argument === undefined) return 0
  const digits = argument.kind === 'number' ? argument.value : -1
  return Number.isInteger(digits) && digits >= 0 && digits <= 9 ? digits : undefined
}

function textOf(formula: Formula, scope: FormulaScope): Expr {
  if (formula.kind === 'text') return { kind: 'text', value: formula.value }
  if (formula.kind === 'trait') return scope.trait(formula.trait, 'text')
  if (formula.kind !== 'call' || !isTextual(formula)) return asText(compileFormula(formula, scope))
  const parts = formula.arguments.map((part) => textOf(part, scope))
  const [of = noNumber, unwanted = noNumber] = parts
  return formula.function === 'coalesce' ? { kind: 'coalesce', parts } : { kind: 'nullIf', of, unwanted }
}

/** True where a text literal decides how the values are read. */
function isTextual(formula: Formula): boolean {
  return (
    formula.kind === 'text' ||
    (formula.kind === 'call' &&
      (formula.function === 'coalesce' || formula.function === 'nullif') &&
      formula.arguments.some(isTextual))
  )
}

export function asDouble(of: Expr): Expr {
  switch (typeOf(of)) {
    case 'number':
      return of
    case 'integer':
      return { kind: 'cast', of, type: 'number' }
    case 'text':
    case 'list': {
      const read = asNumber(of) ?? noNumber
      return read.kind === 'integer' ? { kind: 'number', value: Number(read.value) } : read
    }
    case 'boolean':
    case 'timestamp':
      return noNumber
  }
}
