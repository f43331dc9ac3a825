import type { Relation } from '../ir/relation.ts'
import type { ColumnType, ValueType } from '../ir/value-type.ts'
import type { Lexis } from './calls-in.ts'

/** An SQL fragment, ready to stand inside a statement. Parenthesised where precedence could bite. */
export type Sql = string

/** One value to order by; NULL always comes last, text in code point order. */
export interface OrderKey {
  readonly sql: Sql
  readonly type: ValueType
  readonly descending: boolean
}

/** Beyond these the warehouse refuses; Infinity where no project comes near. */
export interface Limits {
  /** Bytes of one statement in UTF-8; what is beyond is a problem of the project. */
  readonly statementBytes: number
  /** Columns of one table; what is beyond is a problem of the project. */
  readonly tableColumns: number
  /** Values of one `in`; longer lists are written as several. */
  readonly listItems: number
}

/**
 * How one warehouse writes SQL. Every member answers for every warehouse; callers ask a capability, never the name.
 * Arguments and results are SQL fragments; plain JavaScript values are written by the `literal` members only.
 */
/** Texts of JSON for requests. */
export interface JsonWriter {
  /** A text as a JSON string; NULL of NULL. */
  text(sql: Sql): Sql
  /** Texts one after the other, none of them NULL. */
  concat(texts: readonly Sql[]): Sql
  /** Those that are not NULL, with a text between them; the empty text where all are. */
  joinedWithoutNulls(between: string, texts: readonly Sql[]): Sql
  /** Aggregate: all of them in an order, with a text between. */
  joined(sql: Sql, between: string, order: Sql): Sql
}

/** How rows lie in a table, where the warehouse can be told; it stays as it was when the table was made. */
export interface TableLayout {
  /** What rows are looked up by: those of the same lie together. */
  readonly key: string
  /** A timestamp of a log that grows: rows of a month lie apart from those of others. */
  readonly time?: string
}

export interface Dialect {
  readonly name: 'duckdb' | 'postgres' | 'bigquery' | 'snowflake'
  /** Bytes an identifier may have; longer names are shortened by `sql/names.ts`. */
  readonly maxIdentifierBytes: number
  readonly limits: Limits
  /** What compiled SQL may write before a parenthesis: functions, and types that have parameters outside a cast. In lower case. */
  readonly functions: ReadonlySet<string>
  readonly lexis: Lexis

  // names
  /** Quoted only where the name is not plain lower case or is a keyword; shortened where it is too long. */
  ident(name: string): Sql
  relation(of: Relation): Sql

  // literals
  text(value: string): Sql
  integer(value: number | bigint): Sql
  number(value: number): Sql
  boolean(value: boolean): Sql
  /** From an ISO instant with zone, to a UTC timestamp without zone. */
  timestamp(iso: string): Sql
  /** A typed NULL. */
  nullOf(type: ValueType): Sql

  // types
  typeName(type: ValueType): string
  /** What the catalogue says of a column that we made for timestamps. */
  readonly timestampColumn: ColumnType
  /** A source column read as `valueTypeOf(column)`: UTC without zone for times, JSON as text. */
  read(sql: Sql, column: ColumnType): Sql
  /** Text of a value, the same on every warehouse: integral numbers without a fraction, ISO instants with `Z`. */
  toText(sql: Sql, type: ValueType): Sql
  /** The same text, for what is written of all rows of large tables: quick rather than short. */
  toTextOfMany(sql: Sql, type: ValueType): Sql
  /**
   * Whether a value is another than the one a text tells that {@link toText} wrote of this type; NULL is one, too. Only of types of
   * which reading a text takes less than writing one.
   */
  differsFromText?(value: Sql, text: Sql, type: ValueType): Sql | undefined
  /** A value stored as text by {@link toText}, back in its type. */
  fromText(sql: Sql, type: ValueType): Sql
  /** Text as a double; NULL unless it is a decimal number, optionally with exponent, below 1e308. */
  tryNumber(text: Sql): Sql
  /** Text as a UTC timestamp; NULL unless it is an ISO date of the years 1000 to 9999, or one with seconds and a zone. */
  tryTimestamp(text: Sql): Sql
  /** Any integer or number as DECIMAL(38, 9), for sums that do not depend on order; NULL from 1e18 on. */
  exact(sql: Sql): Sql

  // time
  addSeconds(timestamp: Sql, seconds: number): Sql
  /** Microseconds since 1970 as an integer. */
  epochMicros(timestamp: Sql): Sql

  // text
  /** Unanchored search with a pattern of the safe common subset. */
  matches(text: Sql, pattern: string): Sql
  containsText(text: Sql, part: Sql): Sql
  startsWith(text: Sql, part: Sql): Sql
  endsWith(text: Sql, part: Sql): Sql
  /** For comparisons and minima of text: code point order whatever the database's collation. */
  binaryText(text: Sql): Sql
  trim(text: Sql): Sql
  lower(text: Sql): Sql
  padLeft(text: Sql, length: number, fill: string): Sql
  /** Bytes of the text in UTF-8. */
  byteLength(text: Sql): Sql

  /** A condition that most rows meet, written so that the warehouse expects it. */
  usual(condition: Sql): Sql

  /**
   * One text of a text and others that may be NULL, each with its length in characters and a colon before it; of a NULL only the
   * colon. Different texts never give the same.
   */
  rowText(first: Sql, texts: readonly Sql[]): Sql

  // hashes, hexadecimal in lower case
  md5(text: Sql): Sql
  sha1(text: Sql): Sql
  /** The first 60 bits of the MD5 as a non-negative integer. */
  hash60(text: Sql): Sql

  // JSON
  /** A member of a JSON object, in a column of JSON or of text, as text; NULL where absent or null. The path walks nested objects. */
  jsonMember(json: Sql, path: readonly string[], column: 'json' | 'text'): Sql
  /**
   * A FROM item over the elements of a JSON array in a text column, one column `element` of text.
   * No rows for NULL, for anything that is not an array of scalars; null elements are left out.
   * Correlated with the tables before it, so it stands after `cross join`.
   */
  jsonElements(text: Sql, alias: string): Sql
  /**
   * As {@link jsonElements}, over an array of flat objects: `element` is for {@link jsonMember}.
   * No rows for NULL and for anything else.
   */
  jsonObjects(text: Sql, alias: string): Sql
  /** Aggregate: the distinct non-null texts in code point order, as JSON text `["a","b"]`; NULL where none. Of more than `most` the first. */
  jsonSortedSet(text: Sql, most: number | 'all'): Sql

  /** Where the warehouse is so near that what is sent is better written there than row by row elsewhere. */
  readonly json?: JsonWriter

  // aggregates
  /** The value of the first row by `order` among those where `filter` holds; NULL where none. */
  firstBy(value: Sql, type: ValueType, order: readonly OrderKey[], filter: Sql): Sql
  orderBy(keys: readonly OrderKey[]): Sql
  /** Aggregate: the least value, text in code point order, NaN the greatest of numbers; NULL where none. */
  min(value: Sql, type: ValueType): Sql
  /**
   * Aggregate: the least of the numbers that at least `share` of them is not above, NULL left out. The share has nine
   * digits after the point at most, and is never taken as a double: 7 % of 100 values is the seventh.
   */
  percentile(value: Sql, share: number): Sql

  // arithmetic
  /** Division of doubles; NULL where the divisor is 0. */
  divide(left: Sql, right: Sql): Sql
  /** What is left of a division of integers, neither of them negative. */
  modulo(left: Sql, right: Sql): Sql
  /** Of those that are not NULL; NULL where none is. */
  least(values: readonly Sql[]): Sql
  greatest(values: readonly Sql[]): Sql

  /** Between selects whose equal rows count once. */
  readonly union: Sql

  /** Whether a transaction may hold statements that make or change tables and views; elsewhere each of them ends it. */
  readonly definesInTransactions: boolean

  // statements, each a list to run in order
  createSchema(schema: string): readonly Sql[]
  /** Replaces the table by the rows of `select`, and gathers statistics where the warehouse wants them. */
  createTableAs(target: Relation, select: Sql): readonly Sql[]
  /** The same for a table that a run makes, reads and forgets: it may be lost with the server, and few rows are not counted. */
  createScratchTableAs(target: Relation, select: Sql): readonly Sql[]
  createTableIfMissing(
    target: Relation,
    columns: readonly { name: string; type: ValueType }[],
    layout?: TableLayout,
  ): readonly Sql[]
  addColumnIfMissing(target: Relation, column: { name: string; type: ValueType }): readonly Sql[]
  /** The column in a type that holds all of its values: a number for an integer, text for anything. */
  widenColumn(
    target: Relation,
    column: { name: string; type: ValueType },
    from: ValueType,
    layout?: TableLayout,
  ): readonly Sql[]
  /** Of a column that is there; one of the same name may be added again at once. */
  dropColumn(target: Relation, column: string, layout?: TableLayout): readonly Sql[]
  /** Replaces a view whose columns stay, so that grants and views on it stay too. */
  replaceView(target: Relation, select: Sql): readonly Sql[]
  /** Replaces the view; its columns may change. */
  createView(target: Relation, select: Sql): readonly Sql[]
  dropView(target: Relation): readonly Sql[]
  dropTable(target: Relation): readonly Sql[]
  /** As `createScratchTableAs` where the select reads the table it replaces; `next` is a table it may make and leave no trace of. */
  rewriteTable(target: Relation, next: Relation, select: Sql): readonly Sql[]
  /** Within its schema. */
  renameTable(target: Relation, name: string): readonly Sql[]
  /** Where the warehouse has indexes; no statement elsewhere. The name of the index is found from table and column. */
  createIndexIfMissing(target: Relation, column: string): readonly Sql[]
  dropIndex(target: Relation, column: string): readonly Sql[]
  /** A statement that looks up few rows of large tables by an index of them, told so where the warehouse would not think of it. */
  byIndex(statement: Sql): Sql
  /** For a table whose rows have changed, where the warehouse does not see to it by itself. */
  gatherStatistics(target: Relation): readonly Sql[]
}
