import { randomUUID } from 'node:crypto'
import type { Dialect, Sql } from '../dialects/dialect.ts'
import { relation } from '../ir/relation.ts'
import type { Adapter, RunLock } from './adapter.ts'
import { WarehouseError } from './warehouse-error.ts'

/** A lock for warehouses whose sessions can hold none. */
export interface Lease {
  readonly adapter: Pick<Adapter, 'execute' | 'query'>
  readonly dialect: Dialect
  /** The warehouse's clock: those of the machines that run us may differ. */
  readonly now: Sql
  /** So long it holds without being renewed; it is renewed three times as often. */
  readonly seconds: number
}

/**
 * One row in a schema says who works in it until when. Of two that find it free the warehouse lets one write: an update
 * that begins while another runs sees what that one wrote, or is refused.
 *
 * @returns undefined where another holds it
 * @throws {WarehouseError}
 */
export async function tryLease(lease: Lease, schema: string): Promise<RunLock | undefined> {
  const { adapter, dialect, now } = lease
  const table = relation(schema, 'run_lease')
  const sql = dialect.relation(table)
  const until = dialect.addSeconds(now, lease.seconds)
  const held = `select holder, until_at > ${now} as is_held from ${sql}`
  const columns = [
    { name: 'holder', type: 'text' },
    { name: 'until_at', type: 'timestamp' },
  ] as const
  // The first run makes its schema too, before anything else can be in there.
  for (const create of [...dialect.createSchema(schema), ...dialect.createTableIfMissing(table, columns)]) {
    await adapter.execute(create)
  }
  const rows = await adapter.query(held)
  if (rows.some((row) => row.is_held === true)) return undefined
  if (rows.length === 0) {
    await adapter.execute(
      `insert into ${sql} (holder, until_at) select '', ${now} from (select count(*) as leases from ${sql}) as counted where counted.leases = 0`,
    )
  }
  const holder = randomUUID()
  try {
    await adapter.execute(
      `update ${sql} set holder = ${dialect.text(holder)}, until_at = ${until} where until_at <= ${now}`,
    )
  } catch (error) {
    // Refused because of another's update: that one has it.
    if (error instanceof WarehouseError && error.retryable) return undefined
    throw error
  }
  // Two that made the table at once left two rows, and could have taken one each.
  const taken = await adapter.query(held)
  if (taken.length === 0 || taken.some((row) => row.holder !== holder)) {
    await letGo(lease, sql, holder)
    return undefined
  }
  return renewed(lease, sql, holder)
}

function renewed(lease: Lease, sql: Sql, holder: string): RunLock {
  const { adapter, dialect, now, seconds } = lease
  const lost = new AbortController()
  let renewing: Promise<void> = Promise.resolve()
  let lastSeen = performance.now()
  const renew = async (): Promise<void> => {
    const asked = performance.now()
    try {
      const rows = await adapter.execute(
        `update ${sql} set until_at = ${dialect.addSeconds(now, seconds)} where holder = ${dialect.text(holder)}`,
      )
      if (rows === 0) lost.abort(new Error('another run has taken the lease'))
      lastSeen = asked
    } catch (error) {
      // It holds for a while yet; only when that is over may another have it.
      if (performance.now() - lastSeen > seconds * 1000) lost.abort(error)
    }
  }
  const timer = setInterval(
    () => {
      renewing = renewing.then(renew)
    },
    (seconds * 1000) / 3,
  )
  timer.unref()
  return {
    lost: lost.signal,
    async release() {
      clearInterval(timer)
      await renewing
      await letGo(lease, sql, holder)
    },
  }
}

async function letGo({ adapter, dialect, now }: Lease, sql: Sql, holder: string): Promise<void> {
  await adapter.execute(
    `update ${sql} set holder = '', until_at = ${now} where holder = ${dialect.text(holder)}`,
  )
}
