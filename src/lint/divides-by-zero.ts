import type { Formula } from '../definitions/formula.ts'

/** Whether some division has a divisor that is 0 or missing whatever the traits are: its result is always missing. */
export function dividesByZero(formula: Formula): boolean {
  switch (formula.kind) {
    case 'number':
    case 'text':
    case 'trait':
      return false
    case 'negate':
      return dividesByZero(formula.operand)
    case 'arithmetic': {
      const { operator, left, right } = formula
      const divisor = operator === '/' ? constantOf(right) : undefined
      return divisor === 0 || divisor === null || dividesByZero(left) || dividesByZero(right)
    }
    case 'call':
      return formula.arguments.some(dividesByZero)
  }
}

/** The value that numbers alone give; null where it is missing, undefined where traits have a say. */
function constantOf(formula: Formula): number | null | undefined {
  switch (formula.kind) {
    case 'number':
      // Integers are the same as doubles and as decimals.
      return Number.isSafeInteger(formula.value) ? formula.value : undefined
    case 'text':
    case 'trait':
      return undefined
    case 'negate': {
      const value = constantOf(formula.operand)
      return typeof value === 'number' ? -value : value
    }
    case 'arithmetic': {
      const [left, right] = [constantOf(formula.left), constantOf(formula.right)]
      if (left === null || right === null) return null
      if (formula.operator === '/' && right === 0) return null
      // x * 0 is missing where x is.
      if (left === undefined || right === undefined) return undefined
      const value = calculate(formula.operator, left, right)
      return Number.isSafeInteger(value) ? value : undefined
    }
    case 'call': {
      const [first, second] = formula.arguments.map(constantOf)
      if (formula.function === 'nullif' && typeof first === 'number' && first === second) return null
      return undefined
    }
  }
}

function calculate(operator: '+' | '-' | '*' | '/', left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
  }
}
