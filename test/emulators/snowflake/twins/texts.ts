import { castTo, once, raise } from '../binder/casts.ts'
import { literal } from '../binder/names.ts'
import { boolean, integer, type SfType, type Typed, text, textOf, typeText } from '../binder/types.ts'
import { notModelled, wrongArguments } from '../errors.ts'
import type { Call, Expr } from '../language/syntax.ts'
import {
  argument,
  exactly,
  literalInteger,
  literalText,
  plain,
  refuseModifiers,
  type Twin,
  type TwinContext,
} from './twin.ts'

const sameText = (args: readonly Typed[]): SfType => args[0]?.type ?? text
const count = (sql: string): string => `CAST(${sql} AS DECIMAL(38, 0))`

/** Trims the blank only, unless told which characters. */
function trimming(duckdb: 'trim' | 'ltrim' | 'rtrim'): Twin {
  return plain('t?t', sameText, (of, characters = "' '") => `${duckdb}(${of}, ${characters})`)
}

/** A position of 0 counts as 1; a negative one counts from the end, and beyond it there is nothing. */
function substring(of: string, from: string, length?: string): string {
  const begin = `CASE WHEN ${from} = 0 THEN 1 WHEN ${from} < -length(${of}) THEN length(${of}) + 1 ELSE ${from} END`
  return length === undefined
    ? `substring(${of}, ${begin})`
    : `substring(${of}, ${begin}, greatest(${length}, 0))`
}

const substr: Twin = plain('ti?i', sameText, (of, from, length) =>
  once(of ?? '', (v) => substring(v, from ?? '1', length)),
)

/**
 * Patterns are POSIX extended with Perl's classes. What this knows to mean the same in RE2 passes; look-around, lazy
 * quantifiers, back references and escapes the documentation does not list are refused.
 *
 * @see https://docs.snowflake.com/en/sql-reference/functions-regexp
 */
function pattern(call: Call, at: number): string {
  const arg = call.args[at]
  if (arg?.kind !== 'text') throw notModelled(`${call.name} with a pattern that is no literal`)
  checkPattern(arg.value)
  return arg.value
}

export function checkPattern(value: string): void {
  for (const [found, escaped] of value.matchAll(/\\([\s\S]?)|\(\?|[*+?}][?+]/g)) {
    if (escaped === undefined) throw notModelled(`\`${found}\` in a regular expression`)
    if (/[A-Za-z0-9]/.test(escaped) && !/[dDsSwWbB]/.test(escaped))
      throw notModelled(`\`${found}\` in a regular expression`)
    if (escaped === '') throw raisedPattern(value)
  }
}

function raisedPattern(value: string): Error {
  return notModelled(`the regular expression ${value}`)
}

/** Inline flags for RE2: `$` is the very end unless `m`, a dot takes no line break unless `s`. */
function flags(parameters: string): string {
  if (/[^cimse]/.test(parameters)) throw notModelled(`regular expression parameters '${parameters}'`)
  const set = [...'ims'].filter(
    (flag) =>
      parameters.includes(flag) &&
      (flag !== 'i' || parameters.lastIndexOf('c') < parameters.lastIndexOf('i')),
  )
  return set.length === 0 ? '' : `(?${set.join('')})`
}

function subject(call: Call, context: TwinContext): string {
  const of = context.bind(argument(call, 0))
  if (of.type.kind === 'null') return castTo(of, text).sql
  if (of.type.kind !== 'text') throw wrongArguments(call.name, [typeText(of.type)])
  return of.sql
}

export function regexpLike(of: string, value: string, parameters: string): string {
  return `regexp_full_match(${of}, ${literal(`${flags(parameters)}${value}`)})`
}

const like: Twin = (call, context) => {
  refuseModifiers(call)
  exactly(call, 2, 3)
  return {
    sql: regexpLike(subject(call, context), pattern(call, 1), literalText(call, 2, 'c')),
    type: boolean,
  }
}

/** The replacement knows `\1` to `\9`; every match is replaced unless one is asked for. */
const replace: Twin = (call, context) => {
  refuseModifiers(call)
  exactly(call, 2, 6)
  const replacement = literalText(call, 2, '')
  if (/\\[^1-9\\]|\\$/.test(replacement)) throw notModelled(`the replacement ${replacement}`)
  const occurrence = literalInteger(call, 4, 0)
  if (literalInteger(call, 3, 1) !== 1 || occurrence > 1)
    throw notModelled('REGEXP_REPLACE from a later position or occurrence')
  const found = literal(`${flags(literalText(call, 5, 'c'))}${pattern(call, 1)}`)
  return {
    sql: `regexp_replace(${subject(call, context)}, ${found}, ${literal(replacement)}${occurrence === 0 ? ", 'g'" : ''})`,
    type: text,
  }
}

const regexpSubstr: Twin = (call, context) => {
  refuseModifiers(call)
  exactly(call, 2, 6)
  if (literalInteger(call, 2, 1) !== 1) throw notModelled('REGEXP_SUBSTR from a later position')
  const parameters = literalText(call, 4, 'c')
  const group = literalInteger(call, 5, parameters.includes('e') ? 1 : 0)
  const found = literal(`${flags(parameters)}${pattern(call, 1)}`)
  return {
    sql: `list_extract(regexp_extract_all(${subject(call, context)}, ${found}, ${group}), ${literalInteger(call, 3, 1)})`,
    type: text,
  }
}

/** The position of the first match, 0 where there is none. */
const regexpInstr: Twin = (call, context) => {
  refuseModifiers(call)
  exactly(call, 2, 6)
  if (
    literalInteger(call, 2, 1) !== 1 ||
    literalInteger(call, 3, 1) !== 1 ||
    literalInteger(call, 4, 0) !== 0
  ) {
    throw notModelled('REGEXP_INSTR from a later position, of a later occurrence or of the end')
  }
  const inline = flags(literalText(call, 5, 'c'))
  const value = pattern(call, 1)
  const sql = once(
    subject(call, context),
    (v) =>
      `CASE WHEN regexp_matches(${v}, ${literal(inline + value)}) THEN 1 + length(regexp_extract(${v}, ${literal(`${inline}^([\\s\\S]*?)(?:${value})`)}, 1)) WHEN ${v} IS NOT NULL THEN 0 END`,
  )
  return { sql: count(sql), type: integer }
}

const regexpCount: Twin = (call, context) => {
  refuseModifiers(call)
  exactly(call, 2, 4)
  if (literalInteger(call, 2, 1) !== 1) throw notModelled('REGEXP_COUNT from a later position')
  const found = literal(`${flags(literalText(call, 3, 'c'))}${pattern(call, 1)}`)
  return { sql: count(`len(regexp_extract_all(${subject(call, context)}, ${found}))`), type: integer }
}

/** NULL if any argument is, unlike DuckDB's. */
const concat: Twin = (call, context) => {
  refuseModifiers(call)
  exactly(call, 1, 100)
  return call.args.map((arg) => context.bind(arg)).reduce((left, right) => concatenated(left, right))
}

export function concatenated(left: Typed, right: Typed): Typed {
  for (const { type } of [left, right]) {
    if (type.kind !== 'text' && type.kind !== 'null')
      throw wrongArguments('CONCAT', [typeText(left.type), typeText(right.type)])
  }
  const length =
    (left.type.kind === 'text' ? left.type.length : 0) + (right.type.kind === 'text' ? right.type.length : 0)
  return { sql: `(${castTo(left, text).sql} || ${castTo(right, text).sql})`, type: textOf(length) }
}

/** Part 0 is part 1, a negative one counts from the end, one that is not there is the empty text. */
const splitPart: Twin = plain('tti', text, (of, by, part) =>
  once(
    part,
    (n) =>
      `CASE WHEN ${by} = '' THEN ${raise('000002', '0A000', 'Unsupported feature ', "'SPLIT_PART by nothing'", '')} ELSE split_part(${of}, ${by}, CASE WHEN ${n} = 0 THEN 1 ELSE ${n} END) END`,
    'n',
  ),
)

function padding(duckdb: 'lpad' | 'rpad'): Twin {
  return plain(
    'ti?t',
    text,
    (of, length, fill = "' '") => `${duckdb}(${of}, CAST(greatest(${length}, 0) AS INTEGER), ${fill})`,
  )
}

const sha2: Twin = (call, context) => {
  refuseModifiers(call)
  exactly(call, 1, 2)
  if (literalInteger(call, 1, 256) !== 256) throw notModelled('SHA2 of other than 256 bits')
  return { sql: `sha256(${subject(call, context)})`, type: textOf(64) }
}

const hexEncode: Twin = (call, context) => {
  refuseModifiers(call)
  exactly(call, 1, 2)
  // Case 1 is upper, and the default.
  const sql = `hex(encode(${subject(call, context)}))`
  return { sql: literalInteger(call, 1, 1) === 0 ? `lower(${sql})` : sql, type: text }
}

/** LIKE takes a backslash as escape only where ESCAPE says so. */
export function likeSql(how: 'LIKE' | 'ILIKE', of: Typed, wanted: Typed, by: Expr | undefined): string {
  const escapeSql = by === undefined ? "''" : by.kind === 'text' ? literal(by.value) : undefined
  if (escapeSql === undefined) throw notModelled('ESCAPE with other than a literal')
  for (const { type } of [of, wanted]) {
    if (type.kind !== 'text' && type.kind !== 'null')
      throw wrongArguments(how, [typeText(of.type), typeText(wanted.type)])
  }
  return by === undefined
    ? `(${of.sql} ${how} ${wanted.sql})`
    : `(${of.sql} ${how} ${wanted.sql} ESCAPE ${escapeSql})`
}

export const textTwins: Readonly<Record<string, Twin>> = {
  LOWER: plain('t', sameText, (of) => `lower(${of})`),
  UPPER: plain('t', sameText, (of) => `upper(${of})`),
  TRIM: trimming('trim'),
  LTRIM: trimming('ltrim'),
  RTRIM: trimming('rtrim'),
  LENGTH: plain('t', integer, (of) => count(`length(${of})`)),
  LEN: plain('t', integer, (of) => count(`length(${of})`)),
  OCTET_LENGTH: plain('t', integer, (of) => count(`strlen(${of})`)),
  SUBSTR: substr,
  SUBSTRING: substr,
  LEFT: plain('ti', sameText, (of, n) => `left(${of}, greatest(${n}, 0))`),
  RIGHT: plain('ti', sameText, (of, n) => `right(${of}, greatest(${n}, 0))`),
  REPLACE: plain('tt?t', text, (of, what, by = "''") => `replace(${of}, ${what}, ${by})`),
  REPEAT: plain('ti', text, (of, n) => `repeat(${of}, ${n})`),
  REVERSE: plain('t', sameText, (of) => `reverse(${of})`),
  CONCAT: concat,
  STARTSWITH: plain('tt', boolean, (of, part) => `starts_with(${of}, ${part})`),
  ENDSWITH: plain('tt', boolean, (of, part) => `ends_with(${of}, ${part})`),
  CONTAINS: plain('tt', boolean, (of, part) => `contains(${of}, ${part})`),
  POSITION: plain('tt', integer, (part, of) => count(`strpos(${of}, ${part})`)),
  CHARINDEX: plain('tt', integer, (part, of) => count(`strpos(${of}, ${part})`)),
  LPAD: padding('lpad'),
  RPAD: padding('rpad'),
  SPLIT_PART: splitPart,
  CHR: plain('i', textOf(1), (code) => `chr(CAST(${code} AS INTEGER))`),
  CHAR: plain('i', textOf(1), (code) => `chr(CAST(${code} AS INTEGER))`),
  ASCII: plain('t', integer, (of) => count(`CASE WHEN ${of} = '' THEN 0 ELSE ascii(${of}) END`)),
  UNICODE: plain('t', integer, (of) => count(`CASE WHEN ${of} = '' THEN 0 ELSE unicode(${of}) END`)),
  MD5: plain('t', textOf(32), (of) => `md5(${of})`),
  MD5_HEX: plain('t', textOf(32), (of) => `md5(${of})`),
  SHA1: plain('t', textOf(40), (of) => `sha1(${of})`),
  SHA1_HEX: plain('t', textOf(40), (of) => `sha1(${of})`),
  SHA2: sha2,
  SHA2_HEX: sha2,
  HEX_ENCODE: hexEncode,
  REGEXP_LIKE: like,
  RLIKE: like,
  REGEXP_REPLACE: replace,
  REGEXP_SUBSTR: regexpSubstr,
  REGEXP_INSTR: regexpInstr,
  REGEXP_COUNT: regexpCount,
}
