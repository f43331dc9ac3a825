import { notModelled } from '../errors.ts'
import { literal } from './names.ts'
import { physicalType, type SfType, type Typed, typeText } from './types.ts'

/**
 * A failure that DuckDB raises while it runs, read back by `engine/failures.ts`. The fields are code, SQL state, text
 * before and after the value.
 */
export function raise(
  code: string,
  sqlState: string,
  before: string,
  valueSql: string,
  after: string,
): string {
  return `error('SF|${code}|${sqlState}|' || ${literal(before)} || coalesce(CAST(${valueSql} AS VARCHAR), 'NULL') || ${literal(after)})`
}

/** Writes `body` over one evaluation of `sql`: macros and templates repeat their arguments, and nested ones explode. */
export function once(sql: string, body: (value: string) => string, as = 'v'): string {
  if (/^(\w+|(\w+\.)?"[^"]+")$/.test(sql)) return body(sql)
  return `list_extract(list_transform([${sql}], lambda ${as}: ${body(as)}), 1)`
}

/** Explicit conversion, `CAST` or `::`, or `TRY_CAST`, which takes text only. */
export function castTo(of: Typed, to: SfType, trying = false): Typed {
  const { type: from } = of
  if (from.kind === 'null') return { sql: `CAST(NULL AS ${physicalType(to)})`, type: to }
  if (trying && from.kind !== 'text') {
    // TRY_CAST of other than text is an error; of the same type it is refused as well.
    throw notModelled(`TRY_CAST from ${typeText(from)}`)
  }
  if (from.kind === 'text' && to.kind === 'text') {
    return {
      sql: from.length <= to.length ? of.sql : once(of.sql, (value) => within(value, to.length, from)),
      type: to,
    }
  }
  if (from.kind === 'text') return { sql: fromText(of.sql, to, trying), type: to }
  const sql = needsOnce(of.type, to)
    ? once(of.sql, (value) => convert({ sql: value, type: from }, to) ?? '')
    : convert(of, to)
  if (sql === undefined || sql === '') throw notModelled(`cast from ${typeText(from)} to ${typeText(to)}`)
  return { sql, type: to }
}

/** A value in a type that {@link unify} found for it and others: it fits, so mostly nothing is to do. */
export function align(of: Typed, to: SfType): string {
  const { type: from } = of
  if (from.kind === 'number' && to.kind === 'number') {
    return from.scale === to.scale ? of.sql : `CAST(${of.sql} AS DECIMAL(38, ${to.scale}))`
  }
  return from.kind === to.kind && from.kind !== 'null' ? of.sql : castTo(of, to).sql
}

/** Whether the conversion names its argument more than once. */
function needsOnce(from: SfType, to: SfType): boolean {
  const several = to.kind === 'array' || to.kind === 'object' || (to.kind === 'text' && to.length < 40)
  return several && convert({ sql: 'v', type: from }, to) !== undefined
}

function convert({ sql, type: from }: Typed, to: SfType): string | undefined {
  switch (to.kind) {
    case 'number':
      if (from.kind === 'number') return `CAST(${sql} AS ${physicalType(to)})`
      if (from.kind === 'float') {
        return `CAST(sf_float_to_number(${sql}, ${to.precision}, ${to.scale}) AS ${physicalType(to)})`
      }
      if (from.kind === 'boolean' && to.scale === 0)
        return `CAST(CAST(${sql} AS INTEGER) AS ${physicalType(to)})`
      return from.kind === 'variant'
        ? `CAST(sf_variant_to_number(${sql}, ${to.precision}, ${to.scale}) AS ${physicalType(to)})`
        : undefined
    case 'float':
      if (from.kind === 'number' || from.kind === 'float') return `CAST(${sql} AS DOUBLE)`
      return from.kind === 'variant' ? `sf_variant_to_float(${sql})` : undefined
    case 'text':
      return within(toText({ sql, type: from }), to.length, from)
    case 'boolean':
      if (from.kind === 'boolean') return sql
      if (from.kind === 'number' || from.kind === 'float') return `(${sql} <> 0)`
      return from.kind === 'variant' ? fromText(variantText(sql), to, false) : undefined
    case 'date':
      if (from.kind === 'date') return sql
      if (from.kind === 'timestamp_ntz') return `CAST(${sql} AS DATE)`
      return from.kind === 'variant' ? fromText(variantText(sql), to, false) : undefined
    case 'timestamp_ntz':
      if (from.kind === 'timestamp_ntz') return truncated(sql, to.precision)
      if (from.kind === 'date') return `CAST(${sql} AS TIMESTAMP)`
      // The session's time zone must be UTC, so that a wall clock needs no other rules.
      if (from.kind === 'timestamp_ltz') return truncated(`(${sql} AT TIME ZONE 'UTC')`, to.precision)
      if (from.kind === 'timestamp_tz' && from.utc)
        return truncated(`(${sql} AT TIME ZONE 'UTC')`, to.precision)
      return from.kind === 'variant' ? fromText(variantText(sql), to, false) : undefined
    case 'timestamp_ltz':
    case 'timestamp_tz':
      if (from.kind === 'timestamp_ltz' || from.kind === 'timestamp_tz') return sql
      if (from.kind === 'timestamp_ntz') return `(${sql} AT TIME ZONE 'UTC')`
      if (from.kind === 'date') return `(CAST(${sql} AS TIMESTAMP) AT TIME ZONE 'UTC')`
      return undefined
    case 'variant':
      return toVariant({ sql, type: from })
    case 'array':
      // CAST to ARRAY of what is none fails; TO_ARRAY would wrap it.
      if (from.kind === 'array') return sql
      return from.kind === 'variant' ? ofJsonType(sql, 'ARRAY') : undefined
    case 'object':
      if (from.kind === 'object') return sql
      return from.kind === 'variant' ? ofJsonType(sql, 'OBJECT') : undefined
    case 'binary':
    case 'time':
      return from.kind === to.kind ? sql : undefined
    case 'null':
      return undefined
  }
}

function ofJsonType(sql: string, type: 'ARRAY' | 'OBJECT'): string {
  return (
    `CASE json_type(${sql}) WHEN '${type}' THEN ${sql} WHEN 'NULL' THEN NULL ` +
    `ELSE ${raise('100071', '22000', `Failed to cast variant value `, sql, ` to ${type}`)} END`
  )
}

export function toVariant({ sql, type }: Typed): string {
  switch (type.kind) {
    case 'variant':
    case 'array':
    case 'object':
      return sql
    case 'text':
    case 'boolean':
    case 'number':
    case 'float':
      return `to_json(${sql})`
    case 'null':
      return 'CAST(NULL AS JSON)'
    case 'date':
    case 'time':
    case 'timestamp_ntz':
    case 'timestamp_ltz':
    case 'timestamp_tz':
    case 'binary':
      throw notModelled(`${typeText(type)} in a VARIANT`)
  }
}

/** A fraction that the type has no place for is cut. */
function truncated(sql: string, precision: number): string {
  if (precision >= 6) return sql
  const unit = 10 ** (6 - precision)
  return `make_timestamp(CAST(floor(epoch_us(${sql}) / ${unit}.0) AS BIGINT) * ${unit})`
}

/** Text too long for its type is an error, as everywhere in Snowflake. */
export function within(sql: string, length: number, from: SfType): string {
  if (from.kind === 'text' ? from.length <= length : length >= 40) return sql
  return `CASE WHEN length(${sql}) > ${length} THEN ${raise('100078', '22000', "String '", sql, "' is too long and would be truncated")} ELSE ${sql} END`
}

/**
 * The text of a value in the default output formats.
 *
 * Floats: the documentation shows ten significant digits in some places and up to seventeen in others, so only floats
 * whose text is the same either way are told; the rest is refused.
 *
 * @see https://docs.snowflake.com/en/sql-reference/functions/to_char
 * @see https://docs.snowflake.com/en/sql-reference/parameters#timestamp-ntz-output-format
 */
export function toText({ sql, type }: Typed): string {
  switch (type.kind) {
    case 'text':
      return sql
    case 'number':
    case 'boolean':
    case 'date':
      return `CAST(${sql} AS VARCHAR)`
    case 'float':
      return `sf_float_text(${sql})`
    case 'timestamp_ntz':
      return `strftime(${sql}, '%Y-%m-%d %H:%M:%S.%g')`
    case 'variant':
    case 'array':
    case 'object':
      return variantText(sql)
    case 'null':
      return 'CAST(NULL AS VARCHAR)'
    case 'timestamp_ltz':
    case 'timestamp_tz':
    case 'time':
    case 'binary':
      throw notModelled(`text of ${typeText(type)} without a format`)
  }
}

/**
 * JSON null becomes NULL, a string stays as it is, the rest is JSON text.
 *
 * @see https://docs.snowflake.com/en/user-guide/semistructured-considerations#null-values
 */
export function variantText(sql: string): string {
  return `sf_variant_text(${sql})`
}

function fromText(sql: string, to: SfType, trying: boolean): string {
  switch (to.kind) {
    case 'text':
      return sql
    case 'number':
      return `CAST(sf_text_to_number(${sql}, ${to.precision}, ${to.scale}, ${trying}) AS ${physicalType(to)})`
    case 'float':
      return `sf_text_to_float(${sql}, ${trying})`
    case 'boolean':
      return `sf_text_to_boolean(${sql}, ${trying})`
    case 'timestamp_ntz':
      return truncated(
        `make_timestamp(sf_text_to_micros(${sql}, ${to.precision}, FALSE, ${trying}))`,
        to.precision,
      )
    case 'timestamp_ltz':
    case 'timestamp_tz':
      return `(make_timestamp(sf_text_to_micros(${sql}, ${to.precision}, TRUE, ${trying})) AT TIME ZONE 'UTC')`
    case 'date':
      return `(DATE '1970-01-01' + sf_text_to_days(${sql}, ${trying}))`
    case 'variant':
      // The documentation has `'…'::VARIANT` make a string of it, not parse it.
      return trying ? unsupported(to) : `to_json(${sql})`
    case 'array':
    case 'object':
    case 'time':
    case 'binary':
    case 'null':
      return unsupported(to)
  }
}

function unsupported(to: SfType): never {
  throw notModelled(`cast from VARCHAR to ${typeText(to)}`)
}
