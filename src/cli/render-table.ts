import stringWidth from 'string-width'
import type { Value } from '../adapters/adapter.ts'

export interface TableColumn {
  readonly head: string
  readonly align?: 'left' | 'right'
}

/** A plain table without frame: two spaces between columns, each row on a line of its own. */
export function renderTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ head }) => head), ...rows].map((cells) =>
    columns.map((_, index) => measured(cells[index] ?? '')),
  )
  const widths = columns.map((_, index) =>
    lines.reduce((widest, cells) => Math.max(widest, cells[index]?.width ?? 0), 0),
  )
  return lines
    .map((cells) =>
      cells
        .map(({ text, width }, index) => {
          const blanks = ' '.repeat((widths[index] ?? width) - width)
          return columns[index]?.align === 'right' ? `${blanks}${text}` : `${text}${blanks}`
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** As wide as a terminal shows it: colours take no room, an ideograph takes two columns. */
function measured(cell: string): { readonly text: string; readonly width: number } {
  const text = cell.replaceAll('\r', '\\r').replaceAll('\n', '\\n')
  return { text, width: stringWidth(text) }
}

/** A cell for people: counts with their digits as they are, NULL told from the empty text. */
export function cellText(value: Value): string {
  return value === null ? 'null' : String(value)
}
