import { createColors } from 'picocolors'
import { renderTable } from './render-table.ts'
import type { Summary } from './summary.ts'

export interface SummaryHead {
  readonly project: string
  readonly target: string
  readonly engine: string
  readonly seconds: number
  readonly asOf: string
  /** "schema `personas` of target/acme.duckdb". */
  readonly place: string
  readonly next: readonly (readonly [command: string, does: string])[]
}

/** What a newcomer sees after a run. */
export function renderSummary(head: SummaryHead, summary: Summary, color: boolean): string {
  const paint = createColors(color)
  const title = (text: string): string => paint.bold(text)
  const count = (value: bigint): string => value.toLocaleString('en')
  const number = { align: 'right' } as const
  const blocks: string[] = [
    `${title(head.project)} on ${head.target} (${head.engine}), as of ${head.asOf}: done in ${head.seconds.toFixed(1)} s`,
  ]
  if (summary.totals.length > 0) {
    const rows = summary.totals.map(({ label, count: value }) => [label, count(value)])
    blocks.push(renderTable([{ head: title('identity') }, { head: '', ...number }], rows))
  }
  if (summary.traits.length > 0) {
    const rows = summary.traits.map(({ label, count: value }) => [label, count(value)])
    blocks.push(renderTable([{ head: title('trait') }, { head: 'with a value', ...number }], rows))
  }
  if (summary.audiences.length > 0) {
    const rows = summary.audiences.map((each) => [
      each.audience,
      count(each.size),
      each.entered === 0n ? '' : `+${count(each.entered)}`,
      each.exited === 0n ? '' : `-${count(each.exited)}`,
    ])
    const heads = [
      { head: title('audience') },
      { head: 'members', ...number },
      { head: 'entered', ...number },
      { head: 'exited', ...number },
    ]
    blocks.push(renderTable(heads, rows))
  }
  blocks.push(`The tables are in ${head.place}. Try next:`)
  const width = Math.max(...head.next.map(([command]) => command.length))
  const next = head.next.map(
    ([command, does]) => `  ${paint.cyan(command.padEnd(width))}  ${paint.dim(does)}`,
  )
  return `${blocks.join('\n\n')}\n${next.join('\n')}`
}
