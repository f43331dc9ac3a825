import type { Measurement } from './measurement.ts'

/** Below it the memory is that of Node.js and DuckDB. */
const fewIdentifiers = 100_000

/** One contender: what it took, and what else is to be said of it. */
export function contender(name: string, of: Measurement, said: string, identifiers = 0): void {
  const bytes = ((of.peakMb * 2 ** 20) / identifiers).toFixed(0)
  const memory = `${of.peakMb.toFixed(0)} MB${identifiers < fewIdentifiers ? '' : `, ${bytes} bytes an identifier`}`
  const taken = `${seconds(of.seconds).padStart(9)}  (${seconds(of.cpuSeconds)} of processor time, ${memory})`
  console.log(`  ${name.padEnd(28)}${taken}${said === '' ? '' : `  ${said}`}`)
}

type Taken = Pick<Measurement, 'seconds' | 'cpuSeconds'>

/** How many times what the other took; on a busy machine processor time is the better witness. */
export function ratio(text: string, of: Taken, to: Taken): void {
  const times = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))
  console.log(
    `  ${text}: ${times(of.seconds / to.seconds)} times the seconds, ` +
      `${times(of.cpuSeconds / to.cpuSeconds)} times the processor time`,
  )
}

export function seconds(value: number): string {
  return `${value < 0.1 ? value.toFixed(4) : value.toFixed(2)} s`
}

export function count(value: number): string {
  return value.toLocaleString('en-US')
}

export function roundsText(rounds: Readonly<Record<string, number>>): string {
  const text = Object.entries(rounds).map(([loop, times]) => `${loop} ${times}`)
  return `rounds: ${text.length === 0 ? 'none' : text.join(', ')}`
}

/** @throws Error unless all are the same */
export function assertSame(what: string, found: Readonly<Record<string, string | number>>): void {
  if (new Set(Object.values(found)).size === 1) return
  const text = Object.entries(found).map(([name, value]) => `  ${name}: ${value}`)
  throw new Error(`${what} differ:\n${text.join('\n')}`)
}
