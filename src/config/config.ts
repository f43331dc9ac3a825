import type { Span } from '../diagnostics/span.ts'

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
  readonly sslmode?: 'disable' | 'require' | 'verify-full'
}

/** Parsed and validated; an adapter for it does not exist yet. */
export interface CloudTarget extends TargetBase {
  readonly type: 'bigquery' | 'snowflake'
  readonly settings: Readonly<Record<string, string | number | boolean>>
}

export type Target = DuckdbTarget | PostgresTarget | CloudTarget

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
  readonly vars: Readonly<Record<string, unknown>>
  /** Values that came from the environment and must never be printed. */
  readonly secrets: readonly string[]
  readonly span: Span
}

/** The schema of what syncs remember: `<schema>_sync` unless set. */
export function syncSchemaOf({ schema, syncSchema }: Pick<Target, 'schema' | 'syncSchema'>): string {
  return syncSchema ?? `${schema}_sync`
}
