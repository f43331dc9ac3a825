import type { Chain, QueryNode } from '../../query/syntax.ts'
import type { Followed, PropertyCondition } from '../conditions.ts'
import { joined, negated } from '../read-condition.ts'
import type { OfEvent } from '../read-tests.ts'
import { type Compared, readTests } from './comparisons.ts'
import { readCount } from './count.ts'
import { type ChainOf, readEventChain } from './event-chain.ts'
import { type QueryReading, textArgument, ungroup } from './query-reading.ts'
import { readPath } from './reducer.ts'

interface Place {
  readonly subjects: readonly string[]
  /** What a right-hand side may refer to. */
  readonly event: OfEvent
  readonly example: string
}

const ofEvents: Omit<Place, 'event'> = {
  subjects: ['property', 'context', 'trait', 'event'],
  example: "property('revenue') > 5",
}
const ofRows: Place = {
  subjects: ['column', 'trait', 'relationship'],
  event: 'row',
  example: "column('total') > 5",
}
const places: Readonly<Record<ChainOf, Place>> = {
  event: { ...ofEvents, event: 'own' },
  followed: { ...ofEvents, event: 'own and parent' },
  rows: ofRows,
  'rows below': ofRows,
}

/** The parts that AND joins at the top are the conditions on one event or row. */
export function readWhereOf(node: QueryNode, kind: ChainOf, of: QueryReading): readonly PropertyCondition[] {
  return (node.kind === 'and' ? node.parts : [node]).flatMap((part) => readCondition(part, kind, of) ?? [])
}

/** An event that follows the one that is judged. */
function readFollowed(chain: Chain, node: QueryNode, of: QueryReading): Followed | undefined {
  const found = readEventChain(chain, 'followed', of)
  if (found === undefined) return undefined
  const { parent, type, window, event, eventSpan, where, excludeSources, excludeSourceSpans } = found
  if (parent === undefined) {
    const detail = `\`${event}\` does not say how long after the event before it counts`
    of.reject(chain.at, detail, 'add `.within(parent: 1 hour)`')
  }
  if (window !== undefined)
    of.reject(chain.at, 'an event that follows has no window but `within(parent: …)`', 'leave the other out')
  if (type !== 'count') of.reject(found.at, 'an event that follows is counted', 'end it with `.count() >= 1`')
  const counts = readCount(found.at, comparedOf(found.rest, node), of)
  const [only, second] = counts
  if (only === undefined) return undefined
  if (second !== undefined || (only.alternatives?.length ?? 1) > 1)
    of.reject(found.at, 'an event that follows is compared with one number', 'keep one comparison')
  return {
    kind: 'followed',
    not: only.negated,
    event,
    eventSpan,
    withinSeconds: parent?.seconds ?? 0,
    count: only.count,
    where,
    requireWindowElapsed: parent?.requireWindowElapsed ?? false,
    ...(excludeSources !== undefined && { excludeSources }),
    ...(excludeSourceSpans !== undefined && { excludeSourceSpans }),
    span: of.span(node.at),
  }
}

/** Rows below the one that is judged; of some numbers one, where several stand for one comparison. */
function readRowsBelow(chain: Chain, node: QueryNode, of: QueryReading): PropertyCondition | undefined {
  const found = readEventChain(chain, 'rows below', of)
  if (found === undefined) return undefined
  if (found.type !== 'count')
    of.reject(found.at, 'rows below others are counted', 'end it with `.count() >= 1`')
  const span = of.span(node.at)
  const { event: relationship, eventSpan: relationshipSpan, where, window } = found
  const conditions = readCount(found.at, comparedOf(found.rest, node), of).map(
    ({ count, negated: isNegated, alternatives = [count] }): PropertyCondition => {
      const any = joined<PropertyCondition>(
        'any',
        alternatives.map((each) => ({
          kind: 'related',
          relationship,
          relationshipSpan,
          count: each,
          where,
          ...(window !== undefined && { window }),
          span,
        })),
        span,
      )
      return isNegated ? { kind: 'not', condition: any, span } : any
    },
  )
  return conditions.length === 0 ? undefined : joined('all', conditions, span)
}

/** Calls after the subject, and the sign where the node is a comparison. */
export function comparedOf(calls: Compared['calls'], node: QueryNode): Compared {
  return node.kind === 'comparison'
    ? { calls, sign: { comparator: node.comparator, right: node.right } }
    : { calls }
}

function readCondition(
  node: QueryNode,
  kind: ChainOf,
  of: QueryReading,
  depth = 0,
): PropertyCondition | undefined {
  const span = of.span(node.at)
  switch (node.kind) {
    case 'group':
      return readCondition(node.node, kind, of, depth)
    case 'and':
    case 'or': {
      const parts = node.parts.flatMap((part) => readCondition(part, kind, of, depth) ?? [])
      return joined(node.kind === 'and' ? 'all' : 'any', parts, span)
    }
    case 'prefix': {
      if (node.operator !== 'NOT') {
        const detail = `\`${node.operator}\` has no meaning for one event`
        of.reject(node.operatorAt, detail, 'it stands before a condition on users of an account')
        return undefined
      }
      if (tooDeep(depth, node, of)) return undefined
      const condition = readCondition(node.node, kind, of, depth + 1)
      return condition && negated(condition, span)
    }
    case 'comparison':
      return readLeaf(node.left, node, kind, of)
    case 'chain':
    case 'list':
    case 'text':
    case 'number':
    case 'boolean':
    case 'duration':
    case 'word':
      return readLeaf(node, node, kind, of)
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
  chainOf: ChainOf,
  of: QueryReading,
): PropertyCondition | undefined {
  of.countPrimary(node.at)
  const subject = ungroup(left)
  const place = places[chainOf]
  if (subject.kind !== 'chain') {
    rejectSubject(subject, node, place.example, of)
    return undefined
  }
  const { event } = place
  const [extractor, ...calls] = subject.calls
  const kind = extractor?.name.text
  if (extractor === undefined) return undefined
  if (!place.subjects.includes(kind ?? '') && kind !== 'custom_trait') {
    of.rejectName(extractor.name, 'where(…)', place.subjects)
    return undefined
  }
  if (kind === 'event') return readFollowed(subject, node, of)
  if (kind === 'relationship') return readRowsBelow(subject, node, of)
  if (kind === 'trait' || kind === 'custom_trait') {
    const name = textArgument(extractor, of)
    const tests = readTests(extractor.at, comparedOf(calls, node), event, of)
    return (
      name && { kind: 'trait', trait: name.text, traitSpan: of.span(name.at), tests, span: of.span(node.at) }
    )
  }
  if (kind === 'column') {
    const name = textArgument(extractor, of)
    const tests = readTests(extractor.at, comparedOf(calls, node), event, of)
    return (
      name && {
        kind: 'column',
        column: name.text,
        columnSpan: of.span(name.at),
        tests,
        span: of.span(node.at),
      }
    )
  }
  if (kind !== 'property' && kind !== 'context') return undefined
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
