import type { Sync, SyncMode } from '../../definitions/definitions.ts'
import { sendsRemovals } from '../../definitions/filter-removals.ts'

/** What happens to a record: it came, it changed, it went. */
export type Operation = 'add' | 'update' | 'remove'

/** What the destination is not told; it is only remembered. */
const observed: Readonly<Record<SyncMode, readonly Operation[]>> = {
  add: ['update', 'remove'],
  update: ['add', 'remove'],
  upsert: ['remove'],
  delete: ['add', 'update'],
  mirror: [],
}

/** Of a sync, with what its filter keeps from being told. */
export function observedOf({ mode, filter }: Pick<Sync, 'mode' | 'filter'>): readonly Operation[] {
  const own = observed[mode]
  const keepsRemovals = filter !== undefined && !sendsRemovals(filter.expr) && !own.includes('remove')
  return keepsRemovals ? [...own, 'remove'] : own
}

/** Whether a mode sends of what is there what another has only remembered; what went it makes up for. */
export function sendsMore(than: SyncMode, mode: SyncMode): boolean {
  return observed[than].some((operation) => operation !== 'remove' && !observed[mode].includes(operation))
}

/** Whether what went is known to be there still: all that it knows of it has added, and it removes nothing. */
export function leavesGone({ mode, filter }: Pick<Sync, 'mode' | 'filter'>): boolean {
  return filter === undefined && observed[mode].includes('remove') && !observed[mode].includes('add')
}

/** As it was written down. */
export function readMode(text: string): SyncMode {
  if (isMode(text)) return text
  throw new Error(`\`${text}\` is no mode of a sync`)
}

function isMode(text: string): text is SyncMode {
  return text in observed
}
