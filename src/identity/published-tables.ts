import type { NodeColumn } from '../ir/node.ts'
import type { PublishedTable } from '../ir/published.ts'
import type { ValueType } from '../ir/value-type.ts'
import type { Writer } from './statements.ts'

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
  identity_runs: {
    run_id: 'text',
    as_of: 'timestamp',
    rounds: 'integer',
    remaining_disagreements: 'integer',
    events: 'integer',
    identifiers: 'integer',
    profiles: 'integer',
    merged_profiles: 'integer',
    violations: 'integer',
    largest_cluster: 'integer',
    partition_hash: 'text',
  },
}

/** The public tables of identity, sorted as the contract lists them; each has a template `published-<name>`. */
export function publishedTables(writer: Writer): readonly PublishedTable[] {
  return Object.entries(columnsOf).map(([name, columns]) => ({
    name,
    columns: Object.entries(columns).map(([column, type]): NodeColumn => ({ name: column, type })),
    select: writer.select(`published-${name.replaceAll('_', '-')}`),
    ...(name === 'identity_runs' && { keepsRuns: true }),
  }))
}
