import type { Relation } from '../ir/relation.ts'
import type { ColumnType, ValueType } from '../ir/value-type.ts'
import type { Dialect, OrderKey, Sql } from './dialect.ts'
import { snowflakeFunctions } from './functions.ts'
import { snowflakeKeywords } from './keywords.ts'
import { snowflakeLexis } from './lexis.ts'
import { assertFinite, assertStorable, integerLiteral, timestampLiteral } from './literals.ts'
import { decimalNumber, isoInstant, longestNumber, objectArray, scalarArray } from './patterns.ts'
import { concatenated } from './row-text.ts'
import { swapCase } from './snowflake-names.ts'
import {
  addColumnIfMissing,
  createTableIfMissing,
  dropColumnIfThere,
  identifier,
  qualified,
} from './statements.ts'

/** `timestamp` alone would be what the reader's session makes of it. */
const typeNames: Readonly<Record<ValueType, string>> = {
  text: 'varchar',
  integer: 'number(38, 0)',
  number: 'float',
  boolean: 'boolean',
  timestamp: 'timestamp_ntz(6)',
  list: 'varchar',
}

const maxIdentifierBytes = 255

/** Quoted in upper case where it is a keyword: the same name as without quotes. */
function ident(name: string): Sql {
  return identifier(
    name,
    snowflakeKeywords,
    (quoted) => `"${swapCase(quoted).replaceAll('"', '""')}"`,
    maxIdentifierBytes,
  )
}

function relation(of: Relation): Sql {
  return qualified(ident, of)
}

/** A backslash escapes inside `'…'`. */
function text(value: string): Sql {
  assertStorable(value, 'a text')
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "''")
    .replaceAll(/\p{Cc}/gu, (character) => escapes[character] ?? unicodeEscape(character))
  return `'${escaped}'`
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** By way of text: a literal with a fraction is a decimal of as many digits as are written. */
function number(value: number): Sql {
  assertFinite(value)
  return `cast('${value}' as float)`
}

function timestamp(iso: string): Sql {
  return `cast(${timestampLiteral(iso).slice('timestamp '.length)} as ${typeNames.timestamp})`
}

/** Finer fractions of a second than microseconds are cut off. */
function read(sql: Sql, column: ColumnType): Sql {
  switch (column) {
    case 'text':
    case 'boolean':
      return sql
    case 'integer':
      return `cast(${sql} as ${typeNames.integer})`
    case 'decimal':
    case 'float':
      return `cast(${sql} as float)`
    case 'timestamp':
    case 'date':
      return `cast(${sql} as ${typeNames.timestamp})`
    case 'timestamptz':
      return `cast(convert_timezone('UTC', ${sql}) as ${typeNames.timestamp})`
    case 'json':
      return `to_json(${sql})`
    case 'other':
      return `cast(${sql} as varchar)`
  }
}

function toText(sql: Sql, type: ValueType): Sql {
  switch (type) {
    case 'text':
    case 'list':
      return sql
    case 'integer':
    case 'boolean':
      return `cast(${sql} as varchar)`
    case 'number':
      return numberText(sql)
    case 'timestamp':
      return `(regexp_replace(to_varchar(${sql}, 'YYYY-MM-DD"T"HH24:MI:SS.FF6'), '[.]?0+$', '') || 'Z')`
  }
}

/**
 * The reference shows ten digits of a float here and seventeen there, so its text is not asked for where that of a decimal
 * will do: the one of fewest digits that reads back as the same float. Beyond those the text is what the warehouse makes of it.
 */
function numberText(sql: Sql): Sql {
  const decimals = [2, 4, 6, 9, 12, 15, 17].map((scale) => {
    const decimal = `cast(${sql} as number(38, ${scale}))`
    return ` when cast(${decimal} as float) = ${sql} then rtrim(cast(${decimal} as varchar), '0')`
  })
  const whole = `${sql} = floor(${sql}) and abs(${sql}) < 1e16`
  const plain = `abs(${sql}) >= 1e-4 and abs(${sql}) < 1e15`
  const otherwise = `cast(${sql} as varchar)`
  return (
    `case when ${whole} then cast(cast(${sql} as number(38, 0)) as varchar) ` +
    `when ${plain} then case${decimals.join('')} else ${otherwise} end ` +
    `when ${sql} = cast('nan' as float) then 'NaN' when ${sql} = cast('inf' as float) then 'Infinity' ` +
    `when ${sql} = cast('-inf' as float) then '-Infinity' else ${otherwise} end`
  )
}

function fromText(sql: Sql, type: ValueType): Sql {
  switch (type) {
    case 'text':
    case 'list':
      return sql
    case 'integer':
    case 'boolean':
      return `cast(${sql} as ${typeNames[type]})`
    case 'number':
      return `cast(replace(${sql}, 'Infinity', 'inf') as float)`
    case 'timestamp':
      return `cast(to_timestamp_ntz(replace(${sql}, 'Z', ''), 'AUTO') as ${typeNames.timestamp})`
  }
}

/** The whole text has to match: Snowflake's `regexp_like` is anchored at both ends. */
function isLike(sql: Sql, pattern: string): Sql {
  return `regexp_like(${sql}, ${text(plainPattern(pattern))}, 's')`
}

/**
 * Without what the reference does not promise: groups that capture nothing and lazy repetition make no difference to whether
 * there is a match, and control characters may stand for their escapes.
 */
function plainPattern(pattern: string): string {
  return pattern.replaceAll(
    /\\x([0-9a-f]{2})|(\\[\s\S])|(\[(?:\\[\s\S]|[^\]\\])+\])|(\()\?:|([*+?}])\?/g,
    (_, hex?: string, sequence?: string, members?: string, group?: string, repetition?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
      if (sequence !== undefined) return controls[sequence] ?? sequence
      if (members !== undefined) {
        return members.replaceAll(/\\x([0-9a-f]{2})|\\[\s\S]/g, (inner, code?: string) =>
          code === undefined ? (controls[inner] ?? inner) : String.fromCharCode(Number.parseInt(code, 16)),
        )
      }
      return group ?? repetition ?? ''
    },
  )
}

const controls: Readonly<Record<string, string>> = { '\\t': '\t', '\\n': '\n', '\\r': '\r' }

function tryNumber(sql: Sql): Sql {
  const guard = `length(${sql}) <= ${longestNumber} and ${isLike(sql, decimalNumber)}`
  return `try_to_double(case when ${guard} then ${sql} end)`
}

/**
 * Its parts put together by hand: what the automatic detection of a format makes of a zone depends on the session. Six
 * digits of the fraction are read, then the zone is taken off.
 */
function tryTimestamp(sql: Sql): Sql {
  const guarded = `case when ${isLike(sql, isoInstant)} then ${sql} end`
  const clock = `case when length(${sql}) = 10 then '00:00:00' else substr(${sql}, 12, 8) end`
  const fraction = `rpad(coalesce(substr(regexp_substr(${sql}, '[.][0-9]+'), 2, 6), ''), 6, '0')`
  const local = `to_timestamp_ntz(substr(${guarded}, 1, 10) || ' ' || ${clock} || '.' || ${fraction}, 'AUTO')`
  const zone = `regexp_substr(${sql}, '[+-][0-9][0-9]:?[0-9][0-9]$')`
  const minutes =
    `case when ${isLike(sql, isoInstant)} then coalesce(` +
    `cast(substr(${zone}, 1, 1) || '1' as integer) * ` +
    `(60 * cast(substr(${zone}, 2, 2) as integer) + cast(right(${zone}, 2) as integer)), 0) end`
  return `cast(dateadd(minute, - ${minutes}, ${local}) as ${typeNames.timestamp})`
}

/** Steps by text keys only: they never index an array. */
function jsonMember(json: Sql, path: readonly string[], column: 'json' | 'text'): Sql {
  const root = column === 'json' ? `to_variant(${json})` : `try_parse_json(${json})`
  return `cast(${path.reduce((of, key) => `get(${of}, ${text(key)})`, root)} as varchar)`
}

function jsonElements(sql: Sql, alias: string): Sql {
  const array = `case when ${isLike(sql, scalarArray)} then ${sql} end`
  const integer = 'cast(scalars.value as number(38, 0))'
  const element =
    'case when is_varchar(scalars.value) or is_boolean(scalars.value) then cast(scalars.value as varchar) ' +
    `when is_integer(scalars.value) and abs(${integer}) < ${10n ** 18n} then cast(${integer} as varchar) ` +
    `else ${numberText('cast(scalars.value as float)')} end`
  return (
    'lateral (\n' +
    `  select ${element} as element\n` +
    `  from table(flatten(input => try_parse_json(${array}))) as scalars\n` +
    '  where not is_null_value(scalars.value)\n' +
    '    and (is_varchar(scalars.value) or is_boolean(scalars.value) or abs(cast(scalars.value as float)) < 1e308)\n' +
    `) as ${ident(alias)}`
  )
}

function jsonObjects(sql: Sql, alias: string): Sql {
  const array = `case when ${isLike(sql, objectArray)} then ${sql} end`
  return (
    'lateral (\n' +
    '  select to_json(objects.value) as element\n' +
    `  from table(flatten(input => try_parse_json(${array}))) as objects\n` +
    `) as ${ident(alias)}`
  )
}

function orderBy(keys: readonly OrderKey[]): Sql {
  return keys.map((key) => `${key.sql}${key.descending ? ' desc' : ''} nulls last`).join(', ')
}

/**
 * Each value in an array of its own: `array_agg` leaves out what is NULL. A time goes as a number, which every variant
 * can hold.
 */
function firstBy(value: Sql, type: ValueType, order: readonly OrderKey[], filter: Sql): Sql {
  const kept = type === 'timestamp' ? `date_part(epoch_microsecond, ${value})` : value
  const rows = `array_agg(case when ${filter} then array_construct(${kept}) end)`
  const first = `get(get(${rows} within group (order by ${orderBy(order)}), 0), 0)`
  return type === 'timestamp'
    ? `cast(to_timestamp_ntz(cast(${first} as number(38, 0)), 6) as ${typeNames.timestamp})`
    : `cast(${first} as ${typeNames[type]})`
}

/** Everything in whole numbers: a decimal quotient would be rounded to six digits. */
function percentile(value: Sql, share: number): Sql {
  const [whole = '0', digits = ''] = share
    .toFixed(9)
    .replace(/0{1,8}$/, '')
    .split('.')
  const of = 10 ** digits.length
  const upTo = `count(${value}) * ${Number(whole + digits)} + ${of - 1}`
  const nth = `(${upTo} - mod(${upTo}, ${of})) / ${of}`
  return (
    `cast(get(array_agg(${value}) within group (order by ${value}), ` +
    `cast(greatest(${nth}, 1) as integer) - 1) as float)`
  )
}

/** A type cannot be altered to one of another kind; the table is replaced in one step, with its grants. */
function widenColumn(
  target: Relation,
  { name, type }: { readonly name: string; readonly type: ValueType },
  from: ValueType,
): Sql {
  const column = ident(name)
  const value =
    type === 'text' || type === 'list' ? toText(column, from) : `cast(${column} as ${typeNames[type]})`
  return (
    `create or replace table ${relation(target)} copy grants as\n` +
    `select * replace (${value} as ${column}) from ${relation(target)}`
  )
}

/** Made anew by every run, so without the days of history that a permanent table is paid for. */
function transientTable(target: Relation, select: Sql): Sql {
  return `create or replace transient table ${relation(target)} as\n${select}`
}

/** See "SQL data types", "String functions (regular expressions)" and "Semi-structured data" of Snowflake's reference. */
export const snowflake: Dialect = {
  name: 'snowflake',
  maxIdentifierBytes,
  // A statement is at most 1 MB long, and a list at most 16,384 items.
  limits: { statementBytes: 1024 * 1024, tableColumns: Number.POSITIVE_INFINITY, listItems: 16_384 },
  functions: snowflakeFunctions,
  lexis: snowflakeLexis,

  ident,
  relation,

  text,
  integer: integerLiteral,
  number,
  boolean: (value) => `${value}`,
  timestamp,
  nullOf: (type) => `cast(null as ${typeNames[type]})`,

  typeName: (type) => typeNames[type],
  timestampColumn: 'timestamp',
  read,
  toText,
  toTextOfMany: toText,
  fromText,
  tryNumber,
  tryTimestamp,
  exact: (sql) => `case when ${sql} > -1e18 and ${sql} < 1e18 then cast(${sql} as number(38, 9)) end`,

  addSeconds: (of, seconds) => `dateadd(second, ${seconds}, ${of})`,
  epochMicros: (of) => `date_part(epoch_microsecond, ${of})`,

  matches: (sql, pattern) => isLike(sql, `.*(${pattern}).*`),
  containsText: (sql, part) => `contains(${sql}, ${part})`,
  startsWith: (sql, part) => `startswith(${sql}, ${part})`,
  endsWith: (sql, part) => `endswith(${sql}, ${part})`,
  // Compared byte by byte in UTF-8 unless the column has a collation.
  binaryText: (sql) => sql,
  trim: (sql) => `trim(${sql}, ${text(' \t\n\r')})`,
  lower: (sql) => `lower(${sql})`,
  padLeft: (sql, length, fill) => `lpad(${sql}, ${length}, ${text(fill)})`,
  byteLength: (sql) => `octet_length(${sql})`,

  usual: (condition) => condition,
  rowText: (first, texts) =>
    concatenated(
      first,
      texts.map((each) => `coalesce(to_varchar(length(${each})), ''), ':', coalesce(${each}, '')`),
    ),

  md5: (sql) => `md5(${sql})`,
  sha1: (sql) => `sha1(${sql})`,
  hash60: (sql) => `to_number(substr(md5(${sql}), 1, 15), '${'X'.repeat(15)}')`,

  jsonMember,
  jsonElements,
  jsonObjects,
  jsonSortedSet: (sql, most) => {
    const all = `array_agg(distinct ${sql}) within group (order by ${sql})`
    return `nullif(to_json(${most === 'all' ? all : `array_slice(${all}, 0, ${most})`}), '[]')`
  },

  firstBy,
  orderBy,
  // NaN is the greatest there, too.
  min: (value) => `min(${value})`,
  percentile,

  divide: (left, right) => `(cast(${left} as float) / nullif(${right}, 0))`,
  modulo: (left, right) => `mod(${left}, ${right})`,
  least: (values) => `least_ignore_nulls(${values.join(', ')})`,
  greatest: (values) => `greatest_ignore_nulls(${values.join(', ')})`,

  union: 'union',

  definesInTransactions: false,
  createSchema: (schema) => [`create schema if not exists ${ident(schema)}`],
  createTableAs: (target, select) => [transientTable(target, select)],
  createScratchTableAs: (target, select) => [transientTable(target, select)],
  createTableIfMissing: (target, columns) => [createTableIfMissing(snowflake, target, columns)],
  addColumnIfMissing: (target, column) => [addColumnIfMissing(snowflake, target, column)],
  widenColumn: (target, column, from) => [widenColumn(target, column, from)],
  dropColumn: (target, column) => [dropColumnIfThere(snowflake, target, column)],
  replaceView: (target, select) => [`create or replace view ${relation(target)} copy grants as\n${select}`],
  createView: (target, select) => [`create or replace view ${relation(target)} copy grants as\n${select}`],
  dropView: (target) => [`drop view if exists ${relation(target)}`],
  dropTable: (target) => [`drop table if exists ${relation(target)}`],
  rewriteTable: (target, _, select) => [transientTable(target, select)],
  // A bare name would be looked for in the session's schema.
  renameTable: (target, name) => [
    `alter table ${relation(target)} rename to ${relation({ ...target, name })}`,
  ],
  gatherStatistics: () => [],
  createIndexIfMissing: () => [],
  dropIndex: () => [],
  byIndex: (statement) => statement,
}
