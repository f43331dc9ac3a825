import type { Condition, EventCondition, PropertyCondition } from '../../definitions/conditions.ts'
import type { Definitions } from '../../definitions/definitions.ts'
import { wholePath } from './event-rows.ts'
import { followedOf, leavesOf, parentOperands, propertyOperands } from './operands.ts'

/** What an event's working table must hold; paths are without a last `.$`. */
export interface EventNeed {
  readonly properties: ReadonlySet<string>
  readonly contexts: ReadonlySet<string>
}

interface GrowingNeed extends EventNeed {
  readonly properties: Set<string>
  readonly contexts: Set<string>
}

/** Every event that traits and audiences speak of, with the paths they read of it. */
export function collectEventNeeds(
  definitions: Pick<Definitions, 'traits' | 'audiences'>,
): ReadonlyMap<string, EventNeed> {
  const needs = new Map<string, GrowingNeed>()
  const needOf = (event: string): GrowingNeed => {
    const need = needs.get(event) ?? { properties: new Set(), contexts: new Set() }
    needs.set(event, need)
    return need
  }
  const addWhere = (event: string, where: readonly PropertyCondition[]): void => {
    const need = needOf(event)
    for (const leaf of leavesOf(where)) {
      if (leaf.kind === 'property') need.properties.add(wholePath(leaf.path))
      if (leaf.kind === 'context') need.contexts.add(wholePath(leaf.path))
    }
    for (const { property } of propertyOperands(where)) need.properties.add(wholePath(property))
    for (const { event: next, where: conditions } of followedOf(where)) {
      addWhere(next, conditions)
      for (const { property } of parentOperands(conditions)) need.properties.add(wholePath(property))
    }
  }
  for (const trait of definitions.traits) {
    if (!('event' in trait)) continue
    addWhere(trait.event, trait.where)
    if (trait.property !== undefined) needOf(trait.event).properties.add(wholePath(trait.property.path))
  }
  for (const condition of definitions.audiences.flatMap(({ match }) => eventConditions(match))) {
    addWhere(condition.event, condition.where)
    if (condition.value !== undefined)
      needOf(condition.event).properties.add(wholePath(condition.value.property.path))
    if (condition.then === undefined) continue
    addWhere(condition.then.event, condition.then.where)
    for (const { property } of parentOperands(condition.then.where))
      needOf(condition.event).properties.add(wholePath(property))
  }
  return needs
}

function eventConditions(condition: Condition): readonly EventCondition[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.conditions.flatMap(eventConditions)
    case 'not':
    case 'users':
      return eventConditions(condition.condition)
    case 'event':
      return [condition]
    case 'trait':
    case 'audience':
    case 'related':
      return []
  }
}
