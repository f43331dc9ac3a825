import { problem } from '../../diagnostics/problem.ts'
import type { Span } from '../../diagnostics/span.ts'
import type { Call } from '../../query/syntax.ts'
import { isPath } from '../condition-shape.ts'
import type { AggregateType } from '../definitions.ts'
import { type QueryReading, rejectArguments, textArgument, ungroup } from './query-reading.ts'

/** The types of traits by the name of their reducer; `unique` may go on with `count`. */
export const reducers: Readonly<Record<string, AggregateType>> = {
  count: 'count',
  sum: 'sum',
  avg: 'avg',
  min: 'min',
  max: 'max',
  mode: 'most_frequent',
  first: 'first',
  last: 'last',
  unique: 'unique_list',
}

/** What a reducer makes of events, and the calls after it. */
export interface Reduced {
  readonly type: AggregateType
  readonly property?: { readonly path: string; readonly span: Span }
  readonly minFrequency: number
  readonly rest: readonly Call[]
}

export function readReducer(
  call: Call,
  type: AggregateType,
  rest: readonly Call[],
  of: QueryReading,
): Reduced | undefined {
  const [argument, frequency, third] = call.arguments
  if (type === 'count') {
    if (argument !== undefined) rejectArguments(call, 'nothing', of)
    return { type, minFrequency: 2, rest }
  }
  const takesFrequency = type === 'most_frequent'
  const expected = takesFrequency
    ? "a property, and perhaps the least frequency: property('category'), 2"
    : "a property such as property('revenue')"
  if (argument === undefined || third !== undefined || (frequency !== undefined && !takesFrequency)) {
    rejectArguments(call, expected, of)
    return undefined
  }
  const property = readReduced(call, type, of)
  if (property === undefined) return undefined
  const least = frequency === undefined ? undefined : ungroup(frequency.node)
  if (
    least !== undefined &&
    !(least.kind === 'number' && Number.isSafeInteger(least.value) && least.value >= 1)
  ) {
    of.reject(least.at, 'the least frequency is a whole number from 1', 'for example 2')
    return undefined
  }
  const minFrequency = least?.kind === 'number' ? least.value : 2
  const [next, ...afterNext] = rest
  if (type === 'unique_list' && next?.name.text === 'count') {
    if (next.arguments.length > 0) rejectArguments(next, 'nothing', of)
    return { type: 'unique_list_count', property, minFrequency, rest: afterNext }
  }
  return { type, property, minFrequency, rest }
}

/** `property('spend')`, perhaps `as` a type. */
function readReduced(call: Call, type: AggregateType, of: QueryReading): Reduced['property'] {
  const [argument] = call.arguments
  const node = argument === undefined ? undefined : ungroup(argument.node)
  const [extractor, second] = node?.kind === 'chain' ? node.calls : []
  if (argument === undefined || extractor?.name.text !== 'property' || second !== undefined) {
    rejectArguments(call, "a property such as property('revenue')", of)
    return undefined
  }
  const path = readPath(extractor, of)
  const { as } = argument
  if (path === undefined || as === undefined) return path
  const asText = type === 'most_frequent' && (as.text === 'string' || as.text === 'number')
  const asNumber = (type === 'min' || type === 'max') && as.text === 'number'
  if (asText || asNumber) return path
  // The whole array is one text where its elements are not asked for.
  if (type === 'most_frequent' && as.text === 'array')
    return { ...path, path: path.path.replace(/\.\$$/, '') }
  of.reject(as.at, `\`${call.name.text}\` cannot take a property \`as ${as.text}\``, 'leave it out')
  return undefined
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
