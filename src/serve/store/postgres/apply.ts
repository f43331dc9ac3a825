import type { Client } from 'pg'
import type { Release } from '../store.ts'
import type { Session } from './connection.ts'
import { staged } from './staging.ts'
import { profileColumns, type Tables } from './tables.ts'

export interface Counts {
  users: number
  accounts: number
  written: number
  removed: number
}

/**
 * Makes the profiles what is staged, within a transaction. Rows are deleted, updated and inserted one by one, and only where
 * something differs: readers go on with those of the last version until it is committed, and wait for no lock.
 */
export async function applyStaged(
  client: Client,
  tables: Tables,
  full: boolean,
  before: Release | undefined,
): Promise<Counts> {
  const { profiles, lookups, suppressed } = tables
  const counts: Counts = {
    users: before?.users ?? 0,
    accounts: before?.accounts ?? 0,
    written: 0,
    removed: 0,
  }
  // The guesses for a table that nobody has looked at yet would join millions of rows one by one.
  await client.query(`create index on ${staged} (key); analyze ${staged}`)
  // The last word on a profile counts.
  await client.query(
    `delete from ${staged} as earlier using ${staged} as later
    where later.key = earlier.key and later.place > earlier.place`,
  )
  await client.query(
    `update ${staged} as staged set is_put = false
    where staged.is_put and staged.key in (
      select inner_staged.key
      from ${staged} as inner_staged
      cross join unnest(inner_staged.lookups) as lookup (key)
      inner join ${suppressed} as suppressed on suppressed.key = lookup.key
    )`,
  )
  const isGone = full
    ? `not exists (select from ${staged} as staged where staged.key = profiles.key and staged.is_put)`
    : `exists (select from ${staged} as staged where staged.key = profiles.key and not staged.is_put)`
  await takeOut(client, tables, counts, isGone)
  await client.query(`delete from ${staged} where not is_put`)
  await client.query(
    `delete from ${staged} as staged using ${profiles} as profiles
    where profiles.key = staged.key and profiles.digest = staged.digest`,
  )
  await client.query(
    `delete from ${lookups} as lookups
    using (
      select profiles.key as owner, unnest(profiles.lookups) as key
      from ${profiles} as profiles
      inner join ${staged} as staged on staged.key = profiles.key
      where profiles.lookups <> staged.lookups
    ) as led
    where lookups.key = led.key and lookups.owner = led.owner`,
  )
  await client.query(
    `insert into ${lookups} (key, owner, collection)
    select unnest(staged.lookups), staged.key, staged.collection
    from ${staged} as staged
    left join ${profiles} as profiles on profiles.key = staged.key
    where profiles.lookups is distinct from staged.lookups`,
  )
  const { rows } = await client.query(
    `select staged.collection, count(*) as written, count(*) filter (where profiles.key is null) as came
    from ${staged} as staged
    left join ${profiles} as profiles on profiles.key = staged.key
    group by staged.collection`,
  )
  for (const row of rows) {
    counts.written += Number(row.written)
    counts[row.collection === 'users' ? 'users' : 'accounts'] += Number(row.came)
  }
  const columns = profileColumns.join(', ')
  await client.query(
    `insert into ${profiles} as profiles (${columns})
    select ${columns} from ${staged} order by place
    on conflict (key) do update set
      ${profileColumns.map((name) => `${name} = excluded.${name}`).join(', ')}`,
  )
  return counts
}

/** Their lookups are those that lead to them alone: those of another profile with the same identifier stay. */
export async function takeOut(
  client: Session,
  { profiles, lookups }: Tables,
  counts: Counts,
  isGone: string,
  values: readonly unknown[] = [],
): Promise<void> {
  const { rows } = await client.query(
    `with
    gone as (
      delete from ${profiles} as profiles where ${isGone}
      returning profiles.key, profiles.collection, profiles.lookups
    ),
    unled as (
      delete from ${lookups} as lookups
      using (select gone.key as owner, unnest(gone.lookups) as key from gone) as led
      where lookups.key = led.key and lookups.owner = led.owner
    )
    select gone.collection, count(*) as profiles from gone group by gone.collection`,
    values,
  )
  for (const row of rows) {
    counts.removed += Number(row.profiles)
    counts[row.collection === 'users' ? 'users' : 'accounts'] -= Number(row.profiles)
  }
}
