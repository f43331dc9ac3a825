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

export function raiseNotModelled(what: string, valueSql: string): string {
  return raise(
    '000002',
    '0A000',
    `Unsupported feature '${what}: `,
    valueSql,
    "' (not modelled by the simulated Snowflake).",
  )
}

function notRecognized(kind: string, code: string, valueSql: string): string {
  return raise(code, '22018', `${kind} '`, valueSql, "' is not recognized")
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
  if (from.kind === 'text') return { sql: once(of.sql, (value) => fromText(value, to, trying)), type: to }
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
  return (
    (from.kind === 'variant' || to.kind === 'text') && convert({ sql: 'v', type: from }, to) !== undefined
  )
}

function convert({ sql, type: from }: Typed, to: SfType): string | undefined {
  switch (to.kind) {
    case 'number':
      if (from.kind === 'number') return `CAST(${sql} AS ${physicalType(to)})`
      if (from.kind === 'float') return `CAST(${sql} AS ${physicalType(to)})`
      if (from.kind === 'boolean' && to.scale === 0)
        return `CAST(CAST(${sql} AS INTEGER) AS ${physicalType(to)})`
      return from.kind === 'variant' ? variantToNumber(sql, to) : undefined
    case 'float':
      if (from.kind === 'number' || from.kind === 'float') return `CAST(${sql} AS DOUBLE)`
      return from.kind === 'variant' ? variantToFloat(sql, to) : undefined
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

function isNumber(json: string): string {
  return `json_type(${json}) IN ('BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'DOUBLE')`
}

function variantToFloat(sql: string, to: SfType): string {
  return `CASE WHEN ${isNumber(sql)} THEN CAST(${sql} AS DOUBLE) ELSE ${fromText(variantText(sql), to, false)} END`
}

function variantToNumber(sql: string, to: SfType & { kind: 'number' }): string {
  const written = `CAST(${sql} AS VARCHAR)`
  const exponent = `regexp_matches(${written}, '[eE]')`
  return `CASE WHEN ${isNumber(sql)} THEN CASE WHEN ${exponent} THEN CAST(CAST(${sql} AS DOUBLE) AS ${physicalType(to)}) ELSE CAST(${written} AS ${physicalType(to)}) END ELSE ${fromText(variantText(sql), to, false)} END`
}

function fromText(sql: string, to: SfType, trying: boolean): string {
  const otherwise = (kind: string, code: string): string => (trying ? 'NULL' : notRecognized(kind, code, sql))
  switch (to.kind) {
    case 'text':
      return sql
    case 'number': {
      const fits = `TRY_CAST(${sql} AS ${physicalType(to)})`
      return (
        `CASE WHEN ${sql} IS NULL THEN NULL WHEN regexp_full_match(${sql}, '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)') ` +
        `THEN coalesce(${fits}, ${trying ? 'NULL' : raise('100132', '22003', "Numeric value '", sql, "' is out of range")}) ` +
        `WHEN regexp_full_match(${sql}, '\\s+[0-9+.-].*|.*[0-9.]\\s+|[+-]?[0-9.]+[eE][+-]?[0-9]+') ` +
        `THEN CAST(${raiseNotModelled('text with blanks or an exponent as NUMBER', sql)} AS ${physicalType(to)}) ` +
        `ELSE ${otherwise('Numeric value', '100038')} END`
      )
    }
    case 'float':
      return (
        `CASE WHEN ${sql} IS NULL THEN NULL WHEN regexp_full_match(${sql}, '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?') ` +
        `THEN coalesce(sf_finite(TRY_CAST(${sql} AS DOUBLE)), ${raiseNotModelled('text beyond the range of FLOAT', sql)}) ` +
        `WHEN lower(${sql}) IN ('nan', 'inf', '-inf') THEN CAST(lower(${sql}) AS DOUBLE) ` +
        `WHEN regexp_full_match(${sql}, '\\s+.*[0-9.].*|.*[0-9.]\\s+|(?i)\\s*[+-]?(inf|infinity|nan)\\s*') ` +
        `THEN CAST(${raiseNotModelled('text with blanks or a special value as FLOAT', sql)} AS DOUBLE) ` +
        `ELSE ${otherwise('Numeric value', '100038')} END`
      )
    case 'boolean':
      return (
        `CASE WHEN ${sql} IS NULL THEN NULL WHEN lower(${sql}) IN ('true', 't', 'yes', 'y', 'on', '1') THEN TRUE ` +
        `WHEN lower(${sql}) IN ('false', 'f', 'no', 'n', 'off', '0') THEN FALSE ELSE ${otherwise('Boolean value', '100037')} END`
      )
    case 'timestamp_ntz':
      return truncated(`sf_text_to_ntz(${sql}, ${to.precision}, ${trying})`, to.precision)
    case 'timestamp_ltz':
      return `sf_text_to_instant(${sql}, ${to.precision}, ${trying})`
    case 'timestamp_tz':
      return `sf_text_to_instant(${sql}, ${to.precision}, ${trying})`
    case 'date':
      return (
        `CASE WHEN ${sql} IS NULL THEN NULL WHEN regexp_full_match(${sql}, '[0-9]{4}-[0-9]{2}-[0-9]{2}') ` +
        `THEN coalesce(TRY_CAST(${sql} AS DATE), ${otherwise('Date', '100040')}) ` +
        `WHEN regexp_matches(${sql}, '[0-9]') THEN ${raiseNotModelled('text of this form as DATE', sql)} ELSE ${otherwise('Date', '100040')} END`
      )
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

const isoTime = '[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?)?'
const zone = '( ?(Z|[+-][0-9]{2}(:?[0-9]{2})?))?'

/**
 * Helpers the casts above are written with. The AUTO format reads more than what is here; text that it might read is
 * refused, so that only what is clearly no time at all becomes NULL or "not recognized".
 *
 * @see https://docs.snowflake.com/en/sql-reference/date-time-input-output
 */
export const castMacros: readonly string[] = [
  'sf_finite(x) AS CASE WHEN isfinite(x) THEN x END',
  // Shortest text of at most nine digits between 1e-5 and 1e9: no reading of the documentation prints these otherwise.
  `sf_float_text(x) AS CASE WHEN x IS NULL THEN NULL WHEN isfinite(x) AND x = round(x) AND abs(x) < 1e9 THEN CAST(CAST(x AS BIGINT) AS VARCHAR)
    WHEN isfinite(x) AND abs(x) >= 1e-4 AND abs(x) < 1e9 AND length(replace(ltrim(replace(CAST(abs(x) AS VARCHAR), '.', ''), '0'), '-', '')) <= 9 THEN CAST(x AS VARCHAR)
    ELSE ${raiseNotModelled('text of a FLOAT of more than nine digits', 'x')} END`,
  `sf_variant_text(v) AS CASE json_type(v) WHEN 'NULL' THEN NULL
    WHEN 'DOUBLE' THEN CASE WHEN regexp_full_match(CAST(v AS VARCHAR), '-?[0-9]+([.][0-9]*[1-9])') AND length(CAST(v AS VARCHAR)) <= 16 THEN CAST(v AS VARCHAR)
      ELSE ${raiseNotModelled('text of such a number in a VARIANT', 'v')} END
    WHEN 'VARCHAR' THEN v ->> '$' ELSE CAST(v AS VARCHAR) END`,
  `sf_nanos(s, digits) AS CASE WHEN digits > 6 AND regexp_matches(s, '[.][0-9]{6}[0-9]*[1-9]')
    THEN ${raiseNotModelled('nanoseconds', 's')} ELSE regexp_replace(s, '([.][0-9]{6})[0-9]+', '\\1') END`,
  `sf_text_to_ntz(s, digits, trying) AS CASE WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s, '${isoTime}${zone}')
    THEN coalesce(TRY_CAST(regexp_replace(sf_nanos(s, digits), '(:[0-9]{2}([.][0-9]+)?) ?(Z|[+-][0-9:]+)$', '\\1') AS TIMESTAMP),
      CASE WHEN NOT trying THEN ${notRecognized('Timestamp', '100035', 's')} END)
    WHEN regexp_matches(s, '[0-9]') THEN ${raiseNotModelled('text of this form as TIMESTAMP', 's')}
    WHEN NOT trying THEN ${notRecognized('Timestamp', '100035', 's')} END`,
  `sf_text_to_instant(s, digits, trying) AS CASE WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s, '${isoTime}${zone}')
    THEN coalesce(TRY_CAST(CASE WHEN regexp_full_match(s, '${isoTime}') THEN sf_nanos(s, digits) || '+00' ELSE
      regexp_replace(regexp_replace(sf_nanos(s, digits), '([+-][0-9]{2})([0-9]{2})$', '\\1:\\2'), 'Z$', '+00') END AS TIMESTAMPTZ),
      CASE WHEN NOT trying THEN ${notRecognized('Timestamp', '100035', 's')} END)
    WHEN regexp_matches(s, '[0-9]') THEN ${raiseNotModelled('text of this form as TIMESTAMP', 's')}
    WHEN NOT trying THEN ${notRecognized('Timestamp', '100035', 's')} END`,
]
