import { z } from 'zod'
import { DeliveryError, destinationType } from '../../destination.ts'
import { driverOf } from '../driver.ts'
import {
  cells,
  createIfMissing,
  keyColumn,
  parted,
  type TableColumn,
  tableParts,
  tablePattern,
} from './table-columns.ts'

const settings = z.strictObject({
  url: z.string().min(1).describe('`mysql://user:password@host/database`'),
  table: z
    .string()
    .regex(tablePattern, { error: 'must be a table, or database.table' })
    .describe('the table'),
  key_column: keyColumn,
  create: createIfMissing,
})
type Settings = z.output<typeof settings>

const types: Readonly<Record<TableColumn['type'], string>> = {
  text: 'text',
  json: 'json',
  integer: 'bigint',
  number: 'double',
  boolean: 'boolean',
  timestamp: 'datetime(6)',
}

/** MySQL or MariaDB. */
export const mysqlTable = destinationType<Settings>({
  type: 'mysql_table',
  summary: 'a table in MySQL or MariaDB, a row for each record',
  settings,
  secrets: ['url'],
  takes: 'Each field is a column.',
  example: { url: "{{ env_var 'MYSQL_URL' }}", table: 'people' },
  capabilities: () => ({
    modes: ['add', 'update', 'upsert', 'delete', 'mirror'],
    batchRows: 1_000,
    concurrency: 2,
    repeated: 'harmless',
    visible: 'batch',
  }),
  async check({ url }) {
    const { createConnection } = await driverOf('mysql2', () => import('mysql2/promise'))
    await failing(async () => {
      const connection = await createConnection({ uri: url, connectTimeout: 15_000 })
      await connection.query('select 1')
      await connection.end()
    })
  },
  async open(own, { fields }) {
    const { createPool, escapeId } = await driverOf('mysql2', async () => ({
      ...(await import('mysql2/promise')),
      escapeId: (await import('mysql2')).escapeId,
    }))
    const pool = createPool({
      uri: own.url,
      connectionLimit: 2,
      connectTimeout: 15_000,
      charset: 'utf8mb4',
      timezone: 'Z',
    })
    const { schema, name } = tableParts(own.table)
    const table =
      schema === undefined ? escapeId(name, true) : `${escapeId(schema, true)}.${escapeId(name, true)}`
    const key = escapeId(own.key_column, true)
    const columns: readonly TableColumn[] = fields.filter((field) => field.name !== own.key_column)
    const names = columns.map((column) => escapeId(column.name, true))
    const updates =
      names.length === 0 ? [`${key} = ${key}`] : names.map((column) => `${column} = values(${column})`)
    return {
      async prepare() {
        if (!own.create) return
        const definitions = [
          // The longest key that an index of four-byte characters holds everywhere.
          `${key} varchar(191) character set utf8mb4 collate utf8mb4_bin primary key`,
          ...columns.map(({ type }, index) => `${names[index]} ${types[type]}`),
        ]
        await failing(async () => {
          await pool.query(
            `create table if not exists ${table} (${definitions.join(', ')}) default character set utf8mb4`,
          )
        })
      },
      async write(changes) {
        const { kept, removed } = parted(changes)
        await failing(async () => {
          const connection = await pool.getConnection()
          try {
            await connection.beginTransaction()
            if (removed.length > 0)
              await connection.query(`delete from ${table} where ${key} in (?)`, [removed])
            if (kept.length > 0) {
              const rows = kept.map((change) => [
                change.key,
                ...cells(change, columns).map((cell, index) =>
                  columns[index]?.type === 'timestamp' && typeof cell === 'string' ? new Date(cell) : cell,
                ),
              ])
              await connection.query(
                `insert into ${table} (${[key, ...names].join(', ')}) values ? on duplicate key update ${updates.join(', ')}`,
                [rows],
              )
            }
            await connection.commit()
          } catch (error) {
            await connection.rollback().catch(() => undefined)
            throw error
          } finally {
            connection.release()
          }
        })
        return changes.map(() => ({ ok: true }))
      },
      close: () => pool.end(),
    }
  },
})

const valueErrors: ReadonlySet<string> = new Set([
  'ER_DATA_TOO_LONG',
  'ER_TRUNCATED_WRONG_VALUE',
  'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD',
  'ER_WARN_DATA_OUT_OF_RANGE',
  'ER_BAD_NULL_ERROR',
  'ER_DUP_ENTRY',
  'ER_INVALID_JSON_TEXT',
  'ER_NO_REFERENCED_ROW_2',
  'WARN_DATA_TRUNCATED',
])

async function failing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
    const passing = !code.startsWith('ER_') || code === 'ER_LOCK_DEADLOCK' || code === 'ER_LOCK_WAIT_TIMEOUT'
    const kind = valueErrors.has(code) ? 'rejected' : passing ? 'retryable' : 'fatal'
    throw new DeliveryError(kind, `MySQL ${code}`, error.message, { cause: error })
  }
}
