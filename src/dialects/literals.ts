import type { Sql } from './dialect.ts'

/** A lone surrogate has no UTF-8 form: the driver would send U+FFFD in its place. */
const loneSurrogate = /\p{Surrogate}/u

/** @throws Error for characters that no warehouse can hold: NUL and lone surrogates */
export function assertStorable(value: string, what: string): void {
  if (value.includes('\0')) throw new Error(`${what} contains the character NUL, which SQL cannot hold`)
  // A range without `u` is searched much faster, and most texts have none of it.
  if (/[\ud800-\udfff]/.test(value) && loneSurrogate.test(value))
    throw new Error(`${what} contains half a surrogate pair, which is no character`)
}

/**
 * A decimal integer of 64 bits; negative ones in parentheses, since `a--1` starts a comment.
 *
 * @throws Error if it is no integer or does not fit
 */
export function integerLiteral(value: number | bigint): Sql {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new Error(`${value} is no exact integer`)
  const integer = BigInt(value)
  if (BigInt.asIntN(64, integer) !== integer) throw new Error(`${integer} does not fit in 64 bits`)
  // The digits of the least integer are read before their sign, and do not fit without it.
  if (integer === -(2n ** 63n)) return `cast('${integer}' as bigint)`
  return integer < 0n ? `(${integer})` : `${integer}`
}

/** @throws Error for infinities and NaN */
export function assertFinite(value: number): void {
  if (!Number.isFinite(value)) throw new Error(`${value} is no finite number`)
}

const instant =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,6})\d*)?)?(Z|[+-]\d{2}:?\d{2}))?$/

/**
 * `timestamp '2026-01-01 00:00:00'`, moved to UTC, with up to six digits of fraction.
 *
 * @throws Error if it is not an ISO date or instant with a zone
 */
export function timestampLiteral(iso: string): Sql {
  const [, date = '', minutes = '00:00', seconds = '00', fraction = '', zone = 'Z'] = instant.exec(iso) ?? []
  const offset = zone.replace(/^(...)(\d\d)$/, '$1:$2')
  const moment = new Date(`${date}T${minutes}:${seconds}${offset}`)
  if (Number.isNaN(moment.getTime()) || !exists(date))
    throw new Error(`\`${iso}\` is no ISO instant with a zone`)
  const utc = moment.toISOString().slice(0, 19).replace('T', ' ')
  const digits = fraction.replace(/0+$/, '')
  return `timestamp '${utc}${digits === '' ? '' : `.${digits}`}'`
}

/** `Date` reads 30 February as 2 March. */
function exists(date: string): boolean {
  const midnight = new Date(`${date}T00:00:00Z`)
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date)
}

/** `interval '90 days'` where it comes to whole days, else in seconds; never negative. */
export function secondsInterval(seconds: number): Sql {
  const length = Math.abs(seconds)
  if (length % 86_400 === 0) return `interval '${length / 86_400} days'`
  if (length % 3_600 === 0) return `interval '${length / 3_600} hours'`
  if (length % 60 === 0) return `interval '${length / 60} minutes'`
  return `interval '${length} seconds'`
}
