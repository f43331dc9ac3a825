import type { Span } from '../diagnostics/span.ts'
import type { Condition, ExcludedSources, PropertyCondition, Test } from './conditions.ts'
import type { Audience, Entity, EventTrait, RelatedTrait } from './definitions.ts'

/** What conditions refer to by name. */
export interface ConditionVisitor {
  audience?(name: string, span: Span): void
  trait?(name: string, entity: Entity, span: Span): void
  source?(name: string, span: Span | undefined): void
  relationship?(name: string, span: Span): void
}

export function visitAudience(audience: Audience, visitor: ConditionVisitor): void {
  visitCondition(audience.match, audience.entity, visitor)
}

export function visitRelatedTrait(trait: RelatedTrait, visitor: ConditionVisitor): void {
  visitor.relationship?.(trait.relationship, trait.relationshipSpan)
  for (const condition of trait.where) visitPropertyCondition(condition, trait.entity, visitor)
}

export function visitEventTrait(trait: EventTrait, visitor: ConditionVisitor): void {
  if (trait.userTrait !== undefined) visitor.trait?.(trait.userTrait.trait, 'user', trait.userTrait.span)
  for (const condition of trait.where) visitPropertyCondition(condition, trait.entity, visitor)
  visitExcluded(trait, visitor)
}

function visitCondition(condition: Condition, entity: Entity, visitor: ConditionVisitor): void {
  switch (condition.kind) {
    case 'all':
    case 'any':
      for (const inner of condition.conditions) visitCondition(inner, entity, visitor)
      return
    case 'not':
      visitCondition(condition.condition, entity, visitor)
      return
    case 'users':
      visitCondition(condition.condition, 'user', visitor)
      return
    case 'audience':
      visitor.audience?.(condition.audience, condition.audienceSpan)
      return
    case 'trait':
      visitor.trait?.(condition.trait, condition.entity, condition.traitSpan)
      // A trait on the right is of whom the condition speaks, also where an account's trait is on the left.
      visitTests(condition.tests, entity, visitor)
      return
    case 'related':
      visitor.relationship?.(condition.relationship, condition.relationshipSpan)
      visitTests(condition.value?.tests ?? [], entity, visitor)
      for (const inner of condition.where) visitPropertyCondition(inner, condition.entity, visitor)
      return
    case 'event':
      visitTests(condition.value?.tests ?? [], entity, visitor)
      visitExcluded(condition, visitor)
      for (const inner of condition.where) visitPropertyCondition(inner, entity, visitor)
      visitExcluded(condition.then ?? {}, visitor)
      for (const inner of condition.then?.where ?? []) visitPropertyCondition(inner, entity, visitor)
  }
}

function visitPropertyCondition(
  condition: PropertyCondition,
  entity: Entity,
  visitor: ConditionVisitor,
): void {
  switch (condition.kind) {
    case 'all':
    case 'any':
      for (const inner of condition.conditions) visitPropertyCondition(inner, entity, visitor)
      return
    case 'not':
      visitPropertyCondition(condition.condition, entity, visitor)
      return
    case 'related':
      visitor.relationship?.(condition.relationship, condition.relationshipSpan)
      for (const inner of condition.where) visitPropertyCondition(inner, entity, visitor)
      return
    case 'followed':
      visitExcluded(condition, visitor)
      for (const inner of condition.where) visitPropertyCondition(inner, entity, visitor)
      return
    case 'property':
    case 'context':
    case 'column':
      visitTests(condition.tests, entity, visitor)
      return
    case 'trait':
      visitor.trait?.(condition.trait, entity, condition.traitSpan)
      visitTests(condition.tests, entity, visitor)
  }
}

function visitTests(tests: readonly Test[], entity: Entity, visitor: ConditionVisitor): void {
  for (const { operand } of tests) {
    if (operand.kind === 'trait') visitor.trait?.(operand.trait, entity, operand.span)
  }
}

function visitExcluded(
  { excludeSources = [], excludeSourceSpans = [] }: ExcludedSources,
  visitor: ConditionVisitor,
): void {
  for (const [index, source] of excludeSources.entries()) visitor.source?.(source, excludeSourceSpans[index])
}
