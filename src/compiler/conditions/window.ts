import type { Window } from '../../definitions/conditions.ts'
import { and, type ColumnExpr, compare, type Expr } from '../../ir/expr.ts'
import type { Relation } from '../../ir/relation.ts'
import { durationName } from './duration-name.ts'
import { instant } from './read-value.ts'
import { inSession } from './sessions.ts'

/** The bounds of a window as truths about a timestamp. */
export interface WindowBounds {
  /** Absent where nothing is too old. */
  readonly lower?: Expr
  /** Absent where nothing is too new; staged events end at the as-of instant. */
  readonly upper?: Expr
  /** True where events leave the window as time goes by. */
  readonly slides: boolean
}

/** @param timestamp of rows that {@link sessionRows} gives where the window is a session */
export function windowBounds(timestamp: ColumnExpr, window: Window | undefined, run: Relation): WindowBounds {
  if (window === undefined) return { slides: false }
  const ago = (seconds: number): Expr => ({ kind: 'asOf', run, shift: -seconds })
  switch (window.kind) {
    case 'within':
      return { lower: compare('>=', timestamp, ago(window.seconds)), slides: true }
    case 'between':
      return {
        lower: compare('>=', timestamp, ago(window.farSeconds)),
        upper: compare('<=', timestamp, ago(window.nearSeconds)),
        slides: true,
      }
    case 'session':
      return { lower: inSession(timestamp.table, window.seconds), slides: true }
    case 'absolute':
      return {
        ...(window.since !== undefined && { lower: compare('>=', timestamp, instant(window.since)) }),
        ...(window.until !== undefined && { upper: compare('<', timestamp, instant(window.until)) }),
        slides: false,
      }
  }
}

/** Bounds for rows that may lie ahead: windows end at the as-of instant, as they do for events. */
export function rowWindowBounds(
  timestamp: ColumnExpr,
  window: Window | undefined,
  run: Relation,
): WindowBounds {
  const bounds = windowBounds(timestamp, window, run)
  if (window === undefined || window.kind === 'between') return bounds
  const past = compare('<=', timestamp, { kind: 'asOf', run, shift: 0 })
  return { ...bounds, upper: bounds.upper === undefined ? past : and([bounds.upper, past]) }
}

/** Both bounds, for those who only ask whether an event counts. */
export function inWindow(timestamp: ColumnExpr, window: Window | undefined, run: Relation): readonly Expr[] {
  const { lower, upper } = windowBounds(timestamp, window, run)
  return [lower, upper].filter((bound) => bound !== undefined)
}

/** `within_90d`, `30d_to_90d_ago`, for the names of steps; empty without a window. */
export function windowName(window: Window | undefined): string {
  if (window === undefined) return ''
  switch (window.kind) {
    case 'within':
      return `_within_${durationName(window.seconds)}`
    case 'between':
      return `_${durationName(window.nearSeconds)}_to_${durationName(window.farSeconds)}_ago`
    case 'session':
      return `_session_${durationName(window.seconds)}`
    case 'absolute':
      return [
        window.since === undefined ? '' : `_since_${dayName(window.since)}`,
        window.until === undefined ? '' : `_until_${dayName(window.until)}`,
      ].join('')
  }
}

function dayName(iso: string): string {
  return iso.slice(0, 10).replaceAll('-', '_')
}
