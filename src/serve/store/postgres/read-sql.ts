import type { Part } from '../store.ts'
import { partColumns, type Tables } from './tables.ts'

/** Not with an identifier that waits for its owners to be taken out, see `suppression.ts`: mostly none does. */
export function isShown({ pending }: Tables): string {
  return `not exists (select from ${pending} as pending where pending.key = any (profiles.lookups))`
}

/**
 * One statement, and so of one version.
 *
 * $1 what leads to it; $2 how an identifier is written, or null; $3 the key of the profile that has the id now, or null;
 * $4 collection; $5 how many links to follow
 */
export function readSql(tables: Tables, parts: readonly Part[], linked: boolean): string {
  const columns = partColumns.filter((part) => parts.includes(part))
  const { store, profiles, lookups } = tables
  return `
with
leads as (
  select lookups.owner, 1 as rank
  from ${lookups} as lookups
  where lookups.key = $1 and lookups.collection = $4
  union all
  select $3::bytea as owner, 0 as rank
),

found as (
  select profiles.id, profiles.link_keys${columns.map((column) => `, profiles.${column}`).join('')}
  from leads
  inner join ${profiles} as profiles on profiles.key = leads.owner
  where ${isShown(tables)}
  order by leads.rank, coalesce($2::bytea = any (profiles.exacts), false) desc, profiles.id
  limit 1
)

select
  store.format,
  store.release,
  found.id${columns.map((column) => `,\n  found.${column}`).join('')},
  ${linked ? linkedSql(tables) : "'{}'::text[]"} as linked
from ${store} as store
left join found on $5::integer >= 0`
}

function linkedSql(tables: Tables): string {
  const { profiles, lookups } = tables
  return `array(
    select coalesce(target.external_ids, '')
    from unnest(found.link_keys) with ordinality as link (key, place)
    cross join lateral (
      select profiles.external_ids
      from (
        select link.key as owner, 0 as rank
        union all
        select lookups.owner, 1 as rank from ${lookups} as lookups where lookups.key = link.key
      ) as leads
      inner join ${profiles} as profiles on profiles.key = leads.owner
      where ${isShown(tables)}
      order by leads.rank, profiles.id
      limit 1
    ) as target
    where link.place <= $5
    order by link.place
  )`
}
