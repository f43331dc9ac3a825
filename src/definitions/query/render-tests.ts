import type { Operand, Scalar, Test } from '../conditions.ts'
import { durationParts, shortInstant } from '../duration.ts'
import { comparisons } from './comparisons.ts'

/** The first name of each operator; `exists: false` is `absent`. */
const names: ReadonlyMap<string, string> = new Map(
  Object.entries(comparisons)
    .toReversed()
    .map(([name, { operator, value }]) => [value === false ? 'absent' : operator, name]),
)

const signs: Readonly<Record<string, string>> = {
  equals: '=',
  not_equals: '!=',
  less_than: '<',
  less_than_or_equal: '<=',
  greater_than: '>',
  greater_than_or_equal: '>=',
}

/** A subject and what must hold of it: one comparison by its sign where it has one, several as calls. */
export function renderTests(subject: string, tests: readonly Test[]): string {
  const [only, second] = tests
  const sign = only === undefined || second !== undefined ? undefined : signs[only.operator]
  if (only !== undefined && sign !== undefined) return `${subject} ${sign} ${renderOperand(only)}`
  return subject + tests.map(renderCall).join('')
}

function renderCall(test: Test): string {
  if (test.operator === 'exists') {
    const absent = test.operand.kind === 'literal' && test.operand.value === false
    return absent ? '.absent()' : '.exists()'
  }
  return `.${names.get(test.operator)}(${renderOperand(test)})`
}

function renderOperand({ operator, operand }: Test): string {
  switch (operand.kind) {
    case 'literal': {
      const { value } = operand
      const instant = (operator === 'before' || operator === 'after') && typeof value === 'string'
      return renderScalar(instant ? shortInstant(value) : value)
    }
    case 'list':
      return renderList(operator, operand)
    case 'duration':
      return renderDuration(operand.seconds)
    case 'parent':
      return `property(parent: ${quoteText(operand.property)})`
    case 'property':
      return `property(${quoteText(operand.property)})`
    case 'trait':
      return `trait(${quoteText(operand.trait)})`
    case 'column': {
      const of = operand.of === undefined ? '' : `, of: ${quoteText(operand.of)}`
      return `column(${quoteText(operand.column)}${of})`
    }
  }
}

/** Where one text would be no list, the brackets say it. */
function renderList(operator: Test['operator'], { values }: Extract<Operand, { kind: 'list' }>): string {
  const list = values.map(renderScalar).join(', ')
  const ambiguous = values.length === 1 && (operator === 'contains' || operator === 'does_not_contain')
  return ambiguous ? `[${list}]` : list
}

function renderScalar(value: Scalar): string {
  if (typeof value === 'string') return quoteText(value)
  return Object.is(value, -0) ? '-0' : String(value)
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** In single quotes; characters that do not show are escaped. */
export function quoteText(text: string): string {
  const written = text
    .replace(/['\\]/g, '\\$&')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\uFEFF]/gu, (character) => {
      const code = character.charCodeAt(0).toString(16).padStart(4, '0')
      return escapes[character] ?? `\\u${code}`
    })
  return `'${written}'`
}

const units = { s: 'second', m: 'minute', h: 'hour', d: 'day', w: 'week' } as const

export function renderDuration(seconds: number): string {
  const { amount, unit } = durationParts(seconds)
  return `${amount} ${units[unit]}${amount === 1 ? '' : 's'}`
}
