import type { Step } from '../ir/step.ts'
import type { Writer } from './statements.ts'

/**
 * Which event carries which identifier, without what is blocked, cut (`identity.cut`) or hot (`identity.max_partners`).
 *
 * Leaves `identity_sightings` and in `identity_places` only identifiers that are sighted somewhere;
 * `identity_cut_sightings` and `identity_hot_sightings` hold what was left out.
 */
export function sightingSteps(writer: Writer, cut: boolean, guarded: boolean): readonly Step[] {
  if (!cut && !guarded) return writer.table('sightings', 'sightings')
  return [
    ...writer.table('foundSightings', 'sightings'),
    ...(cut ? writer.table('cutSightings', 'cut-sightings') : []),
    ...(guarded ? hotSteps(writer) : []),
    ...writer.table('sightings', 'kept-sightings'),
    ...writer.renew('places', 'kept-places'),
  ]
}

/** Partners are counted over all events so far; only identifiers seen often enough to have too many are looked at. */
function hotSteps(writer: Writer): readonly Step[] {
  return [
    ...writer.table('crowds', 'crowds'),
    ...writer.table('partners', 'partners'),
    ...writer.table('hotSightings', 'hot-sightings'),
  ]
}
