import type { Dialect } from '../../src/dialects/dialect.ts'

/** A value of the warehouse's JSON type. */
export function jsonOf(dialect: Dialect, text: string): string {
  switch (dialect.name) {
    case 'duckdb':
    case 'postgres':
      return `cast(${dialect.text(text)} as json)`
    case 'bigquery':
    case 'snowflake':
      return `parse_json(${dialect.text(text)})`
  }
}
