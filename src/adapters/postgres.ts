import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import QueryStream from 'pg-query-stream'
import type { PostgresTarget } from '../config/config.ts'
import { postgres as dialect } from '../dialects/postgres.ts'
import type { Catalog, CatalogColumn } from '../ir/catalog.ts'
import type { Relation } from '../ir/relation.ts'
import type { ValueType } from '../ir/value-type.ts'
import type { Adapter, Row, RunLock, TextRow, Value } from './adapter.ts'
import { groupColumns } from './catalog-tables.ts'
import { type CsvType, readCsv } from './csv-rows.ts'
import { statementError } from './postgres-errors.ts'
import { lockError } from './postgres-locks.ts'
import { type PooledClient, PostgresPool } from './postgres-pool.ts'
import { postgresSettings } from './postgres-settings.ts'
import { copyLine, copyValue, postgresColumnType, postgresTypes } from './postgres-values.ts'
import { textRows } from './text-rows.ts'
import { WarehouseError } from './warehouse-error.ts'

/** @throws {WarehouseError} no server answers, it refuses the login, or the database does not exist */
export async function openPostgres(target: PostgresTarget): Promise<Adapter> {
  // Two more than nodes side by side: one for the run's log, one for the summary.
  const adapter = new PostgresAdapter(new PostgresPool(postgresSettings(target), target.threads + 2))
  try {
    await adapter.version()
    return adapter
  } catch (error) {
    await adapter.close()
    throw error
  }
}

/** Of a stream. */
const blockRows = 2_000

const catalogSql = `
select n.nspname as schema, c.relname as name, a.attname as column, coalesce(base.typname, t.typname) as type
from pg_catalog.pg_attribute as a
inner join pg_catalog.pg_class as c on c.oid = a.attrelid
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
inner join pg_catalog.pg_type as t on t.oid = a.atttypid
left join pg_catalog.pg_type as base on base.oid = t.typbasetype
where n.nspname = any ($1) and c.relkind in ('r', 'p', 'v', 'm', 'f') and a.attnum > 0 and not a.attisdropped
order by n.nspname, c.relname, a.attnum`

const csvTypes: Readonly<Record<CsvType, string>> = {
  VARCHAR: 'text',
  BIGINT: 'bigint',
  DOUBLE: 'double precision',
  BOOLEAN: 'boolean',
  DATE: 'date',
  TIMESTAMP: 'timestamp',
  'TIMESTAMP WITH TIME ZONE': 'timestamptz',
}

class PostgresAdapter implements Adapter {
  readonly dialect = dialect
  readonly #pool: PostgresPool

  constructor(pool: PostgresPool) {
    this.#pool = pool
  }

  async version(): Promise<string> {
    const rows = await this.query('show server_version')
    return `PostgreSQL ${String(rows[0]?.server_version).split(' ')[0]}`
  }

  execute(sql: string): Promise<number> {
    return this.#sayingWhoHolds([sql], () => this.#pool.use((client) => affected(client, sql)))
  }

  query(sql: string, parameters: readonly Value[] = []): Promise<readonly Row[]> {
    return this.#sayingWhoHolds([sql], () =>
      this.#pool.use(async (client) => (await client.query<Row>(sql, [...parameters])).rows),
    )
  }

  async queryTexts(select: string, column: string): Promise<readonly TextRow[]> {
    return textRows(await this.query(select), column)
  }

  async *stream(select: string): AsyncIterable<readonly Row[]> {
    const { client, release } = await this.#pool.borrow()
    try {
      const rows = client.query(
        new QueryStream(select, [], { batchSize: blockRows, highWaterMark: blockRows, types: postgresTypes }),
      )
      let block: Row[] = []
      for await (const row of rows) {
        block.push(row)
        if (block.length < blockRows) continue
        yield block
        block = []
      }
      if (block.length > 0) yield block
    } catch (error) {
      throw statementError(error)
    } finally {
      await release()
    }
  }

  async scannedBytes(): Promise<undefined> {
    return undefined
  }

  transaction(statements: readonly string[]): Promise<number> {
    return this.#sayingWhoHolds(statements, () =>
      this.#transaction(async (client) => {
        let count = 0
        for (const sql of statements) count = await affected(client, sql)
        return count
      }),
    )
  }

  async #sayingWhoHolds<T>(statements: readonly string[], work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof WarehouseError) || error.code !== 'PSN4021') throw error
      const client = await this.#pool.dedicated()
      try {
        throw await lockError(client, statements, this.#pool.busyBackends(), error)
      } finally {
        await client.end()
      }
    }
  }

  async catalog(schemas: readonly string[]): Promise<Catalog> {
    const rows = await this.#pool.use(async (client) => (await client.query<Row>(catalogSql, [schemas])).rows)
    return groupColumns(
      rows.map((row) => ({
        schema: String(row.schema),
        table: String(row.name),
        column: { name: String(row.column), type: postgresColumnType(String(row.type)) },
      })),
    )
  }

  describe(select: string): Promise<readonly CatalogColumn[]> {
    return this.#pool.use(async (client) => {
      // With parameters the server takes one statement only; in parentheses, only a select.
      const { fields } = await client.query({
        text: `select * from (\n${select}\n) as described limit 0`,
        values: [],
      })
      const ids = [...new Set(fields.map((field) => field.dataTypeID))]
      const types = await client.query<Row>(
        'select t.oid, coalesce(base.typname, t.typname) as type from pg_catalog.pg_type as t ' +
          'left join pg_catalog.pg_type as base on base.oid = t.typbasetype where t.oid = any ($1)',
        [ids],
      )
      const names = new Map(types.rows.map((row) => [Number(row.oid), String(row.type)]))
      return fields.map(({ name, dataTypeID }) => ({
        name,
        type: postgresColumnType(names.get(dataTypeID) ?? ''),
      }))
    })
  }

  load(
    target: Relation,
    columns: readonly { name: string; type: ValueType }[],
    rows: AsyncIterable<readonly Value[]>,
  ): Promise<number> {
    async function* lines(): AsyncGenerator<string> {
      for await (const row of rows) {
        yield copyLine(columns.map(({ type }, index) => copyValue(row[index] ?? null, type)))
      }
    }
    const typed = columns.map(({ name, type }) => ({ name, type: dialect.typeName(type) }))
    return this.#copy(target, typed, lines())
  }

  async loadCsv(target: Relation, file: string): Promise<number> {
    const csv = await readCsv(file)
    try {
      async function* lines(): AsyncGenerator<string> {
        for await (const row of csv.rows) yield copyLine(row)
      }
      const typed = csv.columns.map(({ name, type }) => ({ name, type: csvTypes[type] }))
      return await this.#copy(target, typed, lines())
    } finally {
      csv.close()
    }
  }

  async tryLock(schema: string): Promise<RunLock | undefined> {
    const client = await this.#pool.dedicated()
    try {
      const key = createHash('sha256').update(`personas run ${schema}`).digest().readBigInt64BE(0)
      const { rows } = await client.query<Row>('select pg_try_advisory_lock($1) as locked', [key])
      // The session holds the lock: whatever becomes of this process, the server lets go of it.
      if (rows[0]?.locked === true) return heldBy(client)
    } catch (error) {
      await client.end()
      throw statementError(error)
    }
    await client.end()
    return undefined
  }

  async cancel(): Promise<void> {
    const backends = this.#pool.busyBackends()
    if (backends.length === 0) return
    const client = await this.#pool.dedicated()
    try {
      await client.query('select pg_cancel_backend(id) from unnest($1::int[]) as id', [backends])
    } catch (error) {
      throw statementError(error)
    } finally {
      await client.end()
    }
  }

  close(): Promise<void> {
    return this.#pool.close()
  }

  async #copy(
    target: Relation,
    columns: readonly { name: string; type: string }[],
    lines: AsyncIterable<string>,
  ): Promise<number> {
    const table = dialect.relation(target)
    const definitions = columns.map(({ name, type }) => `${dialect.ident(name)} ${type}`)
    return this.#transaction(async (client) => {
      if (await sameColumns(client, table, columns)) await client.query(`truncate table ${table}`)
      else {
        // Views over loaded tables are the event views of a run; the next run makes them again.
        await client.query(`drop table if exists ${table} cascade`)
        await client.query(`create table ${table} (${definitions.join(', ')})`)
      }
      const copy = client.query(copyFrom(`copy ${table} from stdin`))
      await pipeline(Readable.from(inBlocks(lines)), copy)
      await client.query(`analyze ${table}`)
      return copy.rowCount
    })
  }

  #transaction<T>(work: (client: PooledClient) => Promise<T>): Promise<T> {
    return this.#pool.use(async (client) => {
      await client.query('begin')
      try {
        const result = await work(client)
        await client.query('commit')
        return result
      } catch (error) {
        // Where the connection is gone the server has rolled back already; the first error is the one to tell.
        await client.query('rollback').catch(() => undefined)
        throw error
      }
    })
  }
}

function heldBy(client: Client): RunLock {
  const controller = new AbortController()
  let released = false
  client.once('end', () => {
    if (!released) controller.abort(new Error('the connection that held the lock was lost'))
  })
  return {
    lost: controller.signal,
    release: async () => {
      if (controller.signal.aborted) return
      released = true
      await client.end()
    },
  }
}

/** One message a line would cost more than the lines. */
async function* inBlocks(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let block = ''
  for await (const line of lines) {
    block += line
    if (block.length > 65_536) {
      yield block
      block = ''
    }
  }
  if (block !== '') yield block
}

async function affected(client: PooledClient, sql: string): Promise<number> {
  return (await client.query(sql)).rowCount ?? 0
}

/** Whether the table is there with these columns in this order, so that its rows can be replaced without touching it. */
async function sameColumns(
  client: PooledClient,
  table: string,
  columns: readonly { name: string; type: string }[],
): Promise<boolean> {
  const { rows } = await client.query(
    `select attname as name, atttypid = to_regtype(wanted.type) as same
    from unnest(cast($2 as text[]), cast($3 as text[])) with ordinality as wanted (name, type, place)
    full join (
      select attname, atttypid, row_number() over (order by attnum) as place
      from pg_catalog.pg_attribute
      where attrelid = to_regclass($1) and attnum > 0 and not attisdropped
    ) as found on found.place = wanted.place and found.attname = wanted.name`,
    [table, columns.map(({ name }) => name), columns.map(({ type }) => type)],
  )
  return rows.every((row) => row.same === true)
}
