import type { CompiledSync } from '../compiler/syncs/compile-sync.ts'
import type { SyncState } from '../compiler/syncs/sync-state.ts'
import { deliver, type Stopped } from './deliver/deliver.ts'
import { type Ledger, openLedger } from './deliver/ledger.ts'
import { narrowed, openPace } from './deliver/pace.ts'
import { DeliveryError, type Session, type SessionContext } from './destination.ts'
import { fieldTypes } from './mapping/field-types.ts'
import { plannedBatches } from './planned-batches.ts'
import type { RunSync } from './sync-run.ts'

/** A note in the ledger takes as long as several requests do. */
const claimedAtOnce = 16

/** Tells the destination what is planned. @returns why it ended early; undefined where all was sent */
export async function sendChanges(
  run: RunSync,
  state: SyncState,
  startedAt: string,
  counted: () => void,
): Promise<Stopped | undefined> {
  const { destination, sync, state: adapter, signal } = run
  const { capabilities } = destination
  const { definition } = sync
  const { rate } = definition
  const ledger = openLedger(adapter, state, capabilities.visible)
  let session: Session | undefined
  try {
    session = await destination.type.open(destination.settings, {
      sync: definition.name,
      mode: definition.mode,
      entity: sync.entity,
      about: aboutOf(sync),
      runId: run.runId,
      fields: fieldTypes(sync.mapping, sync.records.columns),
      startedAt,
      version: run.version,
    })
    await session.prepare?.(signal)
    const stopped = await deliver({
      batches: plannedBatches(run, state, session, {
        rows: Math.min(capabilities.batchRows, definition.batchRows ?? capabilities.batchRows),
        bytes: capabilities.batchBytes,
      }),
      ledger,
      session,
      pace:
        rate === undefined
          ? destination.pace
          : narrowed(
              destination.pace,
              openPace({ requests: rate.requests, perMs: rate.perSeconds * 1000 }, run.clock),
            ),
      clock: run.clock,
      policy: run.policy,
      limits: {
        concurrency: Math.min(capabilities.concurrency, definition.concurrency ?? capabilities.concurrency),
        claimed: capabilities.repeated === 'harmful' ? 1 : claimedAtOnce,
      },
      signal,
      counted,
      report: (settled) => run.report({ kind: 'delivered', ...settled }),
    })
    if (stopped === undefined) {
      await finish(session, ledger, signal)
    }
    return stopped
  } catch (error) {
    if (error instanceof DeliveryError)
      return {
        kind: error.kind === 'retryable' ? 'unavailable' : 'fatal',
        message: `${error.reason}: ${error.message}`,
      }
    throw error
  } finally {
    await session?.close()
  }
}

function aboutOf({ definition: { from }, rows }: CompiledSync): SessionContext['about'] {
  switch (from.kind) {
    case 'audience':
      if (rows !== undefined) return { kind: 'rows', audience: from.audience, ...rows }
      return { kind: 'audience', name: from.audience }
    case 'traits':
      return { kind: 'traits', names: from.traits }
    case 'profiles':
    case 'table':
    case 'model':
      return { kind: 'records' }
  }
}

async function finish(session: Session, ledger: Ledger, signal: AbortSignal): Promise<void> {
  await ledger.finishing()
  try {
    await session.finish?.(signal)
  } catch (error) {
    const taken = !(error instanceof DeliveryError) || error.kind === 'retryable'
    if (!taken) await ledger.withdrawn()
    throw error
  }
  await ledger.finished()
}
