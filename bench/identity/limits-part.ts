import { join } from 'node:path'
import { fastestOf, inProcess } from './in-process.ts'
import { type PartInput, usualEvents } from './part.ts'
import { assertSame, contender, count, ratio, roundsText, seconds } from './report.ts'

/** The whole plan from events, 3 % of the devices shared: without limits and with them. */
export function limitsPart({ scale = usualEvents, seed, folder }: PartInput): void {
  const file = join(folder, 'limits.duckdb')
  inProcess('generateEvents', { file, seed, events: scale, sharedPercent: 18 })
  compareLimits(`${count(scale)} events, 3 % of the devices shared`, file)
}

export function compareLimits(name: string, file: string): void {
  const free = fastestOf(() => inProcess('resolveAll', { file, limits: 'none' }))
  console.log(`${name}: ${count(free.identifiers)} identifiers`)
  const limited = fastestOf(() => inProcess('resolveAll', { file, limits: 'usual' }))
  for (const [how, run] of Object.entries({ 'without limits': free, 'with limits': limited })) {
    const { profiles, violations, identifiers } = run
    contender(how, run, `${count(profiles)} profiles, ${count(violations)} violations`, identifiers)
    console.log(`    ${roundsText(run.rounds)}`)
    console.log(
      `    slowest: ${run.slowest.map((slow) => `${slow.step} ${seconds(slow.seconds)}`).join(', ')}`,
    )
  }
  const sequential = fastestOf(() => inProcess('resolveSequentially', { file }))
  contender(
    'one by one in Node.js',
    sequential,
    `${count(sequential.violations)} violations; reading not counted`,
  )
  assertSame(`profiles of ${name}`, { plan: limited.founders, 'one by one': sequential.founders })
  assertSame(`violations of ${name}`, { plan: limited.violations, 'one by one': sequential.violations })
  ratio('with limits / without', limited, free)
  ratio('with limits / one by one', limited, sequential)
}
