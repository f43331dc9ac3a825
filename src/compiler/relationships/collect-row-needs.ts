import type { Condition, PropertyCondition, RelatedRows } from '../../definitions/conditions.ts'
import type { Definitions, RelatedTrait } from '../../definitions/definitions.ts'
import type { Span } from '../../diagnostics/span.ts'
import { rowsRead } from '../audiences/member-rows.ts'

/** A column that a definition reads of a relationship's rows. */
export interface ColumnRead {
  readonly column: string
  readonly span: Span
}

/** Every relationship whose rows are asked for, with the columns that are read of them. */
export function collectRowNeeds(
  definitions: Pick<Definitions, 'traits' | 'audiences' | 'syncs'>,
): ReadonlyMap<string, readonly ColumnRead[]> {
  const needs = new Map<string, ColumnRead[]>()
  const needOf = (relationship: string): ColumnRead[] => {
    const need = needs.get(relationship) ?? []
    needs.set(relationship, need)
    return need
  }
  const addRows = ({ relationship, where }: Pick<RelatedRows, 'relationship' | 'where'>): void => {
    needOf(relationship)
    for (const condition of where) addCondition(relationship, condition)
  }
  const addCondition = (relationship: string, condition: PropertyCondition): void => {
    switch (condition.kind) {
      case 'all':
      case 'any':
        for (const inner of condition.conditions) addCondition(relationship, inner)
        return
      case 'not':
        addCondition(relationship, condition.condition)
        return
      case 'related':
        addRows(condition)
        return
      case 'followed':
        return
      case 'column':
        needOf(relationship).push({ column: condition.column, span: condition.columnSpan })
        break
      case 'property':
      case 'context':
      case 'trait':
    }
    for (const { operand } of condition.tests) {
      if (operand.kind === 'column')
        needOf(operand.of ?? relationship).push({ column: operand.column, span: operand.span })
    }
  }
  for (const trait of definitions.traits) {
    if (!isRelated(trait)) continue
    addRows(trait)
    if (trait.column !== undefined) needOf(trait.relationship).push(trait.column)
  }
  for (const condition of definitions.audiences.flatMap(({ match }) => relatedConditions(match))) {
    addRows(condition)
    const { property } = condition.value ?? {}
    if (property !== undefined)
      needOf(condition.relationship).push({ column: property.path, span: property.span })
  }
  for (const { relationship, columns } of definitions.syncs.flatMap((sync) => rowsRead(sync) ?? []))
    needOf(relationship).push(...columns)
  return needs
}

export function isRelated(trait: Definitions['traits'][number]): trait is RelatedTrait {
  return 'relationship' in trait
}

export type RelatedCondition = Extract<Condition, { kind: 'related' }>

/** Those on a profile's rows, without what they nest. */
export function relatedConditions(condition: Condition): readonly RelatedCondition[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.conditions.flatMap(relatedConditions)
    case 'not':
    case 'users':
      return relatedConditions(condition.condition)
    case 'related':
      return [condition]
    case 'event':
    case 'trait':
    case 'audience':
      return []
  }
}
