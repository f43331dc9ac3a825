import type { Entity, Relationship } from './definitions.ts'

/** Counting the profile itself. */
export const mostLevels = 6

/**
 * The relationship and those above it, the nearest first. A parent that does not exist, or comes again, ends the path.
 */
export function pathOf<R extends Pick<Relationship, 'name' | 'parent'>>(
  relationship: R,
  byName: ReadonlyMap<string, R>,
): readonly R[] {
  const path: R[] = []
  const seen = new Set<string>()
  for (
    let at: R | undefined = relationship;
    at !== undefined && !seen.has(at.name);
    at = at.parent && byName.get(at.parent.name)
  ) {
    seen.add(at.name)
    path.push(at)
  }
  return path
}

/** Whose rows each relationship's are, by its name: what the topmost relationship of its path is joined to. */
export function ownersOf(relationships: readonly Relationship[]): ReadonlyMap<string, Entity> {
  const byName = new Map(relationships.map((each) => [each.name, each]))
  return new Map(
    relationships.map((each) => {
      const top = pathOf(each, byName).at(-1) ?? each
      return [each.name, ownerOf(top)]
    }),
  )
}

/** Names of the traits by which a relationship's rows, or those above them, are joined to profiles. */
export function joinTraitsOf(relationships: readonly Relationship[]): ReadonlyMap<string, readonly string[]> {
  const byName = new Map(relationships.map((each) => [each.name, each]))
  return new Map(
    relationships.map((each) => [
      each.name,
      pathOf(each, byName).flatMap(({ join }) => (join.kind === 'trait' ? [join.trait] : [])),
    ]),
  )
}

function ownerOf({ join }: Relationship): Entity {
  switch (join.kind) {
    case 'external_id':
      return join.type === 'group_id' ? 'account' : 'user'
    case 'trait':
      return join.of
    case 'columns':
    case 'junction':
      return 'user'
  }
}
