import jsep from 'jsep'

/** The tree of a formula; traits are of the same profile. Text stands only in `coalesce` and `nullif`. */
export type Formula =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'trait'; readonly trait: string }
  | { readonly kind: 'negate'; readonly operand: Formula }
  | {
      readonly kind: 'arithmetic'
      readonly operator: ArithmeticOperator
      readonly left: Formula
      readonly right: Formula
    }
  | { readonly kind: 'call'; readonly function: FormulaFunction; readonly arguments: readonly Formula[] }

export type ArithmeticOperator = '+' | '-' | '*' | '/'

/** Least and most arguments. `round` takes the digits after the point, 0 unless given. */
const functions = {
  nullif: [2, 2],
  coalesce: [1, 100],
  abs: [1, 1],
  round: [1, 2],
  floor: [1, 1],
  ceil: [1, 1],
  least: [1, 100],
  greatest: [1, 100],
} as const

export type FormulaFunction = keyof typeof functions
export const formulaFunctions: readonly string[] = Object.keys(functions)

/** Places are offsets into the expression. */
export type FormulaError = { readonly index: number; readonly length: number } & (
  | { readonly kind: 'syntax'; readonly detail: string }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'arguments'; readonly name: string; readonly expected: string; readonly found: number }
)

export type ParsedFormula =
  | { readonly ok: true; readonly formula: Formula }
  | { readonly ok: false; readonly error: FormulaError }

/** Parses an expression such as `lifetime_value / nullif(orders_total, 0)`. Never throws. */
export function parseFormula(expression: string): ParsedFormula {
  try {
    return { ok: true, formula: toFormula(jsep(expression), expression) }
  } catch (error) {
    if (error instanceof Rejected) return { ok: false, error: error.reason }
    // jsep throws a plain Error that carries the offset.
    const index = error instanceof Error && 'index' in error ? Number(error.index) : 0
    const message = error instanceof Error ? error.message : String(error)
    const detail = message.replace(/ at character \d+$/, '').toLowerCase()
    return {
      ok: false,
      error: { kind: 'syntax', detail, index: Math.min(index, expression.length), length: 1 },
    }
  }
}

/** Traits that a formula reads, each once, in order of appearance. */
export function traitsOf(formula: Formula): readonly string[] {
  const names = new Set<string>()
  const walk = (part: Formula): void => {
    switch (part.kind) {
      case 'number':
      case 'text':
        return
      case 'trait':
        names.add(part.trait)
        return
      case 'negate':
        walk(part.operand)
        return
      case 'arithmetic':
        walk(part.left)
        walk(part.right)
        return
      case 'call':
        for (const argument of part.arguments) walk(argument)
    }
  }
  walk(formula)
  return [...names]
}

class Rejected extends Error {
  readonly reason: FormulaError

  constructor(reason: FormulaError) {
    super(reason.kind)
    this.reason = reason
  }
}

function toFormula(node: jsep.Expression, expression: string): Formula {
  if (isNode<jsep.Literal>(node, 'Literal')) {
    if (typeof node.value === 'number') return { kind: 'number', value: node.value }
    if (typeof node.value === 'string') return { kind: 'text', value: node.value }
    throw unreadable(expression, node.raw, `\`${node.raw}\` has no meaning in a formula`)
  }
  if (isNode<jsep.Identifier>(node, 'Identifier')) return { kind: 'trait', trait: node.name }
  if (isNode<jsep.UnaryExpression>(node, 'UnaryExpression')) {
    if (node.operator !== '-' && node.operator !== '+') throw unknownOperator(expression, node.operator)
    const operand = toFormula(node.argument, expression)
    return node.operator === '-' ? { kind: 'negate', operand } : operand
  }
  if (isNode<jsep.BinaryExpression>(node, 'BinaryExpression')) {
    const operator = (['+', '-', '*', '/'] as const).find((known) => known === node.operator)
    if (operator === undefined) throw unknownOperator(expression, node.operator)
    const left = toFormula(node.left, expression)
    return { kind: 'arithmetic', operator, left, right: toFormula(node.right, expression) }
  }
  if (isNode<jsep.CallExpression>(node, 'CallExpression')) return toCall(node, expression)
  if (isNode<jsep.Compound>(node, 'Compound')) {
    const detail = node.body.length === 0 ? 'it is empty' : 'an operator is missing between two values'
    throw new Rejected({ kind: 'syntax', detail, index: 0, length: expression.length })
  }
  throw new Rejected({
    kind: 'syntax',
    detail: 'only arithmetic and calls have a meaning in a formula',
    index: 0,
    length: expression.length,
  })
}

function toCall(node: jsep.CallExpression, expression: string): Formula {
  const name = isNode<jsep.Identifier>(node.callee, 'Identifier') ? node.callee.name : ''
  const place = {
    index: Math.max(0, expression.search(new RegExp(`\\b${name}\\s*\\(`))),
    length: name.length,
  }
  if (!isFunction(name)) throw new Rejected({ kind: 'function', name, ...place })
  const [least, most] = functions[name]
  const found = node.arguments.length
  if (found < least || found > most) {
    const expected =
      least === most
        ? countOf(least)
        : most === 100
          ? `${countOf(least)} or more`
          : `${least} or ${most} arguments`
    throw new Rejected({ kind: 'arguments', name, expected, found, ...place })
  }
  return {
    kind: 'call',
    function: name,
    arguments: node.arguments.map((argument) => toFormula(argument, expression)),
  }
}

function countOf(count: number): string {
  return count === 1 ? '1 argument' : `${count} arguments`
}

function isFunction(name: string): name is FormulaFunction {
  return Object.hasOwn(functions, name)
}

function isNode<N extends jsep.Expression>(node: jsep.Expression, type: string): node is N {
  return node.type === type
}

function unknownOperator(expression: string, operator: string): Rejected {
  return unreadable(expression, operator, `there is no operator ${operator}`)
}

function unreadable(expression: string, part: string, detail: string): Rejected {
  const index = Math.max(0, expression.indexOf(part))
  return new Rejected({ kind: 'syntax', detail, index, length: part.length })
}
