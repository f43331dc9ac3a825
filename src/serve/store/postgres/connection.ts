import pg from 'pg'
import { connectionError, statementError } from '../../../adapters/postgres-errors.ts'
import { postgresSettings } from '../../../adapters/postgres-settings.ts'
import { WarehouseError } from '../../../adapters/warehouse-error.ts'
import type { ServingStore } from '../../../config/config.ts'
import { ProblemError, problem } from '../../../diagnostics/problem.ts'

export type PostgresStore = Extract<ServingStore, { type: 'postgres' }>

/** What both of them can: a client has a session of its own. */
export interface Session {
  query(sql: string, values?: readonly unknown[]): Promise<pg.QueryResult<Readonly<Record<string, unknown>>>>
}

export interface Connection extends Session {
  /** How messages name the store: without its password. */
  readonly name: string
  /** With a client that nobody else has; what it holds is let go of in the end. */
  dedicated<T>(work: (client: pg.Client) => Promise<T>): Promise<T>
  /** What the server said, as the problem it is; anything else stays as it is. */
  failure(error: unknown): unknown
  close(): Promise<void>
}

/** Nothing is connected yet. */
export function connectionTo({ url, schema }: PostgresStore): Connection {
  const name = `schema \`${schema}\` of PostgreSQL`
  const { server, client: settings } = settingsOf(name, url, schema)
  const store = `${name} at ${server.address}/${server.database}`
  const { types: _, ...config } = settings
  const pool = new pg.Pool({ ...config, max: 10 })
  // Losing an idle connection must not end the process; the next statement says so.
  pool.on('error', () => undefined)

  const failure = (error: unknown): unknown => {
    if (error instanceof ProblemError || !isOfServer(error)) return error
    const said = isOfConnection(error) ? connectionError(error, server) : statementError(error)
    const code = said.code === 'PSN4008' ? 'PSN7003' : 'PSN7004'
    return new ProblemError([problem(code, { store, reason: said.message })], { cause: error })
  }
  return {
    name: store,
    failure,
    async query(sql, values = []) {
      try {
        return await pool.query(sql, [...values])
      } catch (error) {
        throw isMissing(error) ? error : failure(error)
      }
    },
    async dedicated(work) {
      const client = new pg.Client(config)
      client.on('error', () => undefined)
      try {
        await client.connect()
      } catch (error) {
        throw failure(error)
      }
      try {
        return await work(client)
      } finally {
        await client.end()
      }
    },
    close: () => pool.end(),
  }
}

/** A table or a column that is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['42P01', '42703'].includes(String(error.code))
}

/** @throws what `work` throws; then nothing has changed */
export async function inTransaction<T>(client: Session, work: () => Promise<T>): Promise<T> {
  await client.query('begin')
  try {
    const result = await work()
    await client.query('commit')
    return result
  } catch (error) {
    // Where the connection is gone the server has rolled back already; the first error is the one to tell.
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}

function settingsOf(store: string, url: string, schema: string): ReturnType<typeof postgresSettings> {
  try {
    return postgresSettings({
      type: 'postgres',
      name: 'serving',
      threads: 1,
      schema,
      workSchema: schema,
      url,
    })
  } catch (error) {
    if (!(error instanceof WarehouseError)) throw error
    throw new ProblemError([problem('PSN7004', { store, reason: error.message })], { cause: error })
  }
}

function isOfServer(error: unknown): boolean {
  if (error instanceof pg.DatabaseError || error instanceof AggregateError) return true
  if (!(error instanceof Error)) return false
  return (
    'code' in error ||
    /^(Connection terminated|timeout expired|Client|Query read|The server|SASL)/.test(error.message)
  )
}

function isOfConnection(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return true
  return /^(28|3D|57P03|08)/.test(error.code ?? '')
}
