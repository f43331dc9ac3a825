import type { Followed, Operand, PropertyCondition } from '../../definitions/conditions.ts'
import type { TraitReference } from './read-trait.ts'

export type PropertyLeaf = Extract<PropertyCondition, { kind: 'property' | 'context' }>
export type ColumnLeaf = Extract<PropertyCondition, { kind: 'column' }>
export type TraitLeaf = Extract<PropertyCondition, { kind: 'trait' }>
type Parent = Extract<Operand, { kind: 'parent' }>
type Property = Extract<Operand, { kind: 'property' }>

/** Every leaf of the trees, in their order, those on rows below among them, but not those on events that follow. */
export function leavesOf(
  conditions: readonly PropertyCondition[],
): readonly (PropertyLeaf | TraitLeaf | ColumnLeaf)[] {
  return conditions.flatMap(leavesOfOne)
}

function leavesOfOne(condition: PropertyCondition): readonly (PropertyLeaf | TraitLeaf | ColumnLeaf)[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return leavesOf(condition.conditions)
    case 'not':
      return leavesOfOne(condition.condition)
    case 'related':
      return leavesOf(condition.where)
    case 'followed':
      return []
    case 'property':
    case 'context':
    case 'trait':
    case 'column':
      return [condition]
  }
}

/** Every trait that is read beside an event or what follows it, on either side. */
export function traitOperands(conditions: readonly PropertyCondition[]): readonly TraitReference[] {
  return [
    ...leavesOf(conditions).flatMap((leaf) =>
      leaf.kind === 'trait' ? [{ trait: leaf.trait, span: leaf.traitSpan }] : [],
    ),
    ...operandsOf(conditions).filter((operand) => operand.kind === 'trait'),
    ...followedOf(conditions).flatMap(({ where }) => traitOperands(where)),
  ]
}

/** What is asked to follow, at any place of the trees. */
export function followedOf(conditions: readonly PropertyCondition[]): readonly Followed[] {
  return conditions.flatMap((condition) => {
    switch (condition.kind) {
      case 'all':
      case 'any':
        return followedOf(condition.conditions)
      case 'not':
        return followedOf([condition.condition])
      case 'followed':
        return [condition]
      case 'related':
      case 'property':
      case 'context':
      case 'trait':
      case 'column':
        return []
    }
  })
}

export function propertyOperands(conditions: readonly PropertyCondition[]): readonly Property[] {
  return operandsOf(conditions).filter((operand) => operand.kind === 'property')
}

export function parentOperands(conditions: readonly PropertyCondition[]): readonly Parent[] {
  return operandsOf(conditions).filter((operand) => operand.kind === 'parent')
}

function operandsOf(conditions: readonly PropertyCondition[]): readonly Operand[] {
  return leavesOf(conditions).flatMap((leaf) => leaf.tests.map((test) => test.operand))
}
