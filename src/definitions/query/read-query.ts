import { problem } from '../../diagnostics/problem.ts'
import type { Span } from '../../diagnostics/span.ts'
import type { Call, Chain, QueryNode } from '../../query/syntax.ts'
import type {
  Condition,
  EventCondition,
  ReducedValue,
  ReducerOptions,
  RelatedRows,
  Test,
} from '../conditions.ts'
import type { Entity, EventTrait, RelatedTrait } from '../definitions.ts'
import { joined, settleThen } from '../read-condition.ts'
import type { Reading } from '../reading.ts'
import { readTests } from './comparisons.ts'
import { type CountTest, readCount } from './count.ts'
import { type EventChain, readEventChain } from './event-chain.ts'
import { openQuery, type QueryReading, textArgument, ungroup } from './query-reading.ts'
import { comparedOf, rejectSubject, tooDeep } from './read-where.ts'

/** Whom a condition speaks of: the audience's own entity, or a user linked to the account. */
interface Scope {
  readonly audience: Entity
  readonly of: Entity
  readonly depth: number
}

/** The condition of an audience. A stand-in where it has problems, which are reported. */
export function readQuery(raw: { readonly query: string }, entity: Entity, reading: Reading): Condition {
  const nothing: Condition = { kind: 'all', conditions: [], span: reading.places.valueSpan(raw, 'query') }
  const opened = openQuery(raw, reading)
  if (opened === undefined) return nothing
  return readNode(opened.node, { audience: entity, of: entity, depth: 0 }, opened.of) ?? nothing
}

/** What a trait is computed from. */
export type QueriedTrait = QueriedEventTrait | QueriedRelatedTrait

type QueriedRelatedTrait = Pick<
  RelatedTrait,
  | 'type'
  | 'relationship'
  | 'relationshipSpan'
  | 'column'
  | 'where'
  | 'window'
  | 'minFrequency'
  | 'share'
  | 'asText'
>

type QueriedEventTrait = Pick<
  EventTrait,
  | 'type'
  | 'event'
  | 'eventSpan'
  | 'property'
  | 'userTrait'
  | 'where'
  | 'window'
  | 'excludeSources'
  | 'excludeSourceSpans'
  | 'minFrequency'
  | 'share'
  | 'asText'
>

/** The query of a trait: events or rows, and a reducer. */
export function readTraitQuery(raw: { readonly query: string }, reading: Reading): QueriedTrait {
  const eventSpan = reading.places.valueSpan(raw, 'query')
  const nothing: QueriedTrait = { type: 'count', event: '', eventSpan, where: [], minFrequency: 2 }
  const opened = openQuery(raw, reading)
  if (opened === undefined) return nothing
  const { of } = opened
  const node = ungroup(opened.node)
  const example = "event('Order Completed').within(90 days).count()"
  if (node.kind === 'comparison') {
    const at = { start: node.comparator.at.start, end: node.at.end }
    of.reject(at, 'a trait is a value, not a comparison', 'end the query with the reducer')
    return nothing
  }
  if (node.kind !== 'chain') {
    of.reject(node.at, 'a trait is a value of events', `write events and a reducer, for example ${example}`)
    return nothing
  }
  const [head] = node.calls
  const ofRows = head?.name.text === 'relationship'
  if (head?.name.text !== 'event' && !ofRows) {
    if (head !== undefined) of.rejectName(head.name, 'the query of a trait', ['event', 'relationship'])
    return nothing
  }
  const found = readEventChain(node, ofRows ? 'rows' : 'event', of)
  if (found === undefined) return nothing
  const [next] = found.rest
  if (next !== undefined)
    of.reject(next.at, 'a trait is a value, not a comparison', 'end the query with the reducer')
  if (ofRows)
    return {
      type: found.type,
      relationship: found.event,
      relationshipSpan: found.eventSpan,
      where: found.where,
      ...optionsOf(found),
      ...(found.property !== undefined && {
        column: { column: found.property.path, span: found.property.span },
      }),
      ...(found.window !== undefined && { window: found.window }),
    }
  const { type, event, property, userTrait, where, window, excludeSources, excludeSourceSpans } = found
  return {
    type,
    event,
    eventSpan: found.eventSpan,
    where,
    ...optionsOf(found),
    ...(property === undefined ? {} : { property }),
    ...(userTrait === undefined ? {} : { userTrait }),
    ...(window === undefined ? {} : { window }),
    ...(excludeSources === undefined ? {} : { excludeSources }),
    ...(excludeSourceSpans === undefined ? {} : { excludeSourceSpans }),
  }
}

function optionsOf({ minFrequency, share, asText }: ReducerOptions): ReducerOptions {
  return {
    minFrequency,
    ...(share !== undefined && { share }),
    ...(asText && { asText }),
  }
}

function readNode(node: QueryNode, scope: Scope, of: QueryReading): Condition | undefined {
  const span = of.span(node.at)
  switch (node.kind) {
    case 'group':
      return readNode(node.node, scope, of)
    case 'and':
    case 'or': {
      const parts = node.parts.flatMap((part) => readNode(part, scope, of) ?? [])
      return joined(node.kind === 'and' ? 'all' : 'any', parts, span)
    }
    case 'prefix':
      return readPrefix(node, scope, of)
    case 'comparison':
      return readLeaf(node.left, node, scope, of)
    case 'chain':
    case 'list':
    case 'text':
    case 'number':
    case 'boolean':
    case 'duration':
    case 'word':
      return readLeaf(node, node, scope, of)
  }
}

function readPrefix(
  node: Extract<QueryNode, { kind: 'prefix' }>,
  scope: Scope,
  of: QueryReading,
): Condition | undefined {
  if (tooDeep(scope.depth, node, of)) return undefined
  const { operator, operatorAt } = node
  const span = of.span(node.at)
  const inner = { ...scope, depth: scope.depth + 1 }
  if (operator === 'NOT') {
    const condition = readNode(node.node, inner, of)
    return condition && { kind: 'not', condition, span }
  }
  if (scope.of === 'user') {
    const detail =
      scope.audience === 'user'
        ? 'has a meaning only in account audiences'
        : 'cannot stand inside another condition on users'
    of.report(problem('PSN2033', { key: operator, detail }, of.span(operatorAt)))
  }
  // `ALL NOT x` holds for accounts without users too, `ALL (NOT x)` does not.
  const none = operator === 'ALL' && node.node.kind === 'prefix' && node.node.operator === 'NOT'
  const condition = readNode(
    none && node.node.kind === 'prefix' ? node.node.node : node.node,
    { ...inner, of: 'user' },
    of,
  )
  return (
    condition && {
      kind: 'users',
      quantifier: none ? 'none' : operator === 'ANY' ? 'any' : 'all',
      condition,
      span,
    }
  )
}

function readLeaf(left: QueryNode, node: QueryNode, scope: Scope, of: QueryReading): Condition | undefined {
  const subject = ungroup(left)
  if (subject.kind === 'chain' && subject.calls[0]?.name.text === 'event')
    return readEvent(subject, node, scope, of)
  if (subject.kind === 'chain' && subject.calls[0]?.name.text === 'relationship')
    return readRows(subject, node, of)
  of.countPrimary(node.at)
  if (subject.kind !== 'chain') {
    rejectSubject(subject, node, "trait('visits') > 5", of)
    return undefined
  }
  const [extractor, ...calls] = subject.calls
  if (extractor === undefined) return undefined
  switch (extractor.name.text) {
    case 'trait':
    case 'custom_trait':
    case 'account_trait':
      return readTrait(extractor, calls, node, scope, of)
    case 'property':
    case 'context': {
      const advice = "put it into the `where` of an event: event('…').where(…).count() >= 1"
      of.reject(extractor.at, `\`${extractor.name.text}\` is asked of no event`, advice)
      return undefined
    }
    case 'column': {
      const advice = "put it into the `where` of rows: relationship('…').where(…).count() >= 1"
      of.reject(extractor.at, '`column` is asked of no row', advice)
      return undefined
    }
    default:
      of.rejectName(extractor.name, 'a condition', [
        'event',
        'relationship',
        'trait',
        'account_trait',
        'custom_trait',
      ])
      return undefined
  }
}

function readTrait(
  extractor: Call,
  calls: readonly Call[],
  node: QueryNode,
  scope: Scope,
  of: QueryReading,
): Condition | undefined {
  const name = textArgument(extractor, of)
  const tests = readTests(extractor.at, comparedOf(calls, node), 'none', of)
  if (name === undefined) return undefined
  return {
    kind: 'trait',
    entity: extractor.name.text === 'account_trait' ? 'account' : scope.of,
    trait: name.text,
    traitSpan: of.span(name.at),
    tests,
    ...(extractor.name.text === 'trait' && asksMembership(tests) ? { orAudience: true } : {}),
    span: of.span(node.at),
  }
}

/** Membership of an audience is a trait of its name that is true or false. */
function asksMembership(tests: readonly Test[]): boolean {
  const [only, second] = tests
  return (
    second === undefined &&
    (only?.operator === 'equals' || only?.operator === 'not_equals') &&
    only.operand.kind === 'literal' &&
    typeof only.operand.value === 'boolean'
  )
}

function readEvent(chain: Chain, node: QueryNode, scope: Scope, of: QueryReading): Condition | undefined {
  of.countPrimary(node.at)
  const found = readEventChain(chain, 'event', of)
  if (found === undefined) return undefined
  const span = of.span(node.at)
  const conditions = askedOf(found, node, of, (asked) => eventOf(found, asked, node, of))
  if (found.userTrait !== undefined) {
    const detail = 'a trait of the acting user is a value of accounts, not of users'
    of.reject(found.at, detail, 'make an account trait of it, and ask for that')
  }
  if (conditions.length === 0) return undefined
  // In an account audience each asks for any user, together for one user.
  const condition = joined('all', conditions, span)
  return scope.of === 'account' ? { kind: 'users', quantifier: 'any', condition, span } : condition
}

/** Rows of a relationship of the profile; whose they are is known when all files are read. */
function readRows(chain: Chain, node: QueryNode, of: QueryReading): Condition | undefined {
  of.countPrimary(node.at)
  const found = readEventChain(chain, 'rows', of)
  if (found === undefined) return undefined
  const span = of.span(node.at)
  const { event: relationship, eventSpan: relationshipSpan, where, window } = found
  const conditions = askedOf(found, node, of, (asked) => ({
    kind: 'related',
    entity: 'user',
    relationship,
    relationshipSpan,
    ...asked,
    where,
    ...(window !== undefined && { window }),
    span,
  }))
  return conditions.length === 0 ? undefined : joined('all', conditions, span)
}

/** How many there must be, or what they are reduced to. */
type Asked = Pick<RelatedRows, 'count' | 'value'>

/** A condition for each comparison of a chain. */
function askedOf(
  found: EventChain,
  node: QueryNode,
  of: QueryReading,
  build: (asked: Asked) => Condition,
): readonly Condition[] {
  const compared = comparedOf(found.rest, node)
  const { type, property } = found
  if (type === 'count')
    return readCount(found.at, compared, of).map((test) => countCondition(test, of.span(node.at), build))
  if (property === undefined) return []
  const tests = readTests(found.at, compared, 'none', of)
  const value: ReducedValue = { type, property, ...optionsOf(found), tests }
  return [build({ count: { comparison: 'at_least', value: 1 }, value })]
}

function countCondition(
  { count, negated, alternatives = [count] }: CountTest,
  span: Span,
  build: (asked: Asked) => Condition,
): Condition {
  const any = joined<Condition>(
    'any',
    alternatives.map((each) => build({ count: each })),
    span,
  )
  return negated ? { kind: 'not', condition: any, span } : any
}

function eventOf(found: EventChain, asked: Asked, node: QueryNode, of: QueryReading): EventCondition {
  const { event, eventSpan, where, window, excludeSources, excludeSourceSpans } = found
  return {
    kind: 'event',
    event,
    eventSpan,
    ...asked,
    ...settleThen(where),
    ...(window === undefined ? {} : { window }),
    ...(excludeSources === undefined ? {} : { excludeSources }),
    ...(excludeSourceSpans === undefined ? {} : { excludeSourceSpans }),
    span: of.span(node.at),
  }
}
