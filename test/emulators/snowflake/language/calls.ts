import { notModelled } from '../errors.ts'
import type { Cursor } from './cursor.ts'
import { parseExpr } from './expressions.ts'
import { parseQuery, startsQuery } from './queries.ts'
import type { Bound, Call, Expr, Frame, OrderItem, Over } from './syntax.ts'

export function plainCall(name: string, args: readonly Expr[]): Call {
  return {
    name,
    args,
    named: new Map(),
    distinct: false,
    withinGroup: undefined,
    ignoreNulls: false,
    over: undefined,
  }
}

export function parseCall(on: Cursor, name: string): Expr {
  on.expect('(')
  if (name === 'EXTRACT') {
    const part = on.token.kind === 'text' ? on.text() : on.name()
    on.expect('FROM')
    const of = parseExpr(on)
    on.expect(')')
    return { kind: 'call', call: plainCall('DATE_PART', [{ kind: 'text', value: part }, of]) }
  }
  const distinct = on.accept('DISTINCT')
  const named = new Map<string, Expr>()
  const args: Expr[] = []
  while (!on.sees(')')) {
    if (on.ahead(1).value === '=>' && on.ahead(1).kind === 'mark') {
      const key = on.step().value
      on.expect('=>')
      named.set(key, parseExpr(on))
    } else if (startsQuery(on)) args.push({ kind: 'scalar', query: parseQuery(on) })
    else args.push(parseExpr(on))
    if (!on.accept(',')) break
    if (on.sees(')')) on.fail()
  }
  on.expect(')')
  const withinGroup = on.accept('WITHIN') ? withinGroupOf(on) : undefined
  let ignoreNulls = false
  if (on.accept('IGNORE', 'NULLS')) ignoreNulls = true
  else on.accept('RESPECT', 'NULLS')
  if (on.sees('FILTER', '(')) on.fail()
  const over = on.accept('OVER') ? parseOver(on) : undefined
  return { kind: 'call', call: { name, args, named, distinct, withinGroup, ignoreNulls, over } }
}

function withinGroupOf(on: Cursor): readonly OrderItem[] {
  on.expect('GROUP')
  return on.parenthesised(() => parseOrder(on))
}

/** @throws SnowflakeError where it does not begin with `order by` */
export function parseOrder(on: Cursor): readonly OrderItem[] {
  on.expect('ORDER', 'BY')
  if (on.sees('ALL')) throw notModelled('ORDER BY ALL')
  return on.list(() => {
    const of = parseExpr(on)
    const descending = on.either('DESC', 'ASC')
    const nulls = on.accept('NULLS') ? (on.oneOf('FIRST', 'LAST') === 'FIRST' ? 'first' : 'last') : undefined
    return { of, descending, nulls }
  })
}

function parseOver(on: Cursor): Over {
  return on.parenthesised(() => {
    const partition = on.accept('PARTITION', 'BY') ? on.list(() => parseExpr(on)) : []
    const order = on.sees('ORDER') ? parseOrder(on) : []
    return { partition, order, frame: on.sees('ROWS') || on.sees('RANGE') ? parseFrame(on) : undefined }
  })
}

function parseFrame(on: Cursor): Frame {
  const unit = on.oneOf('ROWS', 'RANGE')
  if (!on.accept('BETWEEN')) return { unit, from: parseBound(on), to: 'current row' }
  const from = parseBound(on)
  on.expect('AND')
  return { unit, from, to: parseBound(on) }
}

function parseBound(on: Cursor): Bound {
  if (on.accept('CURRENT', 'ROW')) return 'current row'
  if (on.accept('UNBOUNDED'))
    return on.oneOf('PRECEDING', 'FOLLOWING') === 'PRECEDING' ? 'unbounded preceding' : 'unbounded following'
  if (on.sees('INTERVAL')) throw notModelled('RANGE with an interval')
  const rows = on.integer()
  return { rows, following: on.oneOf('PRECEDING', 'FOLLOWING') === 'FOLLOWING' }
}
