import pg from 'pg'
import { z } from 'zod'
import { DeliveryError, destinationType } from '../../destination.ts'
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
  url: z.string().min(1).describe('`postgres://user:password@host/database`'),
  table: z.string().regex(tablePattern, { error: 'must be a table, or schema.table' }).describe('the table'),
  key_column: keyColumn,
  create: createIfMissing,
})
type Settings = z.output<typeof settings>

const types: Readonly<Record<TableColumn['type'], string>> = {
  text: 'text',
  json: 'jsonb',
  integer: 'bigint',
  number: 'double precision',
  boolean: 'boolean',
  timestamp: 'timestamptz',
}

/** A table kept equal to what is synced: a row for each record, found by its key. */
export const postgresTable = destinationType<Settings>({
  type: 'postgres_table',
  summary: 'a table in PostgreSQL, a row for each record',
  settings,
  secrets: ['url'],
  takes: 'Each field is a column.',
  example: { url: "{{ env_var 'PG_URL' }}", table: 'crm.people' },
  capabilities: () => ({
    modes: ['add', 'update', 'upsert', 'delete', 'mirror'],
    batchRows: 2_000,
    concurrency: 2,
    repeated: 'harmless',
    visible: 'batch',
  }),
  async check({ url }) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 15_000 })
    try {
      await failing(async () => {
        await client.connect()
        await client.query('select 1')
      })
    } finally {
      await client.end()
    }
  },
  async open(own, { fields }) {
    const pool = new pg.Pool({ connectionString: own.url, max: 2, connectionTimeoutMillis: 15_000 })
    // Losing an idle connection must not end the process; the next statement says so.
    pool.on('error', () => undefined)
    const ident = (name: string): string => pg.escapeIdentifier(name)
    const { schema, name } = tableParts(own.table)
    const table = schema === undefined ? ident(name) : `${ident(schema)}.${ident(name)}`
    const key = ident(own.key_column)
    const columns: readonly TableColumn[] = fields.filter((field) => field.name !== own.key_column)
    const names = columns.map((column) => ident(column.name))
    const upsert = [
      `insert into ${table} (${[key, ...names].join(', ')})`,
      `select ${['given.key', ...names.map((column, index) => `given.c${index} as ${column}`)].join(', ')}`,
      `from unnest(${['text', ...columns.map(({ type }) => types[type])].map((type, index) => `$${index + 1}::${type}[]`).join(', ')})`,
      `as given (${['key', ...names.map((_, index) => `c${index}`)].join(', ')})`,
      names.length === 0
        ? `on conflict (${key}) do nothing`
        : `on conflict (${key}) do update set ${names.map((column) => `${column} = excluded.${column}`).join(', ')}`,
    ].join('\n')
    return {
      async prepare() {
        if (!own.create) return
        const definitions = [
          `${key} text primary key`,
          ...columns.map((column) => `${ident(column.name)} ${types[column.type]}`),
        ]
        await failing(async () => {
          await pool.query(`create table if not exists ${table} (${definitions.join(', ')})`)
          for (const column of columns)
            await pool.query(
              `alter table ${table} add column if not exists ${ident(column.name)} ${types[column.type]}`,
            )
        })
      },
      async write(changes) {
        const { kept, removed } = parted(changes)
        await failing(async () => {
          const client = await pool.connect()
          try {
            await client.query('begin')
            if (removed.length > 0)
              await client.query(`delete from ${table} where ${key} = any ($1)`, [removed])
            if (kept.length > 0) {
              const rows = kept.map((change) => cells(change, columns))
              await client.query(upsert, [
                kept.map((change) => change.key),
                ...columns.map((_, index) => rows.map((row) => row[index] ?? null)),
              ])
            }
            await client.query('commit')
          } catch (error) {
            await client.query('rollback').catch(() => undefined)
            throw error
          } finally {
            client.release()
          }
        })
        return changes.map(() => ({ ok: true }))
      },
      close: () => pool.end(),
    }
  },
})

/** Classes of SQLSTATE: what is wrong with a value, and what with rights, names or the database as such. */
async function failing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
    const kind = /^(22|23)/.test(code) ? 'rejected' : /^(28|3D|3F|42)/.test(code) ? 'fatal' : 'retryable'
    throw new DeliveryError(kind, `PostgreSQL ${code || 'connection'}`, error.message, { cause: error })
  }
}
