import type { Operator, ReducedValue } from './conditions.ts'

/** What stands in YAML right of an operator. */
export type RawReference =
  | { readonly parent: string }
  | { readonly trait: string }
  | { readonly property: string }
  | { readonly column: string; readonly of?: string }
export type RawScalar = string | number | boolean
export type RawOperand = RawScalar | readonly RawScalar[] | RawReference
export type RawTests = { readonly [O in Operator]?: RawOperand }

export type RawPropertyCondition =
  | { readonly all: readonly RawPropertyCondition[] }
  | { readonly any: readonly RawPropertyCondition[] }
  | { readonly not: RawPropertyCondition }
  | (RawTests & { readonly property: string })
  | (RawTests & { readonly context: string })
  | (RawTests & { readonly trait: string })
  | { readonly then: RawThen }

/** Conditions on one row of a relationship. */
export type RawRowCondition =
  | { readonly all: readonly RawRowCondition[] }
  | { readonly any: readonly RawRowCondition[] }
  | { readonly not: RawRowCondition }
  | (RawTests & { readonly column: string })
  | (RawTests & { readonly trait: string })
  | RawRelatedRows

/** What of a relationship counts; `with` are conditions on rows below it, beside those of `where`. */
export interface RawRelatedRows extends RawWindow {
  readonly relationship: string
  readonly count?: RawCount
  readonly where?: readonly RawRowCondition[]
  readonly with?: readonly RawNestedRows[]
}

/** Of a profile, which also has sessions and may be asked what its rows are reduced to. */
export interface RawProfileRows extends RawRelatedRows, RawReducers, RawReducerOptions, RawTests {}

export type RawNestedRows =
  | { readonly all: readonly RawNestedRows[] }
  | { readonly any: readonly RawNestedRows[] }
  | { readonly not: RawNestedRows }
  | RawRelatedRows

export interface RawCount {
  readonly at_least?: number
  readonly exactly?: number
  readonly at_most?: number
}

export interface RawWindow {
  readonly within?: string
  readonly between?: readonly string[]
  readonly since?: string
  readonly until?: string
  readonly session?: string
}

export interface RawThen extends RawExcludedSources {
  readonly not?: boolean
  readonly event: string
  readonly within: string
  readonly count?: RawCount
  readonly where?: readonly RawPropertyCondition[]
  readonly require_window_elapsed?: boolean
}

export interface RawExcludedSources {
  readonly exclude_sources?: readonly string[]
}

/** What stands beside a reducer. */
export interface RawReducerOptions {
  readonly min_frequency?: number
  /** Of `percentile`. */
  readonly p?: number
  /** How `min`, `max` and `most_frequent` take their property. */
  readonly as?: 'number' | 'text' | 'array'
}

/** A reducer and the property it reduces, with operators beside it. */
export type RawReducers = { readonly [R in ReducedValue['type']]?: string }

export interface RawEventCondition
  extends RawWindow,
    RawExcludedSources,
    RawReducers,
    RawReducerOptions,
    RawTests {
  readonly event: string
  readonly count?: RawCount
  readonly where?: readonly RawPropertyCondition[]
  readonly then?: RawThen
}

export type RawCondition =
  | { readonly all: readonly RawCondition[] }
  | { readonly any: readonly RawCondition[] }
  | { readonly not: RawCondition }
  | { readonly any_user: RawConditions }
  | { readonly all_users: RawConditions }
  | { readonly none_of_users: RawConditions }
  | { readonly audience: string }
  | RawEventCondition
  | RawProfileRows
  | (RawTests & { readonly trait: string })
  | (RawTests & { readonly account_trait: string })

/** A list is as `all`. */
export type RawConditions = RawCondition | readonly RawCondition[]
