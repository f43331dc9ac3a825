import type { Condition } from './conditions.ts'
import type { Audience, Entity, Relationship } from './definitions.ts'
import { ownersOf } from './relationship-tree.ts'

/**
 * What conditions name, now that all audiences are known: a trait of an audience's name that a query compares with true
 * or false is membership of it, rows of a relationship are a user's or an account's, and a user audience or a user's
 * rows named in an account audience ask for any user.
 */
export function linkAudiences(
  audiences: readonly Audience[],
  relationships: readonly Relationship[] = [],
): readonly Audience[] {
  const entities = new Map(audiences.map(({ name, entity }) => [name, entity]))
  const owners = ownersOf(relationships)
  return audiences.map((audience) => {
    const match = nameAudiences(audience.match, entities, owners)
    return {
      ...audience,
      match: audience.entity === 'user' ? match : wrapUserAudiences(match, entities),
    }
  })
}

function nameAudiences(
  condition: Condition,
  entities: ReadonlyMap<string, Entity>,
  owners: ReadonlyMap<string, Entity>,
): Condition {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return {
        ...condition,
        conditions: condition.conditions.map((inner) => nameAudiences(inner, entities, owners)),
      }
    case 'not':
    case 'users':
      return { ...condition, condition: nameAudiences(condition.condition, entities, owners) }
    case 'trait':
      return nameAudience(condition, entities)
    case 'related':
      return { ...condition, entity: owners.get(condition.relationship) ?? 'user' }
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
    case 'related':
      return condition.entity === 'user'
        ? { kind: 'users', quantifier: 'any', condition, span: condition.span }
        : condition
    case 'trait':
    case 'event':
    case 'users':
      return condition
  }
}
