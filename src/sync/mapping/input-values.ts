import type { SyncColumn } from '../../ir/sync.ts'
import { valueOfText } from '../../ir/value-text.ts'
import type { InputValues } from './evaluate.ts'

/** Values as their state tables hold them, in the types they had. */
export function inputValues(
  columns: readonly SyncColumn[],
  row: Readonly<Record<string, unknown>>,
): InputValues {
  return new Map(columns.map(({ name, input, type }) => [input, valueOfText(row[name], type)]))
}
