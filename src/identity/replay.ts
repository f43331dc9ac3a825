import { type Statement, type Step, statement } from '../ir/step.ts'
import type { Writer } from './statements.ts'
import type { IdentityTables } from './tables.ts'

/**
 * What is taken in once more because `identity.cut` has changed or somebody is erased: every event that is connected, by
 * whatever it carries, to what the cut names or the erased had. Decisions about any of them may have been different; about
 * others they cannot.
 *
 * Leaves `identity_cuts`, `identity_changed_cuts`, `identity_replay_events` and `identity_replay_links`, all but the
 * first empty where no cut has changed.
 */
export function replaySteps(writer: Writer): readonly Step[] {
  return [
    ...writer.table('cuts', 'cuts'),
    ...writer.table('changedCuts', 'changed-cuts'),
    ...writer.table('replayEvents', 'no-replay-events'),
    ...writer.table('replayLinks', 'no-replay-links'),
    writer.branch('find what is taken in once more', 'replay-due', [
      ...writer.table('replayIdentifiers', 'replay-seeds'),
      ...writer.table('replayFrontier', 'replay-seeds'),
      writer.repeat('reach what is connected', 'replay-left', 'linear', [
        ...writer.table('replayReached', 'replay-reached'),
        writer.run('add-replay-events'),
        ...writer.table('replayFrontier', 'replay-frontier'),
        writer.run('add-replay-identifiers'),
      ]),
      ...writer.table('replayLinks', 'replay-links'),
    ]),
  ]
}

/** Takes out of the state what is taken in once more. */
export function forgetSteps(tables: IdentityTables): readonly Statement[] {
  const events = `(select replay_events.arrival from ${tables.replayEvents} as replay_events)`
  const links = (column: string): string =>
    `(select replay_links.${column} from ${tables.replayLinks} as replay_links)`
  return [
    `delete from ${tables.stateEventProfiles}\nwhere arrival in ${events}`,
    `delete from ${tables.violations}\nwhere arrival in ${events}`,
    `delete from ${tables.stateUpdates}\nwhere profile in ${links('profile')}`,
    `delete from ${tables.stateProfiles}\nwhere profile in ${links('profile')}`,
    `delete from ${tables.stateLinks}\nwhere id in ${links('id')}`,
  ].map((sql) => statement('forget what is taken in once more', sql))
}
