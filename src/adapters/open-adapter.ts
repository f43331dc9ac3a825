import type { CloudTarget, Target } from '../config/config.ts'
import { problem } from '../diagnostics/problem.ts'
import type { Adapter } from './adapter.ts'
import { WarehouseError } from './warehouse-error.ts'

/**
 * Connects. The driver of a warehouse is loaded only when a target of its type is opened.
 *
 * @throws {WarehouseError} the warehouse cannot be reached or opened, or there is no adapter for it yet
 */
export async function openAdapter(target: Target): Promise<Adapter> {
  switch (target.type) {
    case 'duckdb':
      return (await import('./duckdb.ts')).openDuckdb(target)
    case 'postgres':
      return (await import('./postgres.ts')).openPostgres(target)
    case 'snowflake':
      return (await import('./snowflake.ts')).openSnowflake(target)
    case 'bigquery':
      throw notSupported(target)
  }
}

function notSupported({ name, type }: CloudTarget): WarehouseError {
  return new WarehouseError(problem('PSN4013', { target: name, type }), { cause: undefined })
}
