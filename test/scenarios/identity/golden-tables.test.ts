import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { valueTypeOf } from '../../../src/ir/value-type.ts'
import { type Engine, engines } from '../../support/engines.ts'
import { type GivenEvent, type GivenRule, giveEvents, runIdentity } from './identity-run.ts'

const rules: readonly GivenRule[] = [
  { type: 'user_id', limit: 1, frequency: 'ever' },
  { type: 'email', limit: 5, frequency: 'ever' },
  { type: 'anonymous_id', limit: 5, frequency: 'ever' },
]

const found = (type: string, value: string): GivenEvent['identifiers'][number] => ({
  type,
  value,
  location: 1,
})

/** T5 of the specification: a visitor on a second device is recognised months later. */
const lateMerge: readonly GivenEvent[] = [
  {
    arrival: 1,
    id: 'event_1',
    type: 'page',
    time: Date.parse('2022-05-02T14:01:00Z'),
    identifiers: [found('anonymous_id', 'A')],
  },
  {
    arrival: 2,
    id: 'event_2',
    type: 'identify',
    time: Date.parse('2022-05-02T14:01:47Z'),
    identifiers: [found('anonymous_id', 'A'), found('email', 'J')],
  },
  {
    arrival: 3,
    id: 'event_3',
    type: 'page',
    time: Date.parse('2022-06-22T10:47:15Z'),
    identifiers: [found('anonymous_id', 'B')],
  },
  {
    arrival: 4,
    id: 'event_4',
    type: 'identify',
    time: Date.parse('2022-06-22T10:48:00Z'),
    identifiers: [found('anonymous_id', 'B'), found('email', 'J')],
  },
]

// The first 27 digits of the MD5 of `anonymous_id:A` and `anonymous_id:B`.
const P1 = 'use_e93becace332335b6cc74ae2dcc'
const P2 = 'use_74ffdcf45fe475d622329826d07'

/** What is not told of a run is the same after each. */
const golden = (run: {
  readonly runId: string
  readonly events: readonly GivenEvent[]
}): Readonly<Record<string, { order: string; rows: readonly string[] }>> => ({
  id_graph_updates: {
    order: 'seq',
    rows: [
      `segment_id=${P1} canonical_segment_id=${P1} triggering_event_type=page triggering_event_id=event_1 timestamp=2022-05-02T14:01:00Z seq=00000000000000000001`,
      `segment_id=${P2} canonical_segment_id=${P2} triggering_event_type=page triggering_event_id=event_3 timestamp=2022-06-22T10:47:15Z seq=00000000000000000003`,
      `segment_id=${P2} canonical_segment_id=${P1} triggering_event_type=identify triggering_event_id=event_4 timestamp=2022-06-22T10:48:00Z seq=00000000000000000004`,
    ],
  },
  external_id_mapping_updates: {
    order: 'seq',
    rows: [
      `segment_id=${P1} external_id_type=anonymous_id external_id_value=A triggering_event_id=event_1 external_id_hash=b4f4d52c9aa31427e5b27a84e63cfc8a93d4a363`,
      `segment_id=${P1} external_id_type=email external_id_value=J triggering_event_id=event_2 external_id_hash=efa02521b064e34b5cbba44c3a6c9f77fd47e3e5`,
      `segment_id=${P2} external_id_type=anonymous_id external_id_value=B triggering_event_id=event_3 external_id_hash=9c9b56788bb964e7d420ca7360fa946314d4921d`,
    ],
  },
  id_graph: {
    order: 'timestamp',
    rows: [
      `segment_id=${P1} canonical_segment_id=${P1} timestamp=2022-05-02T14:01:00Z`,
      `segment_id=${P2} canonical_segment_id=${P1} timestamp=2022-06-22T10:48:00Z`,
    ],
  },
  external_id_mapping: {
    order: 'timestamp',
    rows: [
      `external_id_value=A external_id_type=anonymous_id canonical_segment_id=${P1}`,
      `external_id_value=J external_id_type=email canonical_segment_id=${P1}`,
      `external_id_value=B external_id_type=anonymous_id canonical_segment_id=${P1}`,
    ],
  },
  user_identifiers: {
    order: 'seq',
    rows: [
      `canonical_segment_id=${P1} type=anonymous_id value=A timestamp=2022-05-02T14:01:00Z`,
      `canonical_segment_id=${P1} type=email value=J timestamp=2022-05-02T14:01:47Z`,
      `canonical_segment_id=${P1} type=anonymous_id value=B timestamp=2022-06-22T10:47:15Z`,
    ],
  },
  profile_merges: {
    order: 'seq',
    rows: [`canonical_segment_id=${P1} segment_id=${P1}`, `canonical_segment_id=${P1} segment_id=${P2}`],
  },
  identity_violations: { order: 'event_id', rows: [] },
  event_segments: {
    order: 'event_id',
    rows: [
      `event_source_id=web event_id=event_1 segment_id=${P1}`,
      `event_source_id=web event_id=event_2 segment_id=${P1}`,
      `event_source_id=web event_id=event_3 segment_id=${P2}`,
      // The event that joins two profiles belongs to the younger, as it was before.
      `event_source_id=web event_id=event_4 segment_id=${P2}`,
    ],
  },
  identity_runs: {
    order: 'run_id',
    rows: [
      `run_id=${run.runId} as_of=2026-06-01T00:00:00Z batch_run_id=run_1 remaining_disagreements=0 events=4 ` +
        `new_events=${run.events.length} identifiers=3 profiles=1 merged_profiles=1 violations=0 largest_cluster=3 ` +
        'partition_hash=769118253',
    ],
  },
})

const runs = [
  { name: 'taken in at once', runId: 'run_1', events: lateMerge },
  { name: 'after a run without new events', runId: 'run_2', events: [] },
] as const

describe.each(engines.map((engine) => ({ engine })))('golden tables on $engine.name', ({ engine }) => {
  let place: Awaited<ReturnType<Engine['open']>>
  beforeAll(async () => {
    place = await engine.open()
  })
  afterAll(async () => {
    await place.drop()
  })

  test.each(runs.map((run) => [run.name, run] as const))('T5, %s', async (_, run) => {
    await giveEvents(place.adapter, place.workSchema, run.events, run)
    const plan = await runIdentity(place.adapter, { workSchema: place.workSchema, rules })
    expect(plan.published.map((table) => table.name).toSorted()).toEqual(Object.keys(golden(run)).toSorted())
    for (const table of plan.published) {
      const { order, rows: wanted } = golden(run)[table.name] ?? { order: '1', rows: [] }
      const described = await place.adapter.describe(table.select)
      expect(described.map((column) => column.name)).toEqual(table.columns.map((column) => column.name))
      expect(described.map((column) => valueTypeOf(column.type))).toEqual(
        table.columns.map((column) => column.type),
      )
      const rows = await place.adapter.query(`${table.select} order by ${order}`)
      const shown = rows.map((row, index) =>
        (wanted[index] ?? '')
          .split(' ')
          .map((part) => part.split('=')[0] ?? '')
          .map((column) => `${column}=${row[column]}`)
          .join(' '),
      )
      expect(shown, table.name).toEqual(wanted)
    }
    const work = place.adapter.dialect.ident(place.workSchema)
    const stamps = await place.adapter.query(
      `select event_id, segment_id, canonical_segment_id from ${work}.event_profiles order by arrival`,
    )
    expect(stamps.map((row) => [row.event_id, row.segment_id, row.canonical_segment_id])).toEqual([
      ['event_1', P1, P1],
      ['event_2', P1, P1],
      ['event_3', P2, P1],
      ['event_4', P2, P1],
    ])
    const profiles = await place.adapter.query(
      `select segment_id, canonical_segment_id, arrival, known from ${work}.profiles order by arrival`,
    )
    expect(profiles).toEqual([
      { segment_id: P1, canonical_segment_id: P1, arrival: 1n, known: true },
      { segment_id: P2, canonical_segment_id: P1, arrival: 3n, known: true },
    ])
  })
})
