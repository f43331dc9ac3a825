import type { Places } from '../config/yaml-values.ts'
import type { RawDestination, RawSync } from './definition-shapes.ts'
import type { Destination, Sync, SyncFrom } from './definitions.ts'
import { type Reading, readCarried } from './reading.ts'

export function readDestination(raw: RawDestination, { places }: Reading): Destination {
  const { name: _, description: __, owner: ___, tags: ____, meta: _____, type, ...settings } = raw
  return { ...readCarried(raw, places), type, settings }
}

export function readSync(raw: RawSync, { places }: Reading): Sync {
  const { destination, mode, mapping = {}, on_delete_over: share } = raw
  return {
    ...readCarried(raw, places),
    from: readFrom(raw, places),
    destination,
    destinationSpan: places.valueSpan(raw, 'destination'),
    mode,
    mapping,
    ...(share === undefined ? {} : { onDeleteOver: Number(share.slice(0, -1)) / 100 }),
  }
}

function readFrom(raw: RawSync, places: Places): SyncFrom {
  const { from } = raw
  if (from === 'profiles') return { kind: 'profiles', span: places.valueSpan(raw, 'from') }
  const span = places.valueSpan(from, Object.keys(from)[0])
  if ('profiles' in from) return { kind: 'profiles', span }
  if ('audience' in from) return { kind: 'audience', audience: from.audience, span }
  if ('traits' in from) return { kind: 'traits', traits: from.traits, span }
  if ('table' in from) return { kind: 'table', table: from.table, span }
  return { kind: 'model', model: from.model, span }
}
