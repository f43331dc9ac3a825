import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The command line as built; benchmarks run from the repository's root. */
export const personas = join(process.cwd(), 'dist/cli/main.js')

export interface Measured {
  readonly seconds: number
  /** Of all its threads: what the machine does beside it matters less. */
  readonly cpuSeconds: number
  /** The most memory the process held. */
  readonly peakMb: number
  readonly stdout: string
}

// A child tells its own peak and processor time when it ends; nothing of the operating system's own tools is needed.
const reportPeak =
  "import { writeFileSync } from 'node:fs';" +
  "process.on('exit', () => { const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();" +
  "writeFileSync(process.env.BENCH_PEAK, [maxRSS, userCPUTime + systemCPUTime].join(' ')) })"

/** Runs `node` with these arguments to its end. @throws Error with its output if it fails */
export function runNode(args: readonly string[]): Measured {
  const folder = temporaryFolder()
  const peak = join(folder, 'peak')
  const preload = `data:text/javascript,${encodeURIComponent(reportPeak)}`
  const started = performance.now()
  const child = spawnSync(process.execPath, ['--import', preload, ...args], {
    encoding: 'utf8',
    env: { ...process.env, BENCH_PEAK: peak, NO_COLOR: '1' },
    maxBuffer: 1 << 28,
  })
  const seconds = (performance.now() - started) / 1000
  if (child.status !== 0) throw new Error(`${args.join(' ')} failed:\n${child.stdout}${child.stderr}`)
  const [kilobytes = 0, microseconds = 0] = readFileSync(peak, 'utf8').split(' ').map(Number)
  rmSync(folder, { recursive: true })
  return { seconds, cpuSeconds: microseconds / 1e6, peakMb: kilobytes / 1024, stdout: child.stdout }
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'personas-bench-'))
}

/** The fastest of several runs: what else the machine does only ever adds. */
export function fastest(runs: readonly Measured[]): Measured {
  return runs.reduce((best, run) => (run.seconds < best.seconds ? run : best))
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
