import {
  invalidIdentifier,
  missingObject,
  notModelled,
  unsupportedSubquery,
  wrongArguments,
} from '../errors.ts'
import type { Body, Expr, From, Name, OrderItem, Query, Select, SelectItem } from '../language/syntax.ts'
import { align } from './casts.ts'
import { ExpressionBinder } from './expression-binder.ts'
import { asCondition, direction, equal, isEquality, ungrouped } from './expression-parts.ts'
import { quoted } from './names.ts'
import type { BoundQuery, Ctes, OutputColumn, Surroundings } from './queries.ts'
import { Scope, type ScopeColumn, type ScopeItem } from './scope.ts'
import { integer, type SfType, type Typed, text, typeText, unify, unknown, variant } from './types.ts'

/** Turns Snowflake's syntax into DuckDB's text, with Snowflake's types, names and rules. */
export class Binder {
  readonly #around: Surroundings
  readonly #expressions: ExpressionBinder
  #made = 0

  constructor(around: Surroundings) {
    this.#around = around
    this.#expressions = new ExpressionBinder(around, this)
  }

  expr(of: Expr, scope: Scope, ctes: Ctes): Typed {
    return this.#expressions.expr(of, scope, ctes)
  }

  /** @returns a name that no table has */
  alias(): string {
    this.#made += 1
    return `t${this.#made}`
  }

  query(
    query: Query,
    ctes: Ctes = new Map(),
    parent?: Scope,
  ): BoundQuery & { readonly scope: Scope | undefined } {
    const known = new Map(ctes)
    const written: string[] = []
    for (const { name, columns, query: of } of query.with) {
      const bound = this.query(of, known)
      const physical = `"${this.alias()}_cte"`
      const renamed = renameColumns(bound.columns, columns, name)
      written.push(`${physical}(${renamed.map(({ sql }) => sql).join(', ')}) AS (${bound.sql})`)
      known.set(name, { sql: physical, columns: renamed })
    }
    const body = this.#body(query.body, known, parent, query.orderBy)
    const order = body.order === '' ? '' : ` ORDER BY ${body.order}`
    const limit = query.limit === undefined ? '' : ` LIMIT ${this.#count(query.limit)}`
    const offset = query.offset === undefined ? '' : ` OFFSET ${this.#count(query.offset)}`
    const ctesText = written.length === 0 ? '' : `WITH ${written.join(', ')} `
    return {
      sql: `${ctesText}${body.sql}${order}${limit}${offset}`,
      columns: body.columns,
      scope: body.scope,
    }
  }

  #count(of: Expr): string {
    if (of.kind === 'number' && /^\d+$/.test(of.text)) return of.text
    if (of.kind === 'bind') return `CAST(${this.#around.bindValue(of.key).sql} AS BIGINT)`
    throw notModelled('LIMIT or OFFSET with other than a number')
  }

  #body(
    body: Body,
    ctes: Ctes,
    parent: Scope | undefined,
    orderBy: readonly OrderItem[],
  ): BoundQuery & { scope: Scope | undefined; order: string } {
    switch (body.kind) {
      case 'select':
        return this.#select(body, ctes, parent, orderBy)
      case 'values': {
        const bound = this.#values(body.rows)
        return { ...bound, scope: undefined, order: this.#orderOfOutput(orderBy, bound.columns) }
      }
      case 'nested': {
        const bound = this.query(body.query, ctes, parent)
        const alias = this.alias()
        return {
          sql: `SELECT * FROM (${bound.sql}) AS ${alias}`,
          columns: bound.columns,
          scope: bound.scope,
          order: this.#orderOfOutput(orderBy, bound.columns),
        }
      }
      case 'set': {
        const sides = operands(body).map((side) => this.#body(side, ctes, undefined, []))
        const [first] = sides
        if (first === undefined || sides.some((side) => side.columns.length !== first.columns.length)) {
          throw notModelled('a set operation on different numbers of columns')
        }
        const columns = first.columns.map((column, index) => ({
          ...column,
          type: sides
            .map((side) => side.columns[index]?.type ?? unknown)
            .reduce((left, right) => unify(left, right, body.operator.toUpperCase())),
        }))
        const operand = (side: BoundQuery): string => {
          const items = side.columns.map((column, index) => {
            const wanted = columns[index]
            if (wanted === undefined) throw new Error('no column')
            return `${align({ sql: column.sql, type: column.type }, wanted.type)} AS ${wanted.sql}`
          })
          return `(SELECT ${items.join(', ')} FROM (${side.sql}) AS ${this.alias()})`
        }
        const sql = sides.map(operand).join(` ${body.operator.toUpperCase()} `)
        return {
          sql: `SELECT * FROM (${sql}) AS ${this.alias()}`,
          columns,
          scope: undefined,
          order: this.#orderOfOutput(orderBy, columns),
        }
      }
    }
  }

  #orderOfOutput(orderBy: readonly OrderItem[], columns: readonly OutputColumn[]): string {
    return orderBy
      .map((item) => {
        const at =
          item.of.kind === 'number'
            ? Number(item.of.text)
            : columns.findIndex(
                ({ name }) =>
                  item.of.kind === 'column' && item.of.name.length === 1 && item.of.name[0] === name,
              ) + 1
        const column = columns[at - 1]
        if (column === undefined) throw notModelled('ORDER BY an expression after a set operation')
        return `${column.sql}${direction(item)}`
      })
      .join(', ')
  }

  #values(rows: readonly (readonly Expr[])[]): BoundQuery {
    const scope = new Scope([])
    const bound = rows.map((row) => row.map((value) => this.expr(value, scope, new Map())))
    const [first = []] = bound
    const columns = first.map((_, index): OutputColumn => {
      const type = bound
        .map((row) => row[index]?.type ?? unknown)
        .reduce((left, right) => unify(left, right, 'VALUES'))
      return { name: `COLUMN${index + 1}`, type, sql: quoted(`COLUMN${index + 1}`), unnamed: false }
    })
    const lines = bound.map((row) => {
      if (row.length !== columns.length) throw notModelled('VALUES of rows of different lengths')
      return `(${row.map((value, index) => align(value, columns[index]?.type ?? value.type)).join(', ')})`
    })
    const sql = `SELECT * FROM (VALUES ${lines.join(', ')}) AS ${this.alias()}(${columns.map(({ sql }) => sql).join(', ')})`
    return { sql, columns }
  }

  #select(
    select: Select,
    ctes: Ctes,
    parent: Scope | undefined,
    orderBy: readonly OrderItem[],
    given?: { readonly sql: string; readonly items: readonly ScopeItem[] },
  ): BoundQuery & { scope: Scope; order: string } {
    const from = given ?? (select.from === undefined ? undefined : this.from(select.from, ctes))
    const aliases = new Map(
      select.items.flatMap(({ alias, of }): [string, Expr][] => (alias === undefined ? [] : [[alias, of]])),
    )
    const scope = new Scope(from?.items ?? [], parent, aliases)
    const items = select.items.flatMap((item) => this.#item(item, scope, ctes))
    const columns = distinctNames(items)
    const listed = items.map(({ value }, index) => `${value.sql} AS ${columns[index]?.sql}`)
    const where = select.where === undefined ? '' : ` WHERE ${this.#where(select.where, scope, ctes)}`
    const group = select.groupBy.map((of) => {
      if (of.kind !== 'number') {
        // A column comes before an alias of the same name.
        return this.expr(of, scope, ctes).sql
      }
      const item = items[Number(of.text) - 1]
      if (item === undefined) throw notModelled(`GROUP BY position ${of.text}`)
      return item.value.sql
    })
    const groupBy = group.length === 0 ? '' : ` GROUP BY ${[...new Set(group)].join(', ')}`
    const having = select.having === undefined ? '' : ` HAVING ${this.#condition(select.having, scope, ctes)}`
    const qualify =
      select.qualify === undefined ? '' : ` QUALIFY ${this.#condition(select.qualify, scope, ctes)}`
    const order = orderBy
      .map((item) => `${this.#orderKey(item.of, items, columns, scope, ctes)}${direction(item)}`)
      .join(', ')
    const sql = `SELECT ${select.distinct ? 'DISTINCT ' : ''}${listed.join(', ')}${from === undefined ? '' : ` FROM ${from.sql}`}${where}${groupBy}${having}${qualify}`
    return { sql, columns, scope, order }
  }

  #item(
    item: SelectItem,
    scope: Scope,
    ctes: Ctes,
  ): readonly { name: string; unnamed: boolean; value: Typed }[] {
    const { of } = item
    if (of.kind === 'star') {
      const columns = scope.star(of.of, of.exclude)
      const replaced = new Map(of.replace)
      for (const name of replaced.keys()) {
        if (!columns.some((column) => column.name === name)) throw invalidIdentifier(name)
      }
      return columns.map(({ name, sql, type }) => {
        const by = replaced.get(name)
        return {
          name,
          unnamed: false,
          value: by === undefined ? { sql, type } : this.expr(by, scope, ctes),
        }
      })
    }
    const value = this.expr(of, scope, ctes)
    if (item.alias !== undefined) return [{ name: item.alias, unnamed: false, value }]
    if (of.kind === 'column') return [{ name: of.name[of.name.length - 1] ?? '', unnamed: false, value }]
    return [{ name: item.text, unnamed: true, value }]
  }

  /** An output column by name or position, or any expression over the tables. */
  #orderKey(
    of: Expr,
    items: readonly { name: string; value: Typed }[],
    columns: readonly OutputColumn[],
    scope: Scope,
    ctes: Ctes,
  ): string {
    if (of.kind === 'number') {
      const column = columns[Number(of.text) - 1]
      if (column === undefined) throw notModelled(`ORDER BY position ${of.text}`)
      return column.sql
    }
    if (of.kind === 'column' && of.name.length === 1) {
      const index = items.findIndex(({ name }) => name === of.name[0])
      const column = columns[index]
      if (column !== undefined) return column.sql
    }
    return this.expr(of, scope, ctes).sql
  }

  /** Conjuncts `outer = inner` are what a subquery may be correlated by. */
  #where(of: Expr, scope: Scope, ctes: Ctes): string {
    const condition = ungrouped(of)
    if (scope.parent === undefined) return this.#condition(condition, scope, ctes)
    if (condition.kind === 'binary' && condition.operator === 'and') {
      return `(${this.#where(condition.left, scope, ctes)} AND ${this.#where(condition.right, scope, ctes)})`
    }
    if (condition.kind !== 'binary' || condition.operator !== '=')
      return this.#condition(condition, scope, ctes)
    const [innerBefore, outerBefore] = [scope.inner, [...scope.outer]]
    this.expr(condition.left, scope, ctes)
    const [innerLeft, outerLeft] = [scope.inner - innerBefore, scope.outer.length - outerBefore.length]
    const sql = this.#condition(condition, scope, ctes)
    const innerRight = scope.inner - innerBefore - 2 * innerLeft
    const outerRight = scope.outer.length - outerBefore.length - 2 * outerLeft
    const fine = (innerLeft === 0 && outerRight === 0) || (outerLeft === 0 && innerRight === 0)
    if (fine) {
      scope.correlated ||= outerLeft + outerRight > 0
      scope.outer = outerBefore
    }
    return sql
  }

  #condition(of: Expr, scope: Scope, ctes: Ctes): string {
    return asCondition(this.expr(of, scope, ctes))
  }

  // FROM

  from(from: From, ctes: Ctes): { readonly sql: string; readonly items: readonly ScopeItem[] } {
    switch (from.kind) {
      case 'table': {
        const [only, ...more] = from.name
        const cte = more.length === 0 && only !== undefined ? ctes.get(only) : undefined
        if (cte !== undefined)
          return this.#named(
            cte.sql,
            cte.columns,
            from.alias === undefined ? from.name : [from.alias],
            from.columns,
          )
        const found = this.#around.relation(from.name)
        return this.#named(
          found.sql,
          found.columns,
          from.alias === undefined ? found.name : [from.alias],
          from.columns,
        )
      }
      case 'query': {
        const bound = this.query(from.query, ctes)
        return this.#named(
          `(${bound.sql})`,
          bound.columns,
          from.alias === undefined ? [] : [from.alias],
          from.columns,
        )
      }
      case 'values': {
        const bound = this.#values(from.rows)
        return this.#named(
          `(${bound.sql})`,
          bound.columns,
          from.alias === undefined ? [] : [from.alias],
          from.columns,
        )
      }
      case 'generator': {
        const alias = this.alias()
        const columns: ScopeColumn[] = []
        return {
          sql: `range(${from.rows}) AS ${alias}`,
          items: [{ name: from.alias === undefined ? [] : [from.alias], columns }],
        }
      }
      case 'flatten':
        return this.#flatten(from, new Scope([]), ctes)
      case 'lateral':
        throw notModelled('LATERAL of nothing to its left')
      case 'join':
        return this.#join(from, ctes)
    }
  }

  #named(
    sql: string,
    columns: readonly { name: string; type: SfType; sql: string }[],
    name: Name,
    renames: readonly string[],
  ): { sql: string; items: readonly ScopeItem[] } {
    const alias = this.alias()
    if (renames.length > columns.length) throw notModelled('more column aliases than columns')
    const seen = columns.map((column, index) => ({
      name: renames[index] ?? column.name,
      type: column.type,
      sql: `${alias}.${column.sql}`,
    }))
    return { sql: `${sql} AS ${alias}`, items: [{ name, columns: seen }] }
  }

  #join(join: From & { kind: 'join' }, ctes: Ctes): { sql: string; items: readonly ScopeItem[] } {
    const left = this.from(join.left, ctes)
    if (join.right.kind === 'flatten' || join.right.kind === 'lateral') {
      if (join.how !== 'cross' && join.how !== 'inner') throw notModelled('an outer join with LATERAL')
      if (join.on !== undefined || join.using.length > 0) throw notModelled('a join condition with LATERAL')
      const around = new Scope(left.items)
      const right =
        join.right.kind === 'flatten'
          ? this.#flatten(join.right, around, ctes)
          : this.#lateral(join.right, around, ctes)
      return { sql: `${left.sql} CROSS JOIN ${right.sql}`, items: [...left.items, ...right.items] }
    }
    const right = this.from(join.right, ctes)
    const items = [...left.items, ...right.items]
    const names = items.flatMap(({ name }) => (name.length === 0 ? [] : [name.join('.')]))
    if (new Set(names).size < names.length) throw notModelled(`two tables of the same name in FROM`)
    const word = { inner: 'INNER', left: 'LEFT', right: 'RIGHT', full: 'FULL', cross: 'CROSS' }[join.how]
    const nested = join.right.kind === 'join' ? `(${right.sql})` : right.sql
    if (join.how === 'cross') return { sql: `${left.sql} CROSS JOIN ${nested}`, items }
    if (join.using.length > 0) return this.#using(join, left, right, `${left.sql} ${word} JOIN ${nested}`)
    if (join.on === undefined) throw notModelled('a join without a condition')
    const on = this.#condition(join.on, new Scope(items), ctes)
    if (join.how === 'full' && !isEquality(join.on)) throw notModelled('a full join on other than equality')
    return { sql: `${left.sql} ${word} JOIN ${nested} ON ${on}`, items }
  }

  #using(
    join: From & { kind: 'join' },
    left: { items: readonly ScopeItem[] },
    right: { items: readonly ScopeItem[] },
    sql: string,
  ): { sql: string; items: readonly ScopeItem[] } {
    const [a, b] = [new Scope(left.items), new Scope(right.items)]
    const none = (): never => {
      throw notModelled('USING')
    }
    const pairs = join.using.map((name) => ({
      name,
      left: a.resolve([name], none),
      right: b.resolve([name], none),
    }))
    const on = pairs.map((pair) => equal(pair.left, pair.right)).join(' AND ')
    if (join.how === 'right' || join.how === 'full') throw notModelled('a right or full join with USING')
    const merged = right.items.map((item) => ({
      ...item,
      columns: item.columns.map((column) =>
        join.using.includes(column.name) ? { ...column, merged: true } : column,
      ),
    }))
    return { sql: `${sql} ON ${on}`, items: [...left.items, ...merged] }
  }

  /** One SELECT over one FLATTEN, whose input is all that may come from the tables to the left. */
  #lateral(
    from: From & { kind: 'lateral' },
    around: Scope,
    ctes: Ctes,
  ): { sql: string; items: readonly ScopeItem[] } {
    const { body, with: own, orderBy, limit, offset } = from.query
    if (
      body.kind !== 'select' ||
      body.from?.kind !== 'flatten' ||
      own.length + orderBy.length > 0 ||
      limit !== undefined ||
      offset !== undefined
    ) {
      throw unsupportedSubquery('LATERAL with other than a SELECT over FLATTEN')
    }
    const bound = this.#select(body, ctes, undefined, [], this.#flatten(body.from, around, ctes))
    return this.#named(
      `LATERAL (${bound.sql})`,
      bound.columns,
      from.alias === undefined ? [] : [from.alias],
      from.columns,
    )
  }

  /**
   * Rows of an array or object; nothing for what is neither, unless OUTER.
   *
   * @see https://docs.snowflake.com/en/sql-reference/functions/flatten
   */
  #flatten(
    from: From & { kind: 'flatten' },
    scope: Scope,
    ctes: Ctes,
  ): { sql: string; items: readonly ScopeItem[] } {
    const input = from.named.get('INPUT')
    if (input === undefined) throw notModelled('FLATTEN without INPUT')
    for (const [key, value] of from.named) {
      if (key === 'INPUT') continue
      if (key === 'OUTER' && value.kind === 'boolean') continue
      if (key === 'RECURSIVE' && value.kind === 'boolean' && !value.value) continue
      if (
        key === 'MODE' &&
        value.kind === 'text' &&
        ['ARRAY', 'OBJECT', 'BOTH'].includes(value.value.toUpperCase())
      )
        continue
      throw notModelled(`FLATTEN with this ${key}`)
    }
    const outerArg = from.named.get('OUTER')
    const outer = outerArg?.kind === 'boolean' && outerArg.value
    const modeArg = from.named.get('MODE')
    const mode = modeArg?.kind === 'text' ? modeArg.value.toUpperCase() : 'BOTH'
    const of = this.expr(input, scope, ctes)
    if (!['variant', 'array', 'object'].includes(of.type.kind))
      throw wrongArguments('FLATTEN', [typeText(of.type)])
    const alias = this.alias()
    const none = `{'k': CAST(NULL AS VARCHAR), 'i': CAST(NULL AS BIGINT), 'v': CAST(NULL AS JSON)}`
    const rows = `CASE ${
      mode === 'OBJECT'
        ? ''
        : `WHEN json_type(f.x) = 'ARRAY' THEN list_transform(json_extract(f.x, '$[*]'), lambda e, i: {'k': CAST(NULL AS VARCHAR), 'i': CAST(i - 1 AS BIGINT), 'v': e}) `
    }${
      mode === 'ARRAY'
        ? ''
        : `WHEN json_type(f.x) = 'OBJECT' THEN list_transform(json_keys(f.x), lambda k: {'k': k, 'i': CAST(NULL AS BIGINT), 'v': json_extract(f.x, '/' || replace(replace(k, '~', '~0'), '/', '~1'))}) `
    }END`
    const kept = outer ? `CASE WHEN len(${rows}) > 0 THEN ${rows} ELSE [${none}] END` : rows
    const sql =
      `LATERAL (SELECT 1 AS "SEQ", u.r.k AS "KEY", CASE WHEN u.r.i IS NOT NULL THEN '[' || u.r.i || ']' ELSE u.r.k END AS "PATH", ` +
      `CAST(u.r.i AS DECIMAL(38, 0)) AS "INDEX", u.r.v AS "VALUE", u.x AS "THIS" ` +
      `FROM (SELECT f.x, unnest(${kept}) AS r FROM (SELECT ${of.sql} AS x) AS f) AS u) AS ${alias}`
    const columns = [
      ['SEQ', integer],
      ['KEY', text],
      ['PATH', text],
      ['INDEX', integer],
      ['VALUE', variant],
      ['THIS', variant],
    ] as const
    const found = columns.map(([name, type]) => ({ name, type, sql: `${alias}."${name}"` }))
    if (from.columns.length > 0) throw notModelled('column aliases of FLATTEN')
    return { sql, items: [{ name: from.alias === undefined ? [] : [from.alias], columns: found }] }
  }
}

/** Of a chain of the same operator, so that long ones do not nest. */
function operands(body: Body & { kind: 'set' }): readonly Body[] {
  const sides: Body[] = []
  let rest: Body = body
  while (rest.kind === 'set' && rest.operator === body.operator) {
    sides.unshift(rest.right)
    rest = rest.left
  }
  return [rest, ...sides]
}

function distinctNames(
  items: readonly { name: string; unnamed: boolean; value: Typed }[],
): readonly OutputColumn[] {
  const seen = new Map<string, number>()
  return items.map(({ name, unnamed, value }) => {
    const before = seen.get(name) ?? 0
    seen.set(name, before + 1)
    // Two columns of one name are fine until one of them is named.
    return { name, unnamed, type: value.type, sql: quoted(before === 0 ? name : `${name}\u0003${before}`) }
  })
}

function renameColumns(
  columns: readonly OutputColumn[],
  names: readonly string[],
  of: string,
): readonly OutputColumn[] {
  if (names.length === 0) return columns
  if (names.length !== columns.length) throw missingObject('Column list of', of)
  return columns.map((column, index) => {
    const name = names[index] ?? column.name
    return { ...column, name, sql: quoted(name), unnamed: false }
  })
}
