import type { Condition } from './conditions.ts'
import type { Audience, Entity } from './definitions.ts'

/** A user audience named in an account audience asks for any user in it: the reference is wrapped so. */
export function linkAudiences(audiences: readonly Audience[]): readonly Audience[] {
  const entities = new Map(audiences.map(({ name, entity }) => [name, entity]))
  return audiences.map((audience) =>
    audience.entity === 'user'
      ? audience
      : { ...audience, match: wrapUserAudiences(audience.match, entities) },
  )
}

function wrapUserAudiences(condition: Condition, entities: ReadonlyMap<string, Entity>): Condition {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return {
        ...condition,
        conditions: condition.conditions.map((inner) => wrapUserAudiences(inner, entities)),
      }
    case 'not':
      return { ...condition, condition: wrapUserAudiences(condition.condition, entities) }
    case 'audience':
      return entities.get(condition.audience) === 'user'
        ? { kind: 'users', quantifier: 'any', condition, span: condition.span }
        : condition
    case 'trait':
    case 'event':
    case 'users':
      return condition
  }
}
