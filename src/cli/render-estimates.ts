import type { ScanEstimate } from '../runner/estimate-scans.ts'
import { renderTable } from './render-table.ts'

export function totalOf(estimates: readonly ScanEstimate[]): { bytes: bigint; notEstimated: number } {
  return {
    bytes: estimates.reduce((sum, { bytes }) => sum + bytes, 0n),
    notEstimated: estimates.reduce((sum, { notEstimated }) => sum + notEstimated, 0),
  }
}

/** Bytes by node with their total, for people or as data. */
export function renderEstimates(format: 'table' | 'json', estimates: readonly ScanEstimate[]): string {
  const total = totalOf(estimates)
  if (format === 'json') {
    const content = {
      nodes: estimates.map(({ node, bytes, statements, notEstimated, reason }) => ({
        node,
        bytes: Number(bytes),
        statements,
        not_estimated: notEstimated,
        reason,
      })),
      bytes: Number(total.bytes),
      not_estimated: total.notEstimated,
    }
    return JSON.stringify(content, undefined, 2)
  }
  const rows = estimates.map(({ node, bytes, statements, notEstimated }) => [
    node,
    // Nothing at all is known of it, which is not nothing.
    notEstimated === statements ? '' : bytes.toLocaleString('en'),
    notEstimated === 0 ? '' : `${notEstimated} of ${statements} statements`,
  ])
  const unknown = total.notEstimated === 0 ? '' : `${total.notEstimated} statements`
  return renderTable(
    [{ head: 'node' }, { head: 'bytes', align: 'right' }, { head: 'not estimated' }],
    [...rows, ['total', total.bytes.toLocaleString('en'), unknown]],
  )
}
