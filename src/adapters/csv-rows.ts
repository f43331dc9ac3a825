import { type CsvColumn, csvSource, csvTable } from './csv-columns.ts'
import { readerError } from './csv-error.ts'
import { driver } from './duckdb-driver.ts'
import { statementError } from './duckdb-errors.ts'

export type { CsvType } from './csv-columns.ts'

export interface CsvRows {
  readonly columns: readonly CsvColumn[]
  /** Values as text, times in UTC; read as they are asked for. */
  readonly rows: AsyncIterable<readonly (string | null)[]>
  close(): void
}

/**
 * A CSV file through DuckDB's reader, so that every target gets the same columns and values.
 *
 * @throws {WarehouseError} the file cannot be read
 */
export async function readCsv(file: string): Promise<CsvRows> {
  const instance = await driver.DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const close = (): void => {
    connection.closeSync()
    instance.closeSync()
  }
  try {
    await connection.run("set timezone = 'UTC'")
    const table = await csvTable(connection, file)
    const result = await connection.stream(`select cast(columns(*) as varchar) from ${csvSource(table)}`)
    async function* rows(): AsyncGenerator<readonly (string | null)[]> {
      try {
        for await (const chunk of result.yieldRowsJson()) {
          for (const row of chunk) yield row.map((value) => (value === null ? null : String(value)))
        }
      } catch (error) {
        throw readerError(file, error) ?? statementError(error)
      }
    }
    return { columns: table.columns, rows: rows(), close }
  } catch (error) {
    close()
    throw readerError(file, error) ?? statementError(error)
  }
}
