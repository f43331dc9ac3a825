import { and, compare, type Expr, type ExprOrder } from '../../ir/expr.ts'
import { asNumber, asText } from '../conditions/read-value.ts'
import type { Measure } from './measure.ts'

/** The rows of an event as an aggregate sees them. */
export interface MeasuredRows {
  /** Absent for `count`. */
  readonly value?: Expr
  /** Which rows count at all; literally true where all do. */
  readonly counts: Expr
  /** Whether a count of none is no value. */
  readonly zeroIsNull: boolean
  /** Which of those are in a window that moves on; absent where rows do not leave. */
  readonly inWindow?: Expr
  /** What orders rows in time. */
  readonly timestamp: Expr
  readonly eventId: Expr
  readonly source: Expr
}

/** Values in a list; what counts values sees all of them. */
const mostListed = 10_000
const zero: Expr = { kind: 'integer', value: 0 }
const one: Expr = { kind: 'integer', value: 1 }

/** The property as the aggregate takes it; NULL where it cannot. */
export function readValue({ type, asText: ofText }: Pick<Measure, 'type' | 'asText'>, value: Expr): Expr {
  switch (type) {
    case 'count':
    case 'first':
    case 'last':
      return value
    case 'sum':
    case 'avg':
      // Decimals, so that a sum does not depend on the order of rows; NULL where a value is not within what they hold.
      return { kind: 'exact', of: asDouble(value) }
    case 'min':
    case 'max':
      return ofText ? asText(value) : asDouble(value)
    case 'median':
    case 'percentile':
      return asDouble(value)
    case 'most_frequent':
    case 'unique_list':
    case 'unique_list_count':
      return asText(value)
  }
}

/** Falls to 0 when all events have left the window, rather than away. */
export function decays({ type, window }: Pick<Measure, 'type' | 'window'>): boolean {
  const slides = window !== undefined && window.kind !== 'absolute'
  return slides && (type === 'count' || type === 'sum' || type === 'unique_list_count')
}

/** Of the rows of one profile; `most_frequent` takes rows that have been counted by value, see {@link mostFrequent}. */
export function aggregate({ type, share = 0 }: Pick<Measure, 'type' | 'share'>, rows: MeasuredRows): Expr {
  const value: Expr = rows.value ?? { kind: 'null', type: 'text' }
  const { counts, inWindow, zeroIsNull } = rows
  switch (type) {
    case 'count':
      if (inWindow !== undefined) return onceAny(counts, countOf(and([counts, inWindow]), one))
      if (isTrue(counts)) return { kind: 'countRows' }
      return zeroIsNull ? noneIsNull(countOf(counts, one)) : countOf(counts, one)
    case 'sum': {
      if (inWindow === undefined) return double({ kind: 'sum', of: where(counts, value) })
      const sum: Expr = { kind: 'sum', of: where(and([counts, inWindow]), value) }
      return onceAny(and([counts, present(value)]), double({ kind: 'coalesce', parts: [sum, zero] }))
    }
    case 'avg':
      return {
        kind: 'arithmetic',
        operator: '/',
        left: double({ kind: 'sum', of: where(counts, value) }),
        right: { kind: 'count', of: where(counts, value) },
      }
    case 'min':
    case 'max':
      return { kind: type, of: where(counts, value) }
    case 'median':
      return { kind: 'percentile', of: where(counts, value), share: 0.5 }
    case 'percentile':
      return { kind: 'percentile', of: where(counts, value), share }
    case 'unique_list':
      return { kind: 'sortedSet', of: where(counts, value), most: mostListed }
    case 'unique_list_count':
      if (inWindow === undefined) return noneIsNull({ kind: 'countDistinct', of: where(counts, value) })
      return onceAny(and([counts, present(value)]), {
        kind: 'countDistinct',
        of: where(and([counts, inWindow]), value),
      })
    case 'first':
    case 'last':
      return ordered(type === 'last', where(counts, value), rows)
    case 'most_frequent':
      throw new Error('most_frequent is aggregated in two steps')
  }
}

/** Of a profile's values with how often each occurs, those that occur often enough: the most frequent, ties by code point. */
export function mostFrequent(value: Expr, occurrences: Expr): Expr {
  const order: readonly ExprOrder[] = [
    { of: occurrences, descending: true },
    { of: value, descending: false },
  ]
  return { kind: 'firstBy', of: value, order }
}

/** By the event's own time; equal times by id, then by source, then by value for elements of one event. */
function ordered(last: boolean, value: Expr, { timestamp, eventId, source }: MeasuredRows): Expr {
  const order: readonly ExprOrder[] = [
    // Rows of a relationship have no source but their id.
    ...[...new Set([timestamp, eventId, source])].map((of) => ({ of, descending: last })),
    { of: value, descending: false },
  ]
  return { kind: 'firstBy', of: value, order }
}

function asDouble(value: Expr): Expr {
  const number = asNumber(value) ?? { kind: 'null', type: 'number' }
  return number.kind === 'column' && number.type === 'integer'
    ? { kind: 'cast', of: number, type: 'number' }
    : number
}

function present(of: Expr): Expr {
  return { kind: 'present', of }
}

/** A sum of exact decimals, rounded to a double once. */
function double(of: Expr): Expr {
  return { kind: 'cast', of, type: 'number' }
}

function where(condition: Expr, value: Expr): Expr {
  return isTrue(condition) ? value : { kind: 'when', condition, value }
}

function countOf(condition: Expr, value: Expr): Expr {
  return { kind: 'count', of: where(condition, value) }
}

function noneIsNull(count: Expr): Expr {
  return { kind: 'nullIf', of: count, unwanted: zero }
}

/** The value where any row counts, whether or not it has left the window since. */
function onceAny(counts: Expr, value: Expr): Expr {
  if (isTrue(counts)) return value
  return { kind: 'when', condition: compare('>', countOf(counts, one), zero), value }
}

function isTrue(of: Expr): boolean {
  return of.kind === 'boolean' && of.value
}
