import type { Span } from '../diagnostics/span.ts'
import type { AggregateType, Entity } from './definitions.ts'

export type Operator =
  | 'equals'
  | 'not_equals'
  | 'less_than'
  | 'less_than_or_equal'
  | 'greater_than'
  | 'greater_than_or_equal'
  | 'one_of'
  | 'none_of'
  | 'contains'
  | 'does_not_contain'
  | 'contains_one_of'
  | 'starts_with'
  | 'ends_with'
  | 'exists'
  | 'before'
  | 'after'
  | 'within_last'
  | 'within_next'
  | 'before_last'
  | 'after_next'

export type Scalar = string | number | boolean

/** The right-hand side of an operator. */
export type Operand =
  | { readonly kind: 'literal'; readonly value: Scalar }
  | { readonly kind: 'list'; readonly values: readonly Scalar[] }
  | { readonly kind: 'duration'; readonly seconds: number }
  /** A property of the parent event; only inside `then`. */
  | { readonly kind: 'parent'; readonly property: string; readonly span: Span }
  /** A property of the same event; only in a `where`. */
  | { readonly kind: 'property'; readonly property: string; readonly span: Span }
  /** A trait of the same profile. */
  | { readonly kind: 'trait'; readonly trait: string; readonly span: Span }
  /** A column of the same row, or of the row of a relationship above it; only in a `where` of a relationship. */
  | { readonly kind: 'column'; readonly column: string; readonly of?: string; readonly span: Span }

/** `exists: false` is `{ operator: 'exists', operand: { kind: 'literal', value: false } }`. */
export interface Test {
  readonly operator: Operator
  readonly operand: Operand
  readonly span: Span
}

/**
 * Conditions on one event, or on one row of a relationship: `property` and `context` are asked of events, `column` and
 * `related` of rows. A path may walk objects with `.` and end in `.$` for each element of
 * an array.
 */
export type PropertyCondition =
  | { readonly kind: 'all' | 'any'; readonly conditions: readonly PropertyCondition[]; readonly span: Span }
  | { readonly kind: 'not'; readonly condition: PropertyCondition; readonly span: Span }
  | {
      readonly kind: 'property' | 'context'
      readonly path: string
      readonly pathSpan: Span
      /** All must hold. */
      readonly tests: readonly Test[]
      readonly span: Span
    }
  /** A trait of the profile whose event it is; in an account's trait, of the account. */
  | {
      readonly kind: 'trait'
      readonly trait: string
      readonly traitSpan: Span
      readonly tests: readonly Test[]
      readonly span: Span
    }
  | {
      readonly kind: 'column'
      readonly column: string
      readonly columnSpan: Span
      readonly tests: readonly Test[]
      readonly span: Span
    }
  /** Rows of a relationship below the row's own. */
  | RelatedRows
  /** What must, or must not, follow the event. */
  | Followed

/** Which events count, by their own timestamp, relative to the run's as-of instant unless absolute. */
export type Window =
  | { readonly kind: 'within'; readonly seconds: number }
  | { readonly kind: 'between'; readonly nearSeconds: number; readonly farSeconds: number }
  /** The last run of the profile's events of that name with smaller gaps; empty once the gap up to now is not smaller. */
  | { readonly kind: 'session'; readonly seconds: number }
  /** ISO instants with zone; `since` inclusive, `until` exclusive. */
  | { readonly kind: 'absolute'; readonly since?: string; readonly until?: string }

export interface Count {
  readonly comparison: 'at_least' | 'exactly' | 'at_most'
  readonly value: number
}

/** Sources whose events do not count. */
export interface ExcludedSources {
  readonly excludeSources?: readonly string[]
  /** One for each. */
  readonly excludeSourceSpans?: readonly Span[]
}

/** What must, or must not, follow each parent event. */
export interface Then extends ExcludedSources {
  readonly not: boolean
  readonly event: string
  readonly eventSpan: Span
  readonly withinSeconds: number
  readonly count: Count
  readonly where: readonly PropertyCondition[]
  /** Only parents whose window has passed are judged. */
  readonly requireWindowElapsed: boolean
  readonly span: Span
}

/** `then` among the conditions on an event, so that it may stand beside others, in OR, and follow what follows. */
export interface Followed extends Then {
  readonly kind: 'followed'
}

/** What a type asks for beside the property it reduces. */
export interface ReducerOptions {
  /** For `most_frequent`. */
  readonly minFrequency: number
  /** For `percentile`: how great a share of the values is not above it, 0 to 1 with nine digits at most. */
  readonly share?: number
  /** `min` and `max` of texts, by code point. */
  readonly asText?: true
}

/** What the events that count are reduced to, as a trait of that type would be, and what must hold of it. */
export interface ReducedValue extends ReducerOptions {
  readonly type: Exclude<AggregateType, 'count'>
  readonly property: { readonly path: string; readonly span: Span }
  /** All must hold; one at least. */
  readonly tests: readonly Test[]
}

/** Of traits and audiences that are not filled with what happened before they were made. */
export interface History {
  /** ISO instant with zone: events before it do not count, whatever the window. */
  readonly historySince?: string
}

export interface EventCondition extends ExcludedSources, History {
  readonly kind: 'event'
  readonly event: string
  readonly eventSpan: Span
  /** Of no meaning where there is a `value`. */
  readonly count: Count
  readonly value?: ReducedValue
  readonly where: readonly PropertyCondition[]
  readonly window?: Window
  readonly then?: Then
  readonly span: Span
}

/**
 * Rows of a relationship that count, and how many there must be or what they are reduced to: of the profile, or of one
 * row of the relationship above.
 */
export interface RelatedRows {
  readonly kind: 'related'
  readonly relationship: string
  readonly relationshipSpan: Span
  /** Of no meaning where there is a `value`. */
  readonly count: Count
  /** `property` is a column. Only of the profile's own rows. */
  readonly value?: ReducedValue
  readonly where: readonly PropertyCondition[]
  /** A session only of the profile's own rows. */
  readonly window?: Window
  readonly span: Span
}

export type Condition =
  | { readonly kind: 'all' | 'any'; readonly conditions: readonly Condition[]; readonly span: Span }
  | { readonly kind: 'not'; readonly condition: Condition; readonly span: Span }
  /** `entity` is whose trait it is: for `trait` whom the condition speaks of (a user inside `users`), else `account`. */
  | {
      readonly kind: 'trait'
      readonly entity: 'user' | 'account'
      readonly trait: string
      readonly traitSpan: Span
      readonly tests: readonly Test[]
      /** In a query an audience is asked for as a trait of its name; settled when definitions are linked. */
      readonly orAudience?: true
      readonly span: Span
    }
  | { readonly kind: 'audience'; readonly audience: string; readonly audienceSpan: Span; readonly span: Span }
  | EventCondition
  /** `entity` is whose rows they are; settled when definitions are linked. */
  | (RelatedRows & { readonly entity: Entity })
  /**
   * Only in account audiences; the condition speaks of a linked user. Events and user audiences that an account
   * audience names outside of it have been wrapped in `any`.
   */
  | {
      readonly kind: 'users'
      readonly quantifier: 'any' | 'all' | 'none'
      readonly condition: Condition
      readonly span: Span
    }
