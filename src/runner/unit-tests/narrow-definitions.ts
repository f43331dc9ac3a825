import type { Definition, Definitions, UnitTest } from '../../definitions/definitions.ts'

/**
 * The part of a project that a unit test speaks of: sources it gives rows of, traits and audiences it expects, and all
 * that these name, relationships and entities among it. What the test is silent on need not compile without its tables.
 *
 * A definition counts as named where its name is a word of the other's text, which may keep too much, never too little.
 */
export function narrowDefinitions(
  definitions: Definitions,
  test: UnitTest,
  sourcesGiven: ReadonlySet<string>,
): Definitions {
  const { traits, audiences, models, entities, relationships } = definitions
  const all: readonly Definition[] = [...traits, ...audiences, ...models, ...entities, ...relationships]
  const wanted = new Set<string>([
    ...(test.expect.traits ?? []).flatMap((row) => Object.keys(row)),
    ...(test.expect.accountTraits ?? []).flatMap((row) => Object.keys(row)),
    ...Object.keys(test.expect.audiences ?? {}),
  ])
  const kept = new Set<Definition>(all.filter((each) => wanted.has(each.name)))
  // A column of an SQL trait has no definition of its own name: its select has it.
  const known = new Set<string>([...all.map(({ name }) => name), ...identifierTypes(definitions)])
  const columns = [...wanted].filter((name) => !known.has(name))
  for (const trait of traits) {
    if (trait.type !== 'sql' || kept.has(trait)) continue
    const words = wordsOf(trait)
    if (columns.some((name) => words.has(name))) kept.add(trait)
  }
  for (const definition of kept) {
    const words = wordsOf(definition)
    for (const other of all) if (words.has(other.name)) kept.add(other)
  }
  return {
    ...definitions,
    sources: definitions.sources.filter(({ name }) => sourcesGiven.has(name)),
    entities: entities.filter((entity) => kept.has(entity)),
    relationships: relationships.filter((relationship) => kept.has(relationship)),
    traits: traits.filter((trait) => kept.has(trait)),
    audiences: audiences.filter((audience) => kept.has(audience)),
    models: models.filter((model) => kept.has(model)),
    destinations: [],
    syncs: [],
    unitTests: [],
  }
}

function identifierTypes({ identity }: Definitions): readonly string[] {
  return [...identity.identifiers.map(({ type }) => type), 'account_id', 'group_id']
}

function wordsOf(definition: Definition): ReadonlySet<string> {
  const text = JSON.stringify(definition, (key, value: unknown) => (key.endsWith('pan') ? undefined : value))
  return new Set(text.match(/[\p{L}\p{N}_]+/gu))
}
