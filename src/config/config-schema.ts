import { z } from 'zod'
import { byValueOf, type Choose, optional, strict, text } from './shape.ts'

const targetTypes = ['duckdb', 'postgres', 'bigquery', 'snowflake'] as const

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
    sslmode: optional(z.enum(['disable', 'require', 'verify-full'])),
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
    maximum_bytes_billed: optional(z.int().min(1)),
    work_schema: optional(text),
    sync_schema: optional(text),
    sync_state: optional(text),
    threads: optional(threads),
  })
}

function snowflakeShape() {
  return strict({
    type: z.literal('snowflake'),
    account: text,
    username: text,
    password: optional(z.string()),
    private_key_path: optional(text),
    private_key_passphrase: optional(z.string()),
    role: optional(text),
    warehouse: text,
    database: text,
    schema: optional(text),
    work_schema: optional(text),
    sync_schema: optional(text),
    sync_state: optional(text),
    threads: optional(threads),
  })
}

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
    spaces: z.record(z.string(), strict({ schema: optional(text), vars: vars.nullish() })).nullish(),
  })
}

export type ConfigFile = z.output<ReturnType<typeof configShape>>
