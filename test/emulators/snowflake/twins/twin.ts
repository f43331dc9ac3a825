import { castTo, toVariant } from '../binder/casts.ts'
import { integer, type Kind, type SfType, type Typed, text, typeText, variant } from '../binder/types.ts'
import { notModelled, wrongArgumentCount, wrongArguments } from '../errors.ts'
import type { Call, Expr, OrderItem } from '../language/syntax.ts'

/** What a twin may ask of the binder. */
export interface TwinContext {
  bind(expr: Expr): Typed
  orderBy(items: readonly OrderItem[]): string
  /** ISO instant of the statement, in DuckDB's words. */
  readonly now: string
  readonly session: ReadonlyMap<string, string>
}

/** How one Snowflake function is written in DuckDB, from its page in the SQL reference. */
export type Twin = (call: Call, context: TwinContext) => Typed

/** `t` text, `i` integer as BIGINT, `n` number, `f` number or float as DOUBLE, `b` boolean, `v` semi-structured, `j` anything as JSON, `*` as it is. */
type Take = 't' | 'i' | 'n' | 'f' | 'b' | 'v' | 'j' | 'd' | '*'

/** A twin of plain arguments; `?` before those that may be left out, `+` for one that repeats. */
export function plain(
  signature: string,
  type: SfType | ((args: readonly Typed[]) => SfType),
  write: (...args: string[]) => string,
): Twin {
  const optional = signature.indexOf('?')
  const repeats = signature.endsWith('+')
  const takes = [...signature.replaceAll(/[?+]/g, '')].map(takeOf)
  const least = optional < 0 ? takes.length : optional
  return (call, context) => {
    refuseModifiers(call)
    const given = call.args.map((arg) => context.bind(arg))
    if (given.length < least || (!repeats && given.length > takes.length)) {
      throw wrongArgumentCount(call.name, `${least} to ${takes.length}`, given.length)
    }
    const args = given.map((arg, index) =>
      take(arg, takes[Math.min(index, takes.length - 1)] ?? '*', call.name, given),
    )
    return { sql: write(...args.map(({ sql }) => sql)), type: typeof type === 'function' ? type(args) : type }
  }
}

function takeOf(letter: string): Take {
  switch (letter) {
    case 't':
    case 'i':
    case 'n':
    case 'f':
    case 'b':
    case 'v':
    case 'j':
    case 'd':
      return letter
    default:
      return '*'
  }
}

export function refuseModifiers(call: Call): void {
  if (call.over || call.withinGroup || call.distinct || call.ignoreNulls || call.named.size > 0) {
    throw notModelled(`${call.name} with DISTINCT, OVER, WITHIN GROUP, IGNORE NULLS or named arguments`)
  }
}

const kinds: Readonly<Record<Take, readonly Kind[]>> = {
  t: ['text'],
  i: ['number'],
  n: ['number', 'float'],
  f: ['number', 'float'],
  b: ['boolean'],
  v: ['variant', 'array', 'object'],
  d: ['date', 'timestamp_ntz', 'timestamp_ltz', 'timestamp_tz'],
  j: [],
  '*': [],
}

function take(arg: Typed, how: Take, name: string, all: readonly Typed[]): Typed {
  const wanted = kinds[how]
  const isNull = arg.type.kind === 'null'
  if (wanted.length > 0 && !isNull && !wanted.includes(arg.type.kind)) {
    // Snowflake turns many of these into each other by itself; SQL made for several warehouses says what it means.
    throw wrongArguments(
      name,
      all.map(({ type }) => typeText(type)),
    )
  }
  switch (how) {
    case 't':
      return isNull ? castTo(arg, text) : arg
    case 'i':
      if (arg.type.kind === 'number' && arg.type.scale > 0)
        throw wrongArguments(
          name,
          all.map(({ type }) => typeText(type)),
        )
      return { sql: `CAST(${arg.sql} AS BIGINT)`, type: integer }
    case 'n':
      return isNull ? castTo(arg, integer) : arg
    case 'f':
      return { sql: `CAST(${arg.sql} AS DOUBLE)`, type: { kind: 'float' } }
    case 'b':
      return isNull ? castTo(arg, { kind: 'boolean' }) : arg
    case 'v':
      return isNull ? castTo(arg, variant) : arg
    case 'j':
      return { sql: toVariant(arg), type: arg.type }
    case 'd':
    case '*':
      return arg
  }
}

/** The text of an argument that has to be a literal. */
export function literalText(call: Call, at: number, fallback: string): string {
  const arg = call.args[at]
  if (arg === undefined) return fallback
  if (arg.kind !== 'text') throw notModelled(`${call.name} with other than a literal as argument ${at + 1}`)
  return arg.value
}

export function literalInteger(call: Call, at: number, fallback: number): number {
  const arg = call.args[at]
  if (arg === undefined) return fallback
  if (arg.kind === 'number' && /^\d+$/.test(arg.text)) return Number(arg.text)
  if (arg.kind === 'unary' && arg.operator === '-' && arg.of.kind === 'number' && /^\d+$/.test(arg.of.text))
    return -Number(arg.of.text)
  throw notModelled(`${call.name} with other than a literal integer as argument ${at + 1}`)
}

export function argument(call: Call, at: number): Expr {
  const arg = call.args[at]
  if (arg === undefined) throw wrongArgumentCount(call.name, `${at + 1} or more`, call.args.length)
  return arg
}

export function exactly(call: Call, least: number, most = least): void {
  if (call.args.length < least || call.args.length > most) {
    throw wrongArgumentCount(call.name, least === most ? `${least}` : `${least} to ${most}`, call.args.length)
  }
}
