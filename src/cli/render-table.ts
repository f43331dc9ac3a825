import Table from 'cli-table3'
import type { Value } from '../adapters/adapter.ts'

export interface TableColumn {
  readonly head: string
  readonly align?: 'left' | 'right'
}

/** A plain table without frame: two spaces between columns. */
export function renderTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const none = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' }
  const table = new Table({
    head: columns.map((column) => column.head),
    colAligns: columns.map((column) => column.align ?? 'left'),
    chars: {
      ...none,
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '  ',
    },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  table.push(...rows.map((row) => [...row]))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** A cell for people: counts with their digits as they are, NULL told from the empty text. */
export function cellText(value: Value): string {
  return value === null ? 'null' : String(value)
}
