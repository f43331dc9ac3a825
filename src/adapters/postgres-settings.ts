import type { Knex } from 'knex'
import type { ClientConfig } from 'pg'
import type { PostgresTarget } from '../config/config.ts'
import { problem } from '../diagnostics/problem.ts'
import { postgresTls } from './postgres-tls.ts'
import { postgresTypes } from './postgres-values.ts'
import { WarehouseError } from './warehouse-error.ts'

/** Where we connect, for messages: everything but the password. */
export interface Server {
  readonly address: string
  readonly user: string
  readonly database: string
  readonly connectTimeoutSeconds: number
}

export interface PostgresSettings {
  readonly server: Server
  readonly client: ClientConfig & Knex.PgConnectionConfig
  /** Of statements, in milliseconds; what the server says where absent. */
  readonly timeoutsMs: Readonly<Partial<Record<'lock_timeout' | 'statement_timeout', number>>>
}

/** @throws {WarehouseError} the URL cannot be read, which is not repeated, since it may hold a password; or a certificate */
export function postgresSettings(target: PostgresTarget): PostgresSettings {
  const url = target.url === undefined ? undefined : parseUrl(target.url)
  const parameter = (name: string): string | undefined => url?.searchParams.get(name) ?? undefined
  const host = parameter('host') || decode(url?.hostname ?? '') || target.host || 'localhost'
  const port = Number(url?.port || target.port || 5432)
  const user = decode(url?.username ?? '') || target.user || process.env.USER || 'postgres'
  const password = decode(url?.password ?? '') || target.password
  const database = decode(url?.pathname.slice(1) ?? '') || target.database || user
  const address = host.startsWith('/') ? host : `${host}:${port}`
  const ssl = postgresTls(address, {
    mode: parameter('sslmode') ?? target.sslmode,
    rootCertificate: parameter('sslrootcert') ?? target.sslrootcert,
    certificate: parameter('sslcert') ?? target.sslcert,
    key: parameter('sslkey') ?? target.sslkey,
  })
  const options = parameter('options')
  const connectTimeout = Number(parameter('connect_timeout')) || target.connectTimeoutSeconds || 15
  return {
    server: { address, user, database, connectTimeoutSeconds: connectTimeout },
    client: {
      host,
      port,
      user,
      // Without one, pg asks the environment (PGPASSWORD) and ~/.pgpass.
      ...(password === undefined ? {} : { password }),
      database,
      ...(ssl === undefined ? {} : { ssl }),
      ...(options === undefined ? {} : { options }),
      application_name: parameter('application_name') ?? target.applicationName ?? 'personas',
      connectionTimeoutMillis: connectTimeout * 1000,
      keepAlive: true,
      types: postgresTypes,
    },
    timeoutsMs: {
      ...milliseconds('lock_timeout', target.lockTimeoutSeconds),
      ...milliseconds('statement_timeout', target.statementTimeoutSeconds),
    },
  }
}

function milliseconds(name: 'lock_timeout' | 'statement_timeout', seconds: number | undefined): object {
  return seconds === undefined ? {} : { [name]: seconds * 1000 }
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
