import { randomUUID } from 'node:crypto'
import type { Bind } from 'snowflake-sdk'
import type { SnowflakeTarget } from '../config/config.ts'
import { problem } from '../diagnostics/problem.ts'
import { snowflake as dialect } from '../dialects/snowflake.ts'
import { swapCase } from '../dialects/snowflake-names.ts'
import type { Catalog, CatalogColumn } from '../ir/catalog.ts'
import type { Relation } from '../ir/relation.ts'
import type { ValueType } from '../ir/value-type.ts'
import type { Adapter, Row, RunLock, TextRow, Value } from './adapter.ts'
import { bindMarks } from './bind-marks.ts'
import { groupColumns } from './catalog-tables.ts'
import { type CsvType, readCsv } from './csv-rows.ts'
import { tryLease } from './lease-lock.ts'
import { statementError } from './snowflake-errors.ts'
import { SnowflakePool } from './snowflake-pool.ts'
import { queryTag } from './snowflake-query-tag.ts'
import type { SnowflakeSession } from './snowflake-session.ts'
import { bindText, snowflakeColumnType, utcText } from './snowflake-values.ts'
import { textRows } from './text-rows.ts'
import { WarehouseError } from './warehouse-error.ts'

/** @throws {WarehouseError} no answer, a login that is refused, a database, role or warehouse that is not there */
export async function openSnowflake(target: SnowflakeTarget): Promise<Adapter> {
  // Two more than nodes side by side: one for the run's log, one for the summary.
  const adapter = new SnowflakeAdapter(new SnowflakePool(target.settings, target.threads + 2))
  try {
    await adapter.checkPlace(target.settings)
    return adapter
  } catch (error) {
    await adapter.close()
    throw error
  }
}

const csvTypes: Readonly<Record<CsvType, string>> = {
  VARCHAR: 'varchar',
  BIGINT: 'number(38, 0)',
  DOUBLE: 'float',
  BOOLEAN: 'boolean',
  DATE: 'date',
  TIMESTAMP: 'timestamp_ntz(6)',
  'TIMESTAMP WITH TIME ZONE': 'timestamp_ltz(6)',
}

/** The server's clock, whatever the zone of the session. */
const utcNow = 'cast(sysdate() as timestamp_ntz(6))'
/** A run that was killed holds its schema this long. */
const leaseSeconds = 90

/** What is sent at once: beyond some 65,000 values the driver would take the way of a staged file, and a statement has 1 MB. */
const valuesAtOnce = 60_000
const charactersAtOnce = 500_000

class SnowflakeAdapter implements Adapter {
  readonly dialect = dialect
  readonly #pool: SnowflakePool

  constructor(pool: SnowflakePool) {
    this.#pool = pool
  }

  /** The server opens a session without them where they do not exist or the role may not use them. */
  async checkPlace({ database, warehouse }: SnowflakeTarget['settings']): Promise<void> {
    const [row = {}] = await this.query(
      'select current_database() as database_name, current_warehouse() as warehouse_name',
    )
    for (const [kind, name, found] of [
      ['database', database, row.database_name],
      ['warehouse', warehouse, row.warehouse_name],
    ] as const) {
      if (found === null) throw new WarehouseError(problem('PSN4052', { kind, name }), { cause: undefined })
    }
  }

  async version(): Promise<string> {
    const [row = {}] = await this.query('select current_version() as version')
    return `Snowflake ${String(row.version).split(' ')[0]}`
  }

  async execute(sql: string): Promise<number> {
    try {
      return await this.#pool.use(
        async (session) => (await session.run(tagged(sql))).affected,
        repeatable(sql),
      )
    } catch (error) {
      if (await this.#isThereAlready(sql, error)) return 0
      throw error
    }
  }

  query(sql: string, parameters: readonly Value[] = []): Promise<readonly Row[]> {
    const bound = bindMarks(sql, parameters)
    const binds = bound.values.map(asBind)
    return this.#pool.use(
      async (session) =>
        (await session.run({ ...tagged(bound.sql), ...(binds.length > 0 ? { binds } : {}) })).rows,
      repeatable(sql),
    )
  }

  async queryTexts(select: string, column: string): Promise<readonly TextRow[]> {
    return textRows(await this.query(select), column)
  }

  stream(select: string): AsyncIterable<readonly Row[]> {
    return this.#pool.stream(select)
  }

  async scannedBytes(): Promise<undefined> {
    return undefined
  }

  transaction(statements: readonly string[]): Promise<number> {
    const definition = statements.find((sql) => /^(create|alter|drop|truncate|use)\b/i.test(withoutTag(sql)))
    // The server would commit what came before it.
    if (definition !== undefined) throw new Error(`no transaction can hold this: ${definition}`)
    return this.#transaction(async (session) => {
      let count = 0
      for (const sql of statements) count = (await session.run(tagged(sql))).affected
      return count
    })
  }

  async catalog(schemas: readonly string[]): Promise<Catalog> {
    if (schemas.length === 0) return { tables: [] }
    const rows = await this.query(
      'select table_schema, table_name, column_name, data_type, numeric_scale\n' +
        'from information_schema.columns\n' +
        `where table_schema in (${schemas.map((schema) => dialect.text(swapCase(schema))).join(', ')})\n` +
        'order by table_schema, table_name, ordinal_position',
    )
    return groupColumns(
      rows.map((row) => ({
        schema: swapCase(String(row.table_schema)),
        table: swapCase(String(row.table_name)),
        column: {
          name: swapCase(String(row.column_name)),
          type: snowflakeColumnType(String(row.data_type), Number(row.numeric_scale ?? 0)),
        },
      })),
    )
  }

  describe(select: string): Promise<readonly CatalogColumn[]> {
    // In parentheses only a select is one.
    const sql = `select * from (\n${select}\n) as described limit 0`
    return this.#pool.use(async (session) => {
      const { columns } = await session.run({ sql, describe: true })
      return columns.map(({ name, type, scale }) => ({ name, type: snowflakeColumnType(type, scale) }))
    }, true)
  }

  load(
    target: Relation,
    columns: readonly { name: string; type: ValueType }[],
    rows: AsyncIterable<readonly Value[]>,
  ): Promise<number> {
    async function* texts(): AsyncGenerator<readonly (string | null)[]> {
      for await (const row of rows) yield columns.map(({ type }, index) => bindText(row[index] ?? null, type))
    }
    const typed = columns.map(({ name, type }) => ({ name, type: dialect.typeName(type) }))
    return this.#load(target, typed, texts())
  }

  async loadCsv(target: Relation, file: string): Promise<number> {
    const csv = await readCsv(file)
    try {
      async function* texts(): AsyncGenerator<readonly (string | null)[]> {
        for await (const row of csv.rows) {
          yield csv.columns.map(({ type }, index) => {
            const value = row[index] ?? null
            return value === null || !type.startsWith('TIMESTAMP') ? value : utcText(value)
          })
        }
      }
      const typed = csv.columns.map(({ name, type }) => ({ name, type: csvTypes[type] }))
      return await this.#load(target, typed, texts())
    } finally {
      csv.close()
    }
  }

  tryLock(schema: string): Promise<RunLock | undefined> {
    return tryLease({ adapter: this, dialect, now: utcNow, seconds: leaseSeconds }, schema)
  }

  cancel(): Promise<void> {
    return this.#pool.cancel()
  }

  close(): Promise<void> {
    return this.#pool.close()
  }

  /** Filled beside the table and put in its place at the end, with its grants. */
  async #load(
    target: Relation,
    columns: readonly { name: string; type: string }[],
    rows: AsyncIterable<readonly (string | null)[]>,
  ): Promise<number> {
    const table = dialect.relation(target)
    const filling = dialect.relation({ ...target, name: `personas_load_${randomUUID().replaceAll('-', '')}` })
    const definitions = columns.map(({ name, type }) => `${dialect.ident(name)} ${type}`)
    const insert = `insert into ${filling} values (${columns.map(() => '?').join(', ')})`
    await this.execute(`create transient table ${filling} (${definitions.join(', ')})`)
    try {
      let count = 0
      for await (const binds of batches(rows, Math.max(1, Math.floor(valuesAtOnce / columns.length)))) {
        count += binds.length
        await this.#pool.use((session) => session.run({ sql: insert, binds }), false)
      }
      await this.execute(`create or replace table ${table} copy grants as\nselect * from ${filling}`)
      return count
    } catch (error) {
      // Where the rows come from may have broken off, too.
      throw statementError(error)
    } finally {
      await this.execute(`drop table if exists ${filling}`)
    }
  }

  #transaction<T>(work: (session: SnowflakeSession) => Promise<T>): Promise<T> {
    return this.#pool.use(async (session) => {
      await session.run({ sql: 'begin' })
      try {
        const result = await work(session)
        await session.run({ sql: 'commit' })
        return result
      } catch (error) {
        // Where the session is gone the server rolls back by itself; the first error is the one to tell.
        await session.run({ sql: 'rollback' }).catch(() => undefined)
        throw error
      }
    }, false)
  }

  /** To create a schema takes a right on the database even where there is nothing to do. */
  async #isThereAlready(sql: string, error: unknown): Promise<boolean> {
    if (!(error instanceof WarehouseError) || error.code !== 'PSN4004') return false
    const name = /^create schema if not exists (\w+|"(?:[^"]|"")+")$/.exec(sql)?.[1]
    if (name === undefined) return false
    const stored = name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toUpperCase()
    const found = await this.query(
      `select 1 as found from information_schema.schemata where schema_name = ${dialect.text(stored)}`,
    )
    return found.length > 0
  }
}

/** Reading leaves nothing behind, and replacing a table twice is the same as once. */
function repeatable(sql: string): boolean {
  return /^(select|with|show|create (or replace|table if not exists)|drop \w+ if exists)\b/i.test(
    withoutTag(sql),
  )
}

function withoutTag(sql: string): string {
  return sql.replace(/^\s*\/\*[^*]*\*\/\s*/, '')
}

function tagged(sql: string): { readonly sql: string; readonly queryTag?: string } {
  const tag = queryTag(sql)
  return tag === undefined ? { sql } : { sql, queryTag: tag }
}

function asBind(value: Value): Bind {
  return typeof value === 'bigint' ? `${value}` : value
}

async function* batches(
  rows: AsyncIterable<readonly (string | null)[]>,
  size: number,
): AsyncGenerator<readonly (readonly (string | null)[])[]> {
  let batch: (readonly (string | null)[])[] = []
  let characters = 0
  for await (const row of rows) {
    batch.push(row)
    for (const value of row) characters += value?.length ?? 0
    if (batch.length >= size || characters > charactersAtOnce) {
      yield batch
      batch = []
      characters = 0
    }
  }
  if (batch.length > 0) yield batch
}
