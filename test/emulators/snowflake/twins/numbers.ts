import { align, castTo, once, raise } from '../binder/casts.ts'
import {
  boolean,
  float,
  integer,
  numberOf,
  physicalType,
  type SfType,
  type Typed,
  typeText,
  unify,
} from '../binder/types.ts'
import { notModelled, wrongArguments } from '../errors.ts'
import type { Call } from '../language/syntax.ts'
import {
  argument,
  exactly,
  literalInteger,
  plain,
  refuseModifiers,
  type Twin,
  type TwinContext,
} from './twin.ts'

const divisionByZero = raise('100051', '22012', 'Division by zero', "''", '')

/** @see https://docs.snowflake.com/en/sql-reference/operators-arithmetic */
export function arithmetic(operator: '+' | '-' | '*' | '/' | '%', left: Typed, right: Typed): Typed {
  if (operator === '-' && left.type.kind === 'date' && right.type.kind === 'date') {
    return { sql: `CAST((${left.sql} - ${right.sql}) AS ${physicalType(integer)})`, type: integer }
  }
  const [a, b] = [asNumber(left, operator, right), asNumber(right, operator, left)]
  if (a.type.kind === 'float' || b.type.kind === 'float') {
    const [x, y] = [castTo(a, float).sql, castTo(b, float).sql]
    if (operator === '/' || operator === '%') {
      return { sql: `(${x} ${operator} ${nonZero(y)})`, type: float }
    }
    return { sql: `(${x} ${operator} ${y})`, type: float }
  }
  if (a.type.kind !== 'number' || b.type.kind !== 'number') throw new Error('not numbers')
  const [l1, s1, l2, s2] = [
    a.type.precision - a.type.scale,
    a.type.scale,
    b.type.precision - b.type.scale,
    b.type.scale,
  ]
  switch (operator) {
    case '+':
    case '-': {
      const scale = Math.max(s1, s2)
      const type = numberOf(Math.max(l1, l2) + 1 + scale, scale)
      return { sql: `(${widest(a, scale)} ${operator} ${widest(b, scale)})`, type }
    }
    case '*': {
      const scale = Math.min(s1 + s2, Math.max(s1, s2, 12))
      const type = numberOf(l1 + l2 + scale, scale)
      if (s1 + s2 > 38) throw notModelled(`a product of scales ${s1} and ${s2}`)
      const product = `(${widest(a, s1)} * ${widest(b, s2)})`
      return { sql: scale === s1 + s2 ? product : `CAST(${product} AS DECIMAL(38, ${scale}))`, type }
    }
    case '/': {
      const scale = Math.max(s1, Math.min(s1 + 6, 12))
      const type = numberOf(l1 + s2 + scale, scale)
      return {
        sql: `sf_divide(${unscaled(a, s1)}, ${unscaled(b, s2)}, ${10 ** Math.max(0, scale - s1 + s2)}::HUGEINT, ${10 ** Math.max(0, s1 - s2 - scale)}::HUGEINT, CAST(${unit(scale)} AS DECIMAL(38, ${scale})))`,
        type,
      }
    }
    case '%': {
      const scale = Math.max(s1, s2)
      return {
        sql: `(${widest(a, scale)} % ${nonZero(widest(b, scale))})`,
        type: numberOf(Math.min(l1, l2) + scale, scale),
      }
    }
  }
}

export const numberMacros: readonly string[] = [
  `sf_non_zero(x) AS CASE WHEN x = 0 THEN ${divisionByZero} ELSE x END`,
  // Exact division of unscaled integers, halves away from zero.
  `sf_divide(a, b, up, down, unit) AS CASE WHEN b = 0 THEN ${divisionByZero} ELSE
    CAST(((abs(a) * up * 2 + abs(b) * down) // (abs(b) * down * 2)) * CASE WHEN (a < 0) = (b < 0) THEN 1 ELSE -1 END AS DECIMAL(38, 0)) * unit END`,
]

function nonZero(sql: string): string {
  return once(sql, (value) => `sf_non_zero(${value})`, 'd')
}

function unit(scale: number): string {
  return scale === 0 ? '1' : `0.${'0'.repeat(scale - 1)}1`
}

function widest({ sql }: Typed, scale: number): string {
  return `CAST(${sql} AS DECIMAL(38, ${scale}))`
}

function unscaled({ sql }: Typed, scale: number): string {
  return scale === 0
    ? `CAST(${sql} AS HUGEINT)`
    : `CAST(CAST(${sql} AS DECIMAL(38, ${scale})) * ${10 ** scale} AS HUGEINT)`
}

function asNumber(of: Typed, operator: string, other: Typed): Typed {
  switch (of.type.kind) {
    case 'number':
    case 'float':
      return of
    case 'null':
      return castTo(of, integer)
    default:
      throw wrongArguments(operator, [typeText(of.type), typeText(other.type)])
  }
}

export function negated(of: Typed): Typed {
  const number = asNumber(of, '-', of)
  return { sql: `(- ${number.sql})`, type: number.type }
}

function rounding(duckdb: string): Twin {
  return (call, context) => {
    refuseModifiers(call)
    exactly(call, 1, 2)
    const of = asNumber(context.bind(argument(call, 0)), call.name, { sql: '', type: integer })
    const digits = literalInteger(call, 1, 0)
    if (of.type.kind === 'float') {
      if (digits !== 0 && duckdb !== 'round') throw notModelled(`${call.name} of a FLOAT with digits`)
      return { sql: duckdb === 'round' ? `round(${of.sql}, ${digits})` : `${duckdb}(${of.sql})`, type: float }
    }
    if (of.type.kind !== 'number') throw new Error('no number')
    const scale = Math.max(0, Math.min(of.type.scale, digits))
    const type = numberOf(of.type.precision - of.type.scale + scale + 1, scale)
    if (digits < 0 || (duckdb !== 'round' && digits !== 0))
      throw notModelled(`${call.name} with ${digits} digits`)
    if (digits >= of.type.scale) return of
    const sql = duckdb === 'round' ? `round(${of.sql}, ${digits})` : `${duckdb}(${of.sql})`
    return { sql: `CAST(${sql} AS ${physicalType(type)})`, type }
  }
}

/** NULL if any is NULL, unlike DuckDB's. */
function extreme(duckdb: 'greatest' | 'least', ignoreNulls: boolean): Twin {
  return (call, context) => {
    refuseModifiers(call)
    exactly(call, 1, 100)
    const args = call.args.map((arg) => context.bind(arg))
    const type = args.map((arg) => arg.type).reduce((left, right) => unify(left, right, call.name))
    const values = args.map((arg) => align(arg, type))
    const chosen = `${duckdb}(${values.join(', ')})`
    if (ignoreNulls) return { sql: chosen, type }
    return {
      sql: `CASE WHEN ${values.map((value) => `${value} IS NULL`).join(' OR ')} THEN NULL ELSE ${chosen} END`,
      type,
    }
  }
}

function divideOr(zeroFor: 'zero' | 'zero or null'): Twin {
  return (call, context) => {
    refuseModifiers(call)
    exactly(call, 2)
    const [left, right] = [context.bind(argument(call, 0)), context.bind(argument(call, 1))]
    const quotient = arithmetic('/', left, right)
    const zero = castTo({ sql: '0', type: integer }, quotient.type).sql
    const test = zeroFor === 'zero' ? `${right.sql} = 0` : `${right.sql} = 0 OR ${right.sql} IS NULL`
    return { sql: `CASE WHEN ${test} THEN ${zero} ELSE ${quotient.sql} END`, type: quotient.type }
  }
}

/** TO_NUMBER and its like: precision 38 and scale 0 unless said; a format of X reads hexadecimal. */
function toNumber(trying: boolean): Twin {
  return (call, context) => {
    refuseModifiers(call)
    exactly(call, 1, 4)
    const of = context.bind(argument(call, 0))
    const format = call.args[1]?.kind === 'text' ? call.args[1].value : undefined
    const type = numberOf(
      literalInteger(call, format === undefined ? 1 : 2, 38),
      literalInteger(call, format === undefined ? 2 : 3, 0),
    )
    if (format !== undefined) return hexadecimal(call, of, format, type)
    if (trying && of.type.kind !== 'text') throw wrongArguments(call.name, [typeText(of.type)])
    return castTo(of, type, trying)
  }
}

function hexadecimal(call: Call, of: Typed, format: string, type: SfType): Typed {
  if (!/^X{1,31}$/i.test(format)) throw notModelled(`${call.name} with the format ${format}`)
  if (of.type.kind !== 'text') throw wrongArguments(call.name, [typeText(of.type)])
  const sql = `CAST(sf_hex_to_number(${of.sql}, '${format}') AS ${physicalType(type)})`
  return { sql, type }
}

function toDouble(trying: boolean): Twin {
  return (call, context) => {
    refuseModifiers(call)
    exactly(call, 1)
    const of = context.bind(argument(call, 0))
    if (trying && of.type.kind !== 'text' && of.type.kind !== 'null')
      throw wrongArguments(call.name, [typeText(of.type)])
    return castTo(of, float, trying && of.type.kind === 'text')
  }
}

function toBoolean(trying: boolean): Twin {
  return (call, context) => {
    refuseModifiers(call)
    exactly(call, 1)
    const of = context.bind(argument(call, 0))
    return castTo(of, boolean, trying && of.type.kind === 'text')
  }
}

const sameNumber = (args: readonly Typed[]): SfType => args[0]?.type ?? integer

function bits(write: (a: string, b: string) => string): Twin {
  return plain('ii', integer, (a, b) => `CAST(${write(a, b)} AS DECIMAL(38, 0))`)
}

function orZero(call: Call, context: TwinContext): Typed {
  exactly(call, 1)
  const of = asNumber(context.bind(argument(call, 0)), call.name, { sql: '', type: integer })
  return { sql: `coalesce(${of.sql}, ${castTo({ sql: '0', type: integer }, of.type).sql})`, type: of.type }
}

export const numberTwins: Readonly<Record<string, Twin>> = {
  ABS: plain('n', sameNumber, (x) => `abs(${x})`),
  SIGN: plain('n', numberOf(1, 0), (x) => `CAST(sign(${x}) AS DECIMAL(1, 0))`),
  CEIL: rounding('ceil'),
  FLOOR: rounding('floor'),
  ROUND: rounding('round'),
  TRUNC: rounding('trunc'),
  TRUNCATE: rounding('trunc'),
  MOD: (call, context) => {
    exactly(call, 2)
    return arithmetic('%', context.bind(argument(call, 0)), context.bind(argument(call, 1)))
  },
  SQRT: plain('f', float, (x) => `sqrt(${x})`),
  EXP: plain('f', float, (x) => `exp(${x})`),
  LN: plain('f', float, (x) => `ln(${x})`),
  POWER: plain('ff', float, (x, y) => `pow(${x}, ${y})`),
  POW: plain('ff', float, (x, y) => `pow(${x}, ${y})`),
  GREATEST: extreme('greatest', false),
  LEAST: extreme('least', false),
  GREATEST_IGNORE_NULLS: extreme('greatest', true),
  LEAST_IGNORE_NULLS: extreme('least', true),
  DIV0: divideOr('zero'),
  DIV0NULL: divideOr('zero or null'),
  ZEROIFNULL: orZero,
  NULLIFZERO: plain('n', sameNumber, (x) => `nullif(${x}, 0)`),
  BITAND: bits((a, b) => `(${a} & ${b})`),
  BITOR: bits((a, b) => `(${a} | ${b})`),
  BITXOR: bits((a, b) => `xor(${a}, ${b})`),
  TO_NUMBER: toNumber(false),
  TO_DECIMAL: toNumber(false),
  TO_NUMERIC: toNumber(false),
  TRY_TO_NUMBER: toNumber(true),
  TRY_TO_DECIMAL: toNumber(true),
  TRY_TO_NUMERIC: toNumber(true),
  TO_DOUBLE: toDouble(false),
  TRY_TO_DOUBLE: toDouble(true),
  TO_BOOLEAN: toBoolean(false),
  TRY_TO_BOOLEAN: toBoolean(true),
}
