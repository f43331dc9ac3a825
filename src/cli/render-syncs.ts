import type { SyncResult } from '../sync/sync-run.ts'
import { renderTable } from './render-table.ts'

/** A line a sync; of a dry run also what the first changes would be. */
export function renderSyncs(results: readonly SyncResult[], _color: boolean): string {
  const planned = results.every(({ status }) => status === 'planned')
  const count = (number: number): string => number.toLocaleString('en')
  const heads = planned
    ? ['sync', 'destination', 'records', 'add', 'update', 'remove', 'held back']
    : ['sync', 'destination', 'status', 'delivered', 'rejected', 'to retry', 'requests']
  const rows = results.map((result) => {
    const { sync, destination, plan, records } = result
    const cells = planned
      ? [plan.records, plan.add, plan.update, plan.remove, plan.held].map(count)
      : [
          result.status,
          count(records.acknowledged ?? 0),
          count((records.rejected ?? 0) + (records.given_up ?? 0)),
          count((records.retrying ?? 0) + (records.unknown ?? 0) + (records.review ?? 0)),
          count(result.requests),
        ]
    return [sync, destination, ...cells]
  })
  const table = renderTable(
    heads.map((head, index) => ({ head, align: index < (planned ? 2 : 3) ? 'left' : 'right' })),
    rows,
  )
  const samples = results.flatMap(({ sync, samples }) =>
    samples.length === 0
      ? []
      : [
          `\n${sync}, for example:`,
          ...samples.map(({ operation, fields }) => `  ${operation} ${JSON.stringify(fields)}`),
        ],
  )
  return [table, ...samples].join('\n')
}
