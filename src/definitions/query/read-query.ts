import { problem } from '../../diagnostics/problem.ts'
import type { Call, Chain, QueryNode } from '../../query/syntax.ts'
import type { Condition, Count, EventCondition, ReducerOptions, Test } from '../conditions.ts'
import type { Entity, EventTrait } from '../definitions.ts'
import { joined } from '../read-condition.ts'
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

/** What an event trait is computed from. */
export type QueriedTrait = Pick<
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

/** The query of a trait: events and a reducer. */
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
  if (head?.name.text !== 'event') {
    if (head !== undefined) of.rejectName(head.name, 'the query of a trait', ['event'])
    return nothing
  }
  const found = readEventChain(node, false, of)
  if (found === undefined) return nothing
  const [next] = found.rest
  if (next !== undefined)
    of.reject(next.at, 'a trait is a value, not a comparison', 'end the query with the reducer')
  if (found.child !== undefined)
    of.reject(node.at, 'a trait cannot ask what follows its events', 'ask for it in an audience')
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
    case 'relationship':
      of.reject(extractor.at, 'rows of relationships have no query form', 'write the condition in `match`')
      return undefined
    default:
      of.rejectName(extractor.name, 'a condition', ['event', 'trait', 'account_trait', 'custom_trait'])
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
  const found = readEventChain(chain, false, of)
  if (found === undefined) return undefined
  const span = of.span(node.at)
  const compared = comparedOf(found.rest, node)
  const { type, property } = found
  const conditions: Condition[] = []
  if (type === 'count') {
    for (const test of readCount(found.at, compared, of))
      conditions.push(...countConditions(test, found, node, of))
  } else if (property !== undefined) {
    const tests = readTests(found.at, compared, 'none', of)
    const count: Count = { comparison: 'at_least', value: 1 }
    conditions.push({
      ...eventOf(found, count, node, of),
      value: { type, property, ...optionsOf(found), tests },
    })
  }
  if (found.userTrait !== undefined) {
    const detail = 'a trait of the acting user is a value of accounts, not of users'
    of.reject(found.at, detail, 'make an account trait of it, and ask for that')
  }
  if (conditions.length === 0) return undefined
  // In an account audience each asks for any user, together for one user.
  const condition = joined('all', conditions, span)
  return scope.of === 'account' ? { kind: 'users', quantifier: 'any', condition, span } : condition
}

function countConditions(
  { count, negated, alternatives = [count] }: CountTest,
  found: EventChain,
  node: QueryNode,
  of: QueryReading,
): readonly Condition[] {
  const span = of.span(node.at)
  const any = joined<Condition>(
    'any',
    alternatives.map((each) => eventOf(found, each, node, of)),
    span,
  )
  return [negated ? { kind: 'not', condition: any, span } : any]
}

function eventOf(found: EventChain, count: Count, node: QueryNode, of: QueryReading): EventCondition {
  const { event, eventSpan, where, window, child, excludeSources, excludeSourceSpans } = found
  return {
    kind: 'event',
    event,
    eventSpan,
    count,
    where,
    ...(window === undefined ? {} : { window }),
    ...(excludeSources === undefined ? {} : { excludeSources }),
    ...(excludeSourceSpans === undefined ? {} : { excludeSourceSpans }),
    // biome-ignore lint/suspicious/noThenProperty: the public word for what follows an event; never awaited
    ...(child === undefined ? {} : { then: child }),
    span: of.span(node.at),
  }
}
