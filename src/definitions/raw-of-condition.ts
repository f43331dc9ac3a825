import type {
  Condition,
  Count,
  EventCondition,
  ExcludedSources,
  PropertyCondition,
  ReducedValue,
  ReducerOptions,
  RelatedRows,
  Test,
  Then,
  Window,
} from './conditions.ts'
import type { AggregateType, EventTrait, RelatedTrait } from './definitions.ts'
import { durationParts, shortInstant } from './duration.ts'

/** Plain data in the form in which a project file has it. */
export type RawMap = Readonly<Record<string, unknown>>

/** A condition as `match` holds it; read again in an audience of the same entity it is the same condition. */
export function rawOfCondition(condition: Condition): RawMap {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return { [condition.kind]: condition.conditions.map(rawOfCondition) }
    case 'not':
      return { not: rawOfCondition(condition.condition) }
    case 'users':
      return { [usersKeys[condition.quantifier]]: rawOfCondition(condition.condition) }
    case 'audience':
      return { audience: condition.audience }
    case 'trait': {
      const key = condition.entity === 'account' ? 'account_trait' : 'trait'
      return { [key]: condition.trait, ...rawOfTests(condition.tests) }
    }
    case 'event':
      return rawOfEvent(condition)
    case 'related':
      return rawOfRelated(condition)
  }
}

function rawOfRelated({ relationship, count, value, where, window }: RelatedRows): RawMap {
  return {
    relationship,
    ...rawOfAsked(count, value),
    ...rawOfRowWhere(where),
    ...rawOfWindow(window),
  }
}

/** How many there must be, or what they are reduced to and what must hold of it. */
function rawOfAsked(count: Count, value: ReducedValue | undefined): RawMap {
  if (value === undefined) return rawOfCount(count)
  return {
    [value.type]: value.property.path,
    ...rawOfOptions(value.type, value),
    ...rawOfTests(value.tests),
  }
}

/** What a trait over a relationship is computed from. */
export function rawOfRelatedTrait({
  type,
  relationship,
  column,
  where,
  window,
  ...options
}: RelatedTrait): RawMap {
  return {
    type,
    relationship,
    ...(column !== undefined && { column: column.column }),
    ...rawOfOptions(type, options),
    ...rawOfRowWhere(where),
    ...rawOfWindow(window),
  }
}

/** Conditions on rows below stand in `with`, those at the end of the list. */
function rawOfRowWhere(where: readonly PropertyCondition[]): RawMap {
  const own = where.findLastIndex(({ kind }) => kind !== 'related') + 1
  return {
    ...rawOfWhere(where.slice(0, own)),
    ...(own < where.length && { with: where.slice(own).map(rawOfProperty) }),
  }
}

const usersKeys = { any: 'any_user', all: 'all_users', none: 'none_of_users' } as const

function rawOfEvent({ event, count, value, where, window, then, ...sources }: EventCondition): RawMap {
  return {
    event,
    ...rawOfAsked(count, value),
    ...rawOfWhere(where),
    ...rawOfWindow(window),
    ...rawOfSources(sources),
    // biome-ignore lint/suspicious/noThenProperty: the public word for what follows an event; never awaited
    ...(then !== undefined && { then: rawOfThen(then) }),
  }
}

/** What an event trait is computed from. */
export function rawOfEventTrait({
  type,
  event,
  property,
  userTrait,
  where,
  window,
  ...rest
}: EventTrait): RawMap {
  return {
    type,
    event,
    ...(property !== undefined && { property: property.path }),
    ...(userTrait !== undefined && { user_trait: userTrait.trait }),
    ...rawOfOptions(type, rest),
    ...rawOfWhere(where),
    ...rawOfWindow(window),
    ...rawOfSources(rest),
  }
}

function rawOfOptions(type: AggregateType, { minFrequency, share, asText }: ReducerOptions): RawMap {
  return {
    ...(type === 'most_frequent' && { min_frequency: minFrequency }),
    ...(share !== undefined && { p: share }),
    ...(asText && { as: 'text' }),
  }
}

function rawOfThen({
  not,
  event,
  withinSeconds,
  count,
  where,
  requireWindowElapsed,
  ...sources
}: Then): RawMap {
  return {
    ...(not && { not }),
    event,
    within: rawOfDuration(withinSeconds),
    ...rawOfCount(count),
    ...rawOfWhere(where),
    ...(requireWindowElapsed && { require_window_elapsed: true }),
    ...rawOfSources(sources),
  }
}

function rawOfCount({ comparison, value }: Count): RawMap {
  return comparison === 'at_least' && value === 1 ? {} : { count: { [comparison]: value } }
}

function rawOfWhere(where: readonly PropertyCondition[]): RawMap {
  return where.length === 0 ? {} : { where: where.map(rawOfProperty) }
}

function rawOfProperty(condition: PropertyCondition): RawMap {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return { [condition.kind]: condition.conditions.map(rawOfProperty) }
    case 'not':
      return { not: rawOfProperty(condition.condition) }
    case 'property':
    case 'context':
      return { [condition.kind]: condition.path, ...rawOfTests(condition.tests) }
    case 'trait':
      return { trait: condition.trait, ...rawOfTests(condition.tests) }
    case 'column':
      return { column: condition.column, ...rawOfTests(condition.tests) }
    case 'related':
      return rawOfRelated(condition)
    case 'followed':
      // biome-ignore lint/suspicious/noThenProperty: the public word for what follows an event; never awaited
      return { then: rawOfThen(condition) }
  }
}

function rawOfWindow(window: Window | undefined): RawMap {
  switch (window?.kind) {
    case undefined:
      return {}
    case 'within':
      return { within: rawOfDuration(window.seconds) }
    case 'between':
      return { between: [rawOfDuration(window.nearSeconds), rawOfDuration(window.farSeconds)] }
    case 'session':
      return { session: rawOfDuration(window.seconds) }
    case 'absolute':
      return {
        ...(window.since !== undefined && { since: shortInstant(window.since) }),
        ...(window.until !== undefined && { until: shortInstant(window.until) }),
      }
  }
}

function rawOfSources({ excludeSources }: ExcludedSources): RawMap {
  return excludeSources === undefined ? {} : { exclude_sources: excludeSources }
}

function rawOfTests(tests: readonly Test[]): RawMap {
  return Object.fromEntries(tests.map((test) => [test.operator, rawOfOperand(test)]))
}

function rawOfOperand({ operator, operand }: Test): unknown {
  switch (operand.kind) {
    case 'literal':
      return typeof operand.value === 'string' && (operator === 'before' || operator === 'after')
        ? shortInstant(operand.value)
        : operand.value
    case 'list':
      return operand.values
    case 'duration':
      return rawOfDuration(operand.seconds)
    case 'parent':
      return { parent: operand.property }
    case 'property':
      return { property: operand.property }
    case 'trait':
      return { trait: operand.trait }
    case 'column':
      return { column: operand.column, ...(operand.of !== undefined && { of: operand.of }) }
  }
}

function rawOfDuration(seconds: number): string {
  const { amount, unit } = durationParts(seconds)
  return `${amount}${unit}`
}
