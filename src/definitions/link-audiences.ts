import type { Condition } from './conditions.ts'
import type { Audience, Entity } from './definitions.ts'

/**
 * What conditions name, now that all audiences are known: a trait of an audience's name that a query compares with true
 * or false is membership of it, and a user audience named in an account audience asks for any user in it.
 */
export function linkAudiences(audiences: readonly Audience[]): readonly Audience[] {
  const entities = new Map(audiences.map(({ name, entity }) => [name, entity]))
  return audiences.map((audience) => {
    const match = nameAudiences(audience.match, entities)
    return {
      ...audience,
      match: audience.entity === 'user' ? match : wrapUserAudiences(match, entities),
    }
  })
}

function nameAudiences(condition: Condition, entities: ReadonlyMap<string, Entity>): Condition {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return {
        ...condition,
        conditions: condition.conditions.map((inner) => nameAudiences(inner, entities)),
      }
    case 'not':
    case 'users':
      return { ...condition, condition: nameAudiences(condition.condition, entities) }
    case 'trait':
      return nameAudience(condition, entities)
    case 'audience':
    case 'event':
      return condition
  }
}

function nameAudience(
  { orAudience, ...leaf }: Extract<Condition, { kind: 'trait' }>,
  entities: ReadonlyMap<string, Entity>,
): Condition {
  const { trait: audience, traitSpan: audienceSpan, tests, span } = leaf
  const [test] = tests
  if (orAudience === undefined || !entities.has(audience) || test?.operand.kind !== 'literal') return leaf
  const member: Condition = { kind: 'audience', audience, audienceSpan, span }
  return (test.operator === 'equals') === test.operand.value
    ? member
    : { kind: 'not', condition: member, span }
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
