import type { Json } from '../json.ts'
import { fieldsOf, integerOf, messagesOf } from '../service/wire.ts'
import { dateText, datetimeText, decimalText, intervalText, timeText } from './civil.ts'
import type { Column, Type } from './types.ts'

export interface WireFormat {
  /** Timestamps as whole microseconds; as a float of seconds otherwise. */
  readonly int64Timestamp: boolean
}

/** A row of the service as the API lists it: `{ f: [{ v }, …] }`. */
export function rowJson(row: Buffer, columns: readonly Column[], format: WireFormat): Json {
  const cells = messagesOf(row, 1)
  return {
    f: columns.map((each, index) => ({ v: valueJson(cells[index] ?? Buffer.alloc(0), each.type, format) })),
  }
}

/** A `ValueProto` in the words of the API; NULL arrays are empty there. */
function valueJson(value: Buffer, type: Type, format: WireFormat): Json {
  const [field] = fieldsOf(value)
  if (field === undefined) return type.kind === 'ARRAY' ? [] : null
  const { bytes, integer } = field
  switch (type.kind) {
    case 'INT64':
      return String(integer)
    case 'BOOL':
      return String(integer !== 0n)
    case 'FLOAT64':
      return doubleText(bytes.readDoubleLE())
    case 'STRING':
    case 'JSON':
      return bytes.toString('utf8')
    case 'INTERVAL':
      return intervalText(bytes)
    case 'GEOGRAPHY':
    case 'BYTES':
      return bytes.toString('base64')
    case 'DATE':
      return dateText(Number(BigInt.asIntN(32, integer)))
    case 'TIMESTAMP': {
      const micros = timestampMicros(bytes)
      return format.int64Timestamp ? String(micros) : floatSeconds(micros)
    }
    case 'DATETIME':
      return datetimeText(messageInteger(bytes, 1), integerOf(bytes, 2) ?? 0)
    case 'TIME':
      return timeText(integer)
    case 'NUMERIC':
      return decimalText(bytes, 9)
    case 'BIGNUMERIC':
      return decimalText(bytes, 38)
    case 'ARRAY':
      return messagesOf(bytes, 1).map((element) => ({ v: valueJson(element, type.element, format) }))
    case 'STRUCT': {
      const fields = messagesOf(bytes, 1)
      return {
        f: type.fields.map((each, index) => ({
          v: valueJson(fields[index] ?? Buffer.alloc(0), each.type, format),
        })),
      }
    }
  }
}

function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? value.toFixed(1) : String(value)
}

function timestampMicros(timestamp: Buffer): bigint {
  return messageInteger(timestamp, 1) * 1_000_000n + BigInt(Math.floor((integerOf(timestamp, 2) ?? 0) / 1000))
}

/** As the API does by default: seconds with an exponent. */
function floatSeconds(micros: bigint): string {
  return (Number(micros) / 1e6).toExponential().replace('e+', 'E').replace('e', 'E')
}

function messageInteger(message: Buffer, number: number): bigint {
  let found = 0n
  for (const field of fieldsOf(message)) if (field.number === number) found = field.integer
  return found
}

/** Whether a cell is NULL. */
export function isNull(cell: Buffer): boolean {
  return cell.length === 0
}

/** The cells of a row. */
export function cellsOf(row: Buffer): readonly Buffer[] {
  return messagesOf(row, 1)
}
