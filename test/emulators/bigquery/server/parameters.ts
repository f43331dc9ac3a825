import type { Parameter } from '../engine/analysis.ts'
import { BigqueryError } from '../engine/errors.ts'
import { isList, isObject, type Json, listMember, member, textMember } from '../json.ts'
import { BadValue, encodeValue } from '../values/encode.ts'
import { scalarNamed, type Type } from '../values/types.ts'

/** `queryParameters` of a request. @throws BigqueryError */
export function parametersOf(query: Json): readonly Parameter[] {
  return listMember(query, 'queryParameters').map((given) => {
    const name = textMember(given, 'name') ?? ''
    const type = parameterType(member(given, 'parameterType') ?? null)
    const value = plainValue(member(given, 'parameterValue') ?? null, type)
    try {
      return { name, type, value: encodeValue(value, type, name) }
    } catch (error) {
      if (error instanceof BadValue)
        throw new BigqueryError('invalid', `Invalid value for query parameter ${name}: ${error.message}`)
      throw error
    }
  })
}

function parameterType(given: Json): Type {
  const name = textMember(given, 'type') ?? ''
  if (name === 'ARRAY') return { kind: 'ARRAY', element: parameterType(member(given, 'arrayType') ?? null) }
  if (name === 'STRUCT') {
    return {
      kind: 'STRUCT',
      fields: listMember(given, 'structTypes').map((field) => ({
        name: textMember(field, 'name') ?? '',
        type: parameterType(member(field, 'type') ?? null),
      })),
    }
  }
  const kind = scalarNamed(name)
  if (kind === undefined) throw new BigqueryError('invalid', `Invalid value for parameterType: ${name}`)
  return { kind }
}

/** `{ value }`, `{ arrayValues }` and `{ structValues }` as plain JSON. */
function plainValue(given: Json, type: Type): Json {
  switch (type.kind) {
    case 'ARRAY': {
      const values = member(given, 'arrayValues')
      return isList(values) ? values.map((each) => plainValue(each, type.element)) : []
    }
    case 'STRUCT': {
      const values = member(given, 'structValues')
      if (!isObject(values)) return null
      return Object.fromEntries(
        type.fields.map((field) => [field.name, plainValue(values[field.name] ?? null, field.type)]),
      )
    }
    default:
      return member(given, 'value') ?? null
  }
}
