import { notModelled, unknownFunction, unsupportedSubquery } from '../errors.ts'
import type { Call, Expr, Query } from '../language/syntax.ts'
import { aggregateTwins, bindAggregate, windowTwins } from '../twins/aggregates.ts'
import { indexOf, jsonTwins, pathOf } from '../twins/jsons.ts'
import { arithmetic, negated, numberTwins } from '../twins/numbers.ts'
import { checkPattern, concatenated, likeSql, regexpLike, textTwins } from '../twins/texts.ts'
import { addInterval, timeTwins } from '../twins/times.ts'
import { exactly, refuseModifiers, type Twin, type TwinContext } from '../twins/twin.ts'
import { align, castTo } from './casts.ts'
import {
  alike,
  asCondition,
  choose,
  direction,
  isAggregate,
  negative,
  numberLiteral,
} from './expression-parts.ts'
import { literal } from './names.ts'
import type { BoundQuery, Ctes, Surroundings } from './queries.ts'
import { Scope } from './scope.ts'
import { boolean, type Typed, text, textOf, typeOf, unify, unknown } from './types.ts'

/** Every scalar function with a twin. */
const functions: Readonly<Record<string, Twin>> = { ...numberTwins, ...textTwins, ...timeTwins, ...jsonTwins }

export const knownFunctions: readonly string[] = [
  ...Object.keys(functions),
  ...Object.keys(aggregateTwins),
  ...Object.keys(windowTwins),
].sort()

/** Binds the queries that stand in expressions. */
export interface Queries {
  query(query: Query, ctes: Ctes, parent: Scope): BoundQuery & { readonly scope: Scope | undefined }
  /** @returns a name that no table has */
  alias(): string
}

/** Expressions, with Snowflake's types and rules. */
export class ExpressionBinder {
  readonly #around: Surroundings
  readonly #queries: Queries

  constructor(around: Surroundings, queries: Queries) {
    this.#around = around
    this.#queries = queries
  }

  expr(of: Expr, scope: Scope, ctes: Ctes): Typed {
    const bind = (inner: Expr): Typed => this.expr(inner, scope, ctes)
    switch (of.kind) {
      case 'null':
        return { sql: 'NULL', type: unknown }
      case 'boolean':
        return { sql: of.value ? 'TRUE' : 'FALSE', type: boolean }
      case 'number':
        return numberLiteral(of.text)
      case 'text':
        return { sql: `CAST(${literal(of.value)} AS VARCHAR)`, type: textOf([...of.value].length) }
      case 'typed': {
        const type = typeOf({ name: of.type, parameters: [] })
        return castTo({ sql: literal(of.value), type: text }, type)
      }
      case 'interval':
        throw notModelled('INTERVAL other than added to a date or time')
      case 'column':
        return scope.resolve(of.name, bind)
      case 'bind':
        return this.#around.bindValue(of.key)
      case 'star':
        throw notModelled('* in an expression')
      case 'unary': {
        const inner = bind(of.of)
        if (of.operator !== 'not')
          return of.operator === '-' ? negative(of.of, inner) : negated(negated(inner))
        return { sql: `(NOT ${asCondition(inner)})`, type: boolean }
      }
      case 'binary':
        return this.#binary(of, scope, ctes)
      case 'isNull':
        return { sql: `(${bind(of.of).sql} IS ${of.not ? 'NOT ' : ''}NULL)`, type: boolean }
      case 'isBoolean':
        return {
          sql: `(${asCondition(bind(of.of))} IS ${of.not ? 'NOT ' : ''}${of.value ? 'TRUE' : 'FALSE'})`,
          type: boolean,
        }
      case 'isDistinct': {
        const [left, right] = alike(bind(of.left), bind(of.right), 'IS DISTINCT FROM')
        return { sql: `(${left} IS ${of.not ? 'NOT ' : ''}DISTINCT FROM ${right})`, type: boolean }
      }
      case 'between': {
        const value = bind(of.of)
        const [a, low] = alike(value, bind(of.low), 'BETWEEN')
        const [b, high] = alike(value, bind(of.high), 'BETWEEN')
        return { sql: `(${of.not ? 'NOT ' : ''}(${a} >= ${low} AND ${b} <= ${high}))`, type: boolean }
      }
      case 'inList': {
        const sides = of.of.map(bind)
        const rows = of.items.map((row) => {
          if (row.length !== sides.length) throw notModelled('IN of rows of different lengths')
          return row.map(bind)
        })
        const types = sides.map((side, index) =>
          rows.reduce((type, row) => unify(type, row[index]?.type ?? unknown, 'IN'), side.type),
        )
        const cast = (row: readonly Typed[]): string =>
          row.map((value, index) => align(value, types[index] ?? value.type)).join(', ')
        const tuple = (row: readonly Typed[]): string => (row.length === 1 ? cast(row) : `(${cast(row)})`)
        return {
          sql: `(${tuple(sides)} ${of.not ? 'NOT ' : ''}IN (${rows.map(tuple).join(', ')}))`,
          type: boolean,
        }
      }
      case 'inQuery': {
        const sides = of.of.map(bind)
        const bound = this.#subquery(of.query, scope, ctes, 'IN')
        if (bound.columns.length !== sides.length)
          throw notModelled('IN of a query with another number of columns')
        const types = sides.map((side, index) =>
          unify(side.type, bound.columns[index]?.type ?? unknown, 'IN'),
        )
        const left = sides.map((side, index) => align(side, types[index] ?? side.type))
        const inner = bound.columns.map(
          (column, index) => castTo({ sql: column.sql, type: column.type }, types[index] ?? column.type).sql,
        )
        const query = `SELECT ${inner.join(', ')} FROM (${bound.sql}) AS ${this.#queries.alias()}`
        return {
          sql: `(${left.length === 1 ? left[0] : `(${left.join(', ')})`} ${of.not ? 'NOT ' : ''}IN (${query}))`,
          type: boolean,
        }
      }
      case 'like': {
        const [value, pattern] = [bind(of.of), bind(of.pattern)]
        const not = of.not ? 'NOT ' : ''
        if (of.how !== 'RLIKE')
          return { sql: `(${not}${likeSql(of.how, value, pattern, of.escape)})`, type: boolean }
        if (of.pattern.kind !== 'text' || value.type.kind !== 'text')
          throw notModelled('RLIKE with other than text and a literal')
        checkPattern(of.pattern.value)
        return { sql: `(${not}${regexpLike(value.sql, of.pattern.value, 'c')})`, type: boolean }
      }
      case 'case':
        return this.#case(of, bind)
      case 'cast':
        return castTo(bind(of.of), typeOf(of.type), of.trying)
      case 'call':
        return this.#call(of.call, scope, ctes)
      case 'exists': {
        const bound = this.#subquery(of.query, scope, ctes, 'EXISTS')
        return { sql: `EXISTS (${bound.sql})`, type: boolean }
      }
      case 'scalar': {
        const bound = this.#subquery(of.query, scope, ctes, 'scalar')
        const [column] = bound.columns
        if (column === undefined || bound.columns.length > 1)
          throw notModelled('a scalar subquery of several columns')
        return { sql: `(${bound.sql})`, type: column.type }
      }
      case 'path':
        return pathOf(bind(of.of), of.steps)
      case 'index':
        return indexOf(bind(of.of), bind(of.by))
    }
  }

  #binary(of: Expr & { kind: 'binary' }, scope: Scope, ctes: Ctes): Typed {
    const bind = (inner: Expr): Typed => this.expr(inner, scope, ctes)
    const { operator } = of
    switch (operator) {
      case 'and':
      case 'or':
        return {
          sql: `(${asCondition(bind(of.left))} ${operator.toUpperCase()} ${asCondition(bind(of.right))})`,
          type: boolean,
        }
      case '||':
        return concatenated(bind(of.left), bind(of.right))
      case '=':
      case '<>':
      case '<':
      case '<=':
      case '>':
      case '>=': {
        const [left, right] = alike(bind(of.left), bind(of.right), operator)
        return { sql: `(${left} ${operator} ${right})`, type: boolean }
      }
      case '+':
      case '-':
        if (of.right.kind === 'interval')
          return addInterval(bind(of.left), of.right.value, operator === '+' ? 1 : -1)
        return arithmetic(operator, bind(of.left), bind(of.right))
      case '*':
      case '/':
      case '%':
        return arithmetic(operator, bind(of.left), bind(of.right))
    }
  }

  #case(of: Expr & { kind: 'case' }, bind: (expr: Expr) => Typed): Typed {
    const subject = of.of === undefined ? undefined : bind(of.of)
    const whens = of.whens.map(([when, then]) => {
      const bound = bind(when)
      const test = subject === undefined ? asCondition(bound) : alike(subject, bound, 'CASE').join(' = ')
      return { test, value: bind(then) }
    })
    const otherwise = of.otherwise === undefined ? { sql: 'NULL', type: unknown } : bind(of.otherwise)
    return choose(whens, otherwise, 'CASE')
  }

  /**
   * What Snowflake can decorrelate: EXISTS and IN correlated by equalities, and scalar subqueries that are an aggregate
   * over such.
   *
   * @see https://docs.snowflake.com/en/user-guide/querying-subqueries
   */
  #subquery(query: Query, scope: Scope, ctes: Ctes, how: 'EXISTS' | 'IN' | 'scalar'): BoundQuery {
    const outerScope = new Scope(scope.items, scope.parent)
    const bound = this.#queries.query(query, ctes, outerScope)
    const inner = bound.scope
    if (inner === undefined) return bound
    if (inner.outer.length > 0)
      throw unsupportedSubquery(`${how} correlated by other than an equality: ${inner.outer.join(', ')}`)
    const correlated = inner.correlated
    if (correlated) {
      scope.inner += 1
      if (query.limit !== undefined || query.offset !== undefined || query.with.length > 0)
        throw unsupportedSubquery('correlated, with LIMIT or WITH')
      const { body } = query
      if (body.kind !== 'select') throw unsupportedSubquery('correlated set operation')
      if (how === 'scalar' && (body.groupBy.length > 0 || !body.items.every((item) => isAggregate(item.of))))
        throw unsupportedSubquery('correlated and not an aggregate')
    }
    return bound
  }

  #call(call: Call, scope: Scope, ctes: Ctes): Typed {
    const bind = (inner: Expr): Typed => this.expr(inner, scope, ctes)
    const context: TwinContext = {
      bind,
      now: this.#around.now,
      session: this.#around.session,
      orderBy: (items) => items.map((item) => `${bind(item.of).sql}${direction(item)}`).join(', '),
    }
    const [first] = call.args
    switch (call.name) {
      case '(GROUP)':
        return first === undefined ? { sql: 'NULL', type: unknown } : bind(first)
      case '(ROW)':
        throw notModelled('a row other than before IN')
      case 'COALESCE':
      case 'NVL':
      case 'IFNULL': {
        refuseModifiers(call)
        exactly(call, 2, call.name === 'COALESCE' ? 100 : 2)
        const args = call.args.map(bind)
        const type = args.map((arg) => arg.type).reduce((left, right) => unify(left, right, call.name))
        return { sql: `coalesce(${args.map((arg) => align(arg, type)).join(', ')})`, type }
      }
      case 'NULLIF': {
        refuseModifiers(call)
        exactly(call, 2)
        const [left, right] = call.args.map(bind)
        if (left === undefined || right === undefined) throw new Error('two arguments')
        const [a, b] = alike(left, right, 'NULLIF')
        return { sql: `CASE WHEN ${a} = ${b} THEN NULL ELSE ${left.sql} END`, type: left.type }
      }
      case 'IFF': {
        refuseModifiers(call)
        exactly(call, 3)
        const [test, then, otherwise] = call.args.map(bind)
        if (test === undefined || then === undefined || otherwise === undefined)
          throw new Error('three arguments')
        return choose([{ test: asCondition(test), value: then }], otherwise, 'IFF')
      }
      case 'NVL2': {
        refuseModifiers(call)
        exactly(call, 3)
        const [test, then, otherwise] = call.args.map(bind)
        if (test === undefined || then === undefined || otherwise === undefined)
          throw new Error('three arguments')
        return choose([{ test: `${test.sql} IS NOT NULL`, value: then }], otherwise, 'NVL2')
      }
      case 'EQUAL_NULL': {
        refuseModifiers(call)
        exactly(call, 2)
        const [left, right] = call.args.map(bind)
        if (left === undefined || right === undefined) throw new Error('two arguments')
        const [a, b] = alike(left, right, 'EQUAL_NULL')
        return { sql: `(${a} IS NOT DISTINCT FROM ${b})`, type: boolean }
      }
    }
    const info = call.args.length === 0 ? this.#around.info(call.name) : undefined
    if (info !== undefined) return { sql: info === '' ? 'CAST(NULL AS VARCHAR)' : literal(info), type: text }
    if (call.name in windowTwins || call.name in aggregateTwins) return bindAggregate(call, context)
    const twin = functions[call.name]
    if (twin === undefined) throw unknownFunction(call.name)
    return twin(call, context)
  }
}
