import type { Condition, PropertyCondition, Test } from '../definitions/conditions.ts'
import type { Definitions } from '../definitions/definitions.ts'

/** Every trait name that a condition or a formula reads, computed or not. */
export function traitsRead(definitions: Definitions): ReadonlySet<string> {
  const names = new Set<string>()
  const tests = (all: readonly Test[]): void => {
    for (const { operand } of all) if (operand.kind === 'trait') names.add(operand.trait)
  }
  const property = (condition: PropertyCondition): void => {
    switch (condition.kind) {
      case 'all':
      case 'any':
        condition.conditions.forEach(property)
        break
      case 'not':
        property(condition.condition)
        break
      case 'property':
      case 'context':
        tests(condition.tests)
        break
      case 'column':
        tests(condition.tests)
        break
      case 'related':
      case 'followed':
        condition.where.forEach(property)
        break
      case 'trait':
        names.add(condition.trait)
        tests(condition.tests)
        break
    }
  }
  const visit = (condition: Condition): void => {
    switch (condition.kind) {
      case 'all':
      case 'any':
        condition.conditions.forEach(visit)
        break
      case 'not':
      case 'users':
        visit(condition.condition)
        break
      case 'trait':
        names.add(condition.trait)
        tests(condition.tests)
        break
      case 'event':
        tests(condition.value?.tests ?? [])
        condition.where.forEach(property)
        condition.then?.where.forEach(property)
        break
      case 'related':
        tests(condition.value?.tests ?? [])
        condition.where.forEach(property)
        break
      case 'audience':
        break
    }
  }
  for (const { join } of definitions.relationships) if (join.kind === 'trait') names.add(join.trait)
  for (const { match } of definitions.audiences) visit(match)
  for (const trait of definitions.traits) {
    if (trait.type === 'formula')
      for (const [name] of trait.expression.matchAll(/[A-Za-z_]\w*/g)) names.add(name)
    else if (trait.type !== 'sql') {
      trait.where.forEach(property)
      if ('event' in trait && trait.userTrait !== undefined) names.add(trait.userTrait.trait)
    }
  }
  return names
}
