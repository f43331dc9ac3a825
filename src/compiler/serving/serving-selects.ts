import type { Entity } from '../../definitions/definitions.ts'
import type { Sql } from '../../dialects/dialect.ts'
import { suppressionsTable } from '../../identity/suppressions.ts'
import { type Relation, relation } from '../../ir/relation.ts'
import { type Context, workSql } from '../context.ts'
import { type EventLayout, layoutRows } from './event-layouts.ts'
import { type ServedColumn, traitsText } from './served-traits.ts'
import type { PublishState, Slice, Span } from './serving-plan.ts'

/** How long events are served, and how many of one profile. */
const servedSeconds = 14 * 86_400
const servedEvents = 1000
/** How many profiles of the other collection a profile leads to. */
const servedLinks = 20

export interface ServingTables {
  readonly columns: Readonly<Record<Entity, readonly ServedColumn[]>>
  readonly layouts: readonly EventLayout[]
  readonly candidates: Readonly<Record<Entity, Relation>>
  /** Whether the table of those who are not to be served is there. */
  readonly suppressions: boolean
}

export interface ServingSelects {
  readonly batches: Sql
  count(entity: Entity, span: Span): Sql
  rows(entity: Entity, span: Span, slice: Slice): Sql
  gone(entity: Entity): Sql
  candidates(entity: Entity, span: Required<Span>, before: Relation): Sql
}

/** Selects over the public tables, the working tables of the last run and identity's state. */
export function servingSelects(context: Context, tables: ServingTables): ServingSelects {
  const { dialect, templates } = context
  const render = (template: string, more: object): Sql => templates.render(`serving/${template}`, more).trim()
  const table = (name: string): Sql => dialect.relation(relation(context.schema, name))
  const work = (name: string): Sql => workSql(context, name)
  const texts = (values: readonly Sql[]): Sql => dialect.rowText(dialect.text(''), values)
  const all = (text: Sql): Sql => dialect.jsonSortedSet(text, 'all')
  const instant = (sql: Sql): Sql => dialect.toText(dialect.epochMicros(sql), 'integer')
  const eventText = (events: Sql): Sql =>
    texts([`${events}.event_id`, `${events}.source`, instant(`${events}.timestamp`)])
  const shared = {
    suppressions: tables.suppressions && table(suppressionsTable.name),
    lowerValue: dialect.lower('user_identifiers.value'),
    lowerSuppressed: dialect.lower('suppressions.value'),
    userIdentifiers: table('user_identifiers'),
    memberships: table('audience_memberships'),
    idGraph: table('id_graph'),
    accountUsers: table('account_users'),
    profileTraits: table('profile_traits'),
    accountTraits: table('account_traits'),
    events: work('events'),
    eventProfiles: work('state_event_profiles'),
    profiles: work('state_profiles'),
    profilesView: work('profiles'),
    identifiersView: work('identifiers'),
    groupCalls: work('group_calls'),
    user: dialect.text('user'),
    account: dialect.text('account'),
    track: dialect.text('track'),
    union: dialect.union,
    nullText: dialect.nullOf('text'),
  }
  const between = (asOf: string): { asOf: Sql; from: Sql } => {
    const until = dialect.timestamp(asOf)
    return { asOf: until, from: dialect.addSeconds(until, -servedSeconds) }
  }
  const docs = {
    sourceRow: texts(['trait_values.name', 'events.source', instant('trait_values.timestamp')]),
    sourceLines: all('trait_source_rows.line'),
    exitDoc: all('audience_memberships.audience_key'),
  }
  const eventCtes = (asOf: string): Sql | false =>
    tables.layouts.length > 0 &&
    render('events', {
      ...shared,
      ...between(asOf),
      identifiers: work('event_identifiers'),
      most: dialect.integer(servedEvents),
      order: dialect.orderBy([
        { sql: 'events.timestamp', type: 'timestamp', descending: true },
        { sql: 'events.arrival', type: 'integer', descending: true },
      ]),
      idRow: texts(['event_identifiers.identifier_type', 'event_identifiers.identifier_value']),
      idLines: all('event_id_rows.line'),
      tables: tables.layouts.map((layout, place) => layoutRows(context, layout, place, between(asOf))),
      eventRow: texts([
        'recent_events.event_id',
        'recent_events.source',
        instant('recent_events.timestamp'),
        'recent_events.event',
        'event_ids.external_ids',
        'event_fields.layout',
        'event_fields.fields',
      ]),
      eventLines: all('event_rows.line'),
    })
  const candidatesOf = (entity: Entity, since: PublishState | undefined): Sql | false =>
    since !== undefined && dialect.relation(tables.candidates[entity])
  const sliceOf = (entity: Entity, { index, of }: Slice): Sql | false => {
    const key = entity === 'user' ? 'profile_traits.canonical_segment_id' : 'account_traits.account_id'
    const part = dialect.modulo(dialect.hash60(key), dialect.integer(of))
    return of > 1 && `${part} = ${dialect.integer(index)}`
  }
  return {
    batches: render('batches', { batches: work('state_batches'), runs: table('identity_runs') }),
    count(entity, { since }) {
      const candidates = candidatesOf(entity, since)
      const all =
        entity === 'user'
          ? `${shared.profileTraits} as traits\nwhere traits.merged_to is null`
          : `${shared.accountTraits} as traits`
      return `select count(*) as row_count\nfrom ${candidates === false ? all : `${candidates} as candidates`}`
    },
    rows(entity, { asOf, since }, slice) {
      const given = {
        ...shared,
        ...docs,
        candidates: candidatesOf(entity, since),
        slice: sliceOf(entity, slice),
        eventCtes: eventCtes(asOf),
      }
      switch (entity) {
        case 'user':
          return render('users', {
            ...given,
            traits: traitsText(context, 'profile_traits', tables.columns.user),
            customValues: work('user_custom_trait_values'),
            mappings: table('external_id_mapping_updates'),
            identifierRow: texts([
              'mappings.seq',
              'mappings.external_id_type',
              'mappings.external_id_value',
              'mappings.external_id_hash',
              instant('coalesce(mappings.timestamp, mappings.received_at)'),
              'mappings.triggering_event_id',
              'mappings.triggering_event_source_id',
              'mappings.segment_id',
            ]),
            identifierLines: all('external_id_rows.line'),
            formerDoc: all('id_graph.segment_id'),
            linkDoc: dialect.jsonSortedSet('account_users.account_id', servedLinks),
            lastDoc: eventText('events'),
          })
        case 'account':
          return render('accounts', {
            ...given,
            traits: traitsText(context, 'account_traits', tables.columns.account),
            customValues: work('account_custom_trait_values'),
            linkDoc: dialect.jsonSortedSet('account_users.canonical_segment_id', servedLinks),
            firstDoc: eventText('first_events'),
            lastDoc: eventText('last_events'),
          })
      }
    },
    gone: (entity) =>
      render('gone', {
        ...shared,
        suppressions: entity === 'user' && shared.suppressions,
        candidates: dialect.relation(tables.candidates[entity]),
        traits: entity === 'user' ? shared.profileTraits : shared.accountTraits,
        key: entity === 'user' ? 'canonical_segment_id' : 'account_id',
        merged: entity === 'user',
      }),
    candidates(entity, { asOf, since }, before) {
      const earlier = between(since.asOf)
      const given = {
        ...shared,
        ...between(asOf),
        earlierAsOf: earlier.asOf,
        earlierFrom: earlier.from,
        batch: dialect.integer(since.batch),
        lastArrival: dialect.integer(since.lastArrival),
        before: dialect.relation(before),
        columns: tables.columns[entity].map(({ name }) => dialect.ident(name)),
      }
      return entity === 'user'
        ? render('candidates', given)
        : render('account-candidates', { ...given, users: dialect.relation(tables.candidates.user) })
    },
  }
}
