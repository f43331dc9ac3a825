import type { Relation } from '../ir/relation.ts'
import type { ColumnType, ValueType } from '../ir/value-type.ts'
import type { Dialect, OrderKey, Sql } from './dialect.ts'
import { postgresFunctions } from './functions.ts'
import { jsonWriter } from './json-writer.ts'
import { postgresKeywords } from './keywords.ts'
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
import { concatenated } from './row-text.ts'
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
  number: 'double precision',
  boolean: 'boolean',
  timestamp: 'timestamp',
  list: 'text',
}

const maxIdentifierBytes = 63

function ident(name: string): Sql {
  // Postgres would cut it without a word, and two names could become one.
  return identifier(
    name,
    postgresKeywords,
    (quoted) => `"${quoted.replaceAll('"', '""')}"`,
    maxIdentifierBytes,
  )
}

function relation(of: Relation): Sql {
  return qualified(ident, of)
}

/** Plain `'…'` relies on `standard_conforming_strings`, which the adapter sets; control characters need `E'…'`. */
function text(value: string): Sql {
  assertStorable(value, 'a text')
  const doubled = value.replaceAll("'", "''")
  if (!/\p{Cc}/u.test(value)) return `'${doubled}'`
  const escaped = doubled
    .replaceAll('\\', '\\\\')
    .replaceAll(/\p{Cc}/gu, (character) => escapes[character] ?? unicodeEscape(character))
  return `E'${escaped}'`
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function number(value: number): Sql {
  assertFinite(value)
  return `cast(${value} as double precision)`
}

function read(sql: Sql, column: ColumnType): Sql {
  switch (column) {
    case 'text':
    case 'boolean':
    case 'timestamp':
      return sql
    case 'integer':
      return `cast(${sql} as bigint)`
    case 'decimal':
    case 'float':
      return `cast(${sql} as double precision)`
    case 'date':
      return `cast(${sql} as timestamp)`
    case 'timestamptz':
      return `(${sql} at time zone 'UTC')`
    case 'json':
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
      // From 1e15 on Postgres turns to exponents, one digit before DuckDB. Adding zero turns -0 into 0.
      return (
        `case when abs(${sql}) >= 1e15 and abs(${sql}) < 1e16 ` +
        `then cast(cast(cast(${sql} as text) as numeric) as text) else cast(${sql} + 0 as text) end`
      )
    case 'timestamp':
      return `(regexp_replace(to_char(${sql}, 'YYYY-MM-DD"T"HH24:MI:SS.US'), '[.]?0+$', '') || 'Z')`
  }
}

function fromText(sql: Sql, type: ValueType): Sql {
  return type === 'text' || type === 'list' ? sql : `cast(${sql} as ${typeNames[type]})`
}

/** The guard stands inside the cast: Postgres folds a cast of a constant before it looks at a `case` around it. */
function tryNumber(sql: Sql): Sql {
  const guard = `length(${sql}) <= ${longestNumber} and ${sql} ~ ${text(decimalNumber)}`
  return `cast(case when ${guard} then ${sql} end as double precision)`
}

/** Text without a zone is read in the session's, so UTC is added; digits past microseconds would round up. */
function tryTimestamp(sql: Sql): Sql {
  const micros = `regexp_replace(${sql}, '([.][0-9]{6})[0-9]+', '\\1')`
  const instant = `${micros} || case when length(${sql}) = 10 then ' 00:00:00Z' else '' end`
  const guarded = `case when ${sql} ~ ${text(isoInstant)} then ${instant} end`
  return `(cast(${guarded} as timestamptz) at time zone 'UTC')`
}

/** Steps by text keys only: they never index an array, which DuckDB's would not do either. */
function jsonMember(json: Sql, path: readonly string[]): Sql {
  const steps = path.map((key, index) => `${index === path.length - 1 ? '->>' : '->'} ${text(key)}`)
  return `(cast(${json} as json) ${steps.join(' ')})`
}

function jsonElements(sql: Sql, alias: string): Sql {
  const array = `cast(case when ${sql} ~ ${text(scalarArray)} then ${sql} else '[]' end as json)`
  const scalar = "(item #>> '{}')"
  const element =
    `case when json_typeof(item) <> 'number' or ${scalar} ~ ${text(plainInteger)} ` +
    `then ${scalar} else ${toText(tryNumber(scalar), 'number')} end`
  return (
    'lateral (\n' +
    `  select scalars.element\n` +
    `  from (\n` +
    `    select ${element} as element\n` +
    `    from json_array_elements(${array}) as items (item)\n` +
    `  ) as scalars\n` +
    `  where scalars.element is not null\n` +
    `) as ${ident(alias)}`
  )
}

function jsonObjects(sql: Sql, alias: string): Sql {
  const array = `case when ${sql} ~ ${text(objectArray)} then cast(${sql} as json) else '[]' end`
  return `lateral json_array_elements(${array}) as ${ident(alias)} (element)`
}

function binaryText(sql: Sql): Sql {
  return `(${sql} collate "C")`
}

function orderBy(keys: readonly OrderKey[]): Sql {
  return keys
    .map((key) => {
      const collation = key.type === 'text' || key.type === 'list' ? ' collate "C"' : ''
      return `${key.sql}${collation}${key.descending ? ' desc' : ''} nulls last`
    })
    .join(', ')
}

/** `create … if not exists` asks for the right to create even where there is nothing to do, so look first. */
function createUnlessThere(catalog: Sql, create: Sql): Sql {
  return block(`if not exists (select from ${catalog}) then ${create}; end if`)
}

/** A block of statements, between marks that no name in it holds. */
function block(body: Sql): Sql {
  let mark = '$personas$'
  while (body.includes(mark)) mark = mark.replace(/\$$/, '_$')
  return `do ${mark} begin ${body}; end ${mark}`
}

/**
 * Sent as one, since a run makes hundreds of them and most are small: so much for a round trip, and for looking at rows
 * that any plan does for.
 */
function scratchTable(table: Sql, select: Sql): Sql {
  return (
    `drop table if exists ${table};\ncreate unlogged table ${table} as\n${select};\n` +
    block(`if pg_relation_size(to_regclass(${text(table)})) > 65536 then analyze ${table}; end if`)
  )
}

/** A table that has hardly grown is planned for as well as before, and looking at it anew costs more than adding a few rows. */
function analyzeIfGrown(table: Sql): Sql {
  return block(
    "if (select pg_relation_size(oid) > 1.1 * relpages * cast(current_setting('block_size') as integer) " +
      `from pg_class where oid = to_regclass(${text(table)})) then analyze ${table}; end if`,
  )
}

/** Indexes and tables of a schema share their names. */
function indexName(of: Relation, column: string): string {
  return `index_${of.name}_${column}`
}

/** The adapter turns loops off; pages of what runs read over and over are in memory, which the planner does not know. */
function byIndex(statement: Sql): Sql {
  const settings = (loop: string, cost: string): Sql =>
    `set local enable_nestloop = ${loop};\nset local random_page_cost = ${cost}`
  return `${settings('on', '0.5')};\n${statement};\n${settings('off', 'default')}`
}

/** PostgreSQL 13 and later. */
export const postgres: Dialect = {
  name: 'postgres',
  maxIdentifierBytes,
  // A message of the protocol has less than 1 GB; see "PostgreSQL Limits" in its manual.
  limits: { statementBytes: 2 ** 30 - 1024, tableColumns: 1600, listItems: Number.POSITIVE_INFINITY },
  functions: postgresFunctions,
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
  toTextOfMany: toText,
  fromText,
  tryNumber,
  tryTimestamp,
  // By way of the shortest text: the direct cast keeps fifteen digits only.
  exact: (sql) =>
    `case when ${sql} > -1e18 and ${sql} < 1e18 then cast(cast(${sql} as text) as decimal(38, 9)) end`,

  addSeconds: (timestamp, seconds) => `(${timestamp} ${seconds < 0 ? '-' : '+'} ${secondsInterval(seconds)})`,
  epochMicros: (timestamp) => `cast(extract(epoch from ${timestamp}) * 1000000 as bigint)`,

  matches: (sql, pattern) => `(${sql} ~ ${text(pattern)})`,
  containsText: (sql, part) => `(strpos(${sql}, ${part}) > 0)`,
  startsWith: (sql, part) => `starts_with(${sql}, ${part})`,
  endsWith: (sql, part) => `(right(${sql}, length(${part})) = ${part})`,
  binaryText,
  trim: (sql) => `btrim(${sql}, ${text(' \t\n\r')})`,
  lower: (sql) => `lower(${sql})`,
  padLeft: (sql, length, fill) => `lpad(${sql}, ${length}, ${text(fill)})`,
  byteLength: (sql) => `octet_length(${sql})`,

  // Of two columns that are equal it expects one row of 200, and would hash the ever wider rows of a join again and again.
  usual: (condition) => `case when ${condition} then 1 end is not null`,

  // `concat` takes NULL for the empty text.
  rowText: (first, texts) =>
    concatenated(
      first,
      texts.map((each) => `length(${each}), ':', ${each}`),
    ),

  md5: (sql) => `md5(${sql})`,
  sha1: (sql) => `encode(digest(${sql}, 'sha1'), 'hex')`,
  hash60: (sql) => `cast(cast('x0' || substr(md5(${sql}), 1, 15) as bit(64)) as bigint)`,

  jsonMember,
  jsonElements,
  jsonObjects,
  jsonSortedSet(sql, most) {
    const text = binaryText(sql)
    const all = `array_agg(distinct ${text} order by ${text}) filter (where ${sql} is not null)`
    return `cast(array_to_json(${most === 'all' ? all : `(${all})[1:${most}]`}) as text)`
  },

  json: jsonWriter(text),

  firstBy: (value, _, order, filter) =>
    `(array_agg(${value} order by ${orderBy(order)}) filter (where ${filter}))[1]`,
  orderBy,
  min: (value, type) => `min(${type === 'text' || type === 'list' ? binaryText(value) : value})`,
  // `percentile_disc` takes a double share, so that 7 % of 100 values is its eighth.
  percentile: (value, share) => {
    const [whole = '0', digits = ''] = share
      .toFixed(9)
      .replace(/0{1,8}$/, '')
      .split('.')
    const of = 10 ** digits.length
    const nth = `(count(${value}) * ${Number(whole + digits)} + ${of - 1}) / ${of}`
    return (
      `(array_agg(${value} order by ${value}) filter (where ${value} is not null))` +
      `[cast(greatest(${nth}, 1) as integer)]`
    )
  },

  divide: (left, right) => `(cast(${left} as double precision) / nullif(${right}, 0))`,
  modulo: (left, right) => `${left} % ${right}`,
  least: (values) => `least(${values.join(', ')})`,
  greatest: (values) => `greatest(${values.join(', ')})`,

  union: 'union',

  definesInTransactions: true,
  createSchema: (schema) => [
    createUnlessThere("pg_extension where extname = 'pgcrypto'", 'create extension if not exists pgcrypto'),
    createUnlessThere(`pg_namespace where nspname = ${text(schema)}`, `create schema ${ident(schema)}`),
  ],
  createTableAs: (target, select) => [
    `drop table if exists ${relation(target)}`,
    `create table ${relation(target)} as\n${select}`,
    `analyze ${relation(target)}`,
  ],
  createScratchTableAs: (target, select) => [scratchTable(relation(target), select)],
  createTableIfMissing: (target, columns) => [createTableIfMissing(postgres, target, columns)],
  addColumnIfMissing: (target, column) => [addColumnIfMissing(postgres, target, column)],
  widenColumn: (target, column, from) => [widenColumn(postgres, target, column, from)],
  dropColumn: (target, column) => [dropColumnIfThere(postgres, target, column)],
  replaceView: (target, select) => [`create or replace view ${relation(target)} as\n${select}`],
  // `create or replace` refuses other columns.
  createView: (target, select) => [
    `drop view if exists ${relation(target)}`,
    `create view ${relation(target)} as\n${select}`,
  ],
  dropView: (target) => [`drop view if exists ${relation(target)}`],
  dropTable: (target) => [`drop table if exists ${relation(target)}`],
  rewriteTable: (target, next, select) => [
    `${scratchTable(relation(next), select)};\ndrop table ${relation(target)};\nalter table ${relation(next)} rename to ${ident(target.name)}`,
  ],
  renameTable: (target, name) => [`alter table ${relation(target)} rename to ${ident(name)}`],
  createIndexIfMissing: (target, column) => [
    `create index if not exists ${ident(indexName(target, column))} on ${relation(target)} (${ident(column)})`,
  ],
  dropIndex: (target, column) => [
    `drop index if exists ${relation({ ...target, name: indexName(target, column) })}`,
  ],
  byIndex,
  gatherStatistics: (target) => [analyzeIfGrown(relation(target))],
}
