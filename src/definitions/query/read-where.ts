import type { Chain, QueryNode } from '../../query/syntax.ts'
import type { PropertyCondition, Then } from '../conditions.ts'
import { joined } from '../read-condition.ts'
import { type Compared, readTests } from './comparisons.ts'
import { readCount } from './count.ts'
import { readEventChain } from './event-chain.ts'
import { type QueryReading, textArgument, ungroup } from './query-reading.ts'
import { readPath } from './reducer.ts'

/** What one event must meet, and what must follow it. */
export interface Where {
  readonly conditions: readonly PropertyCondition[]
  readonly child?: Then
}

/** The parts that AND joins at the top are the conditions; one of them may be a nested event. */
export function readWhereOf(node: QueryNode, insideThen: boolean, of: QueryReading): Where {
  const conditions: PropertyCondition[] = []
  let child: Then | undefined
  for (const part of node.kind === 'and' ? node.parts : [node]) {
    const nested = nestedEvent(part)
    if (nested === undefined) {
      const condition = readCondition(part, insideThen, of)
      if (condition !== undefined) conditions.push(condition)
      continue
    }
    if (child !== undefined || insideThen) {
      const detail = insideThen
        ? 'an event that follows has no event after it'
        : 'two events are asked to follow'
      of.reject(nested.chain.at, detail, 'make an audience of each, and ask for both')
      continue
    }
    child = readThen(nested, part, of)
  }
  return { conditions, ...(child === undefined ? {} : { child }) }
}

interface Nested {
  readonly negated: boolean
  readonly chain: Chain
  readonly compared: QueryNode
}

function nestedEvent(node: QueryNode, negated = false): Nested | undefined {
  if (node.kind === 'group') return nestedEvent(node.node, negated)
  if (node.kind === 'prefix' && node.operator === 'NOT') return nestedEvent(node.node, !negated)
  const subject = node.kind === 'comparison' ? node.left : node
  return subject.kind === 'chain' && subject.calls[0]?.name.text === 'event'
    ? { negated, chain: subject, compared: node }
    : undefined
}

function readThen({ negated, chain, compared }: Nested, part: QueryNode, of: QueryReading): Then | undefined {
  of.countPrimary(chain.at)
  const found = readEventChain(chain, true, of)
  if (found === undefined) return undefined
  const { parent, type, window, sourcesAt, event, eventSpan, where } = found
  if (parent === undefined) {
    const detail = `\`${event}\` does not say how long after the event before it counts`
    of.reject(chain.at, detail, 'add `.within(parent: 1 hour)`')
  }
  if (window !== undefined)
    of.reject(chain.at, 'an event that follows has no window but `within(parent: …)`', 'leave the other out')
  if (sourcesAt !== undefined)
    of.reject(
      sourcesAt,
      'an event that follows cannot leave out sources',
      'leave them out of the event before it',
    )
  if (type !== 'count') of.reject(found.at, 'an event that follows is counted', 'end it with `.count() >= 1`')
  const counts = readCount(found.at, comparedOf(found.rest, compared), of)
  const [only, second] = counts
  if (only === undefined) return undefined
  if (second !== undefined || (only.alternatives?.length ?? 1) > 1)
    of.reject(found.at, 'an event that follows is compared with one number', 'keep one comparison')
  return {
    not: negated !== only.negated,
    event,
    eventSpan,
    withinSeconds: parent?.seconds ?? 0,
    count: only.count,
    where,
    requireWindowElapsed: parent?.requireWindowElapsed ?? false,
    span: of.span(part.at),
  }
}

/** Calls after the subject, and the sign where the node is a comparison. */
export function comparedOf(calls: Compared['calls'], node: QueryNode): Compared {
  return node.kind === 'comparison'
    ? { calls, sign: { comparator: node.comparator, right: node.right } }
    : { calls }
}

function readCondition(
  node: QueryNode,
  insideThen: boolean,
  of: QueryReading,
  depth = 0,
): PropertyCondition | undefined {
  const span = of.span(node.at)
  switch (node.kind) {
    case 'group':
      return readCondition(node.node, insideThen, of, depth)
    case 'and':
    case 'or': {
      const parts = node.parts.flatMap((part) => readCondition(part, insideThen, of, depth) ?? [])
      return joined(node.kind === 'and' ? 'all' : 'any', parts, span)
    }
    case 'prefix': {
      if (node.operator !== 'NOT') {
        const detail = `\`${node.operator}\` has no meaning for one event`
        of.reject(node.operatorAt, detail, 'it stands before a condition on users of an account')
        return undefined
      }
      if (tooDeep(depth, node, of)) return undefined
      const condition = readCondition(node.node, insideThen, of, depth + 1)
      return condition && { kind: 'not', condition, span }
    }
    case 'comparison':
      return readLeaf(node.left, node, insideThen, of)
    case 'chain':
    case 'list':
    case 'text':
    case 'number':
    case 'boolean':
    case 'duration':
    case 'word':
      return readLeaf(node, node, insideThen, of)
  }
}

/** So many prefixes say nothing that fewer do not. */
export function tooDeep(depth: number, node: QueryNode, of: QueryReading): boolean {
  if (depth < 100) return false
  of.reject(
    { start: node.at.start, end: node.at.start + 1 },
    'a hundred prefixes stand here',
    'leave some out',
  )
  return true
}

function readLeaf(
  left: QueryNode,
  node: QueryNode,
  insideThen: boolean,
  of: QueryReading,
): PropertyCondition | undefined {
  of.countPrimary(node.at)
  const subject = ungroup(left)
  if (subject.kind !== 'chain') {
    rejectSubject(subject, node, "property('revenue') > 5", of)
    return undefined
  }
  const event = insideThen ? 'own and parent' : 'own'
  const [extractor, ...calls] = subject.calls
  const kind = extractor?.name.text
  if (extractor === undefined) return undefined
  if (kind === 'event') {
    const advice = 'join it to the other conditions by AND, not inside OR or NOT'
    of.reject(subject.at, 'an event that follows stands beside other conditions', advice)
    return undefined
  }
  if (kind === 'trait' || kind === 'custom_trait') {
    const name = textArgument(extractor, of)
    const tests = readTests(extractor.at, comparedOf(calls, node), event, of)
    return (
      name && { kind: 'trait', trait: name.text, traitSpan: of.span(name.at), tests, span: of.span(node.at) }
    )
  }
  if (kind !== 'property' && kind !== 'context') {
    of.rejectName(extractor.name, 'where(…)', ['property', 'context', 'trait', 'event'])
    return undefined
  }
  const path = readPath(extractor, of)
  const tests = readTests(extractor.at, comparedOf(calls, node), event, of)
  return path && { kind, path: path.path, pathSpan: path.span, tests, span: of.span(node.at) }
}

/** A value where a condition is wanted, or left of a comparison. */
export function rejectSubject(subject: QueryNode, node: QueryNode, example: string, of: QueryReading): void {
  const written = of.written(subject.at)
  if (node.kind === 'comparison')
    of.reject(subject.at, `\`${written}\` cannot stand on the left`, `turn it round, for example ${example}`)
  else of.reject(subject.at, `\`${written}\` is no condition`, `write a comparison, for example ${example}`)
}
