import { castTo, toVariant } from '../binder/casts.ts'
import { literal } from '../binder/names.ts'
import {
  array,
  boolean,
  float,
  integer,
  numberOf,
  object,
  type SfType,
  type Typed,
  text,
  typeText,
} from '../binder/types.ts'
import { notModelled, unknownFunction, wrongArguments } from '../errors.ts'
import type { Call, Frame, OrderItem } from '../language/syntax.ts'
import { arithmetic } from './numbers.ts'
import { argument, exactly, literalText, type TwinContext } from './twin.ts'

/** An aggregate or window function; `written` takes what goes behind it: a filter, an OVER. */
interface Aggregate {
  readonly type: SfType
  write(suffix: (filter?: string) => string): string
}
type AggregateTwin = (call: Call, context: TwinContext) => Aggregate

const counted = numberOf(18, 0)

function simple(of: string, type: SfType): Aggregate {
  return { type, write: (suffix) => `${of}${suffix()}` }
}

const count: AggregateTwin = (call, context) => {
  const [first] = call.args
  if (first?.kind === 'star' && call.args.length === 1) {
    if (first.of !== undefined || call.distinct) throw notModelled('COUNT of the columns of a table')
    return { type: counted, write: (suffix) => `CAST(count(*)${suffix()} AS DECIMAL(18, 0))` }
  }
  const values = call.args.map((arg) => context.bind(arg).sql)
  exactly(call, 1, 20)
  // Rows with a NULL in any of them do not count.
  const some = values.length === 1 ? undefined : values.map((value) => `${value} IS NOT NULL`).join(' AND ')
  const of =
    values.length === 1
      ? values[0]
      : `struct_pack(${values.map((value, index) => `f${index} := ${value}`).join(', ')})`
  return {
    type: counted,
    write: (suffix) =>
      `CAST(count(${call.distinct ? 'DISTINCT ' : ''}${of})${suffix(some)} AS DECIMAL(18, 0))`,
  }
}

const countIf: AggregateTwin = (call, context) => {
  exactly(call, 1)
  const of = boolArgument(call, context)
  return { type: counted, write: (suffix) => `CAST(count(*)${suffix(of)} AS DECIMAL(18, 0))` }
}

function boolArgument(call: Call, context: TwinContext): string {
  const of = context.bind(argument(call, 0))
  if (of.type.kind !== 'boolean' && of.type.kind !== 'null')
    throw wrongArguments(call.name, [typeText(of.type)])
  return castTo(of, boolean).sql
}

function numeric(call: Call, context: TwinContext): Typed {
  exactly(call, 1)
  const of = context.bind(argument(call, 0))
  if (of.type.kind === 'null') return castTo(of, integer)
  if (of.type.kind !== 'number' && of.type.kind !== 'float')
    throw wrongArguments(call.name, [typeText(of.type)])
  return of
}

const distinctly = (call: Call): string => (call.distinct ? 'DISTINCT ' : '')

/** The sum of fixed-point numbers is one of 38 digits and the same scale. */
const sum: AggregateTwin = (call, context) => {
  const of = numeric(call, context)
  if (of.type.kind !== 'number') return simple(`sum(${distinctly(call)}${of.sql})`, float)
  const type = numberOf(38, of.type.scale)
  return {
    type,
    write: (suffix) =>
      `sum(${distinctly(call)}CAST(${of.sql} AS DECIMAL(38, ${type.kind === 'number' ? type.scale : 0})))${suffix()}`,
  }
}

const avg: AggregateTwin = (call, context) => {
  const of = numeric(call, context)
  if (of.type.kind !== 'number') return simple(`avg(${distinctly(call)}${of.sql})`, float)
  const { scale } = of.type
  const quotient = (suffix: string): Typed =>
    arithmetic(
      '/',
      {
        sql: `sum(${distinctly(call)}CAST(${of.sql} AS DECIMAL(38, ${scale})))${suffix}`,
        type: numberOf(38, scale),
      },
      {
        sql: `nullif(CAST(count(${distinctly(call)}${of.sql})${suffix} AS DECIMAL(38, 0)), 0)`,
        type: numberOf(18, 0),
      },
    )
  return {
    type: numberOf(38, Math.max(scale, Math.min(scale + 6, 12))),
    write: (suffix) => quotient(suffix()).sql,
  }
}

function extreme(duckdb: 'min' | 'max'): AggregateTwin {
  return (call, context) => {
    exactly(call, 1)
    const of = context.bind(argument(call, 0))
    switch (of.type.kind) {
      case 'number':
      case 'float':
      case 'text':
      case 'date':
      case 'timestamp_ntz':
      case 'timestamp_ltz':
      case 'timestamp_tz':
        return simple(`${duckdb}(${of.sql})`, of.type)
      default:
        // Not listed for booleans and semi-structured values.
        throw wrongArguments(call.name, [typeText(of.type)])
    }
  }
}

/** Rows whose second argument is NULL are left out; the first one's NULL is a value like any other. */
function extremeBy(duckdb: 'arg_min_null' | 'arg_max_null'): AggregateTwin {
  return (call, context) => {
    exactly(call, 2)
    const [value, by] = [context.bind(argument(call, 0)), context.bind(argument(call, 1))]
    if (call.over) throw notModelled(`${call.name} OVER`)
    return {
      type: value.type,
      write: (suffix) => `${duckdb}(${value.sql}, ${by.sql})${suffix(`${by.sql} IS NOT NULL`)}`,
    }
  }
}

function booleanOf(duckdb: 'bool_or' | 'bool_and'): AggregateTwin {
  return (call, context) => {
    exactly(call, 1)
    return simple(`${duckdb}(${boolArgument(call, context)})`, boolean)
  }
}

const anyValue: AggregateTwin = (call, context) => {
  exactly(call, 1)
  const of = context.bind(argument(call, 0))
  return simple(`any_value(${of.sql})`, of.type)
}

/** With DISTINCT an order has to be of the very same expression. */
function groupOrder(call: Call, context: TwinContext, value: string): string {
  if (call.withinGroup === undefined) return ''
  const [only, ...more] = call.withinGroup
  if (call.distinct && (more.length > 0 || only === undefined || context.bind(only.of).sql !== value)) {
    throw notModelled(`${call.name} DISTINCT in another order than its own`)
  }
  return ` ORDER BY ${context.orderBy(call.withinGroup)}`
}

/** NULLs are left out, and the array of nothing is empty. */
const arrayAgg: AggregateTwin = (call, context) => {
  exactly(call, 1)
  const of = context.bind(argument(call, 0))
  const order = groupOrder(call, context, of.sql)
  if (call.over) throw notModelled('ARRAY_AGG OVER')
  // Elements become VARIANT: only those types that do.
  const probe = toVariant({ sql: 'x', type: of.type })
  if (probe === '') throw new Error('no variant')
  return {
    type: array,
    write: (suffix) =>
      `coalesce(to_json(list(${distinctly(call)}${of.sql}${order})${suffix(`${of.sql} IS NOT NULL`)}), CAST('[]' AS JSON))`,
  }
}

/** The text of nothing is empty. */
const listAgg: AggregateTwin = (call, context) => {
  exactly(call, 1, 2)
  const of = context.bind(argument(call, 0))
  if (of.type.kind !== 'text') throw wrongArguments(call.name, [typeText(of.type)])
  const order = groupOrder(call, context, of.sql)
  if (call.over) throw notModelled('LISTAGG OVER')
  return {
    type: text,
    write: (suffix) =>
      `coalesce(string_agg(${distinctly(call)}${of.sql}, ${literal(literalText(call, 1, ''))}${order})${suffix()}, '')`,
  }
}

const objectAgg: AggregateTwin = (call, context) => {
  exactly(call, 2)
  const [key, value] = [context.bind(argument(call, 0)), context.bind(argument(call, 1))]
  if (key.type.kind !== 'text' || call.over || call.distinct) throw notModelled('this use of OBJECT_AGG')
  return {
    type: object,
    write: (suffix) =>
      `CAST('{' || coalesce(string_agg(CAST(to_json(${key.sql}) AS VARCHAR) || ':' || CAST(${toVariant(value)} AS VARCHAR), ',')${suffix(`${key.sql} IS NOT NULL AND ${value.sql} IS NOT NULL`)}, '') || '}' AS JSON)`,
  }
}

/**
 * The share has to be a constant. For PERCENTILE_DISC it is the first value whose cumulative share reaches it; the share
 * is a decimal constant, so 7 % of 100 values is the seventh.
 */
function percentile(duckdb: 'quantile_disc' | 'quantile_cont'): AggregateTwin {
  return (call, context) => {
    exactly(call, 1)
    const share = argument(call, 0)
    const [by, ...more] = call.withinGroup ?? []
    if (
      share.kind !== 'number' ||
      /e/i.test(share.text) ||
      by === undefined ||
      more.length > 0 ||
      by.descending
    )
      throw notModelled(`this use of ${call.name}`)
    const of = context.bind(by.of)
    if (of.type.kind !== 'number' && of.type.kind !== 'float')
      throw wrongArguments(call.name, [typeText(of.type)])
    const cont = duckdb === 'quantile_cont'
    return simple(
      `${duckdb}(${cont ? castTo(of, float).sql : of.sql}, ${share.text})`,
      cont && of.type.kind !== 'float' ? float : of.type,
    )
  }
}

const median: AggregateTwin = (call, context) => {
  const of = numeric(call, context)
  return simple(`quantile_cont(${castTo(of, float).sql}, 0.5)`, float)
}

export const aggregateTwins: Readonly<Record<string, AggregateTwin>> = {
  COUNT: count,
  COUNT_IF: countIf,
  SUM: sum,
  AVG: avg,
  MIN: extreme('min'),
  MAX: extreme('max'),
  MIN_BY: extremeBy('arg_min_null'),
  MAX_BY: extremeBy('arg_max_null'),
  ANY_VALUE: anyValue,
  BOOLOR_AGG: booleanOf('bool_or'),
  BOOLAND_AGG: booleanOf('bool_and'),
  ARRAY_AGG: arrayAgg,
  LISTAGG: listAgg,
  OBJECT_AGG: objectAgg,
  PERCENTILE_DISC: percentile('quantile_disc'),
  PERCENTILE_CONT: percentile('quantile_cont'),
  MEDIAN: median,
}

function ranking(duckdb: string): AggregateTwin {
  return (call) => {
    exactly(call, 0)
    return { type: counted, write: (suffix) => `CAST(${duckdb}()${suffix()} AS DECIMAL(18, 0))` }
  }
}

function shifted(duckdb: 'lag' | 'lead'): AggregateTwin {
  return (call, context) => {
    exactly(call, 1, 3)
    const of = context.bind(argument(call, 0))
    const by = call.args[1]
    if (by !== undefined && (by.kind !== 'number' || !/^\d+$/.test(by.text)))
      throw notModelled(`${call.name} by other than a literal`)
    const fallback = call.args[2] === undefined ? 'NULL' : castTo(context.bind(call.args[2]), of.type).sql
    return simple(
      `${duckdb}(${of.sql}, ${by?.kind === 'number' ? by.text : 1}, ${fallback}${call.ignoreNulls ? ' IGNORE NULLS' : ''})`,
      of.type,
    )
  }
}

function valueAt(duckdb: 'first_value' | 'last_value'): AggregateTwin {
  return (call, context) => {
    exactly(call, 1)
    const of = context.bind(argument(call, 0))
    return simple(`${duckdb}(${of.sql}${call.ignoreNulls ? ' IGNORE NULLS' : ''})`, of.type)
  }
}

const ntile: AggregateTwin = (call, context) => {
  exactly(call, 1)
  return {
    type: counted,
    write: (suffix) =>
      `CAST(ntile(CAST(${context.bind(argument(call, 0)).sql} AS BIGINT))${suffix()} AS DECIMAL(18, 0))`,
  }
}

/** Functions that need an OVER with an order. */
export const windowTwins: Readonly<Record<string, AggregateTwin>> = {
  ROW_NUMBER: ranking('row_number'),
  RANK: ranking('rank'),
  DENSE_RANK: ranking('dense_rank'),
  LAG: shifted('lag'),
  LEAD: shifted('lead'),
  FIRST_VALUE: valueAt('first_value'),
  LAST_VALUE: valueAt('last_value'),
  NTILE: ntile,
}

const wholePartition = new Set(['FIRST_VALUE', 'LAST_VALUE'])

export function bindAggregate(call: Call, context: TwinContext): Typed {
  const window = windowTwins[call.name]
  const twin = window ?? aggregateTwins[call.name]
  if (twin === undefined) throw unknownFunction(call.name)
  if (call.named.size > 0) throw notModelled(`${call.name} with named arguments`)
  if (window !== undefined && call.over === undefined) throw notModelled(`${call.name} without OVER`)
  if (window !== undefined && call.over?.order.length === 0)
    throw notModelled(`${call.name} without ORDER BY in its OVER`)
  if (window !== undefined && (call.distinct || call.withinGroup))
    throw notModelled(`${call.name} with DISTINCT or WITHIN GROUP`)
  if (call.ignoreNulls && !['LAG', 'LEAD', 'FIRST_VALUE', 'LAST_VALUE'].includes(call.name))
    throw notModelled(`${call.name} IGNORE NULLS`)
  if (call.withinGroup && !['ARRAY_AGG', 'LISTAGG', 'PERCENTILE_DISC', 'PERCENTILE_CONT'].includes(call.name))
    throw notModelled(`${call.name} WITHIN GROUP`)
  if (call.distinct && call.over && call.over.order.length > 0)
    throw notModelled(`${call.name} DISTINCT over an order`)
  const { type, write } = twin(call, context)
  const over = call.over === undefined ? '' : ` OVER (${overText(call, context)})`
  return { sql: write((filter) => `${filter === undefined ? '' : ` FILTER (WHERE ${filter})`}${over}`), type }
}

/** Without a frame, FIRST_VALUE and LAST_VALUE look at the whole partition here, unlike in the standard. */
function overText(call: Call, context: TwinContext): string {
  const { partition = [], order = [], frame } = call.over ?? {}
  const pieces: string[] = []
  if (partition.length > 0)
    pieces.push(`PARTITION BY ${partition.map((item) => context.bind(item).sql).join(', ')}`)
  if (order.length > 0) pieces.push(`ORDER BY ${context.orderBy(order)}`)
  if (frame !== undefined) pieces.push(frameText(frame, order))
  else if (wholePartition.has(call.name))
    pieces.push('ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING')
  return pieces.join(' ')
}

function frameText(frame: Frame, order: readonly OrderItem[]): string {
  if (order.length === 0) throw notModelled('a window frame without ORDER BY')
  const bound = (of: Frame['from']): string => {
    if (typeof of === 'string') return of.toUpperCase()
    if (frame.unit === 'RANGE') throw notModelled('RANGE with a distance')
    return `${of.rows} ${of.following ? 'FOLLOWING' : 'PRECEDING'}`
  }
  return `${frame.unit} BETWEEN ${bound(frame.from)} AND ${bound(frame.to)}`
}
