import type { ColumnType, ValueType } from '../ir/value-type.ts'
import type { Value } from './adapter.ts'
import { isoInstant } from './iso-instant.ts'

/** What the driver makes of a point in time: a `Date`, which is too coarse, with its parts. */
interface DriverInstant {
  getEpochSeconds(): number
  getNanoSeconds(): number
}

/**
 * A cell in our model; numbers and nested values have come as text.
 *
 * @param type as the protocol calls it
 */
export function cellValue(cell: unknown, type: string, scale: number): Value {
  if (cell === null || cell === undefined) return null
  switch (type) {
    case 'fixed':
      return scale > 0 ? String(cell) : BigInt(String(cell))
    case 'real':
      return Number(String(cell).replace(/inf$/i, 'Infinity'))
    case 'boolean':
      return cell === true
    case 'date':
      return cell instanceof Date ? cell.toISOString().slice(0, 10) : String(cell)
    case 'timestamp_ntz':
    case 'timestamp_ltz':
    case 'timestamp_tz':
      return isInstant(cell) ? instantText(cell) : String(cell)
    default:
      return typeof cell === 'string' ? cell : JSON.stringify(cell)
  }
}

function isInstant(cell: unknown): cell is DriverInstant {
  return cell instanceof Date && 'getEpochSeconds' in cell && 'getNanoSeconds' in cell
}

function instantText(instant: DriverInstant): string {
  const seconds = new Date(instant.getEpochSeconds() * 1000).toISOString().slice(0, 19).replace('T', ' ')
  return isoInstant(`${seconds}.${String(Math.floor(instant.getNanoSeconds() / 1000)).padStart(6, '0')}`)
}

/** By the name of a type in the information schema; numbers without a scale are integers. */
export function snowflakeColumnType(name: string, scale: number): ColumnType {
  const type = columnTypes[name.toLowerCase()] ?? 'other'
  return type === 'decimal' && scale === 0 ? 'integer' : type
}

/** Names of the information schema and those of the protocol. */
const columnTypes: Readonly<Record<string, ColumnType>> = {
  text: 'text',
  number: 'decimal',
  fixed: 'decimal',
  float: 'float',
  real: 'float',
  boolean: 'boolean',
  date: 'date',
  timestamp_ntz: 'timestamp',
  timestamp_ltz: 'timestamptz',
  timestamp_tz: 'timestamptz',
  variant: 'json',
  object: 'json',
  array: 'json',
  map: 'json',
}

/** Text that a column of this type reads as the value: the warehouse casts it when it is inserted. */
export function bindText(value: Value, type: ValueType): string | null {
  if (value === null) return null
  switch (type) {
    case 'text':
    case 'list':
    case 'integer':
    case 'boolean':
      return String(value)
    case 'number':
      return String(value).replace('Infinity', 'inf')
    case 'timestamp':
      return utcText(String(value))
  }
}

/** An ISO date or instant as `2026-01-01 10:00:00.5` in UTC; six digits of a fraction at most. */
export function utcText(iso: string): string {
  const [, date = '', clock = '00:00:00', fraction = '', zone = 'Z'] = instant.exec(iso) ?? []
  const offset = zone.replace(/^([+-]\d\d):?(\d\d)?$/, (_, hours, minutes) => `${hours}:${minutes ?? '00'}`)
  const moment = new Date(`${date}T${clock}${offset}`)
  if (Number.isNaN(moment.getTime())) throw new Error(`\`${iso}\` is no ISO instant`)
  const seconds = moment.toISOString().slice(0, 19).replace('T', ' ')
  return fraction === '' ? seconds : `${seconds}.${fraction.slice(0, 6)}`
}

const instant = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d+))?)?(Z|[+-]\d\d(?::?\d\d)?)?$/
