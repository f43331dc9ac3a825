import type { Client } from 'pg'
import { ProblemError, problem } from '../../../diagnostics/problem.ts'
import type { Published, PublishRequest, PublishWriter } from '../store.ts'
import { applyStaged } from './apply.ts'
import { type Connection, inTransaction } from './connection.ts'
import { releaseOf } from './postgres-reader.ts'
import { underPublishLock } from './publish-lock.ts'
import { Staging } from './staging.ts'
import { settle, takeOutPending, writeRelease } from './suppressions.ts'
import type { Tables } from './tables.ts'

/** The server notices before the end of a statement that nobody waits for it any more; some servers cannot look. */
const session = `
set timezone = 'UTC';
set client_min_messages = warning;
set work_mem = '64MB';
set jit = off;
do $personas$ begin set client_connection_check_interval = '2s'; exception when others then null; end $personas$`

/** Old rows make up so much of a table before it is cleaned. */
const cleanedFrom = 0.2

/** @throws {ProblemError} PSN7001 another process is publishing */
export async function publish(
  connection: Connection,
  tables: Tables,
  request: PublishRequest,
  write: (writer: PublishWriter) => Promise<void>,
): Promise<Published> {
  /** What `write` says goes on as it is, what the server says as its problem. */
  const ofServer = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw connection.failure(error)
    }
  }
  return await connection.dedicated(async (client) => {
    await ofServer(() => client.query(session))
    const done = await underPublishLock(client, tables, async () => {
      const staging = new Staging(client)
      await ofServer(() => staging.open())
      await write({
        put: (collection, document) => ofServer(() => staging.put(collection, document)),
        remove: (collection, id) => ofServer(() => staging.remove(collection, id)),
      })
      return await ofServer(async () => {
        await staging.flush()
        const published = await inTransaction(client, () => apply(client, tables, request))
        await settle(client, tables)
        await clean(client, tables, published)
        return published
      })
    })
    if (done === undefined) throw new ProblemError([problem('PSN7001', { store: connection.name })])
    return done.result
  })
}

async function apply(
  client: Client,
  tables: Tables,
  { full, release: given }: PublishRequest,
): Promise<Published> {
  const { rows } = await client.query(`select release from ${tables.store}`)
  const before = releaseOf(rows[0])
  const counts = await applyStaged(client, tables, full, before)
  await takeOutPending(client, tables, counts)
  const { users, accounts, written, removed } = counts
  const release = { version: (before?.version ?? 0) + 1, ...given, users, accounts }
  await writeRelease(client, tables, release)
  return { release, written, removed }
}

/**
 * Rows of old versions are free to be used again once nobody reads them. The server sees to it every now and then; after a
 * publish that changed much it is told to, so that the next one finds room. It stands in nobody's way.
 */
async function clean(
  client: Client,
  tables: Tables,
  { release, written, removed }: Published,
): Promise<void> {
  if (written + removed <= cleanedFrom * (release.users + release.accounts)) return
  try {
    await client.query(
      `vacuum (analyze, truncate false) ${tables.profiles}, ${tables.lookups}, ${tables.store}`,
    )
  } catch {
    // Then the server does it later.
  }
}
