import type { Relation } from '../ir/relation.ts'
import type { ColumnType, ValueType } from '../ir/value-type.ts'
import type { Dialect, OrderKey, Sql, TableLayout } from './dialect.ts'
import { bigqueryFunctions } from './functions.ts'
import { bigqueryKeywords } from './keywords.ts'
import { bigqueryLexis } from './lexis.ts'
import { assertFinite, assertStorable, integerLiteral, timestampLiteral } from './literals.ts'
import {
  decimalNumber,
  isoInstant,
  longestNumber,
  objectArray,
  plainInteger,
  scalarArray,
} from './patterns.ts'
import { concatenated } from './row-text.ts'
import { addColumnIfMissing, identifier, qualified, tableColumns } from './statements.ts'

const typeNames: Readonly<Record<ValueType, string>> = {
  text: 'string',
  integer: 'int64',
  number: 'float64',
  boolean: 'bool',
  timestamp: 'timestamp',
  list: 'string',
}

/** Of a column. A table's may be longer. */
const maxIdentifierBytes = 300

function ident(name: string): Sql {
  return identifier(name, bigqueryKeywords, (quoted) => `\`${escaped(quoted, '`')}\``, maxIdentifierBytes)
}

/** Each part in quotes of its own: what reads several in one pair of quotes as a path is BigQuery alone. */
function relation(of: Relation): Sql {
  return qualified(ident, of)
}

function text(value: string): Sql {
  assertStorable(value, 'a text')
  return `'${escaped(value, "'")}'`
}

/** The same inside quotes and backticks; a doubled quote would end the literal. */
function escaped(value: string, quote: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replaceAll(/\p{Cc}/gu, (character) => escapes[character] ?? unicodeEscape(character))
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function integer(value: number | bigint): Sql {
  return integerLiteral(value).replace(/ as bigint\)$/, ' as int64)')
}

function number(value: number): Sql {
  assertFinite(value)
  const digits = `${value}`
  const double = /[.e]/.test(digits) ? digits : `${digits}.0`
  return value < 0 ? `(${double})` : double
}

/** A project may have a default time zone of its own, so every instant names its. */
function timestamp(iso: string): Sql {
  return timestampLiteral(iso).replace(/'$/, "+00'")
}

function read(sql: Sql, column: ColumnType): Sql {
  switch (column) {
    case 'text':
    case 'boolean':
    case 'integer':
    case 'float':
    case 'timestamptz':
      return sql
    case 'decimal':
      return `cast(${sql} as float64)`
    case 'timestamp':
    case 'date':
      return `timestamp(${sql}, 'UTC')`
    // Of NULL it would be the text `null`.
    case 'json':
      return `case when ${sql} is not null then to_json_string(${sql}) end`
    case 'other':
      return `case when ${sql} is not null then coalesce(json_value(to_json_string(${sql})), to_json_string(${sql})) end`
  }
}

function toText(sql: Sql, type: ValueType): Sql {
  switch (type) {
    case 'text':
    case 'list':
      return sql
    case 'integer':
    case 'boolean':
      return `cast(${sql} as string)`
    case 'number':
      return numberText(sql)
    case 'timestamp':
      return `(regexp_replace(format_timestamp('%Y-%m-%dT%H:%M:%E6S', ${sql}, 'UTC'), '[.]?0+$', '') || 'Z')`
  }
}

/**
 * The shortest text that is read as the same double: a cast gives seventeen digits where fifteen are too few. With exponents
 * from 1e16 on, as elsewhere. Adding zero turns -0 into 0.
 */
function numberText(sql: Sql): Sql {
  const isRead = (text: Sql): Sql => `cast(${text} as float64) = ${sql}`
  const [fifteen, sixteen] = [`format('%.15g', ${sql} + 0)`, `format('%.16g', ${sql})`]
  const digits =
    `case when abs(${sql}) >= 1e15 and abs(${sql}) < 1e16 and ${isRead(sixteen)} then ${sixteen} ` +
    `when ${isRead(fifteen)} then ${fifteen} when ${isRead(sixteen)} then ${sixteen} ` +
    `when abs(${sql}) >= 1e16 then regexp_replace(format('%.16e', ${sql}), '0+e', 'e') else cast(${sql} as string) end`
  return `replace(replace(${digits}, 'inf', 'Infinity'), 'nan', 'NaN')`
}

function fromText(sql: Sql, type: ValueType): Sql {
  return type === 'text' || type === 'list' ? sql : `cast(${sql} as ${typeNames[type]})`
}

function tryNumber(sql: Sql): Sql {
  const guard = `length(${sql}) <= ${longestNumber} and ${matches(sql, decimalNumber)}`
  return `cast(case when ${guard} then ${sql} end as float64)`
}

/** A zone has a colon there, and a fraction six digits at most. */
function tryTimestamp(sql: Sql): Sql {
  const micros = `regexp_replace(${sql}, '([.][0-9]{6})[0-9]+', '\\\\1')`
  const zoned = `regexp_replace(${micros}, '([+-][0-9]{2})([0-9]{2})$', '\\\\1:\\\\2')`
  const instant = `${zoned} || case when length(${sql}) = 10 then ' 00:00:00Z' else '' end`
  return `cast(case when ${matches(sql, isoInstant)} then ${instant} end as timestamp)`
}

/** With `s` a dot matches a line break, as on Postgres. */
function matches(sql: Sql, pattern: string): Sql {
  return `regexp_contains(${sql}, ${text(`(?s)${pattern}`)})`
}

const parsed = (sql: Sql): Sql => `safe.parse_json(${sql}, wide_number_mode => 'round')`

/** What reads JSON from text takes a pair of escaped surrogates for two characters; what parses it does not. */
function wholeCharacters(sql: Sql): Sql {
  return `case when regexp_contains(${sql}, '\\\\\\\\u[dD][89abAB]') then to_json_string(${parsed(sql)}) else ${sql} end`
}

/** By text a number keeps its digits; by steps a key may hold anything, and never indexes an array. */
function jsonMember(json: Sql, path: readonly string[], column: 'json' | 'text'): Sql {
  if (column === 'text' && path.every((key) => /^[^"\\]*[^"\\0-9][^"\\]*$/.test(key))) {
    const [whole, keys] = [wholeCharacters(json), text(`$${path.map((key) => `."${key}"`).join('')}`)]
    return `coalesce(json_value(${whole}, ${keys}), nullif(json_query(${whole}, ${keys}), 'null'))`
  }
  const steps = path.map((key) => `[${text(key)}]`).join('')
  const member = `${column === 'json' ? `to_json(${json})` : parsed(json)}${steps}`
  return `coalesce(json_value(${member}), nullif(to_json_string(${member}), 'null'))`
}

function jsonElements(sql: Sql, alias: string): Sql {
  const element =
    "case when starts_with(item, '\"') then json_value(item) " +
    `when item in ('true', 'false') or ${matches('item', plainInteger)} then item ` +
    `else ${toText(tryNumber('item'), 'number')} end`
  return (
    'unnest(array(\n' +
    `  select as struct scalars.element\n` +
    `  from (\n` +
    `    select ${element} as element\n` +
    `    from unnest(json_query_array(case when ${matches(sql, scalarArray)} then ${wholeCharacters(sql)} end)) as item\n` +
    `  ) as scalars\n` +
    `  where scalars.element is not null\n` +
    `)) as ${ident(alias)}`
  )
}

function jsonObjects(sql: Sql, alias: string): Sql {
  const array = `json_query_array(case when ${matches(sql, objectArray)} then ${sql} end)`
  return `unnest(array(select as struct item as element from unnest(${array}) as item)) as ${ident(alias)}`
}

/** In aggregates `nulls last` is refused, and NULL is the least of all, before NaN; elsewhere they are the greatest. */
function orderBy(keys: readonly OrderKey[]): Sql {
  return keys
    .flatMap(({ sql, type, descending }) => [
      ...(descending ? [] : [`${sql} is null`]),
      ...(type === 'number' ? [`is_nan(${sql})${descending ? ' desc' : ''}`] : []),
      descending ? `${sql} desc` : sql,
    ])
    .join(', ')
}

/** `percentile_disc` is a window function there. NaN is the least of all, elsewhere the greatest. */
function percentile(value: Sql, share: number): Sql {
  const [whole = '0', digits = ''] = share
    .toFixed(9)
    .replace(/0{1,8}$/, '')
    .split('.')
  const of = 10 ** digits.length
  const nth = `div(count(${value}) * ${Number(whole + digits)} + ${of - 1}, ${of})`
  return (
    `array_agg(${value} ignore nulls order by is_nan(${value}), ${value})` +
    `[safe_offset(greatest(${nth}, 1) - 1)]`
  )
}

/** BigQuery's own is NULL where any of the values is. */
function extreme(name: 'least' | 'greatest', values: readonly Sql[]): Sql {
  const [first = '', second] = values
  if (second === undefined) return first
  if (values.length === 2) return `coalesce(${name}(${first}, ${second}), ${first}, ${second})`
  const aggregate = name === 'least' ? 'min' : 'max'
  return `(select ${aggregate}(candidate) from unnest([${values.join(', ')}]) as candidate)`
}

function createTableAs(target: Relation, select: Sql): readonly Sql[] {
  return [`create or replace table ${relation(target)} as\n${select}`]
}

function laidOut(layout: TableLayout | undefined): Sql {
  if (layout === undefined) return ''
  const { key, time } = layout
  // A partition a month: a table may have ten thousand.
  const partitioned = time === undefined ? '' : `\npartition by timestamp_trunc(${ident(time)}, month)`
  return `${partitioned}\ncluster by ${ident(key)}`
}

/**
 * `alter table` would keep a dropped name for as long as the table can be looked at as it was, a week, in which no column
 * may have it. A table is replaced by one that is laid out as it is, or not at all.
 */
function rewritten(target: Relation, select: Sql, layout: TableLayout | undefined): readonly Sql[] {
  const table = relation(target)
  return [`create or replace table ${table}${laidOut(layout)} as\n${select}\nfrom ${table}`]
}

function createView(target: Relation, select: Sql): readonly Sql[] {
  return [`create or replace view ${relation(target)} as\n${select}`]
}

/** BigQuery's GoogleSQL; see "Lexical structure and syntax" in its reference. */
export const bigquery: Dialect = {
  name: 'bigquery',
  maxIdentifierBytes,
  // Of the text of a query, and of a table.
  limits: { statementBytes: 1024 * 1024, tableColumns: 10_000, listItems: Number.POSITIVE_INFINITY },
  functions: bigqueryFunctions,
  lexis: bigqueryLexis,

  ident,
  relation,

  text,
  integer,
  number,
  boolean: (value) => `${value}`,
  timestamp,
  nullOf: (type) => `cast(null as ${typeNames[type]})`,

  typeName: (type) => typeNames[type],
  timestampColumn: 'timestamptz',
  read,
  toText,
  toTextOfMany: toText,
  fromText,
  tryNumber,
  tryTimestamp,
  // By way of the shortest text, as on Postgres: a binary fraction scaled by 1e9 would round elsewhere.
  exact: (sql) =>
    `case when ${sql} > -1e18 and ${sql} < 1e18 then cast(cast(${sql} as string) as numeric) end`,

  addSeconds: (instant, seconds) =>
    `timestamp_${seconds < 0 ? 'sub' : 'add'}(${instant}, interval ${Math.abs(seconds)} second)`,
  epochMicros: (instant) => `unix_micros(${instant})`,

  matches,
  containsText: (sql, part) => `(strpos(${sql}, ${part}) > 0)`,
  startsWith: (sql, part) => `starts_with(${sql}, ${part})`,
  endsWith: (sql, part) => `ends_with(${sql}, ${part})`,
  binaryText: (sql) => sql,
  trim: (sql) => `trim(${sql}, ${text(' \t\n\r')})`,
  lower: (sql) => `lower(${sql})`,
  padLeft: (sql, length, fill) => `lpad(${sql}, ${length}, ${text(fill)})`,
  byteLength: (sql) => `byte_length(${sql})`,

  usual: (condition) => condition,
  rowText: (first, texts) =>
    concatenated(
      first,
      texts.map((each) => `ifnull(cast(length(${each}) as string), ''), ':', ifnull(${each}, '')`),
    ),

  md5: (sql) => `to_hex(md5(${sql}))`,
  sha1: (sql) => `to_hex(sha1(${sql}))`,
  hash60: (sql) => `cast('0x' || substr(to_hex(md5(${sql})), 1, 15) as int64)`,

  jsonMember,
  jsonElements,
  jsonObjects,
  jsonSortedSet: (sql, most) =>
    `case when count(${sql}) > 0 then to_json_string(array_agg(distinct ${sql} ignore nulls order by ${sql}${most === 'all' ? '' : ` limit ${most}`})) end`,

  // In a struct, since NULL may be the value of the first row.
  firstBy: (value, _, order, filter) =>
    `array_agg(if(${filter}, struct(${value} as value), null) ignore nulls order by ${orderBy(order)} limit 1)` +
    '[safe_offset(0)].value',
  orderBy,
  // Where one is NaN, the least of all is NaN.
  min: (value, type) =>
    type === 'number'
      ? `coalesce(min(case when not is_nan(${value}) then ${value} end), min(${value}))`
      : `min(${value})`,
  percentile,

  divide: (left, right) => `safe_divide(cast(${left} as float64), ${right})`,
  modulo: (left, right) => `mod(${left}, ${right})`,
  least: (values) => extreme('least', values),
  greatest: (values) => extreme('greatest', values),

  union: 'union distinct',

  definesInTransactions: false,
  createSchema: (schema) => [`create schema if not exists ${ident(schema)}`],
  createTableAs,
  createScratchTableAs: createTableAs,
  createTableIfMissing: (target, columns, layout) => [
    `create table if not exists ${relation(target)} (\n${tableColumns(bigquery, columns)}\n)${laidOut(layout)}`,
  ],
  addColumnIfMissing: (target, column) => [addColumnIfMissing(bigquery, target, column)],
  widenColumn: (target, { name, type }, from, layout) => {
    const column = ident(name)
    const value = type === 'text' || type === 'list' ? toText(column, from) : fromText(column, type)
    return rewritten(target, `select * replace (${value} as ${column})`, layout)
  },
  dropColumn: (target, column, layout) => rewritten(target, `select * except (${ident(column)})`, layout),
  replaceView: createView,
  createView,
  dropView: (target) => [`drop view if exists ${relation(target)}`],
  dropTable: (target) => [`drop table if exists ${relation(target)}`],
  rewriteTable: (target, _, select) => createTableAs(target, select),
  renameTable: (target, name) => [`alter table ${relation(target)} rename to ${ident(name)}`],
  gatherStatistics: () => [],
  createIndexIfMissing: () => [],
  dropIndex: () => [],
  byIndex: (statement) => statement,
}
