import { bigquery } from './bigquery.ts'
import type { Dialect } from './dialect.ts'
import { duckdb } from './duckdb.ts'
import { postgres } from './postgres.ts'
import { snowflake } from './snowflake.ts'

const dialects: Readonly<Record<Dialect['name'], Dialect>> = { duckdb, postgres, bigquery, snowflake }

export function dialectOf(name: Dialect['name']): Dialect {
  return dialects[name]
}
