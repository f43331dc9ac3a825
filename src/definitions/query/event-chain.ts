import { problem } from '../../diagnostics/problem.ts'
import type { Span } from '../../diagnostics/span.ts'
import type { At, Call, Chain } from '../../query/syntax.ts'
import type { ExcludedSources, PropertyCondition, Window } from '../conditions.ts'
import { isoInstant } from '../duration.ts'
import { isSessionLength } from '../session-length.ts'
import { comparisons, readDuration } from './comparisons.ts'
import { plainArguments, type QueryReading, rejectArguments, textArgument, ungroup } from './query-reading.ts'
import { readWhereOf } from './read-where.ts'
import { type Reduced, readReducer, reducers } from './reducer.ts'

/** What a chain is of: events, what follows an event, rows of a relationship of the profile, rows below other rows. */
export type ChainOf = 'event' | 'followed' | 'rows' | 'rows below'

/** Which events or rows are meant and what they are reduced to; what follows the reducer is left to the reader. */
export interface EventChain extends ExcludedSources, Reduced {
  /** The relationship where the chain is of rows. */
  readonly event: string
  readonly eventSpan: Span
  readonly where: readonly PropertyCondition[]
  readonly window?: Window
  /** Of a nested event. */
  readonly parent?: { readonly seconds: number; readonly requireWindowElapsed: boolean; readonly at: At }
  /** From `event` to the reducer. */
  readonly at: At
}

const rowFilters = ['where', 'within', 'between', 'expires_after', 'since', 'until']
const filters = [...rowFilters, 'sources']
/** Names that other products and our YAML give the same things. */
const knownAs: Readonly<Record<string, string>> = {
  most_frequent: 'mode',
  average: 'avg',
  unique_list: 'unique',
  exclude_sources: 'sources',
  filter: 'where',
  session: 'expires_after',
}

interface Growing {
  where: PropertyCondition[]
  windows: { readonly name: string; readonly at: At; readonly window: Window }[]
  parent?: NonNullable<EventChain['parent']>
  sources?: { readonly names: readonly string[]; readonly spans: readonly Span[]; readonly at: At }
}

export function readEventChain(
  { calls: [head, ...calls], at }: Chain,
  kind: ChainOf,
  of: QueryReading,
): EventChain | undefined {
  const event = head === undefined ? undefined : textArgument(head, of)
  const found: Growing = { where: [], windows: [] }
  for (const [index, call] of calls.entries()) {
    const name = call.name.text
    if (filtersOf(kind).includes(name)) {
      readFilter(call, found, kind, of)
      continue
    }
    const type = Object.hasOwn(reducers, name) ? reducers[name] : undefined
    if (type === undefined) {
      rejectCall(call, kind, of)
      return undefined
    }
    const rest = calls.slice(index + 1)
    const reduced = readReducer(call, type, rest, isOfRows(kind) ? 'column' : 'property', of)
    if (event === undefined || reduced === undefined) return undefined
    return {
      event: event.text,
      eventSpan: of.span(event.at),
      ...built(found, of),
      ...reduced,
      at: { start: at.start, end: call.at.end },
    }
  }
  const [noun, example] = isOfRows(kind) ? ['rows', "column('total')"] : ['events', "property('revenue')"]
  const detail = `\`${of.written(at)}\` does not say what to make of the ${noun}`
  of.reject(at, detail, `end it with \`.count()\` or another reducer, for example \`.sum(${example})\``)
  return undefined
}

function isOfRows(kind: ChainOf): boolean {
  return kind === 'rows' || kind === 'rows below'
}

function filtersOf(kind: ChainOf): readonly string[] {
  return isOfRows(kind) ? rowFilters : filters
}

function rejectCall(call: Call, kind: ChainOf, of: QueryReading): void {
  const { name } = call
  const meant = Object.hasOwn(knownAs, name.text) ? knownAs[name.text] : undefined
  const known = [...filtersOf(kind), ...Object.keys(reducers)]
  if (meant !== undefined && known.includes(meant))
    of.reject(name.at, `\`${name.text}\` is written otherwise`, `write \`${meant}\``)
  else if (Object.hasOwn(comparisons, name.text))
    of.reject(
      name.at,
      'events are compared once they are reduced',
      'put `.count()` or another reducer before it',
    )
  else of.rejectName(name, isOfRows(kind) ? 'relationship(…)' : 'event(…)', known)
}

function readFilter(call: Call, found: Growing, kind: ChainOf, of: QueryReading): void {
  switch (call.name.text) {
    case 'where': {
      const [condition, second] = plainArguments(call, of)
      if (condition === undefined || second !== undefined) rejectArguments(call, 'one condition', of)
      else found.where.push(...readWhereOf(call.arguments[0]?.node ?? condition, kind, of))
      return
    }
    case 'sources':
      readSources(call, found, of)
      return
    case 'within':
      readWithin(call, found, kind, of)
      return
    case 'between': {
      const [near, far, third] = plainArguments(call, of)
      if (near === undefined || far === undefined || third !== undefined) {
        rejectArguments(call, 'two durations, nearer first', of)
        return
      }
      const [nearSeconds, farSeconds] = [readDuration(near, of), readDuration(far, of)]
      if (nearSeconds === undefined || farSeconds === undefined) return
      if (nearSeconds >= farSeconds) {
        const detail = `\`${of.written(call.at)}\` holds no time`
        of.report(problem('PSN2024', { detail }, of.span(call.at)))
      }
      addWindow(call, { kind: 'between', nearSeconds, farSeconds }, found)
      return
    }
    case 'expires_after':
      readSession(call, found, kind, of)
      return
    default:
      readSince(call, found, of)
  }
}

function readSources(call: Call, found: Growing, of: QueryReading): void {
  const [first, ...others] = call.arguments
  const nodes = [first, ...others].flatMap((each) => (each === undefined ? [] : [ungroup(each.node)]))
  const items = nodes.flatMap((node) => (node.kind === 'list' ? node.items.map(ungroup) : [node]))
  const texts = items.flatMap((item) => (item.kind === 'text' && item.value !== '' ? [item] : []))
  if (first?.label?.text !== 'exclude' || texts.length !== items.length || texts.length === 0) {
    rejectArguments(call, "the names of sources to leave out: exclude: ['web']", of)
    return
  }
  if (found.sources !== undefined) of.reject(call.at, 'sources are left out twice', 'put them into one list')
  found.sources = {
    names: texts.map(({ value }) => value),
    spans: texts.map((item) => of.span(item.at)),
    at: call.at,
  }
}

function readWithin(call: Call, found: Growing, kind: ChainOf, of: QueryReading): void {
  const [first, second, third] = call.arguments
  if (first?.label?.text === 'parent') {
    const seconds = readDuration(ungroup(first.node), of)
    const elapsed = second === undefined ? undefined : ungroup(second.node)
    const known = second === undefined || second.label?.text === 'require_window_elapsed'
    if (!known || third !== undefined || (elapsed !== undefined && elapsed.kind !== 'boolean'))
      rejectArguments(call, 'parent: a duration, and perhaps require_window_elapsed: true', of)
    if (kind !== 'followed') {
      const detail = '`parent:` stands where there is no parent event'
      of.reject(first.label.at, detail, 'only an event nested in the `where` of another has a parent')
    }
    if (found.parent !== undefined) of.reject(call.at, '`within` is given twice', 'keep one')
    if (seconds === undefined) return
    const requireWindowElapsed = elapsed?.kind === 'boolean' && elapsed.value
    found.parent = { seconds, requireWindowElapsed, at: call.at }
    return
  }
  const [duration, more] = plainArguments(call, of)
  if (duration === undefined || more !== undefined) {
    rejectArguments(call, 'one duration such as 90 days', of)
    return
  }
  const seconds = readDuration(duration, of)
  if (seconds !== undefined) addWindow(call, { kind: 'within', seconds }, found)
}

function readSession(call: Call, found: Growing, kind: ChainOf, of: QueryReading): void {
  const [duration, more] = plainArguments(call, of)
  if (duration === undefined || more !== undefined) {
    rejectArguments(call, 'one duration such as 30 minutes', of)
    return
  }
  const seconds = readDuration(duration, of)
  if (seconds === undefined) return
  if (kind === 'rows below')
    of.reject(call.at, 'rows below others have no session', 'sessions are of the rows of a profile')
  if (!isSessionLength(seconds))
    of.report(problem('PSN2025', { found: of.written(duration.at) }, of.span(duration.at)))
  addWindow(call, { kind: 'session', seconds }, found)
}

function readSince(call: Call, found: Growing, of: QueryReading): void {
  const given = textArgument(call, of)
  if (given === undefined) return
  const instant = isoInstant(given.text)
  const key = call.name.text
  if (instant === undefined) {
    of.report(problem('PSN2022', { key, found: `\`${given.text}\`` }, of.span(given.at)))
    return
  }
  addWindow(call, { kind: 'absolute', ...(key === 'since' ? { since: instant } : { until: instant }) }, found)
}

function addWindow(call: Call, window: Window, found: Growing): void {
  found.windows.push({ name: call.name.text, at: call.at, window })
}

type Built = Pick<EventChain, 'where' | 'window' | 'parent' | keyof ExcludedSources>

function built({ where, windows, parent, sources }: Growing, of: QueryReading): Built {
  const window = oneWindow(windows, of)
  return {
    where,
    ...(window === undefined ? {} : { window }),
    ...(parent === undefined ? {} : { parent }),
    ...(sources === undefined ? {} : { excludeSources: sources.names, excludeSourceSpans: sources.spans }),
  }
}

/** `since` and `until` go together; any other two say different things. */
function oneWindow(windows: Growing['windows'], of: QueryReading): Window | undefined {
  const [first, second, third] = windows
  if (first === undefined || second === undefined) return first?.window
  const since = windows.find(({ name }) => name === 'since')?.window
  const until = windows.find(({ name }) => name === 'until')?.window
  if (since?.kind === 'absolute' && until?.kind === 'absolute' && third === undefined) {
    const both = { ...since, ...until }
    if (String(both.since) >= String(both.until)) {
      const detail = '`until` is not after `since`'
      of.report(problem('PSN2024', { detail }, of.span(second.at)))
    }
    return both
  }
  const detail = `both \`${first.name}\` and \`${second.name}\` say which events count`
  of.report(problem('PSN2024', { detail }, of.span(second.at)))
  return first.window
}
