import type { MappingValue, SyncInput } from '../../definitions/mapping.ts'
import type { Fields, FieldValue } from '../destination.ts'
import { hashed } from './hashed.ts'

/** A value of what a sync reads. */
export type Read<Source> = (source: Source) => FieldValue

/** A field that cannot be made of these values. */
export class MappingError extends Error {
  override readonly name = 'MappingError'
}

/**
 * How the fields of a record are made: looked at once, since it is done for each of millions.
 *
 * @param reads how an input is read
 * @param nulls whether fields without a value are sent as null
 * @returns throws a {@link MappingError} where a text that is to be decoded is no JSON
 */
export function compileMapping<Source>(
  mapping: MappingValue,
  reads: (input: SyncInput) => Read<Source>,
  nulls: 'send' | 'drop',
): (source: Source) => Fields {
  const made = compile(mapping, reads)
  return (source) => {
    const value = made(source)
    const fields = isObject(value) ? value : {}
    return nulls === 'send' ? fields : withoutNulls(fields)
  }
}

function compile<Source>(mapping: MappingValue, reads: (input: SyncInput) => Read<Source>): Read<Source> {
  const inner = (value: MappingValue): Read<Source> => compile(value, reads)
  switch (mapping.kind) {
    case 'constant':
      return () => mapping.value
    case 'input':
      return reads(mapping.input)
    case 'object':
      return objectOf(Object.entries(mapping.members).map(([name, value]) => [name, inner(value)]))
    case 'list': {
      const items = mapping.items.map(inner)
      return (source) => items.map((item) => item(source))
    }
    case 'template': {
      const parts = mapping.parts.map((part) => (typeof part === 'string' ? part : reads(part)))
      return (source) =>
        parts.map((part) => (typeof part === 'string' ? part : textOf(part(source)))).join('')
    }
    case 'coalesce': {
      const some = mapping.of.map(inner)
      return (source) => {
        for (const each of some) {
          const value = each(source)
          if (value !== null) return value
        }
        return null
      }
    }
    case 'lower':
      return ofTexts(inner(mapping.of), (text) => text.toLowerCase())
    case 'upper':
      return ofTexts(inner(mapping.of), (text) => text.toUpperCase())
    case 'encode': {
      const of = inner(mapping.of)
      return (source) => {
        const value = of(source)
        return value === null ? null : JSON.stringify(value)
      }
    }
    case 'decode': {
      const of = inner(mapping.of)
      return (source) => decode(of(source))
    }
    case 'flatten': {
      const of = inner(mapping.of)
      return (source) => {
        const value = of(source)
        return isObject(value) ? Object.fromEntries(flat(value, '', mapping.separator)) : value
      }
    }
    case 'replace': {
      const patterns = mapping.replacements.map(({ search, with: by, ignoreCase, once }) => ({
        pattern: new RegExp(escaped(search), `${once ? '' : 'g'}${ignoreCase ? 'i' : ''}u`),
        by,
      }))
      return ofTexts(inner(mapping.of), (text) =>
        patterns.reduce((left, { pattern, by }) => left.replace(pattern, () => by), text),
      )
    }
    case 'hash':
      return ofTexts(inner(mapping.of), (text) => hashed(text, mapping.as))
  }
}

function objectOf<Source>(members: readonly (readonly [string, Read<Source>])[]): Read<Source> {
  // Assigned, it would be no member.
  if (members.some(([name]) => name === '__proto__'))
    return (source) => Object.fromEntries(members.map(([name, value]) => [name, value(source)]))
  return (source) => {
    const made: Record<string, FieldValue> = {}
    for (const [name, value] of members) made[name] = value(source)
    return made
  }
}

function textOf(value: FieldValue): string {
  if (value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Each text of a list; numbers count as their text, null stays. */
function ofTexts<Source>(of: Read<Source>, change: (text: string) => string): Read<Source> {
  const changed = (value: FieldValue): FieldValue => {
    if (value === null) return null
    if (isList(value)) return value.map(changed)
    return typeof value === 'object' ? value : change(String(value))
  }
  return (source) => changed(of(source))
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
  if (!Object.values(fields).some((value) => value === null || isObject(value))) return fields
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
