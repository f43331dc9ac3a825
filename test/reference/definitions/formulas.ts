import { numberOf, type Typed, textOf } from './values.ts'

/** A formula as a tree; traits are of one profile. */
export type Formula =
  | { readonly number: number }
  | { readonly text: string }
  | { readonly trait: string }
  | { readonly negate: Formula }
  | { readonly operator: '+' | '-' | '*' | '/'; readonly left: Formula; readonly right: Formula }
  | { readonly call: string; readonly of: readonly Formula[]; readonly digits?: number }

type Traits = Readonly<Record<string, Typed>>

/** Undefined is NULL, which makes the result NULL unless `coalesce`, `least` or `greatest` pass over it. */
export function evaluateFormula(formula: Formula, traits: Traits): number | undefined {
  if ('number' in formula) return formula.number
  if ('text' in formula) return numberOf({ kind: 'text', value: formula.text })
  if ('trait' in formula) {
    const found = traits[formula.trait]
    return found && numberOf(found)
  }
  if ('negate' in formula) {
    const value = evaluateFormula(formula.negate, traits)
    return value === undefined ? undefined : -value
  }
  if ('operator' in formula) {
    const [left, right] = [evaluateFormula(formula.left, traits), evaluateFormula(formula.right, traits)]
    return left === undefined || right === undefined ? undefined : calculate(formula.operator, left, right)
  }
  // A text literal decides that values are compared, and chosen, as text.
  if (isTextual(formula)) {
    const value = textOfFormula(formula, traits)
    return value === undefined ? undefined : numberOf({ kind: 'text', value })
  }
  const values = formula.of.map((each) => evaluateFormula(each, traits))
  if (formula.call === 'coalesce') return values.find((value) => value !== undefined)
  if (formula.call === 'nullif') return values[0] === values[1] ? undefined : values[0]
  const numbers = values.filter((value) => value !== undefined)
  if (formula.call === 'least' || formula.call === 'greatest')
    return numbers.length === 0 ? undefined : callOf(formula.call, numbers, 0)
  return numbers.length < values.length ? undefined : callOf(formula.call, numbers, formula.digits ?? 0)
}

function calculate(operator: '+' | '-' | '*' | '/', left: number, right: number): number | undefined {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return right === 0 ? undefined : left / right
  }
}

function callOf(name: string, numbers: readonly number[], digits: number): number {
  const [first = Number.NaN] = numbers
  switch (name) {
    case 'abs':
      return Math.abs(first)
    case 'floor':
      return Math.floor(first)
    case 'ceil':
      return Math.ceil(first)
    case 'least':
      return Math.min(...numbers)
    case 'greatest':
      return Math.max(...numbers)
    case 'round':
      return rounded(first, digits)
    default:
      throw new Error(`no function ${name}`)
  }
}

/** Halves go away from zero, as the decimal says that the number is written as. */
function rounded(value: number, digits: number): number {
  const [whole = '0', fraction = ''] = Math.abs(value).toFixed(9).split('.')
  const unit = 10n ** BigInt(9 - digits)
  const billionths = ((BigInt(whole + fraction) + unit / 2n) / unit) * unit
  const text = billionths.toString().padStart(10, '0')
  return Math.sign(value) * Number(`${text.slice(0, -9)}.${text.slice(-9)}`)
}

function isTextual(formula: Formula): boolean {
  if ('text' in formula) return true
  return 'call' in formula && ['coalesce', 'nullif'].includes(formula.call) && formula.of.some(isTextual)
}

function textOfFormula(formula: Formula, traits: Traits): string | undefined {
  if ('text' in formula) return formula.text
  if ('trait' in formula) {
    const found = traits[formula.trait]
    return found && textOf(found)
  }
  if (!('call' in formula && isTextual(formula))) {
    const value = evaluateFormula(formula, traits)
    return value === undefined ? undefined : String(value)
  }
  const values = formula.of.map((each) => textOfFormula(each, traits))
  if (formula.call === 'coalesce') return values.find((value) => value !== undefined)
  return values[0] === values[1] ? undefined : values[0]
}

/** As a project writes it. */
export function formulaText(formula: Formula): string {
  if ('number' in formula) return String(formula.number)
  if ('text' in formula) return `'${formula.text}'`
  if ('trait' in formula) return formula.trait
  if ('negate' in formula) return `-(${formulaText(formula.negate)})`
  if ('operator' in formula)
    return `(${formulaText(formula.left)} ${formula.operator} ${formulaText(formula.right)})`
  const digits = formula.digits === undefined ? [] : [String(formula.digits)]
  return `${formula.call}(${[...formula.of.map(formulaText), ...digits].join(', ')})`
}
