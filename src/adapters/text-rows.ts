import type { Row, TextRow } from './adapter.ts'

/** Of a driver that gives texts as strings. */
export function textRows(rows: readonly Row[], column: string): readonly TextRow[] {
  return rows.map((row) => ({ row, text: Buffer.from(String(row[column])) }))
}
