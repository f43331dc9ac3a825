import type { Step } from '../ir/step.ts'
import { componentSteps } from './components.ts'
import type { Writer } from './statements.ts'

/**
 * Applies the limits to the components that could break one, exactly as if events came one after the other.
 *
 * Leaves `identity_held(id, profile)`, the profile (arrival of its founding event) of each identifier of these
 * components, and `identity_refusals(arrival, id, position, violated, is_certain)`, the identifiers that events
 * had to drop. A round drops what is over a limit for certain (profiles only grow), takes whole components of the rest
 * that cannot break one, and lets events go first that come before all others on their cells, with the queue of
 * those behind them on one shared cell. The earliest event of each component always gets through.
 */
export function limitSteps(writer: Writer, windowed: boolean): readonly Step[] {
  return [
    ...writer.table('orderedSightings', 'ordered-sightings'),
    ...(windowed
      ? writer.table('pending', 'pending-windowed')
      : [...writer.table('repeats', 'repeats'), ...writer.table('pending', 'pending-once')]),
    ...writer.table('held', 'prior-held'),
    ...writer.table('tallies', 'prior-tallies'),
    ...writer.table('refusals', 'no-refusals'),
    ...writer.table('pace', 'first-pace'),
    writer.repeat('apply limits', 'pending-left', 'linear', roundSteps(writer, windowed)),
    ...(windowed ? [] : [writer.run('repeat-refusals')]),
  ]
}

function roundSteps(writer: Writer, windowed: boolean): readonly Step[] {
  return [
    // Drop what is over a limit for certain; leave events that lie inside one profile.
    ...writer.table('cells', 'cells'),
    ...(windowed ? writer.table('windowCounts', 'window-counts') : []),
    ...writer.table('checks', 'checks'),
    writer.run('add-refusals'),
    ...writer.table('claims', 'claims'),
    // Components of what is left that cannot break a limit any more.
    ...writer.table('edges', 'cell-edges'),
    ...componentSteps(writer),
    ...writer.table('claimedCells', 'claimed-cells'),
    ...writer.table('cleanComponents', 'clean-components'),
    // In the others, events whose turn it is.
    ...writer.table('contestedClaims', 'contested-claims'),
    ...writer.table('candidates', 'candidates'),
    ...writer.table('queues', 'queues'),
    // Cells become profiles.
    ...writer.table('moves', 'moves'),
    ...writer.table('newTallies', 'new-tallies'),
    {
      kind: 'transaction',
      name: 'move cells',
      body: ['forget-tallies', 'add-tallies', 'move-held', 'add-held'].map((name) => writer.run(name)),
    },
    ...writer.table('remaining', 'remaining'),
    ...writer.renew('pending', 'next-pending'),
    ...writer.renew('pace', 'next-pace'),
  ]
}
