import { join } from 'node:path'
import { fastestOf, inProcess } from './in-process.ts'
import { type PartInput, usualEvents } from './part.ts'
import { assertSame, contender, count, ratio, seconds } from './report.ts'

/** All events but the newest 1 %, then those, then none, against all at once: the views must be the same, row by row. */
export function incrementPart({ scale = usualEvents, seed, folder }: PartInput): void {
  const file = join(folder, 'increment.duckdb')
  inProcess('generateEvents', { file, seed, events: scale, sharedPercent: 18 })
  const input = { file, limits: 'usual' } as const
  const full = fastestOf(() => inProcess('resolveAll', input))
  const batches = fastestOf(() => {
    const found = inProcess('resolveInBatches', { ...input, shares: [0.99, 1] })
    return { ...found, seconds: found.runs[1]?.seconds ?? Number.NaN }
  })
  assertSame('views after batches and after one run', { batches: batches.views, 'one run': full.views })
  assertSame('violations', { batches: batches.violations, 'one run': full.violations })
  console.log(`${count(scale)} events with limits: ${count(full.identifiers)} identifiers`)
  contender('all at once', full, '', full.identifiers)
  const names = ['the first 99 %', 'the newest 1 %', 'no new events']
  batches.runs.forEach((run, index) => {
    contender(names[index] ?? '', run, '', full.identifiers)
    ratio(`${names[index]} / all at once`, run, full)
  })
}

/** The same on PostgreSQL: processor time and memory are those of the client. */
export function postgresPart({ scale = usualEvents, seed, folder }: PartInput): void {
  const file = join(folder, 'postgres.duckdb')
  inProcess('generateEvents', { file, seed, events: scale, sharedPercent: 18 })
  const input = { file, limits: 'usual' } as const
  const full = inProcess('resolveInBatchesOnPostgres', { ...input, shares: [1] })
  const batches = inProcess('resolveInBatchesOnPostgres', { ...input, shares: [0.99, 1] })
  const [whole] = full?.runs ?? []
  if (full === null || batches === null || whole === undefined) {
    console.log('  not compared, for there is no PostgreSQL')
    return
  }
  assertSame('views after batches and after one run', { batches: batches.views, 'one run': full.views })
  console.log(`${count(scale)} events with limits on PostgreSQL: ${count(full.identifiers)} identifiers`)
  const names = ['the first 99 %', 'the newest 1 %', 'no new events']
  for (const [name, run] of [
    ['all at once', whole] as const,
    ...batches.runs.map((run, index) => [names[index] ?? '', run] as const),
  ]) {
    console.log(
      `  ${name.padEnd(28)}${seconds(run.seconds)}, ${percent(run.seconds, whole.seconds)} of all at once`,
    )
    console.log(
      `    slowest: ${run.slowest.map((slow) => `${slow.step} ${seconds(slow.seconds)}`).join(', ')}`,
    )
  }
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`
}
