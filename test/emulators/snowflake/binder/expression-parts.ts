import { notModelled } from '../errors.ts'
import type { Expr, OrderItem } from '../language/syntax.ts'
import { aggregateTwins } from '../twins/aggregates.ts'
import { negated } from '../twins/numbers.ts'
import { align, castTo } from './casts.ts'
import { literal } from './names.ts'
import { boolean, numberOf, type Typed, typeText, unify } from './types.ts'

export function isAggregate(of: Expr): boolean {
  const inner = ungrouped(of)
  if (inner.kind === 'cast') return isAggregate(inner.of)
  if (inner.kind !== 'call') return false
  return (
    (inner.call.name in aggregateTwins && inner.call.over === undefined) ||
    (inner.call.name === 'COALESCE' && inner.call.args[0] !== undefined && isAggregate(inner.call.args[0]))
  )
}

export function ungrouped(of: Expr): Expr {
  const first = of.kind === 'call' && of.call.name === '(GROUP)' ? of.call.args[0] : undefined
  return first === undefined ? of : ungrouped(first)
}

export function isEquality(of: Expr): boolean {
  const inner = ungrouped(of)
  return (
    inner.kind === 'binary' &&
    (inner.operator === '=' ||
      (inner.operator === 'and' && isEquality(inner.left) && isEquality(inner.right)))
  )
}

export function choose(
  whens: readonly { test: string; value: Typed }[],
  otherwise: Typed,
  where: string,
): Typed {
  const type = whens
    .map(({ value }) => value.type)
    .reduce((left, right) => unify(left, right, where), otherwise.type)
  const lines = whens.map(({ test, value }) => `WHEN ${test} THEN ${align(value, type)}`)
  return { sql: `CASE ${lines.join(' ')} ELSE ${align(otherwise, type)} END`, type }
}

export function negative(of: Expr, inner: Typed): Typed {
  return of.kind === 'number' ? { sql: `(-${inner.sql})`, type: inner.type } : negated(inner)
}

/** Digits give the narrowest NUMBER; an exponent's type is nowhere said, so it may only stand in a cast. */
export function numberLiteral(written: string): Typed {
  if (/e/i.test(written)) return { sql: `CAST(${written} AS DOUBLE)`, type: { kind: 'float' } }
  const [whole = '', fraction = ''] = written.split('.')
  const leading = whole.replace(/^0+/, '')
  const type = numberOf(Math.max(leading.length + fraction.length, 1), fraction.length)
  if (leading.length + fraction.length > 38) throw notModelled(`the number ${written}`)
  return {
    sql: `CAST(${literal(`${leading === '' ? '0' : leading}${fraction === '' ? '' : `.${fraction}`}`)} AS DECIMAL(38, ${fraction.length}))`,
    type,
  }
}

/** NULL is the largest value, unless the order says where it comes. */
export function direction(item: OrderItem): string {
  const nulls = item.nulls ?? (item.descending ? 'first' : 'last')
  return `${item.descending ? ' DESC' : ' ASC'} NULLS ${nulls.toUpperCase()}`
}

export function asCondition(of: Typed): string {
  if (of.type.kind !== 'boolean' && of.type.kind !== 'null')
    throw notModelled(`${typeText(of.type)} as a condition`)
  return castTo(of, boolean).sql
}

/** Both in the type that holds both. */
export function alike(left: Typed, right: Typed, where: string): readonly [string, string] {
  const type = unify(left.type, right.type, where)
  return [align(left, type), align(right, type)]
}

export function equal(left: Typed, right: Typed): string {
  const [a, b] = alike(left, right, '=')
  return `${a} = ${b}`
}
