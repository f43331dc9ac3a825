import type { Scalar } from '../../definitions/conditions.ts'
import { compare, type Expr, typeOf } from '../../ir/expr.ts'

/** What `tryNumber` of every dialect takes for a number. */
const plainNumber = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/
const wholeNumber = /^[+-]?\d+$/
const isoDate = /^\d{4}-\d{2}-\d{2}$/
const isoInstant = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/
const int64 = 2n ** 63n

export function literal(value: Scalar): Expr {
  if (typeof value === 'string') return { kind: 'text', value }
  if (typeof value === 'boolean') return { kind: 'boolean', value }
  return Number.isSafeInteger(value) ? { kind: 'integer', value } : { kind: 'number', value }
}

/** The value as a number; undefined where its type can never be one. */
export function asNumber(of: Expr): Expr | undefined {
  switch (typeOf(of)) {
    case 'integer':
    case 'number':
      return of
    case 'text':
    case 'list':
      return of.kind === 'text' ? numberLiteral(of.value) : { kind: 'tryNumber', of }
    case 'boolean':
    case 'timestamp':
      return undefined
  }
}

/** The value as a UTC timestamp; undefined where its type can never be one. */
export function asTimestamp(of: Expr): Expr | undefined {
  switch (typeOf(of)) {
    case 'timestamp':
      return of
    case 'text':
    case 'list':
      return of.kind === 'text' ? instantLiteral(of.value) : { kind: 'tryTimestamp', of }
    case 'integer':
    case 'number':
    case 'boolean':
      return undefined
  }
}

export function asText(of: Expr): Expr {
  return isTextual(of) ? of : { kind: 'toText', of }
}

/**
 * Equality across types: numbers and times are compared as such when the text reads as one, truth values as the
 * words `true` and `false` in any letter case.
 *
 * @returns undefined where the two can never be equal
 */
export function equal(left: Expr, right: Expr): Expr | undefined {
  if (isTextual(left) && isTextual(right)) return compare('=', left, right)
  const kinds = [kindOf(left), kindOf(right)]
  const other = kinds.find((kind) => kind !== 'text')
  if (kinds.some((kind) => kind !== 'text' && kind !== other)) return undefined
  switch (other) {
    case 'number':
      return both(asNumber(left), asNumber(right))
    case 'timestamp':
      return both(asTimestamp(left), asTimestamp(right))
    case 'boolean':
      return both(asWord(left), asWord(right))
    default:
      return undefined
  }
}

function both(left: Expr | undefined, right: Expr | undefined): Expr | undefined {
  if (left === undefined || right === undefined) return undefined
  // A truth column beside a truth literal needs no words.
  if (left.kind === 'toText' && right.kind === 'text' && typeOf(left.of) === 'boolean')
    return compare('=', left.of, { kind: 'boolean', value: right.value === 'true' })
  return compare('=', left, right)
}

function asWord(of: Expr): Expr | undefined {
  if (of.kind === 'boolean') return { kind: 'text', value: String(of.value) }
  if (of.kind === 'text') {
    const word = of.value.toLowerCase()
    return word === 'true' || word === 'false' ? { kind: 'text', value: word } : undefined
  }
  return isTextual(of) ? { kind: 'lower', of } : { kind: 'toText', of }
}

function kindOf(of: Expr): 'text' | 'number' | 'boolean' | 'timestamp' {
  const type = typeOf(of)
  switch (type) {
    case 'text':
    case 'list':
      return 'text'
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
    case 'timestamp':
      return type
  }
}

function isTextual(of: Expr): boolean {
  return kindOf(of) === 'text'
}

function numberLiteral(text: string): Expr | undefined {
  if (!plainNumber.test(text)) return undefined
  if (wholeNumber.test(text)) {
    const whole = BigInt(text.replace('+', ''))
    if (whole >= -int64 && whole < int64) return { kind: 'integer', value: whole }
  }
  const value = Number(text)
  return Number.isFinite(value) ? { kind: 'number', value } : undefined
}

/** Undefined unless an ISO date, taken as its midnight UTC, or an ISO date and time with a zone. */
export function instantLiteral(text: string): Expr | undefined {
  const iso = isoDate.test(text) ? `${text}T00:00:00Z` : isoInstant.test(text) ? text : undefined
  return iso === undefined || !exists(iso) ? undefined : { kind: 'instant', iso }
}

/** @throws Error for a text that is none: definitions have been checked */
export function instant(iso: string): Expr {
  const found = instantLiteral(iso)
  if (found === undefined) throw new Error(`\`${iso}\` reached the compiler, which is no instant`)
  return found
}

/** `Date` reads 30 February as 2 March. */
function exists(iso: string): boolean {
  const day = iso.slice(0, 10)
  const midnight = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(Date.parse(iso.replace(' ', 'T'))) && midnight.toISOString().startsWith(day)
}
