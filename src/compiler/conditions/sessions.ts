import type { Window } from '../../definitions/conditions.ts'
import { type ColumnExpr, compare, type Expr } from '../../ir/expr.ts'
import type { FromItem, Join } from '../../ir/select.ts'
import { eventKey, keyType } from '../compile-scope.ts'
import { durationName } from './duration-name.ts'
import { type EventInScope, eventColumn } from './event-rows.ts'
import type { StatementBuilder } from './statement-builder.ts'

// Two underscores: no column of a property has them.
const next = 'next__timestamp'
const accountKey = 'session__account_id'

/** Lengths of sessions that any of the windows asks for, in order. */
export function sessionLengths(windows: readonly (Window | undefined)[]): readonly number[] {
  const lengths = windows.flatMap((window) => (window?.kind === 'session' ? [window.seconds] : []))
  return [...new Set(lengths)].sort((a, b) => a - b)
}

/** Rows of an event that know whether they are in a session. */
export interface SessionRows {
  /** Under the event's alias. */
  readonly from: FromItem
  /** The account whose row it is, where there are accounts. */
  readonly account: ColumnExpr
}

/**
 * Adds to the rows of an event whether each is in the last session of its profile: the last run of all events of that
 * name with smaller gaps, unless the gap up to now is not smaller. Two steps, each with one window over one order.
 *
 * @param accounts joins the account that a row is of, where sessions are those of accounts
 */
export function sessionRows(
  statement: StatementBuilder,
  event: EventInScope,
  lengths: readonly number[],
  accounts?: { readonly key: Expr; readonly join: Join },
): SessionRows {
  const timestamp = eventColumn(event, 'timestamp')
  const user = ownerColumn(event)
  const now: Expr = { kind: 'asOf', run: statement.run, shift: 0 }
  const following: Expr = {
    kind: 'nextOf',
    of: timestamp,
    per: accounts?.key ?? user,
    order: [{ of: timestamp, descending: false }],
  }
  // Rows of a relationship may lie ahead, which is after now.
  const byNow: Expr =
    event.relationship === undefined
      ? following
      : { kind: 'when', condition: compare('<=', following, now), value: following }
  const byTime = statement.step(`${event.alias}_by_time`, {
    allOf: event.alias,
    columns: [
      ...(accounts === undefined ? [] : [{ of: accounts.key, name: accountKey }]),
      { of: { kind: 'coalesce', parts: [byNow, now] }, name: next },
    ],
    from: { kind: 'relation', relation: event.staged.relation, alias: event.alias },
    joins: accounts === undefined ? [] : [accounts.join],
  })
  const account: ColumnExpr = { ...user, name: accountKey, type: 'text' }
  const sessions = statement.step(`${event.alias}_sessions`, {
    allOf: event.alias,
    columns: lengths.map((seconds) => ({
      of: afterLastPause(timestamp, accounts === undefined ? user : account, seconds),
      name: sessionName(seconds),
    })),
    from: { kind: 'step', name: byTime, alias: event.alias },
    joins: [],
  })
  return { from: { kind: 'step', name: sessions, alias: event.alias }, account }
}

function ownerColumn(event: EventInScope): ColumnExpr {
  const key = eventKey(event.relationship?.entity ?? 'user')
  return { kind: 'column', table: event.alias, name: key, type: keyType(key) }
}

/** Whether a row of {@link sessionRows} is in the session. */
export function inSession(table: string, seconds: number): ColumnExpr {
  return { kind: 'column', table, name: sessionName(seconds), type: 'boolean' }
}

function sessionName(seconds: number): string {
  return `session__${durationName(seconds)}`
}

function afterLastPause(timestamp: ColumnExpr, per: Expr, seconds: number): Expr {
  const pauses = compare('>=', { ...timestamp, name: next }, { kind: 'shift', of: timestamp, seconds })
  const lastPause: Expr = { kind: 'maxOf', of: { kind: 'when', condition: pauses, value: timestamp }, per }
  return { kind: 'coalesce', parts: [compare('>', timestamp, lastPause), { kind: 'boolean', value: true }] }
}
