import { problem } from '../diagnostics/problem.ts'
import type { Span } from '../diagnostics/span.ts'
import { isOperator, reducerTypes } from './condition-shape.ts'
import type {
  Condition,
  Count,
  EventCondition,
  ExcludedSources,
  Followed,
  PropertyCondition,
  ReducedValue,
  ReducerOptions,
  RelatedRows,
  Then,
  Window,
} from './conditions.ts'
import type { AggregateType, Entity } from './definitions.ts'
import { durationSeconds } from './duration.ts'
import type {
  RawCondition,
  RawConditions,
  RawCount,
  RawEventCondition,
  RawExcludedSources,
  RawProfileRows,
  RawPropertyCondition,
  RawReducerOptions,
  RawRelatedRows,
  RawRowCondition,
  RawThen,
  RawWindow,
} from './raw-conditions.ts'
import { type OfEvent, readInstant, readTests } from './read-tests.ts'
import type { Reading } from './reading.ts'
import { isSessionLength } from './session-length.ts'

/** Whom a condition speaks of: the audience's own entity, or a user linked to the account. */
interface Scope {
  readonly audience: Entity
  readonly of: Entity
}

/** The condition of an audience; a list is as `all`. */
export function readMatch(raw: RawConditions, entity: Entity, reading: Reading): Condition {
  return readConditions(raw, { audience: entity, of: entity }, reading)
}

function readConditions(raw: RawConditions, scope: Scope, reading: Reading): Condition {
  if (isSingle(raw)) return readCondition(raw, scope, reading)
  const conditions = raw.map((condition) => readCondition(condition, scope, reading))
  return joined('all', conditions, reading.places.valueSpan(raw))
}

/** A list of one is that one: so a tree has one form, however it was written. */
export function joined<C extends object>(
  kind: 'all' | 'any',
  conditions: readonly C[],
  span: Span,
): C | { readonly kind: 'all' | 'any'; readonly conditions: readonly C[]; readonly span: Span } {
  const [only] = conditions
  return only !== undefined && conditions.length === 1 ? only : { kind, conditions, span }
}

function isSingle(raw: RawConditions): raw is RawCondition {
  return !Array.isArray(raw)
}

function readCondition(raw: RawCondition, scope: Scope, reading: Reading): Condition {
  const span = reading.places.valueSpan(raw)
  const inner = (condition: RawCondition): Condition => readCondition(condition, scope, reading)
  if ('all' in raw) return joined('all', raw.all.map(inner), span)
  if ('any' in raw) return joined('any', raw.any.map(inner), span)
  if ('not' in raw) return { kind: 'not', condition: inner(raw.not), span }
  if ('any_user' in raw) return readUsers(raw, 'any_user', 'any', raw.any_user, scope, reading)
  if ('all_users' in raw) return readUsers(raw, 'all_users', 'all', raw.all_users, scope, reading)
  if ('none_of_users' in raw)
    return readUsers(raw, 'none_of_users', 'none', raw.none_of_users, scope, reading)
  if ('audience' in raw) {
    return {
      kind: 'audience',
      audience: raw.audience,
      audienceSpan: reading.places.valueSpan(raw, 'audience'),
      span,
    }
  }
  if ('event' in raw) {
    const event = readEvent(raw, reading)
    return scope.of === 'account' ? { kind: 'users', quantifier: 'any', condition: event, span } : event
  }
  if ('relationship' in raw) return { ...readProfileRows(raw, reading), entity: 'user' }
  if ('account_trait' in raw) {
    const tests = readTests(raw, 'account_trait', 'none', reading)
    const traitSpan = reading.places.valueSpan(raw, 'account_trait')
    return { kind: 'trait', entity: 'account', trait: raw.account_trait, traitSpan, tests, span }
  }
  const tests = readTests(raw, 'trait', 'none', reading)
  const traitSpan = reading.places.valueSpan(raw, 'trait')
  return { kind: 'trait', entity: scope.of, trait: raw.trait, traitSpan, tests, span }
}

function readUsers(
  raw: RawCondition,
  key: string,
  quantifier: 'any' | 'all' | 'none',
  conditions: RawConditions,
  scope: Scope,
  reading: Reading,
): Condition {
  if (scope.of === 'user') {
    const detail =
      scope.audience === 'user'
        ? 'has a meaning only in account audiences'
        : 'cannot stand inside another condition on users'
    reading.report(problem('PSN2033', { key, detail }, reading.places.keySpan(raw, key)))
  }
  const condition = readConditions(conditions, { audience: scope.audience, of: 'user' }, reading)
  return { kind: 'users', quantifier, condition, span: reading.places.valueSpan(raw) }
}

function readEvent(raw: RawEventCondition, reading: Reading): EventCondition {
  const window = readWindow(raw, reading)
  const value = readReduced(raw, reading)
  const then = raw.then === undefined ? undefined : readThen(raw.then, reading)
  return {
    kind: 'event',
    event: raw.event,
    eventSpan: reading.places.valueSpan(raw, 'event'),
    count: readCount(raw.count),
    ...(value === undefined ? {} : { value }),
    ...settleThen(readWhere(raw.where, 'own', reading), then),
    ...(window === undefined ? {} : { window }),
    ...readExcluded(raw, reading),
    span: reading.places.valueSpan(raw),
  }
}

/** One form, however it was written: what alone follows an event is its `then`, one of several is a condition on it. */
export function settleThen(
  where: readonly PropertyCondition[],
  then?: Then,
): Pick<EventCondition, 'where' | 'then'> {
  const followed = where.filter((condition) => condition.kind === 'followed')
  const [only] = followed
  if (then !== undefined)
    return only === undefined ? { where, then } : { where: [...where, { kind: 'followed', ...then }] }
  if (only === undefined || followed.length > 1) return { where }
  const { kind: _, ...rest } = only
  // biome-ignore lint/suspicious/noThenProperty: the public word for what follows an event; never awaited
  return { where: where.filter((condition) => condition !== only), then: rest }
}

/** `not` before what follows is the `not` of it: one form, and a parent whose time is not over is still not judged. */
export function negated(condition: PropertyCondition, span: Span): PropertyCondition {
  return condition.kind === 'followed'
    ? { ...condition, not: !condition.not, span }
    : { kind: 'not', condition, span }
}

/** `sum: revenue` and the like, with operators on what it gives; else the events are counted. */
function readReduced(raw: RawEventCondition | RawProfileRows, reading: Reading): ReducedValue | undefined {
  const [type, second] = reducerTypes.filter((each) => raw[each] !== undefined)
  const noun = 'event' in raw ? 'events' : 'rows'
  const wrong = (key: string, detail: string): void =>
    reading.report(problem('PSN2034', { detail }, reading.places.keySpan(raw, key)))
  const path = type === undefined ? undefined : raw[type]
  if (type === undefined || path === undefined) {
    const operator = Object.keys(raw).find(isOperator)
    if (operator !== undefined) wrong(operator, `\`${operator}\` has no value of the ${noun} to judge`)
    for (const [key, { owner }] of Object.entries(optionOwners))
      if (Object.hasOwn(raw, key)) wrong(key, `\`${key}\` stands without \`${owner}\``)
    return undefined
  }
  if (second !== undefined) wrong(second, `both \`${type}\` and \`${second}\` reduce the ${noun}`)
  if (raw.count !== undefined) wrong('count', `both \`${type}\` and \`count\` reduce the ${noun}`)
  for (const [key, { owner, types }] of Object.entries(optionOwners))
    if (Object.hasOwn(raw, key) && !types.includes(type)) wrong(key, `\`${key}\` stands without \`${owner}\``)
  if (raw.as !== undefined && raw.as !== 'text' && raw.as !== (type === 'most_frequent' ? 'array' : 'number'))
    wrong('as', `\`${type}\` takes no property as ${raw.as}`)
  if (type === 'percentile' && raw.p === undefined)
    wrong(type, '`percentile` does not say which, for example `p: 0.9`')
  return {
    type,
    property: { path: reducedPath(path, raw), span: reading.places.valueSpan(raw, type) },
    ...readReducerOptions(type, raw),
    tests: readTests(raw, type, 'none', reading),
  }
}

/** Which reducers the keys beside one belong to. */
const optionOwners: Readonly<
  Record<keyof RawReducerOptions, { readonly owner: string; readonly types: readonly ReducedValue['type'][] }>
> = {
  min_frequency: { owner: 'most_frequent', types: ['most_frequent'] },
  p: { owner: 'percentile', types: ['percentile'] },
  as: { owner: 'min', types: ['min', 'max', 'most_frequent'] },
}

export function readReducerOptions(type: AggregateType, raw: RawReducerOptions): ReducerOptions {
  return {
    minFrequency: raw.min_frequency ?? 2,
    ...(type === 'percentile' && { share: raw.p ?? 0 }),
    ...((type === 'min' || type === 'max') && raw.as === 'text' && { asText: true }),
  }
}

/** As an array the whole of it is one value where its elements would be asked for. */
export function reducedPath(path: string, { as }: RawReducerOptions): string {
  return as === 'array' ? path.replace(/\.\$$/, '') : path
}

export function readExcluded(raw: RawExcludedSources, reading: Reading): ExcludedSources {
  const sources = raw.exclude_sources
  if (sources === undefined) return {}
  return {
    excludeSources: sources,
    excludeSourceSpans: sources.map((_, index) => reading.places.valueSpan(sources, index)),
  }
}

function readThen(raw: RawThen, reading: Reading): Then {
  return {
    not: raw.not ?? false,
    event: raw.event,
    eventSpan: reading.places.valueSpan(raw, 'event'),
    withinSeconds: durationSeconds(raw.within),
    count: readCount(raw.count),
    where: readWhere(raw.where, 'own and parent', reading),
    requireWindowElapsed: raw.require_window_elapsed ?? false,
    ...readExcluded(raw, reading),
    span: reading.places.valueSpan(raw),
  }
}

function readCount(raw: RawCount | undefined): Count {
  if (raw?.exactly !== undefined) return { comparison: 'exactly', value: raw.exactly }
  if (raw?.at_most !== undefined) return { comparison: 'at_most', value: raw.at_most }
  return { comparison: 'at_least', value: raw?.at_least ?? 1 }
}

/** Which events count; only one of `within`, `between`, `session`, and `since` with `until`. */
export function readWindow(raw: RawWindow, reading: Reading): Window | undefined {
  const { within, between, since, until, session } = raw
  const absolute = since !== undefined || until !== undefined
  const ways = [
    ...(within === undefined ? [] : ['within']),
    ...(between === undefined ? [] : ['between']),
    ...(session === undefined ? [] : ['session']),
    ...(absolute ? [since === undefined ? 'until' : 'since'] : []),
  ]
  const [, second] = ways
  if (second !== undefined) {
    const detail = `both ${ways.map((key) => `\`${key}\``).join(' and ')} say which events count`
    reading.report(problem('PSN2024', { detail }, reading.places.keySpan(raw, second)))
  }
  if (within !== undefined) return { kind: 'within', seconds: durationSeconds(within) }
  const [near, far] = between ?? []
  if (near !== undefined && far !== undefined) {
    const [nearSeconds, farSeconds] = [durationSeconds(near), durationSeconds(far)]
    if (nearSeconds >= farSeconds) {
      const detail = `\`between\` runs from ${near} to ${far}, which holds no time`
      reading.report(problem('PSN2024', { detail }, reading.places.valueSpan(raw, 'between')))
    }
    return { kind: 'between', nearSeconds, farSeconds }
  }
  if (session !== undefined) {
    const seconds = durationSeconds(session)
    if (!isSessionLength(seconds))
      reading.report(problem('PSN2025', { found: session }, reading.places.valueSpan(raw, 'session')))
    return { kind: 'session', seconds }
  }
  if (!absolute) return undefined
  const from = since === undefined ? undefined : readInstant(since, raw, 'since', reading)
  const to = until === undefined ? undefined : readInstant(until, raw, 'until', reading)
  if (from !== undefined && to !== undefined && from >= to) {
    const detail = `\`until\` ${until} is not after \`since\` ${since}`
    reading.report(problem('PSN2024', { detail }, reading.places.valueSpan(raw, 'until')))
  }
  return {
    kind: 'absolute',
    ...(from === undefined ? {} : { since: from }),
    ...(to === undefined ? {} : { until: to }),
  }
}

/** @param event which events a right-hand side may refer to */
export function readWhere(
  raw: readonly RawPropertyCondition[] | undefined,
  event: OfEvent,
  reading: Reading,
): readonly PropertyCondition[] {
  return (raw ?? []).map((condition) => readPropertyCondition(condition, event, reading))
}

function readPropertyCondition(
  raw: RawPropertyCondition,
  event: OfEvent,
  reading: Reading,
): PropertyCondition {
  const span = reading.places.valueSpan(raw)
  const inner = (condition: RawPropertyCondition): PropertyCondition =>
    readPropertyCondition(condition, event, reading)
  if ('all' in raw) return joined('all', raw.all.map(inner), span)
  if ('any' in raw) return joined('any', raw.any.map(inner), span)
  if ('not' in raw) return negated(inner(raw.not), span)
  if ('then' in raw) return readFollowed(raw.then, reading)
  if ('trait' in raw) {
    const tests = readTests(raw, 'trait', event, reading)
    return { kind: 'trait', trait: raw.trait, traitSpan: reading.places.valueSpan(raw, 'trait'), tests, span }
  }
  const kind = 'property' in raw ? 'property' : 'context'
  const path = 'property' in raw ? raw.property : raw.context
  const tests = readTests(raw, kind, event, reading)
  return { kind, path, pathSpan: reading.places.valueSpan(raw, kind), tests, span }
}

function readFollowed(raw: RawThen, reading: Reading): Followed {
  return { kind: 'followed', ...readThen(raw, reading) }
}

/** Rows of a profile, and how many there must be or what they are reduced to. */
function readProfileRows(raw: RawProfileRows, reading: Reading): RelatedRows {
  const value = readReduced(raw, reading)
  return { ...readRelated(raw, reading), ...(value !== undefined && { value }) }
}

/** Rows of a relationship and how many there must be. */
function readRelated(raw: RawRelatedRows, reading: Reading): RelatedRows {
  const window = readWindow(raw, reading)
  return {
    kind: 'related',
    relationship: raw.relationship,
    relationshipSpan: reading.places.valueSpan(raw, 'relationship'),
    count: readCount(raw.count),
    where: readRowWhere(raw, reading),
    ...(window === undefined ? {} : { window }),
    span: reading.places.valueSpan(raw),
  }
}

/** What must hold of a row; rows below it are asked in `with`, or among the conditions of `where`. */
export function readRowWhere(
  { where = [], with: below = [] }: Pick<RawRelatedRows, 'where' | 'with'>,
  reading: Reading,
): readonly PropertyCondition[] {
  return [...where, ...below].map((condition) => readRowCondition(condition, reading))
}

function readRowCondition(raw: RawRowCondition, reading: Reading): PropertyCondition {
  const span = reading.places.valueSpan(raw)
  const inner = (condition: RawRowCondition): PropertyCondition => readRowCondition(condition, reading)
  if ('all' in raw) return joined('all', raw.all.map(inner), span)
  if ('any' in raw) return joined('any', raw.any.map(inner), span)
  if ('not' in raw) return { kind: 'not', condition: inner(raw.not), span }
  if ('relationship' in raw) return readRelated(raw, reading)
  if ('trait' in raw) {
    const tests = readTests(raw, 'trait', 'row', reading)
    return { kind: 'trait', trait: raw.trait, traitSpan: reading.places.valueSpan(raw, 'trait'), tests, span }
  }
  const columnSpan = reading.places.valueSpan(raw, 'column')
  return {
    kind: 'column',
    column: raw.column,
    columnSpan,
    tests: readTests(raw, 'column', 'row', reading),
    span,
  }
}
