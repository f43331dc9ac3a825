import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fastestOf } from './identity/in-process.ts'
import type { Measurement } from './identity/measurement.ts'
import { assertSame, contender, count, ratio } from './identity/report.ts'
import { runNode, temporaryFolder } from './measure.ts'
import { openServer } from './postgres-server.ts'
import type { Tasks } from './traits/child.ts'
import { type Computed, compute, computeOneByOne, countOnce, type OneByOne } from './traits/compute.ts'
import type { Mix } from './traits/definitions.ts'
import { generate } from './traits/generate.ts'

// Traits and audiences over staged events, beside one count and one query for each trait: `traits [postgres] [events] [traits …]`.
const [first, ...others] = process.argv.slice(2)
const onPostgres = first === 'postgres'
const numbers = (onPostgres || first === undefined ? others : [first, ...others]).map(Number)
const [events = onPostgres ? 2_000_000 : 20_000_000, ...given] = numbers
const sizes = given.length === 0 ? [60, 200, 600] : given
const audiences = 50
const mixes: readonly Mix[] = ['numbers', 'all']
if (![events, ...sizes].every((number) => Number.isInteger(number) && number > 0)) {
  console.error('npm run bench -- traits [postgres] [events] [numbers of traits]')
  process.exit(2)
}
const shape = { events, profiles: Math.ceil(events / 20) }

/**
 * @param alone traits without audiences
 * @param separate run after what it is compared with
 */
function report(
  traits: number,
  mix: Mix,
  once: Measurement,
  alone: Computed,
  ours: Computed,
  separate: OneByOne,
): void {
  console.log(
    `${traits} traits ${mix === 'all' ? 'of all kinds' : 'that count, add and compare numbers'}, ${audiences} audiences`,
  )
  contender('  scans', alone.scans, 'no audiences')
  contender('  wide table', alone.wide, 'no audiences')
  contender('traits', alone.all, 'no audiences')
  contender('  scans', ours.scans, '')
  contender('  wide table', ours.wide, '')
  contender('  audiences', ours.audiences, '')
  contender('traits and audiences', ours.all, '')
  contender('  one query per trait', separate.queries, 'no audiences')
  if (separate.joined === undefined) console.log('    joined: out of memory')
  else contender('  joined', separate.joined, '')
  if (separate.all !== undefined) contender('one query per trait, joined', separate.all, 'no audiences')
  assertSame('counts', { ours: ours.total, 'one by one': separate.total })
  ratio('traits / one count', alone.all, once)
  ratio('traits and audiences / one count', ours.all, once)
  ratio('one query per trait / scans', separate.queries, alone.scans)
  if (separate.all === undefined) return
  ratio('one query per trait, joined / traits', separate.all, alone.all)
  ratio('one query per trait, joined / traits and audiences', separate.all, ours.all)
}

function onDuckdb(): void {
  const folder = temporaryFolder()
  const file = join(folder, 'traits.duckdb')
  function inProcess<Name extends keyof Tasks>(
    name: Name,
    traits = 0,
    mix: Mix = 'all',
    asked = 0,
  ): Awaited<ReturnType<Tasks[Name]>> {
    const input = JSON.stringify({ file, traits, mix, audiences: asked, shape })
    return JSON.parse(runNode([join(import.meta.dirname, 'traits/child.js'), name, input]).stdout)
  }
  try {
    inProcess('generate')
    const once = fastestOf(() => inProcess('countOnce'))
    contender('one count per profile', once, '')
    for (const traits of sizes)
      for (const mix of mixes)
        report(
          traits,
          mix,
          once,
          inProcess('compute', traits, mix, 0),
          inProcess('compute', traits, mix, audiences),
          inProcess('computeOneByOne', traits, mix),
        )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Memory and processor time are those of this process: the server's are not told. */
async function onServer(): Promise<void> {
  const served = await openServer()
  if (served === undefined) {
    console.log('no binaries of a PostgreSQL server on this machine')
    return
  }
  const { adapter } = served
  try {
    await generate(adapter, shape)
    const once = await countOnce(adapter)
    contender('one count per profile', once, '')
    for (const traits of sizes)
      for (const mix of mixes)
        report(
          traits,
          mix,
          once,
          await compute(adapter, traits, mix, 0),
          await compute(adapter, traits, mix, audiences),
          await computeOneByOne(adapter, traits, mix),
        )
  } finally {
    await served.stop()
  }
}

console.log(
  `${count(events)} events of 20 kinds, ${count(shape.profiles)} profiles, ${onPostgres ? 'PostgreSQL' : 'DuckDB with 4 GB'}`,
)
if (onPostgres) await onServer()
else onDuckdb()
