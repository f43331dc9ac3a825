import type { Sql } from '../../src/dialects/dialect.ts'
import type { Draws } from './draws.ts'

/** What goes wrong with identifiers in practice: one value that many people share. */
export type Mistake = 'anonymous_id' | 'user_id' | 'ten_ids'

export interface CdpShape {
  readonly events: number
  /** Of the households of three that use one device in common; 18 gives 3 % of the devices several owners. */
  readonly sharedPercent: number
  readonly mistake?: Mistake
}

/** In priority order; `column` of the events as generated. */
export const identifierTypes = [
  { type: 'user_id', column: 'user_id' },
  { type: 'email', column: 'email' },
  { type: 'phone', column: 'phone' },
  { type: 'android.id', column: 'device_id' },
  { type: 'anonymous_id', column: 'anonymous_id' },
] as const

/** From 0, 0 the highest priority. */
export function typeRank(type: Sql): Sql {
  const cases = identifierTypes.map((known, rank) => `when '${known.type}' then ${rank}`)
  return `case ${type} ${cases.join(' ')} end`
}

const days = 90
const microsOfDay = 86_400e6

/**
 * Events of a company's customers over 90 days: `position, user_id, email, phone, device_id, anonymous_id`, the position
 * from 0 to twice the events.
 *
 * A fifth as many people as events, most of which are of few people. A person has one to six anonymous ids, one after
 * another, and at most three devices; seven of ten register. One of 2,000 events on a device is from one of 150 kiosks.
 */
function customers({ events, sharedPercent }: CdpShape, draw: Draws): Sql {
  return `with
people as (
  select
    seq,
    cast(floor(${events / 5} * pow(${draw.unit('seq', 'person')}, 2)) as bigint) as person
  from range(${events}) as drawn(seq)
),

habits as (
  select
    people.*,
    person // 3 as household,
    1 + ${draw.below(6, 'person', 'anonymous ids')} as anonymous_ids,
    1 + ${draw.below(2, 'person', 'emails')} as emails,
    1 + ${draw.below(3, 'person', 'devices')} as devices,
    ${draw.percent(70, 'person', 'registers')} as registers,
    ${draw.percent(60, 'person', 'mobile')} as mobile,
    ${draw.percent(30, 'person', 'phone')} as gives_phone
  from people
),

visits as (
  select
    habits.*,
    cast(floor(
      seq / ${events}.0 * anonymous_ids + (${draw.unit('seq', 'visit')} - 0.5) * 0.3
    ) as bigint) as visit,
    ${draw.below('devices', 'seq', 'device')} as device
  from habits
)

select
  seq * 2 as position,
  case
    when registers and ${draw.percent(35, 'seq', 'logged in')}
      then 'user-' || (person * 7919 % 1000000007)
  end as user_id,
  case
    when registers and ${draw.percent(12, 'seq', 'gave email')}
      then 'person.' || person || case when ${draw.below('emails', 'seq', 'email')} = 0 then '' else '+alt' end
        || '@mail' || (person % 23) || '.example'
  end as email,
  case
    when registers and gives_phone and ${draw.percent(6, 'seq', 'gave phone')}
      then '+1555' || lpad(cast(person as text), 8, '0')
  end as phone,
  case
    when not (mobile and ${draw.percent(50, 'seq', 'on device')}) then null
    when ${draw.below(2000, 'seq', 'at kiosk')} = 0 then 'kiosk-' || ${draw.below(150, 'seq', 'kiosk')}
    when device = 0 and ${draw.percent(sharedPercent, 'household', 'shares')} then md5('household ' || household)
    else md5('device ' || person || ' ' || device)
  end as device_id,
  md5('visitor ' || person || ' ' || least(anonymous_ids - 1, greatest(visit, 0))) as anonymous_id
from visits`
}

/** A twentieth as many events as there are others, spread evenly among them; the columns of `customers`. */
function mistaken(mistake: Mistake, events: number, draw: Draws): Sql {
  const count = Math.floor(events / 20)
  const victim = mistake === 'user_id' ? 'anonymous_id' : 'user_id'
  const shared = {
    anonymous_id: { user_id: 'victim', anonymous_id: "'shared'" },
    user_id: { user_id: "'hard-coded'", anonymous_id: 'victim' },
    ten_ids: { user_id: 'victim', anonymous_id: "'shared-' || (number % 10)" },
  }[mistake]
  return `with
victims as (
  select distinct ${victim} as victim
  from customers
  where ${victim} is not null
),

chosen as (
  select
    victim,
    row_number() over (order by ${draw.key('victim', 'victims')}, victim) - 1 as number
  from victims
)

select
  cast(floor(number * ${events}.0 / ${count}) as bigint) * 2 + 1 as position,
  ${shared.user_id} as user_id,
  null as email,
  null as phone,
  null as device_id,
  ${shared.anonymous_id} as anonymous_id
from chosen
where number < ${count}`
}

/**
 * Statements that leave `events` and `event_identifiers` in the shape of the working tables `new_events` and
 * `new_event_identifiers`, in arrival order.
 */
export function cdpEvents(shape: CdpShape, draw: Draws): readonly Sql[] {
  const { events, mistake } = shape
  const interval = Math.floor((days * microsOfDay) / events / 2)
  const all =
    mistake === undefined
      ? 'select * from customers'
      : `select * from customers union all (${mistaken(mistake, events, draw)})`
  return [
    `create temp table customers as ${customers(shape, draw)}`,
    `create temp table numbered as
    select row_number() over (order by position) as arrival, *
    from (${all})`,
    eventsOf(`timestamp '2026-01-01' + to_microseconds(position * ${interval})`, 'numbered'),
    `create table event_identifiers as ${identifierTypes
      .map(
        ({ type, column }) =>
          `select arrival, '${type}' as identifier_type, ${column} as identifier_value, cast(1 as bigint) as location
          from numbered
          where ${column} is not null`,
      )
      .join(' union all ')}`,
    'drop table customers',
    'drop table numbered',
  ]
}

/** @param from has `arrival`, `user_id` and `anonymous_id` */
export function eventsOf(time: Sql, from: Sql): Sql {
  return `create table events as
  select
    arrival,
    'web' as source,
    'e' || arrival as event_id,
    'track' as type,
    'Page Viewed' as event,
    ${time} as timestamp,
    ${time} as received_at,
    user_id,
    anonymous_id,
    cast(null as text) as group_id
  from ${from}
  order by arrival`
}
