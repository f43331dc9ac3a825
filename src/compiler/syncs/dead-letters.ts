import type { Dialect, Sql } from '../../dialects/dialect.ts'
import { type Relation, relation } from '../../ir/relation.ts'
import type { Templates } from '../../sql/templates.ts'
import { syncTable } from './sync-tables.ts'

/** What did not get through and is not tried again by itself. */
export const heldStatuses = "('rejected', 'given_up', 'review')"

/** What is held back of some syncs, at least of one, as a view beside the public tables. */
export function deadLetters(
  { dialect, templates }: { readonly dialect: Dialect; readonly templates: Templates },
  schemas: { readonly sync: string; readonly public: string },
  syncs: readonly string[],
): readonly Sql[] {
  const parts = syncs.map((sync) => ({
    sync: dialect.text(sync),
    table: dialect.relation(failuresOf(dialect, schemas.sync, sync)),
  }))
  const select = templates.render('sync/dead-letters', { parts, held: heldStatuses }).trim()
  return dialect.replaceView(relation(schemas.public, 'sync_dead_letters'), select)
}

export function failuresOf(dialect: Dialect, schema: string, sync: string): Relation {
  return syncTable(dialect, schema, 'failures', sync)
}
