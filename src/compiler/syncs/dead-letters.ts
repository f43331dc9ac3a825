import type { Dialect, Sql } from '../../dialects/dialect.ts'
import { type Relation, relation } from '../../ir/relation.ts'
import type { Templates } from '../../sql/templates.ts'
import { syncTable } from './sync-tables.ts'

/** What did not get through and is not tried again by itself. */
export const heldStatuses = "('rejected', 'given_up', 'review')"

export interface DeadLetters {
  /** By the name of a sync, where its failures are. */
  readonly failures: ReadonlyMap<string, Relation>
  /** A view of those of some syncs, at least of one. */
  view(syncs: readonly string[]): readonly Sql[]
}

/** What is held back of all syncs, as one view beside the public tables. */
export function deadLetters(
  { dialect, templates }: { readonly dialect: Dialect; readonly templates: Templates },
  { sync, public: publicSchema }: { readonly sync: string; readonly public: string },
  names: readonly string[],
): DeadLetters {
  const failures = new Map(names.map((name) => [name, syncTable(dialect, sync, 'failures', name)]))
  return {
    failures,
    view: (some) => {
      const parts = some.flatMap((name) => {
        const table = failures.get(name)
        return table === undefined ? [] : [{ sync: dialect.text(name), table: dialect.relation(table) }]
      })
      const select = templates.render('sync/dead-letters', { parts, held: heldStatuses }).trim()
      return dialect.replaceView(relation(publicSchema, 'sync_dead_letters'), select)
    },
  }
}
