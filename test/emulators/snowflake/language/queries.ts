import { notModelled } from '../errors.ts'
import { parseOrder } from './calls.ts'
import type { Cursor } from './cursor.ts'
import { parseExpr } from './expressions.ts'
import type { Body, Expr, From, Query, Select, SelectItem } from './syntax.ts'

/** `(select` begins a subquery, `((select …) + 1)` an expression; where only a query can stand, `deep` looks through parentheses. */
export function startsQuery(on: Cursor, deep = false): boolean {
  if (!deep) return on.sees('SELECT') || on.sees('WITH')
  for (let by = 0; ; by += 1) {
    const { kind, value } = on.ahead(by)
    if (kind === 'mark' && value === '(') continue
    return kind === 'word' && (value === 'SELECT' || value === 'WITH')
  }
}

export function parseQuery(on: Cursor): Query {
  const ctes = on.accept('WITH') ? parseWith(on) : []
  const body = parseBody(on)
  const orderBy = on.sees('ORDER') ? parseOrder(on) : []
  let limit: Expr | undefined
  let offset: Expr | undefined
  if (on.accept('LIMIT')) limit = parseExpr(on)
  if (on.accept('OFFSET')) offset = parseExpr(on)
  if (on.sees('FETCH')) throw notModelled('FETCH')
  return { with: ctes, body, orderBy, limit, offset }
}

function parseWith(on: Cursor): Query['with'] {
  if (on.sees('RECURSIVE')) throw notModelled('WITH RECURSIVE')
  return on.list(() => {
    const name = on.name()
    const columns = on.sees('(') ? on.parenthesised(() => on.list(() => on.name())) : []
    on.expect('AS')
    return { name, columns, query: on.parenthesised(() => parseQuery(on)) }
  })
}

function parseBody(on: Cursor): Body {
  let left = intersection(on)
  for (;;) {
    const operator = setOperator(on)
    if (operator === undefined) return left
    left = { kind: 'set', operator, left, right: intersection(on) }
  }
}

function setOperator(on: Cursor): 'union' | 'union all' | 'except' | undefined {
  if (on.accept('UNION')) {
    if (on.sees('BY') || on.sees('DISTINCT')) throw notModelled('UNION DISTINCT or BY NAME')
    const all = on.accept('ALL')
    if (on.sees('BY')) throw notModelled('UNION ALL BY NAME')
    return all ? 'union all' : 'union'
  }
  if (!on.accept('EXCEPT') && !on.accept('MINUS')) return undefined
  if (on.sees('ALL') || on.sees('DISTINCT')) on.fail()
  return 'except'
}

function intersection(on: Cursor): Body {
  let left = operand(on)
  while (on.accept('INTERSECT')) {
    if (on.sees('ALL') || on.sees('DISTINCT')) on.fail()
    left = { kind: 'set', operator: 'intersect', left, right: operand(on) }
  }
  return left
}

function operand(on: Cursor): Body {
  if (on.sees('(')) return { kind: 'nested', query: on.parenthesised(() => parseQuery(on)) }
  if (on.accept('VALUES')) return { kind: 'values', rows: parseRows(on) }
  return parseSelect(on)
}

export function parseRows(on: Cursor): readonly (readonly Expr[])[] {
  return on.list(() => on.parenthesised(() => on.list(() => parseExpr(on))))
}

function parseSelect(on: Cursor): Select {
  on.expect('SELECT')
  const distinct = on.either('DISTINCT', 'ALL')
  if (distinct && on.sees('ON', '(')) on.fail()
  if (on.sees('TOP')) throw notModelled('TOP')
  const items = on.list(() => parseItem(on))
  const from = on.accept('FROM') ? parseFrom(on) : undefined
  const where = on.accept('WHERE') ? parseExpr(on) : undefined
  let groupBy: readonly Expr[] = []
  if (on.accept('GROUP', 'BY')) {
    if (on.sees('ALL') || on.sees('CUBE') || on.sees('ROLLUP') || on.sees('GROUPING'))
      throw notModelled('GROUP BY ALL and grouping sets')
    groupBy = on.list(() => parseExpr(on))
  }
  const having = on.accept('HAVING') ? parseExpr(on) : undefined
  const qualify = on.accept('QUALIFY') ? parseExpr(on) : undefined
  if (on.sees('WINDOW') || on.sees('CONNECT') || on.sees('START')) on.fail()
  return { kind: 'select', distinct, items, from, where, groupBy, having, qualify }
}

function parseItem(on: Cursor): SelectItem {
  const { start } = on.token
  const of = parseExpr(on)
  const text = on.sql.slice(start, on.lastEnd).toUpperCase()
  const alias = of.kind === 'star' ? undefined : on.alias()
  return { of, alias, text }
}

export function parseFrom(on: Cursor): From {
  let left = parseJoined(on)
  while (on.accept(',')) {
    left = { kind: 'join', how: 'cross', left, right: parseJoined(on), on: undefined, using: [] }
  }
  return left
}

function parseJoined(on: Cursor): From {
  let left = parseItemOfFrom(on)
  for (;;) {
    const how = joinKind(on)
    if (how === undefined) return left
    const right = parseItemOfFrom(on)
    if (how === 'cross') {
      if (on.sees('ON') || on.sees('USING')) on.fail()
      left = { kind: 'join', how, left, right, on: undefined, using: [] }
    } else if (on.accept('USING')) {
      left = {
        kind: 'join',
        how,
        left,
        right,
        on: undefined,
        using: on.parenthesised(() => on.list(() => on.name())),
      }
    } else {
      on.expect('ON')
      left = { kind: 'join', how, left, right, on: parseExpr(on), using: [] }
    }
  }
}

function joinKind(on: Cursor): 'inner' | 'left' | 'right' | 'full' | 'cross' | undefined {
  if (on.accept('JOIN') || on.accept('INNER', 'JOIN')) return 'inner'
  if (on.accept('CROSS', 'JOIN')) return 'cross'
  for (const [word, how] of [
    ['LEFT', 'left'],
    ['RIGHT', 'right'],
    ['FULL', 'full'],
  ] as const) {
    if (on.accept(word, 'JOIN') || on.accept(word, 'OUTER', 'JOIN')) return how
  }
  if (on.sees('NATURAL') || on.sees('ASOF')) throw notModelled('NATURAL and ASOF joins')
  return undefined
}

function parseItemOfFrom(on: Cursor): From {
  const lateral = on.accept('LATERAL')
  if (on.sees('FLATTEN', '(')) {
    if (!lateral) on.fail()
    return flatten(on)
  }
  if (on.accept('TABLE', '(')) {
    if (on.sees('GENERATOR')) {
      const item = generator(on)
      on.expect(')')
      return { ...item, alias: on.alias() }
    }
    if (!on.sees('FLATTEN', '(')) throw notModelled('table functions other than FLATTEN and GENERATOR')
    const { named } = flatten(on, false)
    on.expect(')')
    return { kind: 'flatten', named, ...aliased(on) }
  }
  if (lateral) {
    const query = on.parenthesised(() => parseQuery(on))
    return { kind: 'lateral', query, ...aliased(on) }
  }
  if (on.sees('(')) {
    if (!startsQuery(on, true) && on.ahead(1).value !== 'VALUES') {
      return on.parenthesised(() => parseFrom(on))
    }
    const query = on.parenthesised(() => parseQuery(on))
    return { kind: 'query', query, ...aliased(on) }
  }
  if (on.accept('VALUES')) return { kind: 'values', rows: parseRows(on), ...aliased(on) }
  if (on.token.kind === 'mark' || on.token.kind === 'text')
    throw notModelled('stages and other sources in FROM')
  const name = on.path()
  if (on.sees('(')) throw notModelled(`table function ${name.join('.')}`)
  const item: From = { kind: 'table', name, ...aliased(on) }
  for (const word of [
    'AT',
    'BEFORE',
    'CHANGES',
    'PIVOT',
    'UNPIVOT',
    'MATCH_RECOGNIZE',
    'SAMPLE',
    'TABLESAMPLE',
  ]) {
    if (on.sees(word)) throw notModelled(word)
  }
  return item
}

function aliased(on: Cursor): { alias: string | undefined; columns: readonly string[] } {
  const alias = on.alias()
  const columns = alias !== undefined && on.sees('(') ? on.parenthesised(() => on.list(() => on.name())) : []
  return { alias, columns }
}

function namedArguments(on: Cursor): ReadonlyMap<string, Expr> {
  return new Map(
    on.parenthesised(() =>
      on.list((): readonly [string, Expr] => {
        const key = on.name()
        on.expect('=>')
        return [key, parseExpr(on)]
      }),
    ),
  )
}

function flatten(on: Cursor, withAlias = true): From & { kind: 'flatten' } {
  on.expect('FLATTEN')
  if (on.ahead(2).value !== '=>') throw notModelled('FLATTEN with a positional argument')
  const named = namedArguments(on)
  return { kind: 'flatten', named, ...(withAlias ? aliased(on) : { alias: undefined, columns: [] }) }
}

function generator(on: Cursor): From & { kind: 'generator' } {
  on.expect('GENERATOR')
  const rows = namedArguments(on).get('ROWCOUNT')
  if (rows?.kind !== 'number') throw notModelled('GENERATOR without a literal ROWCOUNT')
  return { kind: 'generator', rows: Number(rows.text), alias: undefined }
}
