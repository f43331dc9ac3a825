import type { Adapter } from '../../../src/adapters/adapter.ts'
import { openAdapter } from '../../../src/adapters/open-adapter.ts'

/** A DuckDB of its own. */
export function openMemory(): Promise<Adapter> {
  return openAdapter({
    name: 'memory',
    type: 'duckdb',
    path: ':memory:',
    schema: 'personas',
    workSchema: 'personas_work',
    threads: 2,
  })
}
