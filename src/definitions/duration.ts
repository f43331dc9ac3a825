const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }

/** Seconds of a duration that has the right form: `45s`, `30m`, `12h`, `90d`, `2w`. */
export function durationSeconds(text: string): number {
  return Number(text.slice(0, -1)) * (secondsPerUnit[text.slice(-1)] ?? Number.NaN)
}

const isoPattern = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/

/**
 * A date (its midnight in UTC), or a date and time with a zone, as ISO text in UTC with milliseconds; undefined where
 * the text has no such form or there is no such day.
 */
export function isoInstant(text: string): string | undefined {
  const milliseconds = isoPattern.test(text) ? Date.parse(text) : Number.NaN
  // JavaScript rolls February 30 over into March.
  const day = Number(text.slice(8, 10))
  const lastDay = new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate()
  return Number.isNaN(milliseconds) || day > lastDay ? undefined : new Date(milliseconds).toISOString()
}

/** A time as short as it can be written: midnight as its date. */
export function shortInstant(iso: string): string {
  return iso.replace(/T00:00:00\.000Z$/, '').replace(/\.000Z$/, 'Z')
}

/** The longest unit that measures it in whole numbers of at most nine digits; weeks only where days have more. */
export function durationParts(seconds: number): {
  readonly amount: number
  readonly unit: 's' | 'm' | 'h' | 'd' | 'w'
} {
  const fits = (unitSeconds: number): boolean =>
    seconds % unitSeconds === 0 && seconds / unitSeconds < 1_000_000_000
  if (fits(86_400)) return { amount: seconds / 86_400, unit: 'd' }
  if (fits(604_800)) return { amount: seconds / 604_800, unit: 'w' }
  if (fits(3_600)) return { amount: seconds / 3_600, unit: 'h' }
  if (fits(60)) return { amount: seconds / 60, unit: 'm' }
  return { amount: seconds, unit: 's' }
}
