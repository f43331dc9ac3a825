import { z } from 'zod'
import { byValueOf, type Choose, strict, text } from './shape.ts'

const targetTypes = ['duckdb', 'postgres', 'bigquery', 'snowflake'] as const

const threads = z.int().min(1).max(64)

function duckdbShape() {
  return strict({
    type: z.literal('duckdb'),
    path: text,
    schema: text.exactOptional(),
    work_schema: text.exactOptional(),
    threads: threads.exactOptional(),
    memory_limit: text.exactOptional(),
  })
}

function postgresShape() {
  return strict({
    type: z.literal('postgres'),
    url: text.exactOptional(),
    host: text.exactOptional(),
    port: z.int().min(1).max(65_535).exactOptional(),
    user: text.exactOptional(),
    password: z.string().exactOptional(),
    database: text.exactOptional(),
    sslmode: z.enum(['disable', 'require', 'verify-full']).exactOptional(),
    schema: text.exactOptional(),
    work_schema: text.exactOptional(),
    threads: threads.exactOptional(),
  })
}

function bigqueryShape() {
  return strict({
    type: z.literal('bigquery'),
    project: text,
    dataset: text,
    location: text.exactOptional(),
    keyfile: text.exactOptional(),
    maximum_bytes_billed: z.int().min(1).exactOptional(),
    work_schema: text.exactOptional(),
    threads: threads.exactOptional(),
  })
}

function snowflakeShape() {
  return strict({
    type: z.literal('snowflake'),
    account: text,
    username: text,
    password: z.string().exactOptional(),
    private_key_path: text.exactOptional(),
    private_key_passphrase: z.string().exactOptional(),
    role: text.exactOptional(),
    warehouse: text,
    database: text,
    schema: text.exactOptional(),
    work_schema: text.exactOptional(),
    threads: threads.exactOptional(),
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
    version: z.literal(1).exactOptional(),
    target: text,
    targets: z.record(z.string(), target),
    paths: strict({
      models: text.exactOptional(),
      templates: text.exactOptional(),
      seeds: text.exactOptional(),
      target: text.exactOptional(),
    }).exactOptional(),
    vars: vars.nullish(),
    spaces: z.record(z.string(), strict({ schema: text.exactOptional(), vars: vars.nullish() })).nullish(),
  })
}

export type ConfigFile = z.output<ReturnType<typeof configShape>>
