import type { Dialect, Sql } from '../dialects/dialect.ts'
import type { NodeColumn } from '../ir/node.ts'
import type { PublishedTable } from '../ir/published.ts'
import { relation } from '../ir/relation.ts'
import type { ValueType } from '../ir/value-type.ts'
import type { Writer } from './statements.ts'
import type { IdentityTables } from './tables.ts'

const trigger = {
  triggering_event_type: 'text',
  triggering_event_id: 'text',
  triggering_event_name: 'text',
  triggering_event_source_id: 'text',
  triggering_event_source_name: 'text',
  triggering_event_source_slug: 'text',
} as const

const columnsOf: Readonly<Record<string, Readonly<Record<string, ValueType>>>> = {
  id_graph_updates: {
    segment_id: 'text',
    canonical_segment_id: 'text',
    ...trigger,
    timestamp: 'timestamp',
    seq: 'text',
    uuid_ts: 'timestamp',
  },
  external_id_mapping_updates: {
    id: 'text',
    segment_id: 'text',
    external_id_type: 'text',
    external_id_value: 'text',
    external_id_hash: 'text',
    received_at: 'timestamp',
    timestamp: 'timestamp',
    seq: 'text',
    uuid_ts: 'timestamp',
    ...trigger,
  },
  user_identifiers: {
    canonical_segment_id: 'text',
    type: 'text',
    value: 'text',
    seq: 'text',
    received_at: 'timestamp',
    uuid_ts: 'timestamp',
    timestamp: 'timestamp',
  },
  profile_merges: {
    canonical_segment_id: 'text',
    segment_id: 'text',
    seq: 'text',
    received_at: 'timestamp',
    uuid_ts: 'timestamp',
    timestamp: 'timestamp',
  },
  id_graph: {
    segment_id: 'text',
    canonical_segment_id: 'text',
    timestamp: 'timestamp',
    seq: 'text',
    uuid_ts: 'timestamp',
    etl_ts: 'timestamp',
  },
  external_id_mapping: {
    external_id_hash: 'text',
    canonical_segment_id: 'text',
    external_id_type: 'text',
    external_id_value: 'text',
    timestamp: 'timestamp',
    uuid_ts: 'timestamp',
  },
  identity_violations: {
    event_id: 'text',
    source: 'text',
    identifier_type: 'text',
    identifier_value: 'text',
    reason: 'text',
    segment_id: 'text',
    run_id: 'text',
    timestamp: 'timestamp',
  },
  event_segments: {
    event_source_id: 'text',
    event_id: 'text',
    segment_id: 'text',
  },
  identity_runs: {
    run_id: 'text',
    as_of: 'timestamp',
    batch_run_id: 'text',
    rounds: 'integer',
    remaining_disagreements: 'integer',
    events: 'integer',
    new_events: 'integer',
    identifiers: 'integer',
    profiles: 'integer',
    merged_profiles: 'integer',
    violations: 'integer',
    largest_cluster: 'integer',
    cluster_sizes: 'text',
    partition_hash: 'text',
  },
}

/** The template that tells which rows to replace. The other tables are logs, whose rows are never rewritten. */
const staleTemplates: ReadonlyMap<string, string> = new Map([
  ['id_graph', 'stale-segments'],
  ['profile_merges', 'stale-segments'],
  ['user_identifiers', 'stale-identifiers'],
  ['external_id_mapping', 'stale-identifiers'],
])

const logs: ReadonlySet<string> = new Set([
  'id_graph_updates',
  'external_id_mapping_updates',
  'identity_violations',
])

/** The public tables of identity, sorted as the contract lists them; each has a template `published-<name>`. */
export function publishedTables(writer: Writer, tables: IdentityTables): readonly PublishedTable[] {
  return Object.entries(columnsOf).map(([name, columns]): PublishedTable => {
    const template = name.replaceAll('_', '-')
    const table = {
      name,
      columns: Object.entries(columns).map(([column, type]): NodeColumn => ({ name: column, type })),
      select: writer.select(`published-${template}`, { since: '0' }),
    }
    if (name === 'identity_runs') return { ...table, keepsRuns: true }
    const since = `(select since.${name} from ${tables.since} as since)`
    const staleTemplate = staleTemplates.get(name)
    const gone = staleTemplate === undefined ? '' : `\nor ${writer.select(staleTemplate, { since })}`
    return {
      ...table,
      ...(logs.has(name) && { log: { time: 'timestamp' } }),
      changes: { select: writer.select(`published-${template}`, { since }), stale: `${since} = 0${gone}` },
    }
  })
}

/** For the working table `identity_since`: for each public table the newest batch whose rows it has, 0 where none. */
export function sinceSelect(
  writer: Writer,
  dialect: Dialect,
  schema: string,
  followers: readonly string[],
): string {
  const sql = (name: string): Sql => dialect.relation(relation(schema, name))
  return writer.select('published-since', {
    publicRuns: sql('identity_runs'),
    publicTables: [...Object.keys(columnsOf), ...followers].map((name) => ({ name, relation: sql(name) })),
  })
}
