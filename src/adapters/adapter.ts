import type { Dialect } from '../dialects/dialect.ts'
import type { Catalog, CatalogColumn } from '../ir/catalog.ts'
import type { Relation } from '../ir/relation.ts'
import type { ValueType } from '../ir/value-type.ts'

/**
 * Integers of any width are bigint, decimals text, timestamps ISO instants with `Z` and as many digits as needed, dates
 * `2026-01-31`, nested values JSON text.
 */
export type Value = string | number | bigint | boolean | null
export type Row = Readonly<Record<string, Value>>

/** A row, and the text of one of its columns in UTF-8. */
export interface TextRow {
  readonly row: Row
  readonly text: Uint8Array
}

export interface RunLock {
  /** Aborts when the warehouse lets go of the lock by itself: from then on another run may write. */
  readonly lost: AbortSignal
  release(): Promise<void>
}

/** What compiling asks of a warehouse. */
export interface CatalogReader {
  readonly dialect: Dialect
  /** Tables and views of these schemas; a schema that does not exist has none. */
  catalog(schemas: readonly string[]): Promise<Catalog>
  /** Columns a select would return, without running it. */
  describe(select: string): Promise<readonly CatalogColumn[]>
}

/**
 * A connection to one target. Statements given to `execute` run in autocommit; several may run side by side, each
 * on a connection of its own. Every failure is a `WarehouseError` with what the warehouse said, never a credential.
 */
export interface Adapter extends CatalogReader {
  /** "DuckDB 1.5.6", for `debug` and `run_results.json`. */
  version(): Promise<string>
  /** @returns rows affected, as the warehouse counts them; 0 where it does not say */
  execute(sql: string): Promise<number>
  /** Parameters are bound, written `$1`, `$2`, … */
  query(sql: string, parameters?: readonly Value[]): Promise<readonly Row[]>
  /** As `query`, for a column of long texts, none of them NULL: DuckDB gives these as bytes, which no string is made of. */
  queryTexts(select: string, column: string): Promise<readonly TextRow[]>
  /** Rows in the order of the select, a block at a time: memory stays flat however many there are. */
  stream(select: string): AsyncIterable<readonly Row[]>
  /** Bytes a statement would read, told without running it; undefined where the warehouse says no such thing beforehand. */
  scannedBytes(sql: string): Promise<bigint | undefined>
  /** All or nothing. @returns rows affected by the last statement */
  transaction(statements: readonly string[]): Promise<number>
  /** Creates the table and fills it; replaces one that is there. Rows come as they are produced, memory stays flat. */
  load(
    target: Relation,
    columns: readonly { name: string; type: ValueType }[],
    rows: AsyncIterable<readonly Value[]>,
  ): Promise<number>
  /** Creates or replaces the table from a CSV file with a header; types are found from the data. @returns rows */
  loadCsv(target: Relation, file: string): Promise<number>
  /** One run per schema: undefined where another run holds it. */
  tryLock(schema: string): Promise<RunLock | undefined>
  /** Cancels whatever runs now on the server; the pending promises reject. */
  cancel(): Promise<void>
  close(): Promise<void>
}
