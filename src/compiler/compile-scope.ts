import type { Problem } from '../diagnostics/problem.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Expr } from '../ir/expr.ts'
import type { Relation } from '../ir/relation.ts'
import type { ValueType } from '../ir/value-type.ts'
import type { Templates } from '../sql/templates.ts'

export type Entity = 'user' | 'account'

/** A column of a staged event table, one type over all sources. */
export interface StagedProperty {
  readonly column: string
  readonly type: ValueType
}

/**
 * The working table of one event name.
 *
 * Beside what is asked here it has `arrival`, `event_id`, `source`, `timestamp`, and of its profile `profile_number`, `known` and
 * `canonical_segment_id`. Paths are
 * as in the definitions but without a last `.$`: the column of an array holds its JSON text.
 */
export interface StagedEvent {
  /** Id of the node that writes it, for example `event.order_completed`. */
  readonly node: string
  readonly relation: Relation
  /** False where no source has the event; its table exists and is empty. */
  readonly known: boolean
  /** Undefined where no source has the property. */
  property(path: string): StagedProperty | undefined
  /** As {@link property}, for `page.url` and other paths of the event's context. */
  context(path: string): StagedProperty | undefined
  /** Paths that exist, for suggestions. */
  readonly propertyPaths: readonly string[]
  readonly contextPaths: readonly string[]
}

/** What a trait is read as where it has no value. */
export interface TraitFallback {
  readonly literal: Expr
  /** Of known users only. */
  readonly knownOnly: boolean
}

/**
 * The working table of one relationship: each row of its entity once for every profile it belongs to.
 *
 * Beside `columns` it has the key of the profile, `row_id` and, where rows have times, `timestamp`.
 */
export interface StagedRelationship {
  readonly name: string
  /** Id of the node that writes it, for example `relationship.carts`. */
  readonly node: string
  readonly relation: Relation
  /** Whose rows they are. */
  readonly entity: Entity
  readonly timed: boolean
  /** By column of the warehouse table; those that definitions read. */
  readonly columns: Readonly<Record<string, StagedProperty>>
  /** How a row belongs to rows of the relationship above; absent where there is none. */
  readonly link?: RowLink
}

/** What must be equal: `left` of the row above, `right` of the row itself, directly or by way of pairs. */
export type RowLink =
  | { readonly kind: 'columns'; readonly left: StagedProperty; readonly right: StagedProperty }
  | {
      readonly kind: 'junction'
      readonly left: StagedProperty
      readonly right: StagedProperty
      readonly links: {
        readonly relation: Relation
        readonly left: StagedProperty
        readonly right: StagedProperty
      }
    }

/** A trait that can be read: computed, a column of an SQL trait, or custom. */
export interface ScopedTrait {
  readonly name: string
  readonly type: ValueType
  /** The column that holds it, in `relation` and in the entity's wide table alike. */
  readonly column: string
  /** The working table it is first written to: `scan_<event>` or `user_custom_traits`, for example. */
  readonly relation: Relation
  /** The column of `relation` that says whose value it is. */
  readonly key: ProfileKey
  /** Id of the node that writes `relation`, or of the trait that a scan writes there. */
  readonly node: string
  /** Not yet in `relation`, which has only profiles with events; the wide table has it. */
  readonly fallback?: TraitFallback
}

/** What a scan aggregates for an audience, as a column of the wide table. */
export interface ScopedMeasure {
  readonly column: string
  readonly type: ValueType
  /** Ids of the nodes that compute it. */
  readonly computedIn: readonly string[]
}

export interface ScopedAudience {
  readonly entity: Entity
  readonly relation: Relation
}

/** What traits and audiences are compiled against: the warehouse's dialect, and what other nodes offer. */
export interface CompileScope {
  readonly dialect: Dialect
  readonly templates: Templates
  /** Public tables. */
  readonly schema: string
  /** Working tables. */
  readonly workSchema: string
  /** Every event name of `collectEventNeeds` has one, known or not. */
  event(name: string): StagedEvent
  /** Every relationship of `collectRowNeeds` has one. */
  relationship(name: string): StagedRelationship
  trait(entity: Entity, name: string): ScopedTrait | undefined
  audience(name: string): ScopedAudience | undefined
  /** By `measureKey`; every one that a condition of an audience asks for is there. */
  measure(key: string): ScopedMeasure | undefined
  /** Names to suggest from. */
  readonly eventNames: readonly string[]
  traitNames(entity: Entity): readonly string[]
  report(problem: Problem): void
}

/** Columns that identify a profile: a user's by its number, which is quick to group by, or by its public id. */
export type ProfileKey = 'profile_number' | 'canonical_segment_id' | 'account_id'

/** The column that identifies a profile of an entity in working tables of profiles. */
export function keyColumn(entity: Entity): ProfileKey {
  return entity === 'user' ? 'canonical_segment_id' : 'account_id'
}

/** The same in what is aggregated of events. */
export function eventKey(entity: Entity): ProfileKey {
  return entity === 'user' ? 'profile_number' : 'account_id'
}

export function keyType(key: ProfileKey): 'integer' | 'text' {
  return key === 'profile_number' ? 'integer' : 'text'
}
