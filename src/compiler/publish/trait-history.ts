import type { Dialect, Sql } from '../../dialects/dialect.ts'
import type { Catalog } from '../../ir/catalog.ts'
import type { NodeColumn } from '../../ir/node.ts'
import type { PublishedTable } from '../../ir/published.ts'
import { relation } from '../../ir/relation.ts'
import { type ValueType, valueTypeOf } from '../../ir/value-type.ts'
import { shortName } from '../../sql/names.ts'
import { asOfSql, type Context, workSql } from '../context.ts'
import { eventTables } from '../events/event-rows.ts'
import { traitCalls, traitColumn } from '../profiles/custom-traits.ts'
import { inType, unify } from '../sources/field-sql.ts'
import { runIdSql } from './audience-tables.ts'
import { erasedProfiles } from './erasure.ts'
import type { EntityTraits } from './trait-tables.ts'

export const historyTable = 'profile_traits_updates'

/** Of the rows that runs bring; those of events have the type of their call. */
const computation = 'computation'

const fixedColumns: readonly NodeColumn[] = [
  { name: 'segment_id', type: 'text' },
  { name: 'seq', type: 'text' },
  { name: 'uuid_ts', type: 'timestamp' },
  { name: 'timestamp', type: 'timestamp' },
  { name: 'received_at', type: 'timestamp' },
  { name: 'triggering_event_id', type: 'text' },
  { name: 'triggering_event_name', type: 'text' },
  { name: 'triggering_event_type', type: 'text' },
  { name: 'triggering_event_source_id', type: 'text' },
  { name: 'triggering_event_source_name', type: 'text' },
  { name: 'triggering_event_source_slug', type: 'text' },
]

/** A trait in the history, under its own name unless that is one of the table's own. */
interface HistoryColumn {
  readonly trait: NodeColumn
  readonly kind: 'custom' | 'computed' | 'audience'
  readonly name: string
  /** In which values of earlier runs and of this one can be kept. */
  readonly type: ValueType
}

/**
 * `profile_traits_updates`: a row for each call that changed a custom trait, for the surviving profile of each merge, and for
 * each profile whose computed traits or audiences a run changed. The working table `next_profile_traits_updates` holds the
 * rows that are new, from those of the state that are not published yet, and from `next_profile_traits` beside
 * what `profile_traits` held before.
 *
 * @param catalog what the target's schema held: columns are only added to the history, or widened
 */
export function traitHistory(
  context: Context,
  traits: EntityTraits,
  catalog: Catalog,
): { readonly next: Sql; readonly published: PublishedTable } {
  const { dialect } = context
  const before = columnsIn(context, catalog, historyTable)
  const columns = historyColumns(dialect, traits, before)
  const all = [...fixedColumns, ...columns.map(({ name, type }): NodeColumn => ({ name, type }))]
  const parts = [
    eventRows(context, columns),
    ...(columns.some(({ kind }) => kind !== 'custom')
      ? [
          runRows(
            context,
            columns,
            before === undefined ? undefined : columnsIn(context, catalog, 'profile_traits'),
          ),
        ]
      : []),
  ]
  const since = `(select since.${historyTable} from ${workSql(context, 'identity_since')} as since)`
  const select = [
    'select',
    all.map(({ name }) => `  updates.${dialect.ident(name)}`).join(',\n'),
    `from ${workSql(context, `next_${historyTable}`)} as updates`,
  ].join('\n')
  return {
    next: parts
      .map((part) => `select * from (\n  ${part.trim().replaceAll('\n', '\n  ')}\n) as updates`)
      .join('\nunion all\n'),
    published: {
      name: historyTable,
      columns: all,
      keepsColumns: true,
      log: { time: 'timestamp' },
      select,
      // What events did can be told again, what was computed then cannot.
      changes: {
        stale: [
          `(${since} = 0 and triggering_event_type <> ${dialect.text(computation)})`,
          `or segment_id in (\n  ${erasedProfiles(context).replaceAll('\n', '\n  ')}\n)`,
        ].join('\n'),
        select,
      },
    },
  }
}

type StoredColumns = ReadonlyMap<string, ValueType>

/** Columns a public table has; undefined where there is none. */
function columnsIn(context: Context, catalog: Catalog, name: string): StoredColumns | undefined {
  const found = catalog.tables.find(
    (table) => table.relation.schema === context.schema && table.relation.name === name,
  )
  return found && new Map(found.columns.map((column) => [column.name, valueTypeOf(column.type)]))
}

function historyColumns(
  dialect: Dialect,
  traits: EntityTraits,
  before: StoredColumns | undefined,
): readonly HistoryColumn[] {
  const computed = new Set(traits.computed.map(({ column }) => column))
  const own = new Set(fixedColumns.map(({ name }) => name))
  const column = (trait: NodeColumn, kind: HistoryColumn['kind']): HistoryColumn => {
    const name = own.has(trait.name) ? `${trait.name}_trait` : trait.name
    const stored = before?.get(shortName(dialect, name))
    const type = trait.type === 'list' ? 'text' : trait.type
    return { trait, kind, name, type: stored === undefined ? type : unify([stored, type]) }
  }
  return [
    ...traits.columns.map((trait) => column(trait, computed.has(trait.name) ? 'computed' : 'custom')),
    ...traits.audiences.map(({ name }) => column({ name, type: 'boolean' }, 'audience')),
  ]
}

/** Custom traits as each call and each merge left them; what is computed was not, then. */
function eventRows(context: Context, columns: readonly HistoryColumn[]): Sql {
  const { dialect, templates } = context
  const custom = columns.filter(({ kind }) => kind === 'custom')
  const tables = eventTables(context.tables).filter((table) => table.call === 'identify')
  const digits = (sql: Sql): Sql => dialect.padLeft(dialect.toText(sql, 'integer'), 20, '0')
  // Sorts as values replace each other: by the time of their event, then by arrival.
  const micros = dialect.epochMicros('coalesce(events.timestamp, events.received_at)')
  const recency = `${digits(`(${micros} + ${2n ** 62n})`)} || ${digits('events.arrival')}`
  return templates.render('trait-history', {
    batches: workSql(context, 'state_batches'),
    updates: workSql(context, 'state_updates'),
    profiles: workSql(context, 'state_profiles'),
    eventProfiles: workSql(context, 'state_event_profiles'),
    events: workSql(context, 'events'),
    since: workSql(context, 'identity_since'),
    history: historyTable,
    identify: dialect.text('identify'),
    nullText: dialect.nullOf('text'),
    union: dialect.union,
    recency,
    seq: digits('changed.moment'),
    calls:
      custom.length > 0 &&
      tables.map((table) =>
        traitCalls(
          context,
          table,
          custom.map(({ trait }) => trait),
        ),
      ),
    traits: custom.map(({ trait }) => {
      const name = traitColumn(context, trait)
      return {
        name,
        before: dialect.ident(`before_trait_${trait.name}`),
        first: `min(${dialect.binaryText(`calls.${name}`)})`,
        newest: `max(${dialect.binaryText(`held.${name}`)})`,
        running: `max(${dialect.binaryText(`moments.${name}`)})`,
        value: `substr(running.${name}, 41)`,
      }
    }),
    columns: columns.map(({ trait, kind, name, type }) => ({
      name: dialect.ident(name),
      value:
        kind === 'custom'
          ? dialect.fromText(`changed.${traitColumn(context, trait)}`, type)
          : dialect.nullOf(type),
    })),
  })
}

/**
 * Profiles of which a computed trait or an audience has changed since the last run, with all they have now.
 *
 * @param before columns of `profile_traits`; undefined where the history begins with this run
 */
function runRows(
  context: Context,
  columns: readonly HistoryColumn[],
  before: StoredColumns | undefined,
): Sql {
  const { dialect, templates } = context
  const changes = columns.flatMap(({ trait, kind }) => {
    if (kind === 'custom') return []
    const column = dialect.ident(trait.name)
    const now = `traits.${column}`
    const type = trait.type === 'list' ? 'text' : trait.type
    const stored = before?.get(shortName(dialect, trait.name))
    if (kind === 'audience') {
      // Whoever was not there was no member.
      return stored === 'boolean'
        ? [`coalesce(${now}, false) <> coalesce(before.${column}, false)`]
        : [`coalesce(${now}, false)`]
    }
    if (stored === undefined) return [`${now} is not null`]
    const shared = unify([stored, type])
    const value = (sql: Sql, of: ValueType): Sql => inType(dialect, { sql, type: of }, shared)
    return [`${value(now, type)} is distinct from ${value(`before.${column}`, stored)}`]
  })
  return templates.render('trait-changes', {
    traits: workSql(context, `next_profile_traits`),
    before: before !== undefined && dialect.relation(relation(context.schema, 'profile_traits')),
    seq: [
      dialect.padLeft(
        dialect.toText(
          `(select coalesce(max(state_batches.last_arrival), 0) from ${workSql(context, 'state_batches')} as state_batches)`,
          'integer',
        ),
        20,
        '0',
      ),
      dialect.padLeft(dialect.toText(dialect.epochMicros(asOfSql(context)), 'integer'), 20, '0'),
    ].join(' || '),
    asOf: asOfSql(context),
    runId: runIdSql(context),
    type: dialect.text(computation),
    nullText: dialect.nullOf('text'),
    columns: columns.map(({ trait, name, type }) => ({
      name: dialect.ident(name),
      value: inType(
        dialect,
        { sql: `traits.${dialect.ident(trait.name)}`, type: trait.type === 'list' ? 'text' : trait.type },
        type,
      ),
    })),
    changes: changes.join('\nor '),
  })
}
