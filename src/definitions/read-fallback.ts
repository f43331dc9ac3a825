import { problem } from '../diagnostics/problem.ts'
import type { Scalar } from './conditions.ts'
import type { EventTrait, Fallback, FormulaTrait } from './definitions.ts'
import type { Reading } from './reading.ts'
import type { RawFallback } from './trait-shape.ts'

type Typed = Pick<EventTrait, 'type' | 'asText'> | Pick<FormulaTrait, 'type'>
type Kind = 'a whole number' | 'a number' | 'a text' | 'a list' | 'of the kind of its values'

/** What a trait falls back to; a value of another kind than those of the trait is reported. */
export function readFallback(raw: RawFallback, trait: Typed, reading: Reading): { fallback?: Fallback } {
  const { default: value } = raw
  if (value === undefined) return {}
  const span = reading.places.valueSpan(raw, 'default')
  const kind = kindOf(trait)
  if (!isOfKind(value, kind)) reading.report(problem('PSN2026', { kind, found: JSON.stringify(value) }, span))
  // A list of different values is sorted wherever it comes from.
  const sorted = trait.type === 'unique_list' && Array.isArray(value) ? sortedTexts(value) : value
  return { fallback: { value: sorted, span } }
}

function kindOf(trait: Typed): Kind {
  switch (trait.type) {
    case 'count':
    case 'unique_list_count':
      return 'a whole number'
    case 'min':
    case 'max':
      return trait.asText ? 'a text' : 'a number'
    case 'sum':
    case 'avg':
    case 'median':
    case 'percentile':
    case 'formula':
      return 'a number'
    case 'most_frequent':
      return 'a text'
    case 'unique_list':
      return 'a list'
    case 'first':
    case 'last':
      return 'of the kind of its values'
  }
}

function isOfKind(value: Fallback['value'], kind: Kind): boolean {
  switch (kind) {
    case 'a whole number':
      return Number.isSafeInteger(value)
    case 'a number':
      return typeof value === 'number' && Number.isFinite(value)
    case 'a text':
      return typeof value === 'string'
    case 'a list':
      return typeof value === 'object'
    // Known when the warehouse is.
    case 'of the kind of its values':
      return true
  }
}

/** By code point, each once. */
function sortedTexts(values: readonly Scalar[]): readonly string[] {
  const bytes = new Map(values.map((value) => [String(value), Buffer.from(String(value))]))
  return [...bytes].sort(([, a], [, b]) => Buffer.compare(a, b)).map(([text]) => text)
}
