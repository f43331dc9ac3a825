import { invalidIdentifier, missingObject, notModelled } from '../errors.ts'
import type { Body, Expr, From, OrderItem, Query, Select, SelectItem } from '../language/syntax.ts'
import { align } from './casts.ts'
import { ExpressionBinder } from './expression-binder.ts'
import { asCondition, direction, ungrouped } from './expression-parts.ts'
import { type BoundFrom, FromBinder } from './from-binder.ts'
import { quoted } from './names.ts'
import type { BoundQuery, Ctes, OutputColumn, Surroundings } from './queries.ts'
import { Scope } from './scope.ts'
import { type Typed, unify, unknown } from './types.ts'

/** Turns Snowflake's syntax into DuckDB's text, with Snowflake's types, names and rules. */
export class Binder {
  readonly #around: Surroundings
  readonly #expressions: ExpressionBinder
  readonly #from: FromBinder
  #made = 0

  constructor(around: Surroundings) {
    this.#around = around
    this.#expressions = new ExpressionBinder(around, this)
    this.#from = new FromBinder(around, this)
  }

  expr(of: Expr, scope: Scope, ctes: Ctes): Typed {
    return this.#expressions.expr(of, scope, ctes)
  }

  from(from: From, ctes: Ctes): BoundFrom {
    return this.#from.from(from, ctes)
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
        const bound = this.values(body.rows)
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

  values(rows: readonly (readonly Expr[])[]): BoundQuery {
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

  selectFrom(select: Select, ctes: Ctes, from: BoundFrom): BoundQuery {
    return this.#select(select, ctes, undefined, [], from)
  }

  #select(
    select: Select,
    ctes: Ctes,
    parent: Scope | undefined,
    orderBy: readonly OrderItem[],
    given?: BoundFrom,
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
