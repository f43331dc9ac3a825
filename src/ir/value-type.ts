/** What the compiler distinguishes. `number` is an IEEE double, `integer` 64 bits, `list` JSON text of an array. */
export type ValueType = 'text' | 'integer' | 'number' | 'boolean' | 'timestamp' | 'list'

/** What a warehouse's catalogue says of a column, before it is read as a {@link ValueType}. */
export type ColumnType =
  | 'text'
  | 'integer'
  | 'decimal'
  | 'float'
  | 'boolean'
  | 'timestamp'
  | 'timestamptz'
  | 'date'
  | 'json'
  | 'other'

/** The type a column has once it is read; `json` and `other` are read as their text. */
export function valueTypeOf(column: ColumnType): ValueType {
  switch (column) {
    case 'integer':
      return 'integer'
    case 'decimal':
    case 'float':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'timestamp':
    case 'timestamptz':
    case 'date':
      return 'timestamp'
    case 'text':
    case 'json':
    case 'other':
      return 'text'
  }
}
