import { inputKey, type MappingValue } from '../../definitions/mapping.ts'
import type { SyncColumn } from '../../ir/sync.ts'
import type { ValueType } from '../../ir/value-type.ts'

/** A field at the top of a mapping. `json` is a list or an object. */
export interface FieldType {
  readonly name: string
  readonly type: Exclude<ValueType, 'list'> | 'json'
}

/** Names and types of what a mapping gives, in its order. */
export function fieldTypes(mapping: MappingValue, columns: readonly SyncColumn[]): readonly FieldType[] {
  if (mapping.kind !== 'object') return []
  return Object.entries(mapping.members).map(([name, value]) => ({ name, type: typeOf(value, columns) }))
}

function typeOf(value: MappingValue, columns: readonly SyncColumn[]): FieldType['type'] {
  switch (value.kind) {
    case 'constant':
      if (typeof value.value === 'boolean') return 'boolean'
      return typeof value.value === 'number' ? 'number' : 'text'
    case 'input': {
      const type = columns.find(({ input }) => input === inputKey(value.input))?.type ?? 'text'
      return type === 'list' ? 'json' : type
    }
    case 'object':
    case 'list':
    case 'decode':
    case 'flatten':
      return 'json'
    case 'coalesce': {
      const types = new Set(value.of.map((each) => typeOf(each, columns)))
      const [only = 'text'] = types
      return types.size === 1 ? only : 'text'
    }
    case 'template':
    case 'encode':
      return 'text'
    case 'lower':
    case 'upper':
    case 'replace':
    case 'hash':
      return typeOf(value.of, columns) === 'json' ? 'json' : 'text'
  }
}
