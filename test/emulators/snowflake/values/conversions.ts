import { notModelled, SnowflakeError } from '../errors.ts'
import { binary, type Decimal, decimalOf, rounded, shortest } from './decimals.ts'
import { jsonKind } from './json-text.ts'

/**
 * Conversions as the documentation has them. What it leaves open is refused rather than guessed, for a value as for a
 * statement.
 */

function notRecognized(kind: string, code: string, value: string): SnowflakeError {
  return new SnowflakeError(code, '22018', `${kind} '${value}' is not recognized`)
}

function outOfRange(value: string): SnowflakeError {
  return new SnowflakeError('100132', '22003', `Numeric value '${value}' is out of range`)
}

const plainNumber = /^[+-]?(\d+\.?\d*|\.\d+)$/
const anyNumber = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/** @see https://docs.snowflake.com/en/sql-reference/functions/to_decimal */
export function textToNumber(text: string, precision: number, scale: number, trying: boolean): string | null {
  if (plainNumber.test(text)) {
    const number = rounded(decimalOf(text), precision, scale)
    if (number !== undefined) return number
    if (trying) return null
    throw outOfRange(text)
  }
  if (anyNumber.test(text) || (text.trim() !== text && anyNumber.test(text.trim()))) {
    throw notModelled(`text with blanks or an exponent as NUMBER: ${text}`)
  }
  if (trying) return null
  throw notRecognized('Numeric value', '100038', text)
}

/**
 * How a FLOAT is rounded is nowhere said. Its shortest text and its binary value mostly give the same number; where they do
 * not, neither is taken, unless the text stands halfway: halves go away from zero.
 */
export function floatToNumber(value: number, precision: number, scale: number): string {
  if (!Number.isFinite(value)) throw outOfRange(floatName(value))
  const text = shortest(value)
  const [byText, byBits] = [rounded(text, precision, scale), rounded(binary(value), precision, scale)]
  if (byText !== byBits && !isHalf(text, scale)) throw notModelled(`rounding ${value} to ${scale} digits`)
  if (byText === undefined) throw outOfRange(`${value}`)
  return byText
}

function isHalf({ digits, scale }: Decimal, to: number): boolean {
  const written = String(digits)
  const significant = written.replace(/0+$/, '')
  return scale - (written.length - significant.length) === to + 1 && significant.endsWith('5')
}

function floatName(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'inf' : '-inf'
}

/** @see https://docs.snowflake.com/en/sql-reference/data-types-numeric#special-values */
export function textToFloat(text: string, trying: boolean): number | null {
  if (anyNumber.test(text)) {
    const value = Number(text)
    if (!Number.isFinite(value)) throw notModelled(`text beyond the range of FLOAT: ${text}`)
    return value
  }
  const special = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY }[
    text.toLowerCase()
  ]
  if (special !== undefined) return special
  if (text.trim() !== text || /^[+-]?(inf|infinity|nan)$/i.test(text)) {
    throw notModelled(`text with blanks or another special value as FLOAT: ${text}`)
  }
  if (trying) return null
  throw notRecognized('Numeric value', '100038', text)
}

/** Ten significant digits in some examples, seventeen in others: told where it is the same either way. */
export function floatToText(value: number): string {
  const digits = `${Math.abs(value)}`.replace('.', '').replace(/^0+/, '')
  const plain = Number.isFinite(value) && (value === 0 || (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e9))
  if (!plain || digits.length > 9) throw notModelled(`text of the FLOAT ${floatTextOf(value)}`)
  return Object.is(value, -0) ? '0' : `${value}`
}

function floatTextOf(value: number): string {
  return Number.isFinite(value) ? `${value}` : floatName(value)
}

/** @see https://docs.snowflake.com/en/sql-reference/functions/to_boolean */
export function textToBoolean(text: string, trying: boolean): boolean | null {
  const lower = text.toLowerCase()
  if (['true', 't', 'yes', 'y', 'on', '1'].includes(lower)) return true
  if (['false', 'f', 'no', 'n', 'off', '0'].includes(lower)) return false
  if (trying) return null
  throw notRecognized('Boolean value', '100037', text)
}

const moment =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(?: ?(Z|[+-]\d\d(?::?\d\d)?))?$/

/**
 * Microseconds since 1970. A timestamp without zone takes the clock as it is written and leaves the zone out; others move
 * it to UTC. Text that the AUTO format might read in another way is refused.
 *
 * @see https://docs.snowflake.com/en/sql-reference/date-time-input-output
 */
export function textToMicros(text: string, digits: number, zoned: boolean, trying: boolean): bigint | null {
  const found = moment.exec(text)
  if (found === null) {
    if (/\d/.test(text)) throw notModelled(`text of this form as a TIMESTAMP: ${text}`)
    if (trying) return null
    throw notRecognized('Timestamp', '100035', text)
  }
  const [
    ,
    year = '',
    month = '',
    day = '',
    hour = '00',
    minute = '00',
    second = '00',
    fraction = '',
    zone = 'Z',
  ] = found
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day))
  const exists = new Date(midnight).toISOString().startsWith(`${year}-${month}-${day}`)
  if (!exists || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    if (trying) return null
    throw notRecognized('Timestamp', '100035', text)
  }
  if (digits > 6 && /[1-9]/.test(fraction.slice(6))) throw notModelled(`nanoseconds: ${text}`)
  const seconds =
    midnight / 1000 +
    Number(hour) * 3600 +
    Number(minute) * 60 +
    Number(second) -
    (zoned ? offsetOf(zone) : 0)
  return BigInt(seconds) * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'))
}

function offsetOf(zone: string): number {
  const [, sign, hours, minutes = '00'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? []
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60)
}

/** Days since 1970. */
export function textToDays(text: string, trying: boolean): number | null {
  const known = /^\d{4}-\d\d-\d\d$/.test(text)
  if (!known && /\d/.test(text)) throw notModelled(`text of this form as a DATE: ${text}`)
  const midnight = known ? new Date(`${text}T00:00:00Z`) : undefined
  if (
    midnight !== undefined &&
    !Number.isNaN(midnight.getTime()) &&
    midnight.toISOString().startsWith(text)
  ) {
    return midnight.getTime() / 86_400_000
  }
  if (trying) return null
  throw notRecognized('Date', '100040', text)
}

/**
 * JSON null becomes NULL and a string stays as it is. How numbers with an exponent, with zeros at the end or of very many
 * digits are written is not said.
 *
 * @see https://docs.snowflake.com/en/user-guide/semistructured-considerations
 */
export function variantToText(json: string): string | null {
  switch (jsonKind(json)) {
    case 'null':
      return null
    case 'string': {
      const text: unknown = JSON.parse(json)
      return String(text)
    }
    case 'number':
      if (!/^(0|-?[1-9]\d{0,37}|-?\d{1,15}\.\d*[1-9])$/.test(json) || json.length > 39)
        throw notModelled(`text of the number ${json} in a VARIANT`)
      return json
    case 'boolean':
    case 'array':
    case 'object':
      return json
  }
}

export function variantToFloat(json: string): number | null {
  if (jsonKind(json) === 'number') return textToFloat(json, false)
  const text = variantToText(json)
  return text === null ? null : textToFloat(text, false)
}

export function variantToNumber(json: string, precision: number, scale: number): string | null {
  if (jsonKind(json) === 'number') {
    return /[eE]/.test(json)
      ? floatToNumber(Number(json), precision, scale)
      : textToNumber(json, precision, scale, false)
  }
  if (jsonKind(json) === 'boolean') throw notModelled('a boolean VARIANT as NUMBER')
  const text = variantToText(json)
  return text === null ? null : textToNumber(text, precision, scale, false)
}

/** @see https://docs.snowflake.com/en/sql-reference/functions/typeof */
export function typeOfVariant(json: string): string {
  switch (jsonKind(json)) {
    case 'null':
      return 'NULL_VALUE'
    case 'string':
      return 'VARCHAR'
    case 'number':
      if (/^-?\d+$/.test(json)) return 'INTEGER'
      if (/^-?\d+\.\d*[1-9]$/.test(json)) return 'DECIMAL'
      throw notModelled(`TYPEOF the number ${json}`)
    case 'boolean':
      return 'BOOLEAN'
    case 'array':
      return 'ARRAY'
    case 'object':
      return 'OBJECT'
  }
}

export function hexToNumber(text: string, format: string): string {
  if (!new RegExp(`^[0-9a-fA-F]{1,${format.length}}$`).test(text)) {
    throw new SnowflakeError('100140', '22007', `Can't parse '${text}' as number with format '${format}'`)
  }
  return String(BigInt(`0x${text}`))
}
