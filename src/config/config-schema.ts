import { z } from 'zod'
import { byValueOf, type Choose, optional, strict, text } from './shape.ts'

const targetTypes = ['duckdb', 'postgres', 'bigquery', 'snowflake'] as const

/** A day at most: what is longer than that is no limit. */
const seconds = z.int().min(1).max(86_400)

const port = z.int().min(0).max(65_535)

const storeTypes = ['embedded', 'postgres'] as const

function embeddedStore() {
  return strict({ type: z.literal('embedded'), path: optional(text) })
}

function postgresStore() {
  return strict({ type: z.literal('postgres'), url: text, schema: optional(text) })
}

type StoreSettings = z.output<ReturnType<typeof embeddedStore>> | z.output<ReturnType<typeof postgresStore>>

function servingShape(choose: Choose) {
  const store = choose<StoreSettings>(
    { embedded: embeddedStore(), postgres: postgresStore() },
    byValueOf('type', storeTypes),
  )
  return strict({
    store: optional(store),
    space_id: optional(z.string().regex(/^[\w-]+$/)),
    host: optional(text),
    port: optional(port),
    rate_limit: optional(z.int().min(0).max(1_000_000)),
  })
}

export type ServingSettings = z.output<ReturnType<typeof servingShape>>

const threads = z.int().min(1).max(64)

function duckdbShape() {
  return strict({
    type: z.literal('duckdb'),
    path: text,
    schema: optional(text),
    work_schema: optional(text),
    sync_schema: optional(text),
    sync_state: optional(text),
    threads: optional(threads),
    memory_limit: optional(text),
  })
}

function postgresShape() {
  return strict({
    type: z.literal('postgres'),
    url: optional(text),
    host: optional(text),
    port: optional(z.int().min(1).max(65_535)),
    user: optional(text),
    password: optional(z.string()),
    database: optional(text),
    sslmode: optional(z.enum(['disable', 'require', 'verify-ca', 'verify-full'])),
    sslrootcert: optional(text),
    sslcert: optional(text),
    sslkey: optional(text),
    connect_timeout: optional(seconds),
    lock_timeout: optional(seconds),
    statement_timeout: optional(seconds),
    application_name: optional(text),
    schema: optional(text),
    work_schema: optional(text),
    sync_schema: optional(text),
    sync_state: optional(text),
    threads: optional(threads),
  })
}

function bigqueryShape() {
  return strict({
    type: z.literal('bigquery'),
    project: text,
    dataset: text,
    location: optional(text),
    keyfile: optional(text),
    token: optional(text),
    impersonate_service_account: optional(text),
    billing_project: optional(text),
    api_endpoint: optional(text),
    maximum_bytes_billed: optional(z.int().min(1)),
    job_labels: optional(z.record(z.string(), z.string())),
    job_retries: optional(z.int().min(0).max(100)),
    job_retry_delay: optional(z.number().min(0).max(3600)),
    work_schema: optional(text),
    sync_schema: optional(text),
    sync_state: optional(text),
    threads: optional(threads),
  })
}

export type BigquerySettings = z.output<ReturnType<typeof bigqueryShape>>

/** How a `token` is meant. */
const snowflakeAuthenticators = ['programmatic_access_token', 'oauth'] as const

function snowflakeShape() {
  return strict({
    type: z.literal('snowflake'),
    account: text,
    username: text,
    password: optional(z.string()),
    private_key_path: optional(text),
    private_key: optional(text),
    private_key_passphrase: optional(z.string()),
    token: optional(text),
    authenticator: optional(z.enum(snowflakeAuthenticators)),
    role: optional(text),
    warehouse: text,
    database: text,
    host: optional(text),
    port: optional(z.int().min(1).max(65_535)),
    protocol: optional(z.enum(['http', 'https'])),
    statement_timeout: optional(z.int().min(1).max(604_800)),
    client_session_keep_alive: optional(z.boolean()),
    schema: optional(text),
    work_schema: optional(text),
    sync_schema: optional(text),
    sync_state: optional(text),
    threads: optional(threads),
  })
}

/** As written under the target, in words of dbt's profiles where those have one. */
export type SnowflakeSettings = Omit<
  z.output<ReturnType<typeof snowflakeShape>>,
  'type' | 'schema' | 'work_schema' | 'sync_schema' | 'sync_state' | 'threads'
>

export type TargetSettings =
  | z.output<ReturnType<typeof duckdbShape>>
  | z.output<ReturnType<typeof postgresShape>>
  | z.output<ReturnType<typeof bigqueryShape>>
  | z.output<ReturnType<typeof snowflakeShape>>

/** The shape of personas.config.yaml; `choose` decides whether it checks or is published. */
export function configShape(choose: Choose) {
  const target = choose<TargetSettings>(
    {
      duckdb: duckdbShape(),
      postgres: postgresShape(),
      bigquery: bigqueryShape(),
      snowflake: snowflakeShape(),
    },
    byValueOf('type', targetTypes),
  )
  const vars = z.record(z.string(), z.unknown())
  return strict({
    name: text,
    version: optional(z.literal(1)),
    target: text,
    targets: z.record(z.string(), target),
    paths: optional(
      strict({
        models: optional(text),
        templates: optional(text),
        seeds: optional(text),
        target: optional(text),
      }),
    ),
    vars: vars.nullish(),
    serving: optional(servingShape(choose)),
    spaces: z.record(z.string(), strict({ schema: optional(text), vars: vars.nullish() })).nullish(),
  })
}

export type ConfigFile = z.output<ReturnType<typeof configShape>>
