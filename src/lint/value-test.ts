import type { Scalar } from '../definitions/conditions.ts'

/** One question to one value; a missing value answers no to each. */
export type ValueTest =
  | { readonly kind: 'exists' }
  | { readonly kind: 'equals'; readonly value: Scalar }
  | { readonly kind: 'below' | 'above'; readonly than: number; readonly orEqual: boolean }
  | { readonly kind: 'part'; readonly how: 'contains' | 'starts' | 'ends'; readonly text: string }
  /** Milliseconds since 1970. */
  | { readonly kind: 'before' | 'after'; readonly instant: number }
  /** A time between two distances from the as-of instant in seconds; the bounds belong to it unless `open`. */
  | { readonly kind: 'relative'; readonly from: number; readonly to: number; readonly open: boolean }
  /** Held against a value that is not known here; only the same question has the same answer. */
  | { readonly kind: 'reference'; readonly key: string }

/** What a value may be. Lists are texts here: their JSON. */
export type ValueKind = 'missing' | 'text' | 'number' | 'integer' | 'boolean' | 'timestamp'

/** What is asked: a trait, a property, the time of an event. */
export interface Subject {
  /** Unique within a scope. */
  readonly key: string
  readonly kinds: readonly ValueKind[]
  /** What holds of it whenever it is there. */
  readonly always?: readonly ValueTest[]
}

/** A question with its answer. */
export interface Answered {
  readonly test: ValueTest
  readonly holds: boolean
}
