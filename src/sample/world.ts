import type { Row } from './csv-file.ts'
import { hour, minute, timestampText } from './instants.ts'
import type { Random } from './random.ts'
import type { TableName } from './tables.ts'

/** Where generated rows go, and what is numbered across all people. */
export interface World {
  /** Nothing after this instant has happened or arrived, in milliseconds since 1970. */
  readonly until: number
  /** A row in parts; the first part that has a column wins. */
  add(table: TableName, ...parts: readonly Row[]): void
  nextMessage(): number
  nextOrder(): number
}

/** When one call was made and when the warehouse got it. */
export interface Moment {
  readonly at: number
  /** How long the call waited on the device before it was sent. */
  readonly delay: number
  /** How far the device's own clock is off. */
  readonly skew: number
}

/** Whose call it is; one of the two may be missing. */
export interface Caller {
  readonly anonymousId?: string | undefined
  readonly userId?: string | undefined
}

/** What one call shares over all the tables it is written to; undefined if it has not arrived yet. */
export function callRow(
  world: World,
  random: Random,
  prefix: 'ajs' | 'ios' | 'srv',
  caller: Caller,
  moment: Moment,
): Row | undefined {
  const wait = moment.delay + random.integer(80, 2500)
  const received = moment.at + wait
  const id = `${prefix}-${scramble(world.nextMessage())}`
  if (received >= world.until) return undefined
  const original = moment.at + moment.skew
  return {
    id,
    anonymous_id: caller.anonymousId,
    user_id: caller.userId,
    // As documented by Segment: timestamp = received_at - (sent_at - original_timestamp).
    received_at: timestampText(received),
    sent_at: timestampText(original + wait),
    original_timestamp: timestampText(original),
    timestamp: timestampText(moment.at),
    uuid_ts: timestampText(Math.min(world.until, Math.ceil(received / hour) * hour + 4 * minute)),
  }
}

/** What changes if a call is delivered once more some minutes later, as at-least-once pipelines do. */
export function deliveredAgain(row: Row, world: World, random: Random): Row {
  const received =
    Date.parse(`${String(row.received_at).replace(' ', 'T')}Z`) + random.integer(5, 90) * minute
  const loaded = Math.min(world.until, Math.ceil(received / hour) * hour + 4 * minute)
  return {
    received_at: timestampText(Math.min(received, world.until - 1)),
    uuid_ts: timestampText(loaded),
  }
}

/** Numbers made to look random, each different: a multiplication that is one to one modulo 2^32. */
export function scramble(number: number): string {
  return (Math.imul(number, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')
}
