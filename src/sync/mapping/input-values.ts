import type { SyncColumn } from '../../ir/sync.ts'
import type { ValueType } from '../../ir/value-type.ts'
import type { FieldValue } from '../destination.ts'
import type { InputValues } from './evaluate.ts'

/** Values as their state tables hold them, in the types they had. */
export function inputValues(
  columns: readonly SyncColumn[],
  row: Readonly<Record<string, unknown>>,
): InputValues {
  return new Map(columns.map(({ name, input, type }) => [input, fieldValueOf(row[name], type)]))
}

function fieldValueOf(text: unknown, type: ValueType): FieldValue {
  if (typeof text !== 'string') return null
  switch (type) {
    case 'text':
    case 'timestamp':
      return text
    case 'integer': {
      const number = Number(text)
      // As a text it stays exact.
      return Number.isSafeInteger(number) ? number : text
    }
    case 'number': {
      const number = Number(text)
      return Number.isFinite(number) ? number : text
    }
    case 'boolean':
      return text === 'true'
    case 'list':
      return JSON.parse(text)
  }
}
