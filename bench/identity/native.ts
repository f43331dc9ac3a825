import type { DuckDBConnection, DuckDBVector } from '@duckdb/node-api'
import { driver } from '../../src/adapters/duckdb-driver.ts'
import type { Sql } from '../../src/dialects/dialect.ts'
import type { Reader } from './database.ts'

/** The driver itself, for baselines outside SQL: an adapter's rows are objects, which would cost them most. */
export interface Native extends Reader {
  readonly connection: DuckDBConnection
  /** Calls `each` with the columns of every chunk of rows and their number. */
  forEachChunk(sql: Sql, each: (columns: readonly DuckDBVector[], rows: number) => void): Promise<void>
}

/** A database in memory with the file attached as `given`, read only. */
export async function openNative(file: string): Promise<Native> {
  const instance = await driver.DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`attach '${file.replaceAll("'", "''")}' as given (read_only)`)
  return {
    connection,
    query: async (sql) => (await connection.runAndReadAll(sql)).getRowObjects(),
    async forEachChunk(sql, each) {
      const result = await connection.stream(sql)
      for (;;) {
        const chunk = await result.fetchChunk()
        if (chunk === null || chunk.rowCount === 0) return
        each(
          Array.from({ length: chunk.columnCount }, (_, column) => chunk.getColumnVector(column)),
          chunk.rowCount,
        )
      }
    },
  }
}
