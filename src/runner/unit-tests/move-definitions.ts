import type { Definitions, Relationship } from '../../definitions/definitions.ts'

/** The same definitions over tables in other schemas. */
export function moveDefinitions<Some extends Pick<Definitions, 'sources' | 'entities' | 'relationships'>>(
  definitions: Some,
  schemaOf: (schema: string) => string,
): Some {
  const moved = <T extends { readonly schema: string }>(of: T): T => ({ ...of, schema: schemaOf(of.schema) })
  return {
    ...definitions,
    sources: definitions.sources.map(moved),
    entities: definitions.entities.map(moved),
    relationships: definitions.relationships.map(
      (each): Relationship => (each.join.kind === 'junction' ? { ...each, join: moved(each.join) } : each),
    ),
  }
}
