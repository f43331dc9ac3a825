/**
 * `2026-01-01 10:00:00.500000` or the same with `+00` as `2026-01-01T10:00:00.5Z`: UTC, with as many digits as needed.
 * Infinities stay what they are.
 */
export function isoInstant(text: string): string {
  const [, date, time, fraction = ''] =
    /^(\d+-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?(?:\+00(?::00)?)?$/.exec(text) ?? []
  if (date === undefined || time === undefined) return text
  const digits = fraction.replace(/0+$/, '')
  return `${date}T${time}${digits === '' ? '' : `.${digits}`}Z`
}
