import { Readable } from 'node:stream'
import type { Adapter, Value } from '../../src/adapters/adapter.ts'
import { stateColumnsOf } from '../../src/identity/state.ts'
import { relation } from '../../src/ir/relation.ts'
import { openServer, type Served } from '../postgres-server.ts'
import { openDatabase, runAll } from './database.ts'

/** A server with the events of a DuckDB file in the schema `given`. Undefined where there are no binaries. */
export async function openServerBeside(file: string): Promise<Served | undefined> {
  const served = await openServer()
  if (served === undefined) return undefined
  await runAll(served.adapter, served.adapter.dialect.createSchema('given'))
  await copyEvents(file, served.adapter)
  return served
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
