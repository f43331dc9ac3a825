import type { Client } from 'pg'
import { problem } from '../diagnostics/problem.ts'
import { statementError } from './postgres-errors.ts'
import { WarehouseError } from './warehouse-error.ts'

/** Whoever only reads stands in the way of little, so comes last. What they are doing is not shown: it may hold values. */
const holdersSql = `
select
  locks.pid,
  activity.usename as user_name,
  activity.application_name as application,
  activity.state,
  to_char(activity.xact_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since,
  namespace.nspname || '.' || class.relname as relation
from pg_catalog.pg_locks as locks
inner join pg_catalog.pg_class as class on class.oid = locks.relation
inner join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
inner join pg_catalog.pg_stat_activity as activity on activity.pid = locks.pid
where locks.granted
  and locks.locktype = 'relation'
  and locks.database = (select oid from pg_catalog.pg_database where datname = current_database())
  and locks.pid <> pg_backend_pid()
  and locks.pid <> all (cast($2 as integer[]))
  and class.relkind in ('r', 'p', 'v', 'm', 'f')
  and namespace.nspname not in ('pg_catalog', 'information_schema')
  and strpos($1, class.relname) > 0
order by locks.mode = 'AccessShareLock', activity.xact_start, locks.pid, relation
limit 3`

/**
 * The same failure with the sessions that hold a lock on a table that the statements name. The server does not say which
 * it was, and the one that waited is gone.
 *
 * @param ours backends that work for the same run
 */
export async function lockError(
  client: Client,
  statements: readonly string[],
  ours: readonly number[],
  error: WarehouseError,
): Promise<WarehouseError> {
  const { cause, serverCode, retryable } = error
  try {
    const { rows } = await client.query(holdersSql, [statements.join('\n'), ours])
    const holders = rows.map(
      ({ pid, user_name, application, state, since, relation }) =>
        `${relation} is locked by PID ${pid}: user ${user_name}, application \`${application}\`, ${state} since ${since}`,
    )
    return new WarehouseError(problem('PSN4021', { holders }), { cause, serverCode, retryable })
  } catch (failure) {
    throw statementError(failure)
  }
}
