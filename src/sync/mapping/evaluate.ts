import { inputKey, type MappingValue, type SyncInput } from '../../definitions/mapping.ts'
import type { Fields, FieldValue } from '../destination.ts'
import { hashed } from './hashed.ts'

/** Values of inputs, by `inputKey`. */
export type InputValues = ReadonlyMap<string, FieldValue>

/** A field that cannot be made of these values. */
export class MappingError extends Error {
  override readonly name = 'MappingError'
}

/**
 * The fields of a record.
 *
 * @param nulls whether fields without a value are sent as null
 * @throws {MappingError} a text that is to be decoded is no JSON
 */
export function evaluateMapping(mapping: MappingValue, values: InputValues, nulls: 'send' | 'drop'): Fields {
  const made = evaluate(mapping, values)
  const fields = isObject(made) ? made : {}
  return nulls === 'send' ? fields : withoutNulls(fields)
}

function evaluate(mapping: MappingValue, values: InputValues): FieldValue {
  switch (mapping.kind) {
    case 'constant':
      return mapping.value
    case 'input':
      return read(mapping.input, values)
    case 'object':
      return Object.fromEntries(
        Object.entries(mapping.members).map(([name, value]) => [name, evaluate(value, values)]),
      )
    case 'list':
      return mapping.items.map((item) => evaluate(item, values))
    case 'template':
      return mapping.parts
        .map((part) => (typeof part === 'string' ? part : textOf(read(part, values))))
        .join('')
    case 'coalesce':
      for (const each of mapping.of) {
        const value = evaluate(each, values)
        if (value !== null) return value
      }
      return null
    case 'lower':
      return ofTexts(evaluate(mapping.of, values), (text) => text.toLowerCase())
    case 'upper':
      return ofTexts(evaluate(mapping.of, values), (text) => text.toUpperCase())
    case 'encode': {
      const value = evaluate(mapping.of, values)
      return value === null ? null : JSON.stringify(value)
    }
    case 'decode':
      return decode(evaluate(mapping.of, values))
    case 'flatten': {
      const value = evaluate(mapping.of, values)
      return isObject(value) ? Object.fromEntries(flat(value, '', mapping.separator)) : value
    }
    case 'replace':
      return ofTexts(evaluate(mapping.of, values), (text) =>
        mapping.replacements.reduce((left, { search, with: by, ignoreCase, once }) => {
          const pattern = new RegExp(escaped(search), `${once ? '' : 'g'}${ignoreCase ? 'i' : ''}u`)
          return left.replace(pattern, () => by)
        }, text),
      )
    case 'hash':
      return ofTexts(evaluate(mapping.of, values), (text) => hashed(text, mapping.as))
  }
}

function read(input: SyncInput, values: InputValues): FieldValue {
  return values.get(inputKey(input)) ?? null
}

function textOf(value: FieldValue): string {
  if (value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Each text of a list; numbers count as their text, null stays. */
function ofTexts(value: FieldValue, change: (text: string) => string): FieldValue {
  if (value === null) return null
  if (isList(value)) return value.map((item) => ofTexts(item, change))
  return typeof value === 'object' ? value : change(String(value))
}

function decode(value: FieldValue): FieldValue {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch (error) {
    throw new MappingError('a text that is to be decoded is no JSON', { cause: error })
  }
}

function flat(object: Fields, prefix: string, separator: string): (readonly [string, FieldValue])[] {
  return Object.entries(object).flatMap(([name, value]) =>
    isObject(value)
      ? flat(value, `${prefix}${name}${separator}`, separator)
      : [[`${prefix}${name}`, value] as const],
  )
}

function withoutNulls(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      if (value === null) return []
      return [[name, isObject(value) ? withoutNulls(value) : value] as const]
    }),
  )
}

function isList(value: FieldValue): value is readonly FieldValue[] {
  return Array.isArray(value)
}

function isObject(value: FieldValue): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
