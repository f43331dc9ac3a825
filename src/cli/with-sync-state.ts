import { existsSync } from 'node:fs'
import type { Adapter } from '../adapters/adapter.ts'
import { openAdapter } from '../adapters/open-adapter.ts'
import type { Config } from '../config/config.ts'

/** Where what was delivered is remembered: the warehouse, or a file where that is only read. */
export async function withSyncState<T>(
  config: Config,
  warehouse: Adapter,
  use: (state: Adapter) => Promise<T>,
): Promise<T> {
  const { target } = config
  if (target.syncState === undefined) return use(warehouse)
  const { name, schema, workSchema, threads, syncState: path } = target
  const state = await openAdapter({ type: 'duckdb', name, schema, workSchema, threads, path })
  try {
    for (const sql of state.dialect.createSchema(schema)) await state.execute(sql)
    return await use(state)
  } finally {
    await state.close()
  }
}

const publicTables: ReadonlySet<string> = new Set(['sync_runs', 'sync_records', 'sync_dead_letters'])

/** Where a public table of this name is: in the file, if it is one of syncs and there is such a file. */
export function withTable<T>(
  config: Config,
  name: string,
  warehouse: Adapter,
  use: (adapter: Adapter) => Promise<T>,
): Promise<T> {
  const { syncState } = config.target
  const inFile = syncState !== undefined && publicTables.has(name) && existsSync(syncState)
  return inFile ? withSyncState(config, warehouse, use) : use(warehouse)
}
