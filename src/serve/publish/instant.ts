/** With six digits after the point, so that instants sort as texts; a warehouse writes as many as are needed. */
export function longInstant(text: string): string {
  const [seconds = '', digits = ''] = text.replace(/Z$/, '').split('.')
  return `${seconds}.${digits.padEnd(6, '0').slice(0, 6)}Z`
}
