import { resolve } from 'node:path'
import { z } from 'zod'
import type { Adapter } from '../../../adapters/adapter.ts'
import { openAdapter } from '../../../adapters/open-adapter.ts'
import { WarehouseError } from '../../../adapters/warehouse-error.ts'
import { relation } from '../../../ir/relation.ts'
import { DeliveryError, destinationType } from '../../destination.ts'
import { cells, keyColumn, parted, type TableColumn, tableParts, tablePattern } from './table-columns.ts'

const settings = z.strictObject({
  path: z.string().min(1).describe('the file'),
  table: z.string().regex(tablePattern, { error: 'must be a table, or schema.table' }).describe('the table'),
  key_column: keyColumn,
})
type Settings = z.output<typeof settings>

const types: Readonly<Record<TableColumn['type'], string>> = {
  text: 'VARCHAR',
  json: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMPTZ',
}

/** A DuckDB file, for people who want the result of a sync beside them. */
export const duckdbTable = destinationType<Settings>({
  type: 'duckdb_table',
  summary: 'a table in a DuckDB file, a row for each record',
  settings,
  secrets: [],
  paths: ['path'],
  takes: 'Each field is a column.',
  example: { path: 'out/people.duckdb', table: 'people' },
  capabilities: () => ({
    modes: ['add', 'update', 'upsert', 'delete', 'mirror'],
    batchRows: 2_000,
    concurrency: 1,
    repeated: 'harmless',
    visible: 'batch',
  }),
  async check({ path }) {
    const adapter = await opened(path)
    await adapter.close()
  },
  async open(own, { fields }) {
    const adapter = await opened(own.path)
    const { dialect } = adapter
    const { schema = 'main', name } = tableParts(own.table)
    const table = dialect.relation(relation(schema, name))
    const key = dialect.ident(own.key_column)
    const columns: readonly TableColumn[] = fields.filter((field) => field.name !== own.key_column)
    const names = columns.map((column) => dialect.ident(column.name))
    return {
      async prepare() {
        const definitions = [
          `${key} VARCHAR primary key`,
          ...columns.map(({ type }, at) => `${names[at]} ${types[type]}`),
        ]
        await failing(async () => {
          for (const sql of [
            ...dialect.createSchema(schema),
            `create table if not exists ${table} (${definitions.join(', ')})`,
            ...columns.map(
              ({ type }, at) => `alter table ${table} add column if not exists ${names[at]} ${types[type]}`,
            ),
          ])
            await adapter.execute(sql)
        })
      },
      async write(changes) {
        const { kept, removed } = parted(changes)
        await failing(async () => {
          const statements: string[] = []
          if (removed.length > 0)
            statements.push(`delete from ${table} where ${key} in (${removed.map(dialect.text).join(', ')})`)
          if (kept.length > 0) {
            const rows = kept.map((change) => {
              const own = cells(change, columns).map((cell, at) => {
                if (cell === null) return 'null'
                return `cast(${dialect.text(String(cell))} as ${types[columns[at]?.type ?? 'text']})`
              })
              return `(${[dialect.text(change.key), ...own].join(', ')})`
            })
            statements.push(
              `insert or replace into ${table} (${[key, ...names].join(', ')}) values\n${rows.join(',\n')}`,
            )
          }
          await adapter.transaction(statements)
        })
        return changes.map(() => ({ ok: true }))
      },
      close: () => adapter.close(),
    }
  },
})

function opened(path: string): Promise<Adapter> {
  return failing(() =>
    openAdapter({
      type: 'duckdb',
      name: 'destination',
      path: resolve(path),
      schema: 'main',
      workSchema: 'main',
      threads: 1,
    }),
  )
}

async function failing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof WarehouseError)) throw error
    const kind =
      error.code === 'PSN4005' || error.retryable
        ? 'retryable'
        : error.code === 'PSN4000'
          ? 'rejected'
          : 'fatal'
    throw new DeliveryError(kind, 'DuckDB', error.message, { cause: error })
  }
}
