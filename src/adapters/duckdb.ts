import { dirname } from 'node:path'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { DuckdbTarget } from '../config/config.ts'
import { makeFolder } from '../config/make-folder.ts'
import { problem } from '../diagnostics/problem.ts'
import { duckdb as dialect } from '../dialects/duckdb.ts'
import type { Catalog, CatalogColumn } from '../ir/catalog.ts'
import type { Relation } from '../ir/relation.ts'
import type { ValueType } from '../ir/value-type.ts'
import type { Adapter, Row, RunLock, TextRow, Value } from './adapter.ts'
import { groupColumns } from './catalog-tables.ts'
import { csvSource, csvTable } from './csv-columns.ts'
import { readerError } from './csv-error.ts'
import { driver } from './duckdb-driver.ts'
import { openingError, statementError } from './duckdb-errors.ts'
import { appendValue, duckdbColumnType, toValue } from './duckdb-values.ts'
import { WarehouseError } from './warehouse-error.ts'

/** Schemas locked by runs of this process; the file's own lock keeps other processes out. */
const lockedSchemas = new Set<string>()
let memoryDatabases = 0

/** @throws {WarehouseError} the file is locked by another process, cannot be written, or is no database */
export async function openDuckdb(target: DuckdbTarget): Promise<Adapter> {
  const { path } = target
  const inMemory = path === ':memory:'
  const options = {
    // Extensions are downloads; all that is used is built in.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    // A run writes the same tables over and over; at the default of 16 MB it would also rewrite the file over and over.
    checkpoint_threshold: '256MB',
    ...(target.memoryLimit === undefined ? {} : { memory_limit: target.memoryLimit }),
  }
  try {
    if (!inMemory) makeFolder(dirname(path))
    // Opened twice in one process, a file must be one instance: the lock does not protect a process from itself.
    const instance = await (inMemory
      ? driver.DuckDBInstance.create(path, options)
      : driver.DuckDBInstance.fromCache(path, options))
    const adapter = new DuckdbAdapter(instance, inMemory ? `:memory:${++memoryDatabases}` : path)
    await adapter.version()
    return adapter
  } catch (error) {
    throw openingError(error, path)
  }
}

class DuckdbAdapter implements Adapter {
  readonly dialect = dialect
  readonly #instance: DuckDBInstance
  readonly #key: string
  readonly #idle: DuckDBConnection[] = []
  readonly #busy = new Set<DuckDBConnection>()

  constructor(instance: DuckDBInstance, key: string) {
    this.#instance = instance
    this.#key = key
  }

  async version(): Promise<string> {
    const rows = await this.query('select version() as version')
    return `DuckDB ${String(rows[0]?.version).replace(/^v/, '')}`
  }

  execute(sql: string): Promise<number> {
    return this.#use((connection) => affected(connection, sql))
  }

  query(sql: string, parameters: readonly Value[] = []): Promise<readonly Row[]> {
    return this.#use(async (connection) => {
      const result = await connection.run(sql, [...parameters])
      return result.convertRowObjects(toValue)
    })
  }

  queryTexts(select: string, column: string): Promise<readonly TextRow[]> {
    const name = dialect.ident(column)
    return this.#use(async (connection) => {
      const result = await connection.run(
        `select * exclude (${name}), encode(${name}) as ${name} from (${select}) as texts`,
      )
      const columns = result.columnNames().map((own, index) => ({ own, type: result.columnType(index) }))
      return (await result.getRows()).map((values) => {
        const text = values.at(-1)
        if (!(text instanceof driver.DuckDBBlobValue)) throw new Error(`${name} has no text`)
        const others = columns.slice(0, -1).map(({ own, type }, index) => {
          const value = values[index] ?? null
          return [own, toValue(value, type, toValue)]
        })
        return { row: Object.fromEntries(others), text: text.bytes }
      })
    })
  }

  async *stream(select: string): AsyncIterable<readonly Row[]> {
    const connection = this.#idle.pop() ?? (await this.#connect())
    this.#busy.add(connection)
    try {
      const result = await connection.stream(select)
      yield* result.yieldConvertedRowObjects(toValue)
    } catch (error) {
      throw statementError(error)
    } finally {
      this.#busy.delete(connection)
      // What is left of its result would be in the way of the next statement.
      connection.closeSync()
    }
  }

  async scannedBytes(): Promise<undefined> {
    return undefined
  }

  transaction(statements: readonly string[]): Promise<number> {
    return this.#transaction(async (connection) => {
      let count = 0
      for (const sql of statements) count = await affected(connection, sql)
      return count
    })
  }

  async catalog(schemas: readonly string[]): Promise<Catalog> {
    if (schemas.length === 0) return { tables: [] }
    const rows = await this.query(
      'select table_schema, table_name, column_name, data_type from information_schema.columns ' +
        `where table_catalog = current_database() and table_schema in (${schemas.map(dialect.text).join(', ')}) ` +
        'order by table_schema, table_name, ordinal_position',
    )
    return groupColumns(
      rows.map((row) => ({
        schema: String(row.table_schema),
        table: String(row.table_name),
        column: { name: String(row.column_name), type: duckdbColumnType(String(row.data_type)) },
      })),
    )
  }

  describe(select: string): Promise<readonly CatalogColumn[]> {
    return this.#use(async (connection) => {
      const statements = await connection.extractStatements(select)
      const prepared = await statements.prepare(0)
      if (statements.count !== 1 || prepared.statementType !== driver.StatementType.SELECT)
        throw notOneSelect()
      return Array.from({ length: prepared.columnCount }, (_, index) => ({
        name: prepared.columnName(index),
        type: duckdbColumnType(typeName(prepared.columnType(index))),
      }))
    })
  }

  load(
    target: Relation,
    columns: readonly { name: string; type: ValueType }[],
    rows: AsyncIterable<readonly Value[]>,
  ): Promise<number> {
    return this.#transaction(async (connection) => {
      for (const sql of [...dialect.dropTable(target), ...dialect.createTableIfMissing(target, columns)]) {
        await connection.run(sql)
      }
      const appender = await connection.createAppender(target.name, target.schema, target.database)
      let count = 0
      for await (const row of rows) {
        columns.forEach(({ type }, index) => appendValue(appender, row[index] ?? null, type))
        appender.endRow()
        count += 1
      }
      appender.closeSync()
      return count
    })
  }

  loadCsv(target: Relation, file: string): Promise<number> {
    return this.#use(async (connection) => {
      try {
        const source = csvSource(await csvTable(connection, file))
        const [create = ''] = dialect.createTableAs(target, `select * from ${source}`)
        return await affected(connection, create)
      } catch (error) {
        throw readerError(file, error) ?? error
      }
    })
  }

  async tryLock(schema: string): Promise<RunLock | undefined> {
    const key = `${this.#key}\n${schema}`
    if (lockedSchemas.has(key)) return undefined
    lockedSchemas.add(key)
    return {
      // What this process holds nobody takes away.
      lost: new AbortController().signal,
      release: async () => {
        lockedSchemas.delete(key)
      },
    }
  }

  async cancel(): Promise<void> {
    for (const connection of this.#busy) connection.interrupt()
  }

  async close(): Promise<void> {
    for (const connection of [...this.#idle.splice(0), ...this.#busy]) connection.closeSync()
    this.#instance.closeSync()
  }

  async #use<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = this.#idle.pop() ?? (await this.#connect())
    this.#busy.add(connection)
    try {
      return await work(connection)
    } catch (error) {
      throw statementError(error)
    } finally {
      this.#busy.delete(connection)
      this.#idle.push(connection)
    }
  }

  async #connect(): Promise<DuckDBConnection> {
    try {
      const connection = await this.#instance.connect()
      await connection.run("set timezone = 'UTC'")
      return connection
    } catch (error) {
      throw statementError(error)
    }
  }

  #transaction<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.#use(async (connection) => {
      await connection.run('begin transaction')
      try {
        const result = await work(connection)
        await connection.run('commit')
        return result
      } catch (error) {
        // A commit that failed has already ended the transaction; then there is nothing left to roll back.
        await connection.run('rollback').catch(() => undefined)
        throw error
      }
    })
  }
}

/** A created table counts its rows in a row of its result, not in `rowsChanged`. */
async function affected(connection: DuckDBConnection, sql: string): Promise<number> {
  const result = await connection.run(sql)
  if (result.statementType !== driver.StatementType.CREATE) return result.rowsChanged
  const [row] = await result.getRows()
  return Number(row?.[0] ?? 0)
}

function typeName(type: { readonly alias?: string | undefined; toString(): string }): string {
  return type.alias ?? type.toString()
}

function notOneSelect(): WarehouseError {
  const message = 'this is not one select'
  return new WarehouseError(problem('PSN4000', { engine: 'DuckDB', message }), { cause: undefined })
}
