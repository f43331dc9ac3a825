import type { EventTrait, Fallback, RelatedTrait } from '../../definitions/definitions.ts'
import type { Expr } from '../../ir/expr.ts'
import type { ValueType } from '../../ir/value-type.ts'
import type { TraitFallback } from '../compile-scope.ts'
import { instantLiteral } from '../conditions/read-value.ts'
import type { MeasuredTypes } from '../scans/measure.ts'

/** What a trait of events or rows falls back to; undefined where that is of another type than its values. */
export function fallbackOf(
  trait: EventTrait | RelatedTrait,
  type: ValueType,
  types: MeasuredTypes,
): TraitFallback | undefined {
  if (trait.fallback === undefined) return undefined
  const { value } = trait.fallback
  // What no source has yet counts as text for want of a type, and nothing can be wrong with its default.
  const literal = literalOf(value, type) ?? (hasType(trait, types) ? undefined : textOf(value))
  return literal && { literal, knownOnly: trait.entity === 'user' && !trait.includeAnonymous }
}

/** The value of a trait, or what it falls back to. @param known whether the user is known */
export function withFallback(value: Expr, fallback: TraitFallback | undefined, known: Expr): Expr {
  if (fallback === undefined) return value
  const { literal, knownOnly } = fallback
  const otherwise: Expr = knownOnly ? { kind: 'when', condition: known, value: literal } : literal
  return { kind: 'coalesce', parts: [value, otherwise] }
}

export function literalOf(value: Fallback['value'], type: ValueType): Expr | undefined {
  switch (type) {
    case 'text':
      return typeof value === 'string' ? { kind: 'text', value } : undefined
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value) ? { kind: 'integer', value } : undefined
    case 'number':
      return typeof value === 'number' ? { kind: 'number', value } : undefined
    case 'boolean':
      return typeof value === 'boolean' ? { kind: 'boolean', value } : undefined
    case 'timestamp':
      return typeof value === 'string' ? instantLiteral(value) : undefined
    case 'list':
      return typeof value === 'object' ? textOf(value) : undefined
  }
}

function textOf(value: Fallback['value']): Expr {
  return { kind: 'text', value: typeof value === 'object' ? JSON.stringify(value) : String(value) }
}

function hasType(trait: EventTrait | RelatedTrait, types: MeasuredTypes): boolean {
  // Columns have the types of their table.
  if (!('event' in trait)) return true
  const { event, property, userTrait } = trait
  if (userTrait !== undefined) return types.userTrait(userTrait.trait) !== undefined
  return property === undefined || types.rows({ event }).property(property.path) !== undefined
}
