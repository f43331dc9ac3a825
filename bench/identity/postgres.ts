import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import type { Adapter, Value } from '../../src/adapters/adapter.ts'
import { openPostgres } from '../../src/adapters/postgres.ts'
import { stateColumnsOf } from '../../src/identity/state.ts'
import { relation } from '../../src/ir/relation.ts'
import { openDatabase, runAll, schema, workSchema } from './database.ts'

export interface Served {
  readonly adapter: Adapter
  stop(): Promise<void>
}

/**
 * A PostgreSQL server of its own from binaries on this machine, as tests have it (without fsync), with an empty working
 * schema and the events of a DuckDB file in the schema `given`. Undefined where there are no binaries.
 */
export async function openServerBeside(file: string): Promise<Served | undefined> {
  const server = spawn(process.execPath, ['test/support/postgres-server.mjs', 'local'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => server.once('exit', resolve))
  const url = await new Promise<string>((resolve) => {
    createInterface({ input: server.stdout })
      .once('line', resolve)
      .once('close', () => resolve('none'))
  })
  if (!url.startsWith('postgres://')) return undefined
  const adapter = await openPostgres({ type: 'postgres', name: 'bench', url, schema, workSchema, threads: 1 })
  for (const name of [workSchema, 'given']) await runAll(adapter, adapter.dialect.createSchema(name))
  await copyEvents(file, adapter)
  return {
    adapter,
    async stop() {
      await adapter.close()
      server.stdin.end()
      await ended
    },
  }
}

async function copyEvents(file: string, adapter: Adapter): Promise<void> {
  const from = await openDatabase(file)
  const tables = { events: stateColumnsOf('events'), event_identifiers: stateColumnsOf('eventIdentifiers') }
  for (const [name, columns] of Object.entries(tables)) {
    const names = columns.map((column) => column.name)
    const rows = await from.query(`select ${names.join(', ')} from ${name} order by arrival`)
    const values = rows.map((row): readonly Value[] => names.map((column) => row[column] ?? null))
    await adapter.load(relation('given', name), columns, Readable.from(values))
  }
  await from.close()
}
