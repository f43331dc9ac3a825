import { notModelled } from '../errors.ts'
import type { TypeName } from '../language/syntax.ts'

export type SfType =
  | { readonly kind: 'number'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'text'; readonly length: number }
  /** `utc` where the offset is known to be zero. Digits beyond microseconds cannot be held: casts to more refuse them. */
  | {
      readonly kind: 'timestamp_ntz' | 'timestamp_ltz' | 'timestamp_tz'
      readonly precision: number
      readonly utc: boolean
    }
  | {
      readonly kind:
        | 'float'
        | 'boolean'
        | 'date'
        | 'time'
        | 'variant'
        | 'array'
        | 'object'
        | 'binary'
        | 'null'
    }

export type Kind = SfType['kind']

/** An expression in DuckDB's words, of a type in Snowflake's. */
export interface Typed {
  readonly sql: string
  readonly type: SfType
}

const longest = 16_777_216

export const integer: SfType = { kind: 'number', precision: 38, scale: 0 }
export const text: SfType = { kind: 'text', length: longest }
export const float: SfType = { kind: 'float' }
export const boolean: SfType = { kind: 'boolean' }
export const date: SfType = { kind: 'date' }
export const variant: SfType = { kind: 'variant' }
export const array: SfType = { kind: 'array' }
export const object: SfType = { kind: 'object' }
export const unknown: SfType = { kind: 'null' }
export const ntz: SfType = { kind: 'timestamp_ntz', precision: 9, utc: false }
export const ltz: SfType = { kind: 'timestamp_ltz', precision: 9, utc: false }
export const tz: SfType = { kind: 'timestamp_tz', precision: 9, utc: false }

export function numberOf(precision: number, scale: number): SfType {
  if (scale > 37) throw notModelled(`a scale of ${scale}`)
  return { kind: 'number', precision: Math.min(38, Math.max(precision, scale, 1)), scale }
}

export function textOf(length: number): SfType {
  return { kind: 'text', length: Math.min(Math.max(length, 1), longest) }
}

/** @see https://docs.snowflake.com/en/sql-reference/intro-summary-data-types */
export function typeOf({ name, parameters }: TypeName): SfType {
  const [first, second] = parameters
  const none = (type: SfType): SfType => {
    if (parameters.length > 0) throw notModelled(`${name} with parameters`)
    return type
  }
  const timestamp = (kind: 'timestamp_ntz' | 'timestamp_ltz' | 'timestamp_tz'): SfType => {
    const precision = first ?? 9
    if (precision > 9 || second !== undefined) throw notModelled(`${name}(${parameters.join(', ')})`)
    return { kind, precision, utc: false }
  }
  switch (name) {
    case 'NUMBER':
    case 'DECIMAL':
    case 'DEC':
    case 'NUMERIC':
      return numberOf(first ?? 38, second ?? 0)
    case 'INT':
    case 'INTEGER':
    case 'BIGINT':
    case 'SMALLINT':
    case 'TINYINT':
    case 'BYTEINT':
      return none(integer)
    case 'FLOAT':
    case 'FLOAT4':
    case 'FLOAT8':
    case 'DOUBLE':
    case 'DOUBLE PRECISION':
    case 'REAL':
      return none(float)
    case 'VARCHAR':
    case 'STRING':
    case 'TEXT':
    case 'NVARCHAR':
      return textOf(first ?? longest)
    case 'CHAR':
    case 'CHARACTER':
      return textOf(first ?? 1)
    case 'BOOLEAN':
      return none(boolean)
    case 'DATE':
      return none(date)
    case 'TIME':
      return { kind: 'time' }
    // TIMESTAMP_TYPE_MAPPING is TIMESTAMP_NTZ by default.
    case 'DATETIME':
    case 'TIMESTAMP':
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMPNTZ':
      return timestamp('timestamp_ntz')
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMPLTZ':
      return timestamp('timestamp_ltz')
    case 'TIMESTAMP_TZ':
    case 'TIMESTAMPTZ':
      return timestamp('timestamp_tz')
    case 'VARIANT':
      return none(variant)
    case 'ARRAY':
      return none(array)
    case 'OBJECT':
      return none(object)
    case 'BINARY':
    case 'VARBINARY':
      return { kind: 'binary' }
    default:
      throw notModelled(`data type ${name}`)
  }
}

/** The type DuckDB keeps it in. */
export function physicalType(type: SfType): string {
  switch (type.kind) {
    case 'number':
      return `DECIMAL(${type.precision}, ${type.scale})`
    case 'float':
      return 'DOUBLE'
    case 'text':
    case 'null':
      return 'VARCHAR'
    case 'boolean':
      return 'BOOLEAN'
    case 'date':
      return 'DATE'
    case 'time':
      return 'TIME'
    case 'timestamp_ntz':
      return 'TIMESTAMP'
    case 'timestamp_ltz':
    case 'timestamp_tz':
      return 'TIMESTAMPTZ'
    case 'variant':
    case 'array':
    case 'object':
      return 'JSON'
    case 'binary':
      return 'BLOB'
  }
}

/** As Snowflake writes it in errors and in DESCRIBE. */
export function typeText(type: SfType): string {
  switch (type.kind) {
    case 'number':
      return `NUMBER(${type.precision},${type.scale})`
    case 'text':
      return `VARCHAR(${type.length})`
    case 'timestamp_ntz':
    case 'timestamp_ltz':
    case 'timestamp_tz':
      return `${type.kind.toUpperCase()}(${type.precision})`
    case 'time':
      return 'TIME(9)'
    case 'null':
      return 'NULL'
    case 'float':
    case 'boolean':
    case 'date':
    case 'variant':
    case 'array':
    case 'object':
    case 'binary':
      return type.kind.toUpperCase()
  }
}

/** The name in INFORMATION_SCHEMA.COLUMNS.DATA_TYPE. */
export function dataTypeName(type: SfType): string {
  return type.kind === 'text' || type.kind === 'null' ? 'TEXT' : type.kind.toUpperCase()
}

/**
 * The type that holds both. Conversions that Snowflake would make by itself between text and other types are refused: SQL
 * that relies on them means something else in each warehouse.
 */
export function unify(left: SfType, right: SfType, where: string): SfType {
  if (left.kind === 'null') return right
  if (right.kind === 'null') return left
  if (left.kind === 'number' && right.kind === 'number') {
    const scale = Math.max(left.scale, right.scale)
    return numberOf(Math.max(left.precision - left.scale, right.precision - right.scale) + scale, scale)
  }
  if (left.kind === 'text' && right.kind === 'text') return textOf(Math.max(left.length, right.length))
  const kinds = new Set([left.kind, right.kind])
  if (kinds.size === 1) {
    if ('utc' in left && 'utc' in right)
      return {
        kind: left.kind,
        precision: Math.max(left.precision, right.precision),
        utc: left.utc && right.utc,
      }
    return left
  }
  if (kinds.has('number') && kinds.has('float')) return float
  if (kinds.has('date') && kinds.has('timestamp_ntz')) return ntz
  throw notModelled(`implicit conversion between ${typeText(left)} and ${typeText(right)} in ${where}`)
}
