import type { Span } from '../diagnostics/span.ts'
import type {
  Condition,
  ExcludedSources,
  History,
  PropertyCondition,
  ReducerOptions,
  Scalar,
  Window,
} from './conditions.ts'
import type { FilterExpr } from './filter.ts'
import type { Formula } from './formula.ts'
import type { MappingValue } from './mapping.ts'

export type Entity = 'user' | 'account'
export type EventType = 'identify' | 'track' | 'page' | 'screen' | 'group'

/** What every definition carries. */
export interface Definition {
  readonly name: string
  readonly description?: string
  readonly owner?: string
  readonly tags: readonly string[]
  readonly meta: Readonly<Record<string, unknown>>
  /** The whole definition. */
  readonly span: Span
  /** The value of `name`. */
  readonly nameSpan: Span
}

/** A Segment schema, read as is: tables and columns come from the catalogue. */
export interface SegmentSource extends Definition {
  readonly format: 'segment'
  readonly database?: string
  readonly schema: string
  readonly schemaSpan: Span
}

/** A column of a table source, with its place for errors. */
export interface ColumnRef {
  readonly column: string
  readonly span: Span
}

/** One row per event, columns mapped. */
export interface TableSource extends Definition {
  readonly format: 'table'
  readonly database?: string
  readonly schema: string
  readonly table: string
  readonly tableSpan: Span
  readonly type: EventType
  /** Absent for identify and group. A literal event name, or the column that holds it. */
  readonly event?: { readonly literal: string } | ColumnRef
  readonly id: ColumnRef
  readonly timestamp: ColumnRef
  /** Arrival order; the timestamp where absent. */
  readonly loadedAt?: ColumnRef
  /** Identifier type → column. `group_id` names the account. */
  readonly identifiers: readonly (ColumnRef & { readonly type: string })[]
  /** Property (or trait, for identify and group) → column, or one JSON column of them all. */
  readonly properties: readonly (ColumnRef & { readonly property: string })[] | { readonly json: ColumnRef }
}

export type Source = SegmentSource | TableSource

export type Frequency = 'ever' | 'daily' | 'weekly' | 'monthly' | 'annually'

/** A value kept out of identity resolution, by equality or by a regular expression found anywhere in it. */
export type BlockedValue = { readonly exact: string } | { readonly pattern: string }

export interface IdentifierRule {
  readonly type: string
  /** 1 is the highest; unique. */
  readonly priority: number
  /** How many values of the type a profile may hold. */
  readonly limit: number
  readonly frequency: Frequency
  readonly blocked: readonly BlockedValue[]
  /** Values are always trimmed; `lowercase` also folds ASCII and Unicode letters as the warehouse does. */
  readonly normalize: 'none' | 'lowercase'
  /** Where the value is looked for; custom types are looked for in all of them. */
  readonly locations: readonly ('traits' | 'properties' | 'context_traits' | 'external_ids')[]
  readonly span?: Span
}

export interface IdentityRules {
  /** In priority order. */
  readonly identifiers: readonly IdentifierRule[]
  /** A profile that grows to more identifiers than this is warned about; 500 where absent. */
  readonly warnClusterSize?: number
  /** An identifier seen with more others than this joins nobody any more; absent: however many. */
  readonly maxPartners?: number
  /** Joins that are undone and not made again. */
  readonly cuts?: readonly IdentityCut[]
}

/** An identifier as it is compared: trimmed, and normalised as its rule says. */
export interface IdentifierValue {
  readonly type: string
  readonly value: string
}

/** Of a cut event only the first identifier counts; two that are cut from each other are not taken from one event. */
export type IdentityCut =
  | { readonly event: string; readonly source?: string }
  | { readonly between: readonly [IdentifierValue, IdentifierValue] }

/** A warehouse table whose rows are neither events nor profiles: carts, subscriptions, stores. */
export interface WarehouseEntity extends Definition {
  readonly database?: string
  readonly schema: string
  readonly table: string
  readonly tableSpan: Span
  /** Tells one row from another. */
  readonly primaryKey: ColumnRef
  /** What windows, `first` and `last` go by. */
  readonly timestamp?: ColumnRef
}

/** How rows of a relationship's entity belong to a profile, or to a row of the relationship above. */
export type RelationshipJoin =
  /** Of `group_id` they belong to accounts, of any other type to users. */
  | {
      readonly kind: 'external_id'
      readonly type: string
      readonly typeSpan: Span
      readonly joinKey: ColumnRef
    }
  | {
      readonly kind: 'trait'
      readonly of: Entity
      readonly trait: string
      readonly traitSpan: Span
      readonly joinKey: ColumnRef
    }
  /** One to many: a column of the row above, a column of this entity. */
  | { readonly kind: 'columns'; readonly left: ColumnRef; readonly right: ColumnRef }
  /** Many to many, by rows of a table between the two. */
  | {
      readonly kind: 'junction'
      readonly database?: string
      readonly schema: string
      readonly table: string
      readonly tableSpan: Span
      readonly left: { readonly column: ColumnRef; readonly junction: ColumnRef }
      readonly right: { readonly column: ColumnRef; readonly junction: ColumnRef }
    }

/** Rows of an entity that belong to a profile, directly or by way of another relationship's rows. */
export interface Relationship extends Definition {
  readonly entity: string
  readonly entitySpan: Span
  /** The relationship above; absent where rows are joined to the profile itself. */
  readonly parent?: { readonly name: string; readonly span: Span }
  readonly join: RelationshipJoin
}

interface TraitBase extends Definition {
  readonly entity: Entity
  /** Codes of warnings about its meaning that are not given. */
  readonly ignoreWarnings: readonly string[]
}

/** What a profile has that would have no value; several are a list. */
export interface Fallback {
  readonly value: Scalar | readonly Scalar[]
  readonly span: Span
}

export type AggregateType =
  | 'count'
  | 'sum'
  | 'avg'
  | 'min'
  | 'max'
  | 'median'
  | 'percentile'
  | 'most_frequent'
  | 'first'
  | 'last'
  | 'unique_list'
  | 'unique_list_count'

/** In place of a property: a trait, as it is now, of the user whose event it is. */
export interface UserTrait {
  readonly trait: string
  readonly span: Span
}

/** A value computed from events. */
export interface EventTrait extends TraitBase, ExcludedSources, ReducerOptions, History {
  readonly type: AggregateType
  readonly event: string
  readonly eventSpan: Span
  /** Absent only for `count`, and where there is a `userTrait`. */
  readonly property?: { readonly path: string; readonly span: Span }
  readonly userTrait?: UserTrait
  readonly where: readonly PropertyCondition[]
  readonly window?: Window
  readonly includeAnonymous: boolean
  readonly fallback?: Fallback
}

/** A value computed from the rows of a relationship as they are now. */
export interface RelatedTrait extends TraitBase, ReducerOptions {
  readonly type: AggregateType
  readonly relationship: string
  readonly relationshipSpan: Span
  /** Absent only for `count`. */
  readonly column?: ColumnRef
  readonly where: readonly PropertyCondition[]
  /** By the entity's timestamp. */
  readonly window?: Window
  readonly includeAnonymous: boolean
  readonly fallback?: Fallback
}

export interface FormulaTrait extends TraitBase {
  readonly type: 'formula'
  readonly expression: string
  readonly expressionSpan: Span
  readonly formula: Formula
  readonly fallback?: Fallback
}

/** Each column of the select but the identifier becomes a trait. */
export interface SqlTrait extends TraitBase {
  readonly type: 'sql'
  /** Relative to the project. */
  readonly file: string
  readonly fileSpan: Span
  /** The template text of that file. */
  readonly sql: string
  /** Whether identifiers that are not known yet become profiles; absent: unless the select reads profiles itself. */
  readonly createProfiles?: boolean
  /** A select that returns more stops the run. */
  readonly maxRows: number
}

export type Trait = EventTrait | RelatedTrait | FormulaTrait | SqlTrait

/** Its history is also that of each of its conditions on events. */
export interface Audience extends Definition, History {
  readonly entity: Entity
  /** Codes of warnings about its meaning that are not given. */
  readonly ignoreWarnings: readonly string[]
  readonly includeAnonymous: boolean
  readonly match: Condition
}

/** A `.sql` file under models/ that no SQL trait names: a named select over sources. */
export interface Model extends Definition {
  readonly file: string
  readonly sql: string
}

export interface Destination extends Definition {
  readonly type: string
  readonly typeSpan: Span
  readonly settings: Readonly<Record<string, unknown>>
  /** By name of a setting. */
  readonly settingSpans: Readonly<Record<string, Span>>
}

export type SyncFrom =
  | {
      readonly kind: 'audience'
      readonly audience: string
      readonly span: Span
      /** The rows that qualified its members, in place of the members. */
      readonly rows?: { readonly relationship: string; readonly span: Span }
    }
  | { readonly kind: 'traits'; readonly traits: readonly string[]; readonly span: Span }
  | { readonly kind: 'profiles'; readonly span: Span }
  | { readonly kind: 'table'; readonly table: string; readonly span: Span }
  | { readonly kind: 'model'; readonly model: string; readonly span: Span }

/** A filter, with its text. */
export interface SyncFilter {
  readonly text: string
  readonly expr: FilterExpr
  readonly span: Span
}

export interface Sync extends Definition {
  readonly from: SyncFrom
  readonly destination: string
  readonly destinationSpan: Span
  readonly mode: SyncMode
  readonly modeSpan: Span
  /** What tells records apart; absent: the id of the profile. */
  readonly key?: SyncKey
  /** Absent: the id, identifiers, traits or columns under their own names. */
  readonly mapping?: MappingValue
  /** What a record must be to be sent. */
  readonly filter?: SyncFilter
  /** Whether fields without a value are sent as null. */
  readonly nulls: 'send' | 'drop'
  /** 0–1; absent: no guard. */
  readonly onDeleteOver?: number
  /** A record that was not delivered is tried again by so many syncs, for so long. */
  readonly retry: { readonly syncs: number; readonly withinSeconds: number }
  /** Absent: what the destination takes. */
  readonly batchRows?: number
  readonly concurrency?: number
  readonly rate?: { readonly requests: number; readonly perSeconds: number }
}

export type SyncMode = 'add' | 'update' | 'upsert' | 'delete' | 'mirror'

export type SyncKey =
  | { readonly kind: 'identifier'; readonly type: string; readonly span: Span }
  | { readonly kind: 'column'; readonly column: string; readonly span: Span }

export interface UnitTest extends Definition {
  /** ISO instant with zone. */
  readonly asOf: string
  /** `source.table` → rows. */
  readonly given: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>
  readonly expect: {
    readonly profiles?: number
    readonly traits?: readonly Readonly<Record<string, unknown>>[]
    readonly accountTraits?: readonly Readonly<Record<string, unknown>>[]
    /** Audience → any identifier value of each member, or `type:value`. */
    readonly audiences?: Readonly<Record<string, readonly string[]>>
  }
}

/** Everything under models/, validated by itself; references between definitions are checked. */
export interface Definitions {
  readonly sources: readonly Source[]
  readonly identity: IdentityRules
  readonly entities: readonly WarehouseEntity[]
  readonly relationships: readonly Relationship[]
  readonly traits: readonly Trait[]
  readonly audiences: readonly Audience[]
  readonly models: readonly Model[]
  readonly destinations: readonly Destination[]
  readonly syncs: readonly Sync[]
  readonly unitTests: readonly UnitTest[]
}
