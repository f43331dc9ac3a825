import type { Adapter } from '../../src/adapters/adapter.ts'
import type { Sql } from '../../src/dialects/dialect.ts'
import { type Relation, relation } from '../../src/ir/relation.ts'
import { workSchema } from '../identity/database.ts'

export interface Shape {
  readonly events: number
  readonly profiles: number
}

export const eventKinds = 20
export const asOf = '2026-06-30T00:00:00Z'
const days = 180

/** The name of one of the kinds of events, from 0. */
export function eventName(kind: number): string {
  return `Event ${String(kind).padStart(2, '0')}`
}

/** The working table of a kind, as a run stages it. */
export function stagedTable(kind: number): Relation {
  return relation(workSchema, `event_event_${String(kind).padStart(2, '0')}`)
}

/** All events in one table, as one who writes SQL by hand has them. */
export const allEvents: Relation = relation(workSchema, 'all_events')

/**
 * Leaves what traits are computed from: events of 20 kinds over 180 days of profiles that are more and less active, each
 * with an amount, a category of 50 and a quantity; in one table and, as a run stages them, one for each kind.
 */
export async function generate(adapter: Adapter, { events, profiles }: Shape): Promise<void> {
  const { dialect } = adapter
  const table = (name: string): Relation => relation(workSchema, name)
  const series = (rows: number): Sql =>
    dialect.name === 'postgres'
      ? `generate_series(0, ${rows - 1}) as drawn(row_number)`
      : `range(${rows}) as drawn(row_number)`
  /** From 0 to 1. */
  const unit = (tag: string): Sql =>
    `(${dialect.hash60(`cast(drawn.row_number as text) || ${dialect.text(` ${tag}`)}`)} / ${2 ** 60}.0)`
  const below = (limit: number, tag: string): Sql => `cast(floor(${unit(tag)} * ${limit}) as bigint)`
  const id = (number: Sql): Sql => `'use_' || substr(md5(cast(${number} as text)), 1, 27)`
  const interval = (days * 86_400) / events
  const empty = (columns: Sql): Sql => `select ${columns} where 1 = 0`
  const statements: readonly (readonly [Relation, Sql])[] = [
    [table('run'), `select ${dialect.text('run_1')} as run_id, ${dialect.timestamp(asOf)} as as_of`],
    [
      table('profiles'),
      `select ${id('row_number + 1')} as segment_id, ${id('row_number + 1')} as canonical_segment_id,
        cast(row_number + 1 as bigint) as arrival, true as known
      from ${series(profiles)}`,
    ],
    [table('accounts'), empty(`${dialect.nullOf('text')} as account_id`)],
    [
      table('account_users'),
      empty(`${dialect.nullOf('text')} as account_id, ${dialect.nullOf('text')} as canonical_segment_id`),
    ],
    [table('user_custom_traits'), empty(`${dialect.nullOf('text')} as canonical_segment_id`)],
    [table('account_custom_traits'), empty(`${dialect.nullOf('text')} as account_id`)],
    [
      allEvents,
      `select
        drawn.*,
        ${id('profile_number')} as canonical_segment_id
      from (
        select
          cast(row_number as bigint) as arrival,
          'e' || row_number as event_id,
          'web' as source,
          ${dialect.timestamp('2026-01-01T00:00:00Z')} + row_number * interval '${interval.toFixed(6)} seconds' as timestamp,
          1 + cast(floor(${profiles} * power(${unit('profile')}, 1.5)) as bigint) as profile_number,
          true as known,
          'Event ' || lpad(cast(${below(eventKinds, 'kind')} as text), 2, '0') as event,
          cast(${below(20_000, 'amount')} / 100.0 as double precision) as amount,
          'category ' || ${below(50, 'category')} as category,
          ${below(5, 'quantity')} as quantity
        from ${series(events)}
      ) as drawn`,
    ],
  ]
  for (const sql of dialect.createSchema(workSchema)) await adapter.execute(sql)
  for (const [target, select] of statements) {
    for (const sql of dialect.createTableAs(target, select)) await adapter.execute(sql)
  }
  for (let kind = 0; kind < eventKinds; kind += 1) {
    const select = `select * from ${dialect.relation(allEvents)} as all_events where event = ${dialect.text(eventName(kind))} order by arrival`
    for (const sql of dialect.createTableAs(stagedTable(kind), select)) await adapter.execute(sql)
  }
}
