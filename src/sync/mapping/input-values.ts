import { inputKey, type SyncInput } from '../../definitions/mapping.ts'
import type { SyncColumn } from '../../ir/sync.ts'
import { valueOfText } from '../../ir/value-text.ts'
import type { FieldValue } from '../destination.ts'
import type { Read } from './evaluate.ts'

type Row = Readonly<Record<string, unknown>>

/** Values of inputs, by `inputKey`. */
export type InputValues = ReadonlyMap<string, FieldValue>

/** Values as their state tables hold them, in the types they had. */
export function inputValues(columns: readonly SyncColumn[], row: Row): InputValues {
  return new Map(columns.map(({ name, input, type }) => [input, valueOfText(row[name], type)]))
}

/** How one of them is read of a row; null where no column holds it. */
export function rowReads(columns: readonly SyncColumn[]): (input: SyncInput) => Read<Row> {
  return (wanted) => {
    const column = columns[placeOf(columns, wanted)]
    if (column === undefined) return () => null
    const { name, type } = column
    return (row) => valueOfText(row[name], type)
  }
}

/** The same of texts in the order of the columns, behind some others. */
export function textReads(
  columns: readonly SyncColumn[],
  behind: number,
): (input: SyncInput) => Read<readonly (string | null)[]> {
  return (wanted) => {
    const place = placeOf(columns, wanted)
    const column = columns[place]
    if (column === undefined) return () => null
    return (texts) => valueOfText(texts[behind + place], column.type)
  }
}

function placeOf(columns: readonly SyncColumn[], wanted: SyncInput): number {
  const key = inputKey(wanted)
  return columns.findIndex(({ input }) => input === key)
}
