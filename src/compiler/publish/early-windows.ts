import type { Condition, Window } from '../../definitions/conditions.ts'
import type { Definitions } from '../../definitions/definitions.ts'
import type { Span } from '../../diagnostics/span.ts'
import type { Warning } from '../../ir/step.ts'
import { type Context, workSql } from '../context.ts'

/** Where a window begins: seconds before the as-of instant, or an instant. */
interface Begin {
  readonly seconds?: number
  readonly since?: string
  readonly span: Span
}

interface Windowed {
  readonly kind: 'trait' | 'audience'
  readonly name: string
  readonly begins: readonly [Begin, ...(readonly Begin[])]
}

/** Where there is no instant: later than any. */
const never = 2n ** 62n
/** Almost two thousand years: what is longer begins before any date. */
const longestSeconds = 60e9

/**
 * Warns of each definition with a window that begins before the first event of all sources: it sees less than it asks
 * for. Reads the events once, whatever the number of definitions; no step where none has a window.
 */
export function earlyWindows(context: Context, definitions: Definitions): readonly Warning[] {
  const { dialect } = context
  const windows = windowed(definitions).map(({ kind, name, begins }) => {
    const seconds = Math.max(0, ...begins.map((begin) => begin.seconds ?? 0))
    const instants = begins.flatMap(({ since }) => (since === undefined ? [] : [Date.parse(since)]))
    const longest = begins.find((begin) => begin.seconds === seconds) ?? begins[0]
    const { file, line, column, endLine, endColumn } = longest.span
    const columns = {
      kind: dialect.text(kind),
      name: dialect.text(name),
      file: dialect.text(file),
      line: dialect.integer(line),
      start_column: dialect.integer(column),
      end_line: dialect.integer(endLine),
      end_column: dialect.integer(endColumn),
      distance: dialect.integer(BigInt(Math.min(seconds, longestSeconds)) * 1_000_000n),
      since: dialect.integer(instants.length === 0 ? never : BigInt(Math.min(...instants)) * 1_000n),
    }
    return Object.entries(columns)
      .map(([column, value]) => `${value} as ${column}`)
      .join(',\n')
  })
  if (windows.length === 0) return []
  const sql = context.templates.render('early-windows', {
    windows,
    asOf: dialect.epochMicros('run.as_of'),
    begins: dialect.least(['first_events.as_of - windows.distance', 'windows.since']),
    firstEvent: dialect.epochMicros('min(events.timestamp)'),
    events: workSql(context, 'events'),
    run: workSql(context, 'run'),
  })
  return [{ kind: 'warning', name: 'windows before the first event', sql, code: 'PSN3310' }]
}

function windowed({ traits, audiences }: Definitions): readonly Windowed[] {
  const all = [
    ...traits.map((trait) => ({
      kind: 'trait' as const,
      definition: trait,
      begins: 'event' in trait ? beginOf(trait.window, trait.eventSpan) : [],
    })),
    ...audiences.map((audience) => ({
      kind: 'audience' as const,
      definition: audience,
      begins: beginsOf(audience.match),
    })),
  ]
  return all.flatMap(({ kind, definition: { name, ignoreWarnings }, begins: [first, ...others] }) =>
    first === undefined || ignoreWarnings.includes('PSN3310')
      ? []
      : [{ kind, name, begins: [first, ...others] as const }],
  )
}

function beginsOf(condition: Condition): readonly Begin[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.conditions.flatMap(beginsOf)
    case 'not':
    case 'users':
      return beginsOf(condition.condition)
    case 'event':
      return beginOf(condition.window, condition.eventSpan)
    case 'trait':
    case 'audience':
    case 'related':
      return []
  }
}

function beginOf(window: Window | undefined, span: Span): readonly Begin[] {
  switch (window?.kind) {
    case undefined:
      return []
    case 'within':
      return [{ seconds: window.seconds, span }]
    case 'between':
      return [{ seconds: window.farSeconds, span }]
    // It begins wherever a pause is.
    case 'session':
      return []
    case 'absolute':
      return window.since === undefined ? [] : [{ since: window.since, span }]
  }
}
