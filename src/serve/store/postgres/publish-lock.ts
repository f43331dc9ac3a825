import type { Session } from './connection.ts'
import { hashOf } from './keys.ts'
import type { Tables } from './tables.ts'

/**
 * The session holds it: whatever becomes of this process, the server lets go of it.
 *
 * @returns undefined where another publishes
 */
export async function underPublishLock<T>(
  client: Session,
  tables: Tables,
  work: () => Promise<T>,
): Promise<{ readonly result: T } | undefined> {
  const key = lockKey(tables)
  const { rows } = await client.query('select pg_try_advisory_lock($1::bigint) as locked', [key])
  if (rows[0]?.locked !== true) return undefined
  try {
    return { result: await work() }
  } finally {
    // Were it left to the end of the session, which the server may take its time with, whoever comes next would be refused.
    await client.query('select pg_advisory_unlock($1::bigint)', [key]).catch(() => undefined)
  }
}

/** Of the schema, in this database. */
function lockKey({ schema }: Tables): string {
  return String(hashOf('personas publish', schema).readBigInt64BE(0))
}
