import { nearest } from '../diagnostics/nearest.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import type { Definitions } from './definitions.ts'
import { qualifyingRows } from './qualifying-rows.ts'
import { ownersOf } from './relationship-tree.ts'
import { visitAudience } from './visit-conditions.ts'

/** Syncs of rows that no condition of their audience can be met by. */
export function checkMemberRows(
  { syncs, audiences, relationships }: Definitions,
  exists: (name: string) => boolean,
): readonly Problem[] {
  const owners = ownersOf(relationships)
  return syncs.flatMap(({ name: sync, from }) => {
    if (from.kind !== 'audience' || from.rows === undefined) return []
    const { relationship, span } = from.rows
    const owner = owners.get(relationship)
    if (owner === undefined) {
      if (exists(relationship)) return []
      const near = nearest(relationship, owners.keys())
      return [problem('PSN2080', { by: `sync \`${sync}\``, relationship, near }, span)]
    }
    // An audience that is not there has a problem of its own.
    const audience = audiences.find(({ name }) => name === from.audience)
    if (audience === undefined) return []
    const owned = owner === audience.entity
    if (owned && qualifyingRows(audience.match, relationship).length > 0) return []
    const at = { sync, relationship, audience: audience.name }
    const asked = new Set<string>()
    visitAudience(audience, { relationship: (name) => asked.add(name) })
    if (!asked.has(relationship)) return [problem('PSN2103', { ...at, asked: [...asked] }, span)]
    return owned
      ? [problem('PSN2104', at, span)]
      : [problem('PSN2105', { ...at, owner, entity: audience.entity }, span)]
  })
}
