import type { SyncEvent } from '../sync/sync-run.ts'
import type { Output } from './output.ts'

/** How often the same sync may speak. */
const everyMs = 2_000

/** What syncs say on the way, on stderr. */
export function syncProgress(output: Output): { report(sync: string, event: SyncEvent): void; end(): void } {
  const done = new Map<string, { acknowledged: number; others: number; total: number; saidAt: number }>()
  const count = (number: number): string => number.toLocaleString('en')
  return {
    report(sync, event) {
      switch (event.kind) {
        case 'recovered':
          output.log('sync_recovered', `${sync}: took in what interrupted run ${event.runId} had delivered`, {
            sync,
            run_id: event.runId,
          })
          return
        case 'moved': {
          const { from, to } = event
          const said = `${sync}: went to ${from} until now, which keeps what it has; everything is new to ${to}`
          output.log('sync_moved', said, { sync, from, to })
          return
        }
        case 'sends more': {
          const { from, to } = event
          const said = `${sync}: was ${from} until now; what ${to} would have sent since then is not made up for: --full-resync adds everything`
          output.log('sync_sends_more', said, { sync, from, to })
          return
        }
        case 'planned': {
          const { add, update, remove, held, records } = event.plan
          done.set(sync, {
            acknowledged: 0,
            others: 0,
            total: add + update + remove,
            saidAt: performance.now(),
          })
          output.log(
            'sync_planned',
            `${sync}: ${count(records)} records; ${count(add)} to add, ${count(update)} to update, ${count(remove)} to remove${held === 0 ? '' : `, ${count(held)} held back`}`,
            { sync, records, add, update, remove, held },
          )
          return
        }
        case 'delivered': {
          const state = done.get(sync)
          if (state === undefined) return
          state.acknowledged += event.acknowledged
          state.others += event.others
          const now = performance.now()
          if (now - state.saidAt < everyMs) return
          state.saidAt = now
          const { acknowledged, others, total } = state
          output.log(
            'sync_progress',
            `${sync}: ${count(acknowledged + others)} of ${count(total)}${others === 0 ? '' : `, ${count(others)} not taken`}`,
            { sync, acknowledged, others, total },
          )
        }
      }
    },
    end() {
      done.clear()
    },
  }
}
