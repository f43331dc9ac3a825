import type { DuckDBConnection } from '@duckdb/node-api'
import { duckdb } from '../dialects/duckdb.ts'
import { type CsvError, readerError } from './csv-error.ts'
import { csvHeader } from './csv-header.ts'

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

/** A file with its separator and the types of its columns. */
export interface CsvTable {
  readonly file: string
  readonly delimiter: string
  readonly columns: readonly CsvColumn[]
}

/**
 * Finds the type of each column from all its values, with DuckDB's sniffer, the same whatever the target. Ids stay what
 * they are: a column with a leading zero or with more digits than its type can hold is text, as is a date that is not ISO.
 *
 * @throws {CsvError} the file cannot be read, or a line does not fit the first
 */
export async function csvTable(connection: DuckDBConnection, file: string): Promise<CsvTable> {
  const { delimiter, names } = csvHeader(file)
  const guesses = await guessColumns(connection, file, delimiter, names)
  const doubtful = guesses.filter((column) => oddPattern(column.type) !== undefined)
  if (doubtful.length === 0) return { file, delimiter, columns: guesses }
  const checks = doubtful.map(
    ({ name, type }) =>
      `coalesce(bool_or(regexp_matches(${duckdb.ident(name)}, ${duckdb.text(oddPattern(type) ?? '')})), false)`,
  )
  const odd = await connection.runAndReadAll(
    `select ${checks.join(', ')} from ${source(file, delimiter, 'all_varchar = true')}`,
  )
  const isOdd = odd.getRows()[0] ?? []
  const text = new Set(doubtful.filter((_, index) => isOdd[index] === true).map(({ name }) => name))
  const columns = guesses.map(
    ({ name, type }) => ({ name, type: text.has(name) ? 'VARCHAR' : type }) as const,
  )
  return { file, delimiter, columns }
}

async function guessColumns(
  connection: DuckDBConnection,
  file: string,
  delimiter: string,
  names: readonly string[],
): Promise<readonly CsvColumn[]> {
  try {
    const guessed = await connection.runAndReadAll(
      `describe select * from ${source(file, delimiter, 'sample_size = -1')}`,
    )
    return guessed.getRows().map(([name, type]) => ({ name: String(name), type: csvType(String(type)) }))
  } catch (error) {
    throw readerError(file, error) ?? (await brokenLine(connection, file, delimiter, names)) ?? error
  }
}

/** The sniffer gives up without saying where; who reads all as text finds the line. */
async function brokenLine(
  connection: DuckDBConnection,
  file: string,
  delimiter: string,
  names: readonly string[],
): Promise<CsvError | undefined> {
  const columns = names.map((name) => ({ name, type: 'VARCHAR' as const }))
  try {
    await connection.run(`select count(columns(*)) from ${csvSource({ file, delimiter, columns })}`)
    return undefined
  } catch (error) {
    return readerError(file, error)
  }
}

/** A table function that reads the file with exactly these types. */
export function csvSource({ file, delimiter, columns }: CsvTable): string {
  const types = columns.map(({ name, type }) => `${duckdb.text(name)}: ${duckdb.text(type)}`)
  return source(file, delimiter, `auto_detect = false, columns = {${types.join(', ')}}`)
}

/** All that could be guessed is told but the types: the sniffer bends the rest until the lines fit. */
function source(file: string, delimiter: string, option: string): string {
  const form = `delim = ${duckdb.text(delimiter)}, quote = '"', escape = '"', comment = '', skip = 0, strict_mode = true`
  return `read_csv(${duckdb.text(file)}, header = true, ${form}, ${option})`
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
