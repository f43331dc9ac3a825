import type { DuckDBConnection } from '@duckdb/node-api'
import { duckdb } from '../dialects/duckdb.ts'

/** Types a CSV column may get; every other guess of the sniffer is read as text. */
export type CsvType =
  | 'VARCHAR'
  | 'BIGINT'
  | 'DOUBLE'
  | 'BOOLEAN'
  | 'DATE'
  | 'TIMESTAMP'
  | 'TIMESTAMP WITH TIME ZONE'

export interface CsvColumn {
  readonly name: string
  readonly type: CsvType
}

/**
 * Finds the type of each column from all its values, with DuckDB's sniffer, the same whatever the target. Ids stay what
 * they are: a column with a leading zero or with more digits than its type can hold is text, as is a date that is not ISO.
 */
export async function csvColumns(connection: DuckDBConnection, file: string): Promise<readonly CsvColumn[]> {
  const guessed = await connection.runAndReadAll(`describe select * from ${source(file, 'sample_size = -1')}`)
  const guesses = guessed
    .getRows()
    .map(([name, type]) => ({ name: String(name), type: csvType(String(type)) }))
  const doubtful = guesses.filter((column) => oddPattern(column.type) !== undefined)
  if (doubtful.length === 0) return guesses
  const checks = doubtful.map(
    ({ name, type }) =>
      `coalesce(bool_or(regexp_matches(${duckdb.ident(name)}, ${duckdb.text(oddPattern(type) ?? '')})), false)`,
  )
  const odd = await connection.runAndReadAll(
    `select ${checks.join(', ')} from ${source(file, 'all_varchar = true')}`,
  )
  const isOdd = odd.getRows()[0] ?? []
  const text = new Set(doubtful.filter((_, index) => isOdd[index] === true).map(({ name }) => name))
  return guesses.map((column) => (text.has(column.name) ? { name: column.name, type: 'VARCHAR' } : column))
}

/** A table function that reads the file with exactly these types. */
export function csvSource(file: string, columns: readonly CsvColumn[]): string {
  const types = columns.map(({ name, type }) => `${duckdb.text(name)}: ${duckdb.text(type)}`)
  return source(file, `columns = {${types.join(', ')}}`)
}

function source(file: string, option: string): string {
  return `read_csv(${duckdb.text(file)}, header = true, ${option})`
}

function csvType(guess: string): CsvType {
  switch (guess) {
    case 'BIGINT':
    case 'DOUBLE':
    case 'BOOLEAN':
    case 'DATE':
    case 'TIMESTAMP':
    case 'TIMESTAMP WITH TIME ZONE':
      return guess
    default:
      return 'VARCHAR'
  }
}

/** What one value must look like for the whole column to be text instead. */
function oddPattern(type: CsvType): string | undefined {
  switch (type) {
    case 'BIGINT':
      return '^\\s*[+-]?0[0-9]|^\\s*[+]'
    case 'DOUBLE':
      return '^\\s*[+-]?0[0-9]|^\\s*[+]|^\\s*-?[0-9]{16,}\\s*$|[nN]'
    case 'DATE':
    case 'TIMESTAMP':
    case 'TIMESTAMP WITH TIME ZONE':
      return '^\\s*([^0-9]|[0-9]{1,3}[^0-9]|[0-9]{5})|^\\s*[0-9]{4}[^-]'
    case 'BOOLEAN':
    case 'VARCHAR':
      return undefined
  }
}
