/** With six digits after the point, so that instants sort as texts; a warehouse writes as many as are needed. */
export function longInstant(text: string): string {
  const [seconds = '', digits = ''] = text.replace(/Z$/, '').split('.')
  return `${seconds}.${digits.padEnd(6, '0').slice(0, 6)}Z`
}

/** The same of microseconds since 1970. */
export function instantOfMicros(micros: string): string {
  const all = BigInt(micros)
  const rest = ((all % 1000n) + 1000n) % 1000n
  const milliseconds = new Date(Number((all - rest) / 1000n)).toISOString()
  return `${milliseconds.slice(0, -1)}${String(rest).padStart(3, '0')}Z`
}
