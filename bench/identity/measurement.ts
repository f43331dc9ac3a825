/** What a piece of work took, measured in the process that did it. */
export interface Measurement {
  readonly seconds: number
  /** Of all threads: what the machine does beside it matters less. */
  readonly cpuSeconds: number
  /** The most memory the process held until then, with what it had read before. */
  readonly peakMb: number
}

export async function measure<T>(
  work: () => T | Promise<T>,
): Promise<{ readonly measurement: Measurement; readonly result: T }> {
  const soFar = startMeasuring()
  const result = await work()
  return { measurement: soFar(), result }
}

/** @returns what it took until now, each time it is asked */
export function startMeasuring(): () => Measurement {
  const cpu = process.cpuUsage()
  const started = performance.now()
  return () => {
    const seconds = (performance.now() - started) / 1000
    const { user, system } = process.cpuUsage(cpu)
    const peakMb = process.resourceUsage().maxRSS / 1024
    return { seconds, cpuSeconds: (user + system) / 1e6, peakMb }
  }
}

/** One after the other in one process. */
export function together(parts: readonly Measurement[]): Measurement {
  const sum = (of: (part: Measurement) => number): number =>
    parts.reduce((total, part) => total + of(part), 0)
  return {
    seconds: sum((part) => part.seconds),
    cpuSeconds: sum((part) => part.cpuSeconds),
    peakMb: Math.max(...parts.map((part) => part.peakMb)),
  }
}
