import type { DuckDBAppender, DuckDBType, DuckDBValue, DuckDBValueConverter } from '@duckdb/node-api'
import type { ColumnType, ValueType } from '../ir/value-type.ts'
import type { Value } from './adapter.ts'
import { driver } from './duckdb-driver.ts'
import { isoInstant } from './iso-instant.ts'

const {
  DuckDBDateValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTypeId,
  JsonDuckDBValueConverter,
} = driver

/** A driver's value in our model; nested ones as JSON text. */
export const toValue: DuckDBValueConverter<Value> = (value, type) => {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return isFloat(type) ? value : BigInt(value)
  const micros = microsOf(value)
  if (micros !== undefined) return isoInstant(new DuckDBTimestampValue(micros).toString())
  if (value instanceof DuckDBDateValue) return value.toString()
  return isNested(type)
    ? JSON.stringify(JsonDuckDBValueConverter(value, type, JsonDuckDBValueConverter))
    : value.toString()
}

function isFloat({ typeId }: DuckDBType): boolean {
  return typeId === DuckDBTypeId.DOUBLE || typeId === DuckDBTypeId.FLOAT
}

function isNested({ typeId }: DuckDBType): boolean {
  return nested.has(typeId)
}

const nested = new Set([
  DuckDBTypeId.LIST,
  DuckDBTypeId.ARRAY,
  DuckDBTypeId.STRUCT,
  DuckDBTypeId.MAP,
  DuckDBTypeId.UNION,
  DuckDBTypeId.VARIANT,
])

function microsOf(value: DuckDBValue): bigint | undefined {
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return value.micros
  if (value instanceof DuckDBTimestampNanosecondsValue) return value.nanos / 1000n
  if (value instanceof DuckDBTimestampMillisecondsValue) return value.millis * 1000n
  if (value instanceof DuckDBTimestampSecondsValue) return value.seconds * 1_000_000n
  return undefined
}

/** By the name of a type as DuckDB prints it. Nested types read like JSON. */
export function duckdbColumnType(name: string): ColumnType {
  if (name.startsWith('DECIMAL')) return 'decimal'
  if (/\]$|^(STRUCT|MAP|UNION)\b/.test(name)) return 'json'
  return columnTypes[name] ?? 'other'
}

const columnTypes: Readonly<Record<string, ColumnType>> = {
  VARCHAR: 'text',
  TINYINT: 'integer',
  SMALLINT: 'integer',
  INTEGER: 'integer',
  BIGINT: 'integer',
  UTINYINT: 'integer',
  USMALLINT: 'integer',
  UINTEGER: 'integer',
  // These may not fit in 64 bits with sign.
  UBIGINT: 'decimal',
  HUGEINT: 'decimal',
  UHUGEINT: 'decimal',
  FLOAT: 'float',
  DOUBLE: 'float',
  BOOLEAN: 'boolean',
  DATE: 'date',
  TIMESTAMP: 'timestamp',
  TIMESTAMP_S: 'timestamp',
  TIMESTAMP_MS: 'timestamp',
  TIMESTAMP_NS: 'timestamp',
  'TIMESTAMP WITH TIME ZONE': 'timestamptz',
  JSON: 'json',
}

/** @throws Error if the value is not of the column's type */
export function appendValue(appender: DuckDBAppender, value: Value, type: ValueType): void {
  if (value === null) appender.appendNull()
  else if (type === 'text' || type === 'list') appender.appendVarchar(String(value))
  else if (type === 'integer') appender.appendBigInt(BigInt(value))
  else if (type === 'number') appender.appendDouble(Number(value))
  else if (type === 'boolean') appender.appendBoolean(value === true || value === 'true')
  else appender.appendTimestamp(new DuckDBTimestampValue(microsSince1970(String(value))))
}

/** Microseconds since 1970 of an ISO instant; `Date` knows milliseconds only. */
function microsSince1970(iso: string): bigint {
  const [, head = '', fraction = '', zone = 'Z'] = /^(.*?)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?$/.exec(iso) ?? []
  const seconds = new Date(head.length === 10 ? `${head}T00:00:00Z` : `${head}${zone}`).getTime()
  if (Number.isNaN(seconds)) throw new Error(`\`${iso}\` is no ISO instant`)
  return BigInt(seconds) * 1000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'))
}
