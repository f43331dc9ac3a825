import { problem } from '../../diagnostics/problem.ts'
import type { Span } from '../../diagnostics/span.ts'
import type { Call, QueryNode } from '../../query/syntax.ts'
import { isPath, isShare, userTraitTypes } from '../condition-shape.ts'
import type { ReducerOptions } from '../conditions.ts'
import type { AggregateType, UserTrait } from '../definitions.ts'
import { type QueryReading, rejectArguments, textArgument, ungroup } from './query-reading.ts'

/** The types of traits by the name of their reducer; `unique` may go on with `count`. */
export const reducers: Readonly<Record<string, AggregateType>> = {
  count: 'count',
  sum: 'sum',
  avg: 'avg',
  min: 'min',
  max: 'max',
  median: 'median',
  percentile: 'percentile',
  mode: 'most_frequent',
  first: 'first',
  last: 'last',
  unique: 'unique_list',
}

/** A property of an event, or a column of a row. */
export type ReducedSubject = 'property' | 'column'

/** What a reducer makes of events, and the calls after it. */
export interface Reduced extends ReducerOptions {
  readonly type: AggregateType
  readonly property?: { readonly path: string; readonly span: Span }
  readonly userTrait?: UserTrait
  readonly rest: readonly Call[]
}

export function readReducer(
  call: Call,
  type: AggregateType,
  rest: readonly Call[],
  subject: ReducedSubject,
  of: QueryReading,
): Reduced | undefined {
  const [argument, second, third] = call.arguments
  if (type === 'count') {
    if (argument !== undefined) rejectArguments(call, 'nothing', of)
    return { type, minFrequency: 2, rest }
  }
  const takesNumber = type === 'most_frequent' || type === 'percentile'
  if (
    argument === undefined ||
    third !== undefined ||
    (second !== undefined && !takesNumber) ||
    (second === undefined && type === 'percentile')
  ) {
    rejectArguments(call, expectedArguments(type, subject), of)
    return undefined
  }
  const reduced = readReduced(call, type, subject, of)
  const number = second === undefined ? { number: undefined } : readNumber(type, ungroup(second.node), of)
  if (reduced === undefined || number === undefined) return undefined
  const minFrequency = type === 'most_frequent' ? (number.number ?? 2) : 2
  const [next, ...afterNext] = rest
  if (type === 'unique_list' && next?.name.text === 'count') {
    if (next.arguments.length > 0) rejectArguments(next, 'nothing', of)
    return { type: 'unique_list_count', ...reduced, minFrequency, rest: afterNext }
  }
  return {
    type,
    ...reduced,
    minFrequency,
    ...(type === 'percentile' && { share: number.number ?? 0 }),
    rest,
  }
}

function expectedArguments(type: AggregateType, subject: ReducedSubject): string {
  if (type === 'most_frequent')
    return `a ${subject}, and perhaps the least frequency: ${subject}('category'), 2`
  if (type === 'percentile') return `a ${subject} and a share from 0 to 1: ${subject}('revenue'), 0.9`
  return `a ${subject} such as ${subject}('revenue')`
}

/** The number beside the property: the least frequency, or which percentile. */
function readNumber(
  type: AggregateType,
  node: QueryNode,
  of: QueryReading,
): { readonly number: number } | undefined {
  const fits = (number: number): boolean =>
    type === 'percentile' ? isShare(number) : Number.isSafeInteger(number) && number >= 1
  if (node.kind === 'number' && fits(node.value)) return { number: node.value }
  if (type === 'percentile')
    of.reject(node.at, 'a percentile is a share from 0 to 1, of nine digits at most', 'for example 0.9')
  else of.reject(node.at, 'the least frequency is a whole number from 1', 'for example 2')
  return undefined
}

/** `property('spend')`, perhaps `as` a type; also `trait('email')` of the acting user. */
function readReduced(
  call: Call,
  type: AggregateType,
  subject: ReducedSubject,
  of: QueryReading,
): Pick<Reduced, 'property' | 'userTrait' | 'asText'> | undefined {
  const [argument] = call.arguments
  const node = argument === undefined ? undefined : ungroup(argument.node)
  const [extractor, second] = node?.kind === 'chain' ? node.calls : []
  if (
    argument?.as === undefined &&
    subject === 'property' &&
    extractor?.name.text === 'trait' &&
    second === undefined &&
    userTraitTypes.some((each) => each === type)
  ) {
    const name = textArgument(extractor, of)
    return name && { userTrait: { trait: name.text, span: of.span(name.at) } }
  }
  if (argument === undefined || extractor?.name.text !== subject || second !== undefined) {
    rejectArguments(call, `a ${subject} such as ${subject}('revenue')`, of)
    return undefined
  }
  const path = subject === 'column' ? readColumn(extractor, of) : readPath(extractor, of)
  const { as } = argument
  if (path === undefined) return undefined
  if (as === undefined) return { property: path }
  const extreme = type === 'min' || type === 'max'
  if (extreme && as.text === 'string') return { property: path, asText: true }
  const asItIs = type === 'most_frequent' && (as.text === 'string' || as.text === 'number')
  if (asItIs || (extreme && as.text === 'number')) return { property: path }
  // The whole array is one text where its elements are not asked for.
  if (type === 'most_frequent' && as.text === 'array' && subject === 'property')
    return { property: { ...path, path: path.path.replace(/\.\$$/, '') } }
  of.reject(as.at, `\`${call.name.text}\` cannot take a property \`as ${as.text}\``, 'leave it out')
  return undefined
}

function readColumn(call: Call, of: QueryReading): { path: string; span: Span } | undefined {
  const given = textArgument(call, of)
  return given && { path: given.text, span: of.span(given.at) }
}

/** The path of `property('p')` or `context('p')`. */
export function readPath(call: Call, of: QueryReading): { path: string; span: Span } | undefined {
  const [argument] = call.arguments
  if (argument?.label?.text === 'parent') {
    const detail = 'a property of the event before cannot stand here'
    of.reject(call.at, detail, 'put it right of a comparison')
    return undefined
  }
  const given = textArgument(call, of)
  if (given === undefined) return undefined
  const span = of.span(given.at)
  if (!isPath(given.text)) {
    of.report(problem('PSN2038', { key: call.name.text, found: `\`${given.text}\`` }, span))
    return undefined
  }
  return { path: given.text, span }
}
