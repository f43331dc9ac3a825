import type { Client } from 'pg'
import type { Identifier } from '../store.ts'
import { type Counts, takeOut } from './apply.ts'
import { type Connection, inTransaction, type Session } from './connection.ts'
import { identifierKey } from './keys.ts'
import { releaseOf } from './postgres-reader.ts'
import { underPublishLock } from './publish-lock.ts'
import { isShown } from './read-sql.ts'
import type { Tables } from './tables.ts'

/** @returns JSON text of the ids of those who were served until now */
export async function remember(
  connection: Connection,
  tables: Tables,
  identifier: Identifier,
): Promise<readonly string[]> {
  const { profiles, lookups, suppressed, pending } = tables
  // One statement, so one transaction; its parts all see what was there before.
  const { rows } = await connection.query(
    `with
    remembered as (insert into ${suppressed} (key) values ($1) on conflict do nothing),
    waiting as (insert into ${pending} (key) values ($1) on conflict do nothing)
    select profiles.id
    from ${lookups} as lookups
    inner join ${profiles} as profiles on profiles.key = lookups.owner
    where lookups.key = $1 and ${isShown(tables)}
    order by profiles.id`,
    [identifierKey(identifier)],
  )
  return rows.map(({ id }) => String(id))
}

export async function forget(
  connection: Connection,
  { suppressed }: Tables,
  identifier: Identifier,
): Promise<boolean> {
  const sql = `delete from ${suppressed} where key = $1`
  return (await connection.query(sql, [identifierKey(identifier)])).rowCount !== 0
}

/** Takes out those who wait for it, unless another publishes: that one does it then. See `suppression.ts`. */
export async function settlePending(connection: Connection, tables: Tables): Promise<void> {
  while (await isPending(connection, tables)) {
    const done = await connection.dedicated(async (client) => {
      try {
        return await underPublishLock(client, tables, () => settle(client, tables))
      } catch (error) {
        throw connection.failure(error)
      }
    })
    if (done === undefined) return
  }
}

/** Under the lock of publishers. */
export async function settle(client: Client, tables: Tables): Promise<void> {
  if (!(await isPending(client, tables))) return
  await inTransaction(client, async () => {
    const { rows } = await client.query(`select release from ${tables.store}`)
    const release = releaseOf(rows[0])
    const counts: Counts = {
      users: release?.users ?? 0,
      accounts: release?.accounts ?? 0,
      written: 0,
      removed: 0,
    }
    await takeOutPending(client, tables, counts)
    if (release === undefined) return
    const { users, accounts } = counts
    await writeRelease(client, tables, { ...release, users, accounts })
  })
}

/** Within a transaction. */
export async function takeOutPending(client: Client, tables: Tables, counts: Counts): Promise<void> {
  const { pending, lookups } = tables
  const { rows } = await client.query(`select key from ${pending}`)
  if (rows.length === 0) return
  const keys = rows.map(({ key }) => key)
  const isGone = `profiles.key in (select lookups.owner from ${lookups} as lookups where lookups.key = any ($1))`
  await takeOut(client, tables, counts, isGone, [keys])
  await client.query(`delete from ${pending} where key = any ($1)`, [keys])
}

export async function writeRelease(client: Session, { store }: Tables, release: object): Promise<void> {
  await client.query(`update ${store} set release = $1`, [JSON.stringify(release)])
}

async function isPending(session: Session, { pending }: Tables): Promise<boolean> {
  return (await session.query(`select from ${pending} limit 1`)).rowCount !== 0
}
