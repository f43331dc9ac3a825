import type { Knex } from 'knex'
import type { ClientConfig } from 'pg'
import type { PostgresTarget } from '../config/config.ts'
import { problem } from '../diagnostics/problem.ts'
import { postgresTypes } from './postgres-values.ts'
import { WarehouseError } from './warehouse-error.ts'

/** Where we connect, for messages: everything but the password. */
export interface Server {
  readonly address: string
  readonly user: string
  readonly database: string
}

export interface PostgresSettings {
  readonly server: Server
  readonly client: ClientConfig & Knex.PgConnectionConfig
}

/** @throws {WarehouseError} the URL cannot be read; it is not repeated, since it may hold a password */
export function postgresSettings(target: PostgresTarget): PostgresSettings {
  const url = target.url === undefined ? undefined : parseUrl(target.url)
  const host = (url && (url.searchParams.get('host') ?? decode(url.hostname))) || target.host || 'localhost'
  const port = Number(url?.port || target.port || 5432)
  const user = decode(url?.username ?? '') || target.user || process.env.USER || 'postgres'
  const password = decode(url?.password ?? '') || target.password
  const database = decode(url?.pathname.slice(1) ?? '') || target.database || user
  const ssl = sslOf(url?.searchParams.get('sslmode') ?? target.sslmode)
  return {
    server: { address: host.startsWith('/') ? host : `${host}:${port}`, user, database },
    client: {
      host,
      port,
      user,
      // Without one, pg asks the environment (PGPASSWORD) and ~/.pgpass.
      ...(password === undefined ? {} : { password }),
      database,
      ...(ssl === undefined ? {} : { ssl }),
      application_name: 'personas',
      connectionTimeoutMillis: 15_000,
      keepAlive: true,
      types: postgresTypes,
    },
  }
}

function parseUrl(url: string): URL {
  try {
    return new URL(url)
  } catch {
    const problemOfUrl = problem('PSN4014', {
      address: 'its URL',
      reason: 'the URL cannot be read; it looks like postgres://user:password@host:5432/database',
    })
    throw new WarehouseError(problemOfUrl, { cause: undefined })
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // A bare `%` in a password: take it as it was written.
    return part
  }
}

/** As in libpq: `require` encrypts without asking who answers. */
function sslOf(mode: string | null | undefined): ClientConfig['ssl'] | undefined {
  switch (mode) {
    case 'require':
    case 'no-verify':
      return { rejectUnauthorized: false }
    case 'verify-ca':
    case 'verify-full':
      return true
    case 'disable':
      return false
    default:
      return undefined
  }
}
