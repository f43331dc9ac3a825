import { join } from 'node:path'
import { fastestOf, inProcess } from './in-process.ts'
import { type PartInput, usualEvents } from './part.ts'
import { assertSame, contender, count, ratio } from './report.ts'

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
