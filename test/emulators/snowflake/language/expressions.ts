import { notModelled } from '../errors.ts'
import { parseCall, plainCall } from './calls.ts'
import type { Cursor } from './cursor.ts'
import { parseQuery, startsQuery } from './queries.ts'
import type { Expr, Operator, PathStep, TypeName } from './syntax.ts'

/** Lowest precedence first: or, and, not, comparison, `||`, sum, product, sign, `::` and paths. */
export function parseExpr(on: Cursor): Expr {
  let left = conjunction(on)
  while (on.accept('OR')) left = binary('or', left, conjunction(on))
  return left
}

function binary(operator: Operator, left: Expr, right: Expr): Expr {
  return { kind: 'binary', operator, left, right }
}

function conjunction(on: Cursor): Expr {
  let left = negation(on)
  while (on.accept('AND')) left = binary('and', left, negation(on))
  return left
}

function negation(on: Cursor): Expr {
  return on.accept('NOT') ? { kind: 'unary', operator: 'not', of: negation(on) } : comparison(on)
}

const comparisons: Readonly<Record<string, Operator>> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
}

function comparison(on: Cursor): Expr {
  let left = concatenation(on)
  for (;;) {
    const operator = on.token.kind === 'mark' ? comparisons[on.token.value] : undefined
    if (operator !== undefined) {
      on.step()
      if (on.sees('ANY') || on.sees('ALL') || on.sees('SOME')) throw notModelled('comparison with ANY or ALL')
      left = binary(operator, left, concatenation(on))
    } else if (on.accept('IS')) left = isWhat(on, left)
    else {
      const next = predicate(on, left)
      if (next === undefined) return left
      left = next
    }
  }
}

function isWhat(on: Cursor, of: Expr): Expr {
  const not = on.accept('NOT')
  if (on.accept('NULL')) return { kind: 'isNull', of, not }
  if (on.accept('TRUE')) return { kind: 'isBoolean', of, value: true, not }
  if (on.accept('FALSE')) return { kind: 'isBoolean', of, value: false, not }
  on.expect('DISTINCT', 'FROM')
  return { kind: 'isDistinct', left: of, right: concatenation(on), not }
}

function predicate(on: Cursor, of: Expr): Expr | undefined {
  const not = on.sees('NOT')
  const word = on.ahead(not ? 1 : 0)
  if (word.kind !== 'word' || !['BETWEEN', 'IN', 'LIKE', 'ILIKE', 'RLIKE', 'REGEXP'].includes(word.value))
    return undefined
  if (not) on.step()
  on.step()
  switch (word.value) {
    case 'BETWEEN': {
      const low = concatenation(on)
      on.expect('AND')
      return { kind: 'between', of, low, high: concatenation(on), not }
    }
    case 'IN':
      return membership(on, of, not)
    case 'REGEXP':
      return { kind: 'like', how: 'RLIKE', of, pattern: concatenation(on), escape: undefined, not }
    default: {
      if (on.sees('ANY') || on.sees('ALL')) throw notModelled('LIKE ANY')
      const how = word.value === 'LIKE' ? 'LIKE' : word.value === 'ILIKE' ? 'ILIKE' : 'RLIKE'
      const pattern = concatenation(on)
      const escapedBy = how !== 'RLIKE' && on.accept('ESCAPE') ? concatenation(on) : undefined
      return { kind: 'like', how, of, pattern, escape: escapedBy, not }
    }
  }
}

function membership(on: Cursor, left: Expr, not: boolean): Expr {
  const of = left.kind === 'call' && left.call.name === '(ROW)' ? left.call.args : [left]
  return on.parenthesised<Expr>(() => {
    if (startsQuery(on)) return { kind: 'inQuery', of, query: parseQuery(on), not }
    const items = on.list(() => {
      const item = parseExpr(on)
      return item.kind === 'call' && item.call.name === '(ROW)' ? item.call.args : [item]
    })
    return { kind: 'inList', of, items, not }
  })
}

/** Where `||` stands between sums, Snowflake's documentation does not say what binds first: parentheses are asked for. */
function concatenation(on: Cursor): Expr {
  let left = sum(on)
  while (on.sees('||')) {
    on.step()
    const right = sum(on)
    for (const side of [left, right]) {
      if (side.kind === 'binary' && side.operator !== '||')
        throw notModelled('|| beside an operator without parentheses')
    }
    left = binary('||', left, right)
  }
  return left.kind === 'binary' && left.operator === '||'
    ? { kind: 'binary', operator: '||', left: left.left, right: left.right }
    : left
}

function sum(on: Cursor): Expr {
  let left = product(on)
  for (;;) {
    if (on.accept('+')) left = binary('+', left, product(on))
    else if (on.accept('-')) left = binary('-', left, product(on))
    else return left
  }
}

function product(on: Cursor): Expr {
  let left = sign(on)
  for (;;) {
    if (on.accept('*')) left = binary('*', left, sign(on))
    else if (on.accept('/')) left = binary('/', left, sign(on))
    else if (on.accept('%')) left = binary('%', left, sign(on))
    else return left
  }
}

function sign(on: Cursor): Expr {
  if (on.accept('-')) return { kind: 'unary', operator: '-', of: sign(on) }
  if (on.accept('+')) return { kind: 'unary', operator: '+', of: sign(on) }
  return postfix(on)
}

function postfix(on: Cursor): Expr {
  let of = primary(on)
  for (;;) {
    if (on.accept('::')) of = { kind: 'cast', of, type: parseType(on), trying: false }
    else if (on.token.kind === 'mark' && on.token.value === ':') of = path(on, of)
    else if (on.accept('[')) {
      const by = parseExpr(on)
      on.expect(']')
      of = by.kind === 'text' ? { kind: 'path', of, steps: [{ key: by.value }] } : { kind: 'index', of, by }
    } else return of
  }
}

/** `value:key.key[0]['key']`; keys are case-sensitive even unquoted, so they come from the text. */
function path(on: Cursor, of: Expr): Expr {
  const steps: PathStep[] = []
  const key = (): PathStep => {
    if (on.token.kind !== 'word' && on.token.kind !== 'name') on.fail()
    const { kind, value, start, end } = on.step()
    return { key: kind === 'name' ? value : on.sql.slice(start, end) }
  }
  on.expect(':')
  steps.push(key())
  for (;;) {
    if (on.accept('.')) steps.push(key())
    else if (on.sees('[')) {
      on.step()
      steps.push(on.token.kind === 'text' ? { key: on.text() } : { at: on.integer() })
      on.expect(']')
    } else return { kind: 'path', of, steps }
  }
}

function primary(on: Cursor): Expr {
  const { token } = on
  switch (token.kind) {
    case 'number':
      on.step()
      return { kind: 'number', text: token.value }
    case 'text':
      on.step()
      return { kind: 'text', value: token.value }
    case 'bind':
      on.step()
      return { kind: 'bind', key: token.value }
    case 'mark':
      if (token.value === '(') return parentheses(on)
      if (token.value === '*') return star(on, undefined)
      if (token.value === '[') {
        on.step()
        const items = on.sees(']') ? [] : on.list(() => parseExpr(on))
        on.expect(']')
        return { kind: 'call', call: plainCall('ARRAY_CONSTRUCT', items) }
      }
      return on.fail()
    case 'name':
      return named(on)
    case 'word':
      return word(on)
    case 'end':
      return on.fail()
  }
}

function parentheses(on: Cursor): Expr {
  return on.parenthesised<Expr>(() => {
    if (startsQuery(on)) return { kind: 'scalar', query: parseQuery(on) }
    const items = on.list(() => parseExpr(on))
    const [only] = items
    return items.length === 1 && only !== undefined
      ? grouped(only)
      : { kind: 'call', call: plainCall('(ROW)', items) }
  })
}

/** Parentheses leave no node of their own, but one that `||` need not look into. */
function grouped(of: Expr): Expr {
  return of.kind === 'binary' ? { kind: 'call', call: plainCall('(GROUP)', [of]) } : of
}

const contextWords = new Set([
  'CURRENT_DATE',
  'CURRENT_TIMESTAMP',
  'CURRENT_TIME',
  'CURRENT_USER',
  'LOCALTIMESTAMP',
  'LOCALTIME',
])

function word(on: Cursor): Expr {
  if (on.accept('NULL')) return { kind: 'null' }
  if (on.accept('TRUE')) return { kind: 'boolean', value: true }
  if (on.accept('FALSE')) return { kind: 'boolean', value: false }
  if (on.accept('CASE')) return parseCase(on)
  if (on.accept('EXISTS')) return on.parenthesised(() => ({ kind: 'exists', query: parseQuery(on) }))
  for (const name of ['CAST', 'TRY_CAST']) {
    if (on.accept(name)) {
      return on.parenthesised(() => {
        const of = parseExpr(on)
        on.expect('AS')
        return { kind: 'cast', of, type: parseType(on), trying: name === 'TRY_CAST' }
      })
    }
  }
  if (on.ahead(1).kind === 'text') {
    for (const type of ['DATE', 'TIME', 'TIMESTAMP'] as const) {
      if (on.accept(type)) return { kind: 'typed', type, value: on.text() }
    }
    if (on.accept('INTERVAL')) return { kind: 'interval', value: on.text() }
  }
  if (contextWords.has(on.token.value)) {
    const name = on.step().value
    return on.sees('(') ? parseCall(on, name) : { kind: 'call', call: plainCall(name, []) }
  }
  // These are reserved, and functions all the same.
  for (const name of ['LEFT', 'RIGHT', 'INSERT', 'LIKE', 'RLIKE', 'ILIKE']) {
    if (on.sees(name, '(')) return parseCall(on, on.step().value)
  }
  return named(on)
}

function named(on: Cursor): Expr {
  const quoted = on.token.kind === 'name'
  const parts = [on.name()]
  if (on.sees('(') && !quoted) return parseCall(on, parts[0] ?? '')
  while (on.accept('.')) {
    if (on.sees('*')) return star(on, parts)
    parts.push(on.name())
    if (on.sees('(')) throw notModelled(`function ${parts.join('.')}`)
  }
  return { kind: 'column', name: parts }
}

function star(on: Cursor, of: readonly string[] | undefined): Expr {
  on.expect('*')
  if (on.sees('ILIKE') || on.sees('RENAME')) throw notModelled('* with RENAME or ILIKE')
  const names = (): readonly string[] =>
    on.sees('(') ? on.parenthesised(() => on.list(() => on.name())) : [on.name()]
  const exclude = on.accept('EXCLUDE') ? names() : []
  const replacement = (): readonly [string, Expr] => {
    const value = parseExpr(on)
    on.expect('AS')
    return [on.name(), value]
  }
  const replace = on.accept('REPLACE')
    ? on.sees('(')
      ? on.parenthesised(() => on.list(replacement))
      : [replacement()]
    : []
  if (on.sees('RENAME')) throw notModelled('* with RENAME')
  return { kind: 'star', of, exclude, replace }
}

function parseCase(on: Cursor): Expr {
  const of = on.sees('WHEN') ? undefined : parseExpr(on)
  const whens: (readonly [Expr, Expr])[] = []
  while (on.accept('WHEN')) {
    const when = parseExpr(on)
    on.expect('THEN')
    whens.push([when, parseExpr(on)])
  }
  if (whens.length === 0) on.fail()
  const otherwise = on.accept('ELSE') ? parseExpr(on) : undefined
  on.expect('END')
  return { kind: 'case', of, whens, otherwise }
}

export function parseType(on: Cursor): TypeName {
  let name = on.name()
  if (name === 'DOUBLE' && on.accept('PRECISION')) name = 'DOUBLE PRECISION'
  if (name === 'CHARACTER' && on.accept('VARYING')) name = 'VARCHAR'
  const parameters = on.sees('(') ? on.parenthesised(() => on.list(() => on.integer())) : []
  return { name, parameters }
}
