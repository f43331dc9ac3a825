import type {
  Condition,
  EventCondition,
  PropertyCondition,
  ReducedValue,
  ReducerOptions,
  Window,
} from '../../definitions/conditions.ts'
import type {
  AggregateType,
  Audience,
  Entity,
  EventTrait,
  RelatedTrait,
  UserTrait,
} from '../../definitions/definitions.ts'
import type { Span } from '../../diagnostics/span.ts'
import type { ValueType } from '../../ir/value-type.ts'
import type { CompileScope, StagedEvent } from '../compile-scope.ts'
import { rowsAsEvents } from '../conditions/event-rows.ts'
import type { RelatedCondition } from '../relationships/collect-row-needs.ts'

/** One value of each profile or account, aggregated from the rows of one event or relationship. */
export interface Measure extends ReducerOptions {
  readonly entity: Entity
  /** Name of the event; of the relationship where it is `ofRows`. */
  readonly event: string
  readonly ofRows?: true
  readonly eventSpan: Span
  readonly type: AggregateType
  /** Absent only for `count`. */
  readonly property?: { readonly path: string; readonly span: Span }
  /** In place of a property: of the user whose event it is. */
  readonly userTrait?: UserTrait
  readonly where: readonly PropertyCondition[]
  readonly window?: Window
  /** Names of sources whose events do not count. */
  readonly excludeSources?: readonly string[]
  /** Events before it do not count. */
  readonly historySince?: string
  /** Of users with a user id, e-mail or advertising id only. */
  readonly knownOnly: boolean
}

export function measureOfTrait(trait: EventTrait): Measure {
  const { entity, event, eventSpan, type, property, userTrait, where, includeAnonymous } = trait
  return {
    entity,
    event,
    eventSpan,
    type,
    ...(property !== undefined && { property }),
    ...(userTrait !== undefined && { userTrait }),
    ...optionsOf(trait),
    where,
    ...narrowed(trait),
    knownOnly: entity === 'user' && !includeAnonymous,
  }
}

export function measureOfRelated(trait: RelatedTrait): Measure {
  const { entity, relationship, relationshipSpan, type, column, where, window } = trait
  return {
    entity,
    event: relationship,
    ofRows: true,
    eventSpan: relationshipSpan,
    type,
    ...(column !== undefined && { property: { path: column.column, span: column.span } }),
    ...optionsOf(trait),
    where,
    ...(window !== undefined && { window }),
    knownOnly: entity === 'user' && !trait.includeAnonymous,
  }
}

/** How many such rows a user or an account has, or what they are reduced to. */
export function measureOfRows(condition: RelatedCondition, knownOnly: boolean): Measure {
  const { entity, relationship, relationshipSpan, value, where, window } = condition
  return {
    entity,
    event: relationship,
    ofRows: true,
    eventSpan: relationshipSpan,
    ...asked(value),
    where,
    ...(window !== undefined && { window }),
    knownOnly: entity === 'user' && knownOnly,
  }
}

/** How many such events a user has, or what they are reduced to; what may follow an event is not part of it. */
export function measureOfCondition(condition: EventCondition, knownOnly: boolean): Measure {
  const { event, eventSpan, where, value } = condition
  return {
    entity: 'user',
    event,
    eventSpan,
    ...asked(value),
    where,
    ...narrowed(condition),
    knownOnly,
  }
}

function asked(
  value: ReducedValue | undefined,
): Pick<Measure, 'type' | 'property' | 'minFrequency' | 'share' | 'asText'> {
  return value === undefined
    ? { type: 'count', minFrequency: 0 }
    : { type: value.type, property: value.property, ...optionsOf(value) }
}

function optionsOf({ minFrequency, share, asText }: ReducerOptions): ReducerOptions {
  return {
    minFrequency,
    ...(share !== undefined && { share }),
    ...(asText && { asText }),
  }
}

function narrowed({ window, excludeSources, historySince }: EventTrait | EventCondition) {
  return {
    ...(window !== undefined && { window }),
    ...(historySince !== undefined && { historySince }),
    ...(excludeSources !== undefined && { excludeSources }),
  }
}

/** Whether an audience's conditions are asked of known users only; those of an account's users are not. */
export function judgesKnownOnly(audience: Pick<Audience, 'entity' | 'includeAnonymous'>): boolean {
  return audience.entity === 'user' && !audience.includeAnonymous
}

/** Event conditions that a measure answers: those that no other event must follow. */
export function measuredConditions(condition: Condition): readonly EventCondition[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.conditions.flatMap(measuredConditions)
    case 'not':
    case 'users':
      return measuredConditions(condition.condition)
    case 'event':
      return condition.then === undefined ? [condition] : []
    case 'trait':
    case 'audience':
    case 'related':
      return []
  }
}

/** Equal for measures that are the same wherever they were written. */
export function measureKey(measure: Measure): string {
  return JSON.stringify(measure, (name, value: unknown) =>
    name === 'span' || name.endsWith('Span') ? undefined : value,
  )
}

/** The staged rows that are measured. */
type StagedRows = (of: Pick<Measure, 'event' | 'ofRows'>) => StagedEvent

export function stagedRows({
  event,
  relationship,
}: Pick<CompileScope, 'event' | 'relationship'>): StagedRows {
  return (of) => (of.ofRows ? rowsAsEvents(relationship(of.event)) : event(of.event))
}

/** Where the types of properties and of users' traits are found. */
export interface MeasuredTypes {
  readonly rows: StagedRows
  userTrait(name: string): ValueType | undefined
}

/** The type of a measure's values; `first` and `last` keep that of the property or trait. */
export function measureType(
  { type, event, ofRows, property, userTrait, asText }: Omit<Measure, 'entity' | 'knownOnly'>,
  types: MeasuredTypes,
): ValueType {
  switch (type) {
    case 'count':
    case 'unique_list_count':
      return 'integer'
    case 'sum':
    case 'avg':
    case 'median':
    case 'percentile':
      return 'number'
    case 'min':
    case 'max':
      return asText ? 'text' : 'number'
    case 'most_frequent':
      return 'text'
    case 'unique_list':
      return 'list'
    case 'first':
    case 'last':
      if (userTrait !== undefined) return types.userTrait(userTrait.trait) ?? 'text'
      // Elements of an array are texts.
      if (property === undefined || property.path.endsWith('.$')) return 'text'
      return types.rows({ event, ...(ofRows && { ofRows }) }).property(property.path)?.type ?? 'text'
  }
}

export function typesOf(scope: Pick<CompileScope, 'event' | 'relationship' | 'trait'>): MeasuredTypes {
  return { rows: stagedRows(scope), userTrait: (name) => scope.trait('user', name)?.type }
}
