import { invalidRequest } from './errors.ts'

/** A date, or an instant, in UTC unless it says otherwise. A `+` that was not encoded arrives as a space. */
export const instantPattern =
  '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+ -]\\d{2}:?\\d{2})?)?$'

const form = /^(.{10})(?:T(\d{2}:\d{2})(:\d{2})?(?:\.(\d+))?(?:Z|([+ -])(\d{2}):?(\d{2}))?)?$/

/**
 * @param written fits {@link instantPattern}
 * @returns as parts of profiles hold it: `2026-01-31T10:00:00.000000Z`
 * @throws {ApiError} there is no such day or hour
 */
export function parseInstant(parameter: string, written: string): string {
  const [, day = '', minute = '00:00', second = ':00', fraction = '', sign, hours = '0', minutes = '0'] =
    form.exec(written) ?? []
  const local = Date.parse(`${day}T${minute}${second}Z`)
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1)
  // `Date` reads 30 February as 2 March.
  const isReal = !Number.isNaN(local) && isoOf(local).startsWith(day)
  const instant = isReal ? isoOf(local - offsetMs) : ''
  if (!/^\d{4}-/.test(instant)) throw invalidRequest(`\`${parameter}\` is no instant that exists.`)
  return `${instant.slice(0, 19)}.${fraction.padEnd(6, '0').slice(0, 6)}Z`
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}
