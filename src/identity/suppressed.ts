import type { Dialect, Sql } from '../dialects/dialect.ts'
import { type Statement, type Step, statement } from '../ir/step.ts'
import type { Writer } from './statements.ts'
import { suppressionsRelation, suppressionsTable } from './suppressions.ts'
import type { IdentityTables } from './tables.ts'

/** Creates the table that `suppress` and `forget` write to, where nobody has been suppressed yet. */
export function createSuppressions(dialect: Dialect, schema: string): readonly Statement[] {
  const create = dialect.createTableIfMissing(suppressionsRelation(schema), suppressionsTable.columns)
  return create.map((sql) => statement('who is suppressed', sql))
}

/**
 * Takes those who are suppressed out of what is new, and finds what of them earlier runs have taken in, which is then taken
 * out by a replay of all that is connected.
 *
 * Leaves `identity_suppressions`, and `identity_erased_sightings` and `identity_erased_events`, empty unless somebody was
 * suppressed since the last run.
 */
export function suppressedSteps(
  writer: Writer,
  tables: IdentityTables,
  dialect: Dialect,
  schema: string,
): readonly Step[] {
  const publicSuppressions = dialect.relation(suppressionsRelation(schema))
  const newSightings = { events: tables.newEvents, eventIdentifiers: tables.newEventIdentifiers }
  const sightings = { events: tables.events, eventIdentifiers: tables.eventIdentifiers, onlyNew: true }
  return [
    ...writer.table('suppressions', 'suppressions', { publicSuppressions }),
    writer.branch('leave out who is suppressed', 'suppressions-there', [
      ...writer.table('suppressedSightings', 'suppressed-sightings', newSightings),
      ...leaveOut(tables),
      ...writer.forget('suppressedSightings'),
    ]),
    ...writer.table('erasedSightings', 'no-suppressed-sightings'),
    writer.branch('find who is to be erased', 'suppressions-new', [
      ...writer.table('erasedSightings', 'suppressed-sightings', sightings),
    ]),
    ...writer.table('erasedEvents', 'erased-events'),
  ]
}

/** An event that a suppressed identifier leads is not taken in; another does without it. */
function leaveOut(tables: IdentityTables): readonly Statement[] {
  const led = `(\n  select suppressed_sightings.arrival\n  from ${tables.suppressedSightings} as suppressed_sightings\n  where suppressed_sightings.leads\n)`
  return [
    withoutEvents(tables.newLateEvents, tables.newEvents, led),
    `delete from ${tables.newEventIdentifiers}\nwhere arrival in ${led}`,
    withoutSightings(tables.newEventIdentifiers, tables.suppressedSightings),
    `delete from ${tables.newEvents}\nwhere arrival in ${led}`,
  ].map((sql) => statement('leave out who is suppressed', sql))
}

/** Takes what is erased out of the state, before what is connected to it is taken in once more. */
export function eraseSteps(tables: IdentityTables): readonly Statement[] {
  const erased = `(select erased_events.arrival from ${tables.erasedEvents} as erased_events)`
  return [
    withoutEvents(tables.stateLateEvents, tables.events, erased),
    `delete from ${tables.eventIdentifiers}\nwhere arrival in ${erased}`,
    withoutSightings(tables.eventIdentifiers, tables.erasedSightings),
    `delete from ${tables.events}\nwhere arrival in ${erased}`,
  ].map((sql) => statement('erase', sql))
}

/** Columns of what is deleted from need no name of its table: those of the other have names of their own. */
function withoutEvents(target: Sql, events: Sql, arrivals: Sql): Sql {
  return `delete from ${target}
where exists (
  select 1
  from (
    select
      events.source as gone_source,
      events.event_id as gone_event_id
    from ${events} as events
    where events.arrival in ${arrivals.replaceAll('\n', '\n    ')}
  ) as gone
  where gone.gone_source = source
    and gone.gone_event_id = event_id
)`
}

function withoutSightings(target: Sql, sightings: Sql): Sql {
  return `delete from ${target}
where exists (
  select 1
  from (
    select
      sightings.arrival as gone_arrival,
      sightings.identifier_type as gone_type,
      sightings.identifier_value as gone_value
    from ${sightings} as sightings
  ) as gone
  where gone.gone_arrival = arrival
    and gone.gone_type = identifier_type
    and gone.gone_value = identifier_value
)`
}
