import type { Row, Value } from '../adapters/adapter.ts'
import { cellText, renderTable } from './render-table.ts'

export type RowFormat = 'table' | 'json' | 'csv'

/**
 * Rows of a query as text.
 *
 * @param columns names in order; rows may be none
 */
export function renderRows(format: RowFormat, columns: readonly string[], rows: readonly Row[]): string {
  switch (format) {
    case 'table':
      return renderTable(
        columns.map((head) => ({ head, align: isNumeric(rows, head) ? 'right' : 'left' })),
        rows.map((row) => columns.map((column) => cellText(row[column] ?? null))),
      )
    case 'json':
      return JSON.stringify(
        rows.map((row) => Object.fromEntries(columns.map((c) => [c, jsonValue(row[c] ?? null)]))),
        undefined,
        2,
      )
    case 'csv':
      return [
        columns.map(csvCell),
        ...rows.map((row) => columns.map((column) => csvCell(row[column] ?? null))),
      ]
        .map((cells) => `${cells.join(',')}\r\n`)
        .join('')
  }
}

function isNumeric(rows: readonly Row[], column: string): boolean {
  const values = rows.map((row) => row[column] ?? null).filter((value) => value !== null)
  return values.length > 0 && values.every((value) => typeof value === 'number' || typeof value === 'bigint')
}

/** A 64-bit integer stays a number while JSON readers can hold it, else it is text. */
function jsonValue(value: Value): string | number | boolean | null {
  if (typeof value !== 'bigint') return value
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
    ? Number(value)
    : value.toString()
}

/** As RFC 4180 has it; NULL is nothing, the empty text a pair of quotes. */
function csvCell(value: Value): string {
  if (value === null) return ''
  const text = String(value)
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
