import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Adapter } from '../src/adapters/adapter.ts'
import { openPostgres } from '../src/adapters/postgres.ts'
import { runAll, schema, workSchema } from './identity/database.ts'

export interface Served {
  readonly url: string
  readonly adapter: Adapter
  stop(): Promise<void>
}

/**
 * A PostgreSQL server of its own from binaries on this machine, as tests have it (without fsync), with an empty working
 * schema. Undefined where there are no binaries.
 */
export async function openServer(): Promise<Served | undefined> {
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
  await runAll(adapter, adapter.dialect.createSchema(workSchema))
  return {
    url,
    adapter,
    async stop() {
      await adapter.close()
      server.stdin.end()
      await ended
    },
  }
}
