import { createRequire } from 'node:module'
import { problem } from '../diagnostics/problem.ts'
import { WarehouseError } from './warehouse-error.ts'

/**
 * The client, which is no part of personas. Like DuckDB's driver it is required, not imported.
 *
 * @param from a file beside which it is looked for
 * @throws {WarehouseError} it is not installed
 */
export function bigqueryDriver(from = import.meta.url): typeof import('@google-cloud/bigquery') {
  try {
    return createRequire(from)('@google-cloud/bigquery')
  } catch (cause) {
    throw new WarehouseError(
      problem('PSN4030', { package: '@google-cloud/bigquery@8', warehouse: 'BigQuery' }),
      { cause },
    )
  }
}
