import type { Operand, PropertyCondition } from '../../definitions/conditions.ts'
import type { TraitReference } from './read-trait.ts'

export type PropertyLeaf = Extract<PropertyCondition, { kind: 'property' | 'context' }>
type Parent = Extract<Operand, { kind: 'parent' }>

/** Every leaf of the trees, in their order. */
export function leavesOf(conditions: readonly PropertyCondition[]): readonly PropertyLeaf[] {
  return conditions.flatMap(leavesOfOne)
}

function leavesOfOne(condition: PropertyCondition): readonly PropertyLeaf[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return leavesOf(condition.conditions)
    case 'not':
      return leavesOfOne(condition.condition)
    case 'property':
    case 'context':
      return [condition]
  }
}

export function traitOperands(conditions: readonly PropertyCondition[]): readonly TraitReference[] {
  return operandsOf(conditions).filter((operand) => operand.kind === 'trait')
}

export function parentOperands(conditions: readonly PropertyCondition[]): readonly Parent[] {
  return operandsOf(conditions).filter((operand) => operand.kind === 'parent')
}

function operandsOf(conditions: readonly PropertyCondition[]): readonly Operand[] {
  return leavesOf(conditions).flatMap((leaf) => leaf.tests.map((test) => test.operand))
}
