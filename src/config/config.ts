import type { Span } from '../diagnostics/span.ts'
import type { BigquerySettings, SnowflakeSettings } from './config-schema.ts'

interface TargetBase {
  readonly name: string
  /** Where the public tables are. */
  readonly schema: string
  /** Where the working tables are; `<schema>_work` unless set. */
  readonly workSchema: string
  /** Where syncs remember what they delivered; see {@link syncSchemaOf}. */
  readonly syncSchema?: string
  /** An absolute path of a DuckDB file that holds it instead, where the warehouse is only read. */
  readonly syncState?: string
  /** Nodes computed side by side. */
  readonly threads: number
}

export interface DuckdbTarget extends TargetBase {
  readonly type: 'duckdb'
  /** Absolute, or `:memory:`. */
  readonly path: string
  /** For example `4GB`. */
  readonly memoryLimit?: string
}

export interface PostgresTarget extends TargetBase {
  readonly type: 'postgres'
  /** A `postgres://` URL, or the parts; the URL wins. Holds the password: never print it. */
  readonly url?: string
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly password?: string
  readonly database?: string
  readonly sslmode?: 'disable' | 'require' | 'verify-ca' | 'verify-full'
  /** Absolute: who may vouch for the server, and what we show of ourselves. */
  readonly sslrootcert?: string | undefined
  readonly sslcert?: string | undefined
  readonly sslkey?: string | undefined
  /** Until the server answers; 15 unless set. */
  readonly connectTimeoutSeconds?: number | undefined
  /** How long a statement may wait for others, and last; as long as the server lets it unless set. */
  readonly lockTimeoutSeconds?: number | undefined
  readonly statementTimeoutSeconds?: number | undefined
  /** What `pg_stat_activity` calls us; `personas` unless set. */
  readonly applicationName?: string | undefined
}

export interface BigqueryTarget extends TargetBase {
  readonly type: 'bigquery'
  /** May hold a token: never print them. The path of a key file is absolute. */
  readonly settings: Readonly<BigquerySettings>
}

export interface SnowflakeTarget extends TargetBase {
  readonly type: 'snowflake'
  /** Hold the password, the key or the token: never print them. The path of a key file is absolute. */
  readonly settings: Readonly<SnowflakeSettings>
}

export type Target = DuckdbTarget | PostgresTarget | BigqueryTarget | SnowflakeTarget

/** Where profiles are served from. */
export type ServingStore =
  /** An absolute folder. */
  | { readonly type: 'embedded'; readonly path: string }
  /** A `postgres://` URL: never print it. */
  | { readonly type: 'postgres'; readonly url: string; readonly schema: string }

export interface Serving {
  readonly store: ServingStore
  /** What stands in the paths of the Profile API. */
  readonly spaceId: string
  readonly host: string
  readonly port: number
  /** Requests a second, 0 for as many as come. */
  readonly rateLimit: number
}

/** `personas.config.yaml`, with variables filled in and one target chosen. */
export interface Config {
  readonly name: string
  readonly version: 1
  /** Absolute. */
  readonly projectDir: string
  readonly target: Target
  /** Names of all targets of the file, in its order. */
  readonly targetNames: readonly string[]
  /** The isolated space in use, one of `spaces`. */
  readonly space?: string
  readonly paths: {
    /** Absolute folders. */
    readonly models: string
    readonly templates: string
    readonly seeds: string
    readonly target: string
  }
  readonly serving: Serving
  readonly vars: Readonly<Record<string, unknown>>
  /** Values that came from the environment and must never be printed. */
  readonly secrets: readonly string[]
  readonly span: Span
}

/** The schema of what syncs remember: `<schema>_sync` unless set. */
export function syncSchemaOf({ schema, syncSchema }: Pick<Target, 'schema' | 'syncSchema'>): string {
  return syncSchema ?? `${schema}_sync`
}
