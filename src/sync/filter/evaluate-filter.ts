import { isDeepStrictEqual } from 'node:util'
import type { FilterEvent, FilterExpr, FilterFunction } from '../../definitions/filter.ts'
import { inputKey } from '../../definitions/mapping.ts'
import type { Fields, FieldValue } from '../destination.ts'
import type { InputValues } from '../mapping/input-values.ts'
import { globMatch } from './glob.ts'

/** A filter that cannot be judged for a record: nothing of it is sent. Says no value. */
export class FilterError extends Error {
  override readonly name = 'FilterError'
}

export interface FilterScope {
  readonly event: FilterEvent
  readonly fields: Fields
  readonly inputs: InputValues
}

/** @throws {FilterError} a value is of a type that the filter cannot take */
export function passes(filter: FilterExpr, scope: FilterScope): boolean {
  return truth(evaluate(filter, scope), 'the filter')
}

function evaluate(expr: FilterExpr, scope: FilterScope): FieldValue {
  const of = (each: FilterExpr): FieldValue => evaluate(each, scope)
  switch (expr.kind) {
    case 'value':
      return expr.value
    case 'event':
      return scope.event
    case 'input':
      return scope.inputs.get(inputKey(expr.input)) ?? null
    case 'field':
      return fieldAt(scope.fields, expr.path)
    case 'list':
      return expr.items.map(of)
    case 'and':
      return expr.parts.every((part) => truth(of(part), '`and`'))
    case 'or':
      return expr.parts.some((part) => truth(of(part), '`or`'))
    case 'not':
      return !truth(of(expr.of), '`!`')
    case 'comparison': {
      const left = of(expr.left)
      const right = of(expr.right)
      if (expr.operator === '=') return isDeepStrictEqual(left, right)
      return expr.operator === '!=' ? !isDeepStrictEqual(left, right) : ordered(left, expr.operator, right)
    }
    case 'in': {
      const item = of(expr.item)
      const list = of(expr.list)
      if (list === null) return false
      if (!isList(list)) throw new FilterError(`\`in\` asks of a list, and there is ${typeName(list)}`)
      return list.some((each) => isDeepStrictEqual(each, item))
    }
    case 'call':
      return call(expr.name, expr.arguments.map(of))
  }
}

/** Null is false; numbers and texts are no truth. */
function truth(value: FieldValue, asker: string): boolean {
  if (value === null) return false
  if (typeof value === 'boolean') return value
  throw new FilterError(`${asker} asks for true or false, and there is ${typeName(value)}`)
}

function fieldAt(fields: Fields, path: readonly string[]): FieldValue {
  let value: FieldValue = fields
  for (const name of path) {
    if (typeof value !== 'object' || value === null || isList(value)) return null
    value = Object.hasOwn(value, name) ? (value[name] ?? null) : null
  }
  return value
}

function ordered(left: FieldValue, operator: '<' | '<=' | '>' | '>=', right: FieldValue): boolean {
  if (left === null || right === null) return false
  const both = (type: 'number' | 'string'): boolean => typeof left === type && typeof right === type
  // Instants are texts in ISO 8601, in whose order they stand.
  if (!both('number') && !both('string'))
    throw new FilterError(`\`${operator}\` compares ${typeName(left)} with ${typeName(right)}`)
  switch (operator) {
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
  }
}

function call(name: FilterFunction, [first = null, second = null]: readonly FieldValue[]): FieldValue {
  const text = (value: FieldValue): string => {
    if (typeof value === 'string') return value
    throw new FilterError(`\`${name}\` takes a text, and there is ${typeName(value)}`)
  }
  const changed = (change: (text: string) => string): FieldValue =>
    first === null ? null : change(text(first))
  switch (name) {
    case 'contains':
      return first === null || second === null ? false : text(first).includes(text(second))
    case 'match': {
      if (first === null || second === null) return false
      const found = globMatch(text(first), text(second))
      if (found === undefined) throw new FilterError('`match` cannot read its pattern')
      return found
    }
    case 'length':
      if (first === null) return 0
      return isList(first) ? first.length : Buffer.byteLength(text(first))
    case 'lowercase':
      return changed((each) => each.toLowerCase())
    case 'uppercase':
      return changed((each) => each.toUpperCase())
    case 'snakecase':
      return changed((each) => words(each).join('_'))
    case 'kebabcase':
      return changed((each) => words(each).join('-'))
    case 'titlecase':
      return changed((each) =>
        each
          .toLowerCase()
          .replaceAll(/(^|\s)(\S)/gu, (_, gap: string, letter: string) => gap + letter.toUpperCase()),
      )
    case 'typeof':
      return typeName(first)
    case 'bool':
      return toBoolean(first)
    case 'string':
      return first === null || typeof first === 'string' ? first : JSON.stringify(first)
    case 'number':
      return toNumber(first)
  }
}

/** `orderCompleted`, `Order Completed`: order, completed. */
function words(text: string): readonly string[] {
  return text
    .replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase())
}

function toBoolean(value: FieldValue): boolean {
  if (value === null || value === 'false' || value === '') return false
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return value !== 0
  if (value === 'true') return true
  throw new FilterError(`\`bool\` cannot make true or false of ${typeName(value)}`)
}

function toNumber(value: FieldValue): FieldValue {
  if (value === null || typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
  if (Number.isFinite(number)) return number
  throw new FilterError(`\`number\` cannot make a number of ${typeName(value)}`)
}

function typeName(value: FieldValue): string {
  if (value === null) return 'null'
  return isList(value) ? 'array' : typeof value
}

function isList(value: FieldValue): value is readonly FieldValue[] {
  return Array.isArray(value)
}
