import type { Step } from '../ir/step.ts'
import type { Writer } from './statements.ts'

/**
 * When profiles were founded and merged, from the identifiers that events kept; nothing else is remembered.
 *
 * Leaves `identity_origins` (identifier → founding event), `identity_merges` (profile, when, into which),
 * `identity_repoints` (what a profile pointed to from when on), `identity_profile_keys` and `identity_stamps`
 * (event → its profile before it happened). A profile is the arrival of its founding event.
 */
export function historySteps(writer: Writer): readonly Step[] {
  return [
    ...writer.table('retained', 'retained'),
    ...writer.table('links', 'links'),
    ...writer.table('linkingEvents', 'linking-events'),
    writer.repeat('follow links to founders', 'unsettled-founders', 'logarithmic', [
      ...writer.renew('linkingEvents', 'jumped-founders'),
    ]),
    ...writer.table('origins', 'origins'),
    ...writer.table('eventOrigins', 'event-origins'),
    ...mergeSteps(writer),
    ...repointSteps(writer),
    ...writer.table('profileKeys', 'profile-keys'),
    ...writer.forget('linkingEvents', 'sightings'),
    ...writer.table('disagreements', 'disagreements'),
    ...writer.forget('components', 'links'),
    ...writer.table('stamps', 'stamps'),
    ...writer.forget('eventOrigins', 'retained'),
    ...writer.table('reasons', 'reasons'),
    ...writer.forget('orderedSightings'),
  ]
}

/** The elder rule: of two profiles that meet, the younger ends. Each loses all of its meetings at once to the older. */
function mergeSteps(writer: Writer): readonly Step[] {
  return [
    ...writer.table('meetings', 'meetings'),
    ...writer.table('merges', 'no-merges'),
    writer.repeat('merge profiles', 'meetings-left', 'linear', [
      ...writer.table('newMerges', 'new-merges'),
      writer.repeat('follow merges', 'unsettled-merges', 'logarithmic', [
        ...writer.renew('newMerges', 'jumped-merges'),
      ]),
      writer.run('add-merges'),
      ...writer.renew('meetings', 'moved-meetings'),
    ]),
  ]
}

/**
 * A merged profile points at whoever its target has become at each time. First each skips targets that had ended before
 * it did, then every further end along the way is one more re-pointing.
 */
function repointSteps(writer: Writer): readonly Step[] {
  return [
    ...writer.table('hops', 'hops'),
    writer.repeat('skip ended profiles', 'unsettled-hops', 'linear', [
      ...writer.renew('hops', 'jumped-hops'),
    ]),
    ...writer.table('repoints', 'repoints-first'),
    ...writer.table('latestRepoints', 'repoints-first'),
    writer.repeat('re-point merged profiles', 'repoints-left', 'linear', [
      ...writer.renew('latestRepoints', 'further-repoints'),
      writer.run('add-repoints'),
    ]),
    ...writer.table('spans', 'spans'),
  ]
}
