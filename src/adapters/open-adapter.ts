import type { Target } from '../config/config.ts'
import type { Adapter } from './adapter.ts'

/**
 * Connects. The driver of a warehouse is loaded only when a target of its type is opened.
 *
 * @throws {WarehouseError} the warehouse cannot be reached or opened, or its driver is not installed
 */
export async function openAdapter(target: Target): Promise<Adapter> {
  switch (target.type) {
    case 'duckdb':
      return (await import('./duckdb.ts')).openDuckdb(target)
    case 'postgres':
      return (await import('./postgres.ts')).openPostgres(target)
    case 'bigquery':
      return (await import('./bigquery.ts')).openBigquery(target)
    case 'snowflake':
      return (await import('./snowflake.ts')).openSnowflake(target)
  }
}
