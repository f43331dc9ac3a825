import type { ColumnType, ValueType } from '../ir/value-type.ts'
import type { Row, Value } from './adapter.ts'

/** A column as the API describes it; types are named as in legacy SQL. */
export interface BigqueryField {
  readonly name: string
  readonly type: string
  readonly mode?: string
  readonly fields?: readonly BigqueryField[]
}

/** A row as the API sends it. */
export interface BigqueryRow {
  readonly f: readonly { readonly v: unknown }[]
}

export function valuesOf(fields: readonly BigqueryField[], row: BigqueryRow): Row {
  return Object.fromEntries(
    fields.map((field, index) => [field.name, cellValue(field, row.f[index]?.v ?? null)]),
  )
}

function cellValue(field: BigqueryField, cell: unknown): Value {
  if (cell === null) return null
  if (field.mode === 'REPEATED' || field.type === 'RECORD' || field.type === 'STRUCT')
    return jsonOf(field, cell)
  const text = String(cell)
  switch (field.type) {
    case 'INTEGER':
    case 'INT64':
      return BigInt(text)
    case 'FLOAT':
    case 'FLOAT64':
      return numberOf(text)
    case 'BOOLEAN':
    case 'BOOL':
      return text === 'true'
    case 'TIMESTAMP':
      return instantOf(text)
    case 'DATETIME':
      return `${text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')}Z`
    default:
      return text
  }
}

function numberOf(text: string): number {
  const special = /^([+-]?)inf(?:inity)?$/i.exec(text)
  if (special === null) return Number(text)
  return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

/** Microseconds since 1970. */
function instantOf(text: string): string {
  const micros = BigInt(text)
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const seconds = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, 19)
  const digits = `${fraction}`.padStart(6, '0').replace(/0+$/, '')
  return `${seconds}${digits === '' ? '' : `.${digits}`}Z`
}

/** JSON text in which an integer keeps all of its digits. */
function jsonOf(field: BigqueryField, cell: unknown): string {
  if (cell === null) return 'null'
  if (field.mode === 'REPEATED') {
    const { mode: _, ...element } = field
    const elements = Array.isArray(cell) ? cell : []
    return `[${elements.map((each: { readonly v: unknown }) => jsonOf(element, each.v)).join(',')}]`
  }
  if (field.type === 'RECORD' || field.type === 'STRUCT') {
    const cells = isRow(cell) ? cell.f : []
    const members = (field.fields ?? []).map(
      (member, index) => `${JSON.stringify(member.name)}:${jsonOf(member, cells[index]?.v ?? null)}`,
    )
    return `{${members.join(',')}}`
  }
  const value = cellValue(field, cell)
  if (field.type === 'JSON') return String(value)
  return typeof value === 'bigint' ? `${value}` : JSON.stringify(value)
}

function isRow(cell: unknown): cell is BigqueryRow {
  return typeof cell === 'object' && cell !== null && 'f' in cell && Array.isArray(cell.f)
}

/** By the name of a type in `INFORMATION_SCHEMA`, such as `NUMERIC(10, 2)`, or of a field of a schema. */
export function bigqueryColumnType(name: string, mode?: string): ColumnType {
  if (mode === 'REPEATED') return 'json'
  return columnTypes[name.replace(/[<(].*$/s, '').toUpperCase()] ?? 'other'
}

const columnTypes: Readonly<Record<string, ColumnType>> = {
  STRING: 'text',
  INT64: 'integer',
  INTEGER: 'integer',
  NUMERIC: 'decimal',
  BIGNUMERIC: 'decimal',
  FLOAT64: 'float',
  FLOAT: 'float',
  BOOL: 'boolean',
  BOOLEAN: 'boolean',
  TIMESTAMP: 'timestamptz',
  DATETIME: 'timestamp',
  DATE: 'date',
  JSON: 'json',
  ARRAY: 'json',
  STRUCT: 'json',
  RECORD: 'json',
}

/** Of a schema that a load is given. */
export function loadType(type: ValueType): string {
  switch (type) {
    case 'text':
    case 'list':
      return 'STRING'
    case 'integer':
      return 'INT64'
    case 'number':
      return 'FLOAT64'
    case 'boolean':
      return 'BOOL'
    case 'timestamp':
      return 'TIMESTAMP'
  }
}

/** One line of newline-delimited JSON; an integer is written as text, of which no digit is lost. */
export function jsonLine(names: readonly string[], row: readonly (Value | undefined)[]): string {
  const members = names.flatMap((name, index) => {
    const value = row[index] ?? null
    return value === null ? [] : [`${JSON.stringify(name)}:${JSON.stringify(loadable(value))}`]
  })
  return `{${members.join(',')}}\n`
}

function loadable(value: Value): Value {
  if (typeof value === 'bigint') return `${value}`
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}
