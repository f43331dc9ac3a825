import { notModelled, unsupportedSubquery, wrongArguments } from '../errors.ts'
import type { Expr, From, Name, Query, Select } from '../language/syntax.ts'
import { asCondition, equal, isEquality } from './expression-parts.ts'
import type { BoundQuery, Ctes, Surroundings } from './queries.ts'
import { Scope, type ScopeColumn, type ScopeItem } from './scope.ts'
import { integer, type SfType, type Typed, text, typeText, variant } from './types.ts'

/** What stands in FROM, and what its columns can be called. */
export interface BoundFrom {
  readonly sql: string
  readonly items: readonly ScopeItem[]
}

/** Binds the queries and expressions that stand in FROM. */
interface Queries {
  expr(of: Expr, scope: Scope, ctes: Ctes): Typed
  query(query: Query, ctes: Ctes): BoundQuery
  /** A SELECT over what of its FROM is bound already. */
  selectFrom(select: Select, ctes: Ctes, from: BoundFrom): BoundQuery
  values(rows: readonly (readonly Expr[])[]): BoundQuery
  /** @returns a name that no table has */
  alias(): string
}

/** Tables, joins and what is lateral, with Snowflake's names and rules. */
export class FromBinder {
  readonly #around: Surroundings
  readonly #queries: Queries

  constructor(around: Surroundings, queries: Queries) {
    this.#around = around
    this.#queries = queries
  }

  from(from: From, ctes: Ctes): BoundFrom {
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
        const bound = this.#queries.query(from.query, ctes)
        return this.#named(
          `(${bound.sql})`,
          bound.columns,
          from.alias === undefined ? [] : [from.alias],
          from.columns,
        )
      }
      case 'values': {
        const bound = this.#queries.values(from.rows)
        return this.#named(
          `(${bound.sql})`,
          bound.columns,
          from.alias === undefined ? [] : [from.alias],
          from.columns,
        )
      }
      case 'generator': {
        const alias = this.#queries.alias()
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
  ): BoundFrom {
    const alias = this.#queries.alias()
    if (renames.length > columns.length) throw notModelled('more column aliases than columns')
    const seen = columns.map((column, index) => ({
      name: renames[index] ?? column.name,
      type: column.type,
      sql: `${alias}.${column.sql}`,
    }))
    return { sql: `${sql} AS ${alias}`, items: [{ name, columns: seen }] }
  }

  #join(join: From & { kind: 'join' }, ctes: Ctes): BoundFrom {
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
    const on = asCondition(this.#queries.expr(join.on, new Scope(items), ctes))
    if (join.how === 'full' && !isEquality(join.on)) throw notModelled('a full join on other than equality')
    return { sql: `${left.sql} ${word} JOIN ${nested} ON ${on}`, items }
  }

  #using(
    join: From & { kind: 'join' },
    left: { items: readonly ScopeItem[] },
    right: { items: readonly ScopeItem[] },
    sql: string,
  ): BoundFrom {
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
  #lateral(from: From & { kind: 'lateral' }, around: Scope, ctes: Ctes): BoundFrom {
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
    const bound = this.#queries.selectFrom(body, ctes, this.#flatten(body.from, around, ctes))
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
  #flatten(from: From & { kind: 'flatten' }, scope: Scope, ctes: Ctes): BoundFrom {
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
    const of = this.#queries.expr(input, scope, ctes)
    if (!['variant', 'array', 'object'].includes(of.type.kind))
      throw wrongArguments('FLATTEN', [typeText(of.type)])
    const alias = this.#queries.alias()
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
