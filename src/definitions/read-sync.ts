import type { Places } from '../config/yaml-values.ts'
import { problem } from '../diagnostics/problem.ts'
import type { RawDestination, RawSync } from './definition-shapes.ts'
import type { Destination, Sync, SyncFrom, SyncKey } from './definitions.ts'
import { durationSeconds } from './duration.ts'
import { inputsOf } from './mapping.ts'
import { readFilter } from './read-filter.ts'
import { readMapping } from './read-mapping.ts'
import { type Reading, readCarried } from './reading.ts'

/** As long as Segment's reverse ETL tries: whichever ends first. */
const retryDefault = { syncs: 5, within: '14d' } as const

export function readDestination(raw: RawDestination, { places }: Reading): Destination {
  const { name: _, description: __, owner: ___, tags: ____, meta: _____, type, ...settings } = raw
  return {
    ...readCarried(raw, places),
    type,
    typeSpan: places.valueSpan(raw, 'type'),
    settings,
    settingSpans: Object.fromEntries(Object.keys(settings).map((key) => [key, places.keySpan(raw, key)])),
  }
}

export function readSync(raw: RawSync, reading: Reading): Sync {
  const { places } = reading
  const { destination, mode, mapping, on_delete_over: share, retry, rate } = raw
  const from = readFrom(raw, places)
  const key = readKey(raw, places)
  const scope = sentBy(from)
  const fields = mapping === undefined ? undefined : readMapping(mapping, reading)
  const sync: Sync = {
    ...readCarried(raw, places),
    from,
    destination,
    destinationSpan: places.valueSpan(raw, 'destination'),
    mode,
    modeSpan: places.valueSpan(raw, 'mode'),
    ...(key !== undefined && { key }),
    ...(fields !== undefined && { mapping: fields }),
    ...(raw.filter !== undefined && {
      filter: {
        text: raw.filter,
        expr: readFilter(raw, raw.filter, { ...scope, mapping: fields }, reading),
        span: places.valueSpan(raw, 'filter'),
      },
    }),
    nulls: raw.nulls ?? 'send',
    ...(share === undefined ? {} : { onDeleteOver: Number(share.slice(0, -1)) / 100 }),
    retry: {
      syncs: retry?.syncs ?? retryDefault.syncs,
      withinSeconds: durationSeconds(retry?.within ?? retryDefault.within),
    },
    ...(raw.batch_rows !== undefined && { batchRows: raw.batch_rows }),
    ...(raw.concurrency !== undefined && { concurrency: raw.concurrency }),
    ...(rate !== undefined && {
      rate: { requests: rate.requests, perSeconds: durationSeconds(rate.per) },
    }),
  }
  checkSync(sync, raw, reading)
  return sync
}

/** What a sync asks of rows that have none of it. */
function checkSync(sync: Sync, raw: RawSync, { places, report }: Reading): void {
  const { name, from, key, mapping } = sync
  const { profiles, columns } = sentBy(from)
  const sent = !profiles ? `rows of a ${from.kind}` : columns ? 'rows of members' : 'profiles'
  const wrong = (detail: string, hint: string, at: string): void => {
    report(problem('PSN2101', { sync: name, from: sent, detail, hint }, places.keySpan(raw, at)))
  }
  if (!profiles && key?.kind !== 'column')
    wrong(
      'but does not say what tells them apart',
      'name a column of unique values: key: { column: id }',
      'from',
    )
  if (profiles && columns && key !== undefined)
    wrong('which are told apart by profile and row', 'leave `key` out', 'key')
  else if (profiles && key?.kind === 'column')
    wrong(
      'which have no columns of their own',
      'use key: { identifier: email }, or leave `key` out: then it is the id',
      'key',
    )
  const odd = (mapping === undefined ? [] : inputsOf(mapping)).find(
    ({ kind }) => !(kind === 'column' ? columns : profiles),
  )
  if (odd !== undefined)
    wrong(
      `which have no \`${odd.kind}\``,
      columns
        ? 'map columns: { column: … }'
        : 'map { trait: … }, { identifier: … }, { audience: … } or { id: true }',
      'mapping',
    )
}

/** What a record is of: a profile, a row, or both. */
function sentBy(from: SyncFrom): { readonly profiles: boolean; readonly columns: boolean } {
  const profiles = from.kind !== 'table' && from.kind !== 'model'
  return { profiles, columns: !profiles || (from.kind === 'audience' && from.rows !== undefined) }
}

function readKey({ key }: RawSync, places: Places): SyncKey | undefined {
  if (key === undefined) return undefined
  return 'identifier' in key
    ? { kind: 'identifier', type: key.identifier, span: places.valueSpan(key, 'identifier') }
    : { kind: 'column', column: key.column, span: places.valueSpan(key, 'column') }
}

function readFrom(raw: RawSync, places: Places): SyncFrom {
  const { from } = raw
  if (from === 'profiles') return { kind: 'profiles', span: places.valueSpan(raw, 'from') }
  const span = places.valueSpan(from, Object.keys(from)[0])
  if ('profiles' in from) return { kind: 'profiles', span }
  if ('audience' in from) {
    const { audience, rows } = from
    if (rows === undefined) return { kind: 'audience', audience, span }
    return {
      kind: 'audience',
      audience,
      span,
      rows: { relationship: rows, span: places.valueSpan(from, 'rows') },
    }
  }
  if ('traits' in from) return { kind: 'traits', traits: from.traits, span }
  if ('table' in from) return { kind: 'table', table: from.table, span }
  return { kind: 'model', model: from.model, span }
}
