import type { Relation } from '../ir/relation.ts'
import type { ColumnType, ValueType } from '../ir/value-type.ts'
import type { Dialect, OrderKey, Sql } from './dialect.ts'
import { duckdbFunctions } from './functions.ts'
import { jsonWriter } from './json-writer.ts'
import { duckdbKeywords } from './keywords.ts'
import { postgresLexis } from './lexis.ts'
import {
  assertFinite,
  assertStorable,
  integerLiteral,
  secondsInterval,
  timestampLiteral,
} from './literals.ts'
import {
  decimalNumber,
  isoInstant,
  longestNumber,
  objectArray,
  plainInteger,
  scalarArray,
} from './patterns.ts'
import {
  addColumnIfMissing,
  createTableIfMissing,
  dropColumnIfThere,
  identifier,
  qualified,
  widenColumn,
} from './statements.ts'

const typeNames: Readonly<Record<ValueType, string>> = {
  text: 'text',
  integer: 'bigint',
  number: 'double',
  boolean: 'boolean',
  timestamp: 'timestamp',
  list: 'text',
}

/** Line breaks and other control characters, which indenting SQL would change or a reader would not see. */
const control = /(\p{Cc}+)/u

function ident(name: string): Sql {
  return identifier(name, duckdbKeywords, (quoted) => `"${quoted.replaceAll('"', '""')}"`)
}

function relation(of: Relation): Sql {
  return qualified(ident, of)
}

/** DuckDB has no escapes inside `'…'`; its `E'…'` is left alone because it needs two more rules than `chr`. */
function text(value: string): Sql {
  if (/^[ -~]+$/.test(value)) return quoted(value)
  assertStorable(value, 'a text')
  const parts = value
    .split(control)
    .flatMap((part, index) =>
      index % 2 === 0
        ? [part === '' ? '' : quoted(part)]
        : [...part].map((character) => `chr(${character.charCodeAt(0)})`),
    )
    .filter((part) => part !== '')
  if (parts.length === 0) return "''"
  return parts.length === 1 ? (parts[0] ?? "''") : `(${parts.join(' || ')})`
}

function quoted(value: string): Sql {
  return `'${value.replaceAll("'", "''")}'`
}

/** With an exponent it is a double at once; without one it would be a DECIMAL. */
function number(value: number): Sql {
  assertFinite(value)
  const digits = `${value}`
  const double = digits.includes('e') ? digits : `${digits}e0`
  return value < 0 ? `(${double})` : double
}

function read(sql: Sql, column: ColumnType): Sql {
  switch (column) {
    case 'text':
    case 'boolean':
      return sql
    case 'integer':
      return `cast(${sql} as bigint)`
    case 'decimal':
    case 'float':
      return `cast(${sql} as double)`
    case 'timestamp':
    case 'date':
      return `cast(${sql} as timestamp)`
    case 'timestamptz':
      return `(${sql} at time zone 'UTC')`
    // Lists and structs count as JSON too, whose own text form is not.
    case 'json':
      return `cast(cast(${sql} as json) as text)`
    case 'other':
      return `cast(${sql} as text)`
  }
}

function toText(sql: Sql, type: ValueType): Sql {
  switch (type) {
    case 'text':
    case 'list':
      return sql
    case 'integer':
    case 'boolean':
      return `cast(${sql} as text)`
    case 'number':
      // Adding zero turns -0 into 0. The names of what is not finite are those of Postgres.
      return named(`regexp_replace(cast(${sql} + 0 as text), '[.]0$', '')`)
    case 'timestamp':
      return `(regexp_replace(strftime(${sql}, '%Y-%m-%dT%H:%M:%S.%f'), '[.]?0+$', '') || 'Z')`
  }
}

function named(number: Sql): Sql {
  return `replace(replace(${number}, 'inf', 'Infinity'), 'nan', 'NaN')`
}

/** In a third of the time: what is there more than once is computed once. */
function numberToText(sql: Sql): Sql {
  const written = `cast(${sql} + 0 as text)`
  return (
    `case when ends_with(${written}, '.0') then substr(${written}, 1, length(${written}) - 2) ` +
    `when isfinite(${sql}) then ${written} else ${named(written)} end`
  )
}

function differsFromText(value: Sql, text: Sql, type: ValueType): Sql | undefined {
  if (type !== 'number' && type !== 'integer') return undefined
  return `${value} is distinct from try_cast(${text} as ${typeNames[type]})`
}

function fromText(sql: Sql, type: ValueType): Sql {
  return type === 'text' || type === 'list' ? sql : `cast(${sql} as ${typeNames[type]})`
}

function tryNumber(sql: Sql): Sql {
  const guard = `length(${sql}) <= ${longestNumber} and regexp_matches(${sql}, ${text(decimalNumber)})`
  return `cast(case when ${guard} then ${sql} end as double)`
}

/** The cast to a plain timestamp would ignore the zone; text without a zone is read in the session's, so UTC is added. */
function tryTimestamp(sql: Sql): Sql {
  const instant = `${sql} || case when length(${sql}) = 10 then ' 00:00:00Z' else '' end`
  const guarded = `case when regexp_matches(${sql}, ${text(isoInstant)}) then ${instant} end`
  return `(cast(${guarded} as timestamptz) at time zone 'UTC')`
}

function jsonPath(path: readonly string[]): Sql {
  // Inside a path even a quoted `*` means every member; a pointer takes it as it is.
  if (path.includes('*')) {
    return text(`/${path.map((key) => key.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`)
  }
  const keys = path.map((key) =>
    /^[a-zA-Z_]\w*$/.test(key) ? key : `"${key.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`,
  )
  return text(`$.${keys.join('.')}`)
}

function jsonElements(sql: Sql, alias: string): Sql {
  const array = `case when regexp_matches(${sql}, ${text(scalarArray)}) then ${sql} else '[]' end`
  const scalar = "item ->> '$'"
  const element =
    `case when json_type(item) not in ('BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'DOUBLE') ` +
    `or regexp_matches(${scalar}, ${text(plainInteger)}) ` +
    `then ${scalar} else ${toText(tryNumber(`(${scalar})`), 'number')} end`
  return (
    'lateral (\n' +
    `  select scalars.element\n` +
    `  from (\n` +
    `    select ${element} as element\n` +
    `    from (select unnest(json_extract(${array}, '$[*]')) as item) as items\n` +
    `  ) as scalars\n` +
    `  where scalars.element is not null\n` +
    `) as ${ident(alias)}`
  )
}

function jsonObjects(sql: Sql, alias: string): Sql {
  const array = `case when regexp_matches(${sql}, ${text(objectArray)}) then ${sql} else '[]' end`
  return `lateral (\n  select unnest(json_extract(${array}, '$[*]')) as element\n) as ${ident(alias)}`
}

function orderBy(keys: readonly OrderKey[]): Sql {
  return keys.map((key) => `${key.sql}${key.descending ? ' desc' : ''} nulls last`).join(', ')
}

/** DuckDB 1.5; see its "SQL introduction" and "Friendly SQL" for what is its own. */
export const duckdb: Dialect = {
  name: 'duckdb',
  maxIdentifierBytes: 255,
  limits: {
    statementBytes: Number.POSITIVE_INFINITY,
    tableColumns: Number.POSITIVE_INFINITY,
    listItems: Number.POSITIVE_INFINITY,
  },
  functions: duckdbFunctions,
  lexis: postgresLexis,

  ident,
  relation,

  text,
  integer: integerLiteral,
  number,
  boolean: (value) => `${value}`,
  timestamp: timestampLiteral,
  nullOf: (type) => `cast(null as ${typeNames[type]})`,

  typeName: (type) => typeNames[type],
  timestampColumn: 'timestamp',
  read,
  toText,
  differsFromText,
  toTextOfMany: (sql, type) => (type === 'number' ? numberToText(sql) : toText(sql, type)),
  fromText,
  tryNumber,
  tryTimestamp,
  // By way of the shortest text, as on Postgres: a binary fraction scaled by 1e9 would round elsewhere.
  // DuckDB 1.5.6 reads '5e-12' as 0.000000001, hence the zero.
  // By way of the shortest text, as Postgres, but for numbers of four digits after the point: they are themselves, and text is slow.
  exact: (sql) =>
    `case when ${sql} > -1e9 and ${sql} < 1e9 and round(${sql} * 10000) / 10000 = ${sql} then cast(${sql} as decimal(18, 4)) ` +
    `when ${sql} > -5e-10 and ${sql} < 5e-10 then 0 when ${sql} > -1e18 and ${sql} < 1e18 ` +
    `then cast(cast(${sql} as text) as decimal(38, 9)) end`,

  addSeconds: (timestamp, seconds) => `(${timestamp} ${seconds < 0 ? '-' : '+'} ${secondsInterval(seconds)})`,
  epochMicros: (timestamp) => `epoch_us(${timestamp})`,

  // With `s` a dot matches a line break, as on Postgres.
  matches: (sql, pattern) => `regexp_matches(${sql}, ${text(pattern)}, 's')`,
  containsText: (sql, part) => `contains(${sql}, ${part})`,
  startsWith: (sql, part) => `starts_with(${sql}, ${part})`,
  endsWith: (sql, part) => `ends_with(${sql}, ${part})`,
  binaryText: (sql) => sql,
  trim: (sql) => `trim(${sql}, ${text(' \t\n\r')})`,
  lower: (sql) => `lower(${sql})`,
  padLeft: (sql, length, fill) => `lpad(${sql}, ${length}, ${text(fill)})`,
  byteLength: (sql) => `strlen(${sql})`,

  usual: (condition) => condition,

  // `concat` takes NULL for the empty text.
  rowText: (first, texts) =>
    `concat(\n  ${[first, ...texts.map((each) => `length(${each}), ':', ${each}`)].join(',\n  ')}\n)`,

  md5: (sql) => `md5(${sql})`,
  sha1: (sql) => `sha1(${sql})`,
  hash60: (sql) => `cast('0x' || substr(md5(${sql}), 1, 15) as bigint)`,

  jsonMember: (json, path) => `(try_cast(${json} as json) ->> ${jsonPath(path)})`,
  jsonElements,
  jsonObjects,
  jsonSortedSet(sql, most) {
    const all = `list(distinct ${sql} order by ${sql}) filter (where ${sql} is not null)`
    return `cast(to_json(${most === 'all' ? all : `list_slice(${all}, 1, ${most})`}) as text)`
  },

  json: jsonWriter(text),

  firstBy: (value, _, order, filter) => `first(${value} order by ${orderBy(order)}) filter (where ${filter})`,
  orderBy,
  min: (value) => `min(${value})`,
  // A decimal share is multiplied by the number of values as an integer.
  percentile: (value, share) => `quantile_disc(${value}, ${share.toFixed(9).replace(/0{1,8}$/, '')})`,

  divide: (left, right) => `(cast(${left} as double) / nullif(${right}, 0))`,
  modulo: (left, right) => `${left} % ${right}`,
  least: (values) => `least(${values.join(', ')})`,
  greatest: (values) => `greatest(${values.join(', ')})`,

  union: 'union',

  definesInTransactions: true,
  createSchema: (schema) => [`create schema if not exists ${ident(schema)}`],
  createTableAs: (target, select) => [`create or replace table ${relation(target)} as\n${select}`],
  createScratchTableAs: (target, select) => [`create or replace table ${relation(target)} as\n${select}`],
  createTableIfMissing: (target, columns) => [createTableIfMissing(duckdb, target, columns)],
  addColumnIfMissing: (target, column) => [addColumnIfMissing(duckdb, target, column)],
  widenColumn: (target, column, from) => [widenColumn(duckdb, target, column, from)],
  dropColumn: (target, column) => [dropColumnIfThere(duckdb, target, column)],
  replaceView: (target, select) => [`create or replace view ${relation(target)} as\n${select}`],
  createView: (target, select) => [`create or replace view ${relation(target)} as\n${select}`],
  dropView: (target) => [`drop view if exists ${relation(target)}`],
  dropTable: (target) => [`drop table if exists ${relation(target)}`],
  rewriteTable: (target, _, select) => [`create or replace table ${relation(target)} as\n${select}`],
  renameTable: (target, name) => [`alter table ${relation(target)} rename to ${ident(name)}`],
  // One that is kept up costs more than a scan of the few columns that are read.
  createIndexIfMissing: () => [],
  dropIndex: () => [],
  byIndex: (statement) => statement,
  gatherStatistics: () => [],
}
