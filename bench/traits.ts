import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fastestOf } from './identity/in-process.ts'
import { assertSame, contender, count, ratio } from './identity/report.ts'
import { runNode, temporaryFolder } from './measure.ts'
import type { Tasks } from './traits/child.ts'

// Traits and audiences over staged events on DuckDB, beside one count and one query for each trait: `traits [events] [traits …]`.
const [eventsText = '20000000', ...traitTexts] = process.argv.slice(2)
const events = Number(eventsText)
const sizes = traitTexts.length === 0 ? [60, 200, 600] : traitTexts.map(Number)
const audiences = 50
if (![events, ...sizes].every((number) => Number.isInteger(number) && number > 0)) {
  console.error('npm run bench -- traits [events] [numbers of traits]')
  process.exit(2)
}

const folder = temporaryFolder()
const file = join(folder, 'traits.duckdb')
const shape = { events, profiles: Math.ceil(events / 20) }

function inProcess<Name extends keyof Tasks>(name: Name, traits = 0): Awaited<ReturnType<Tasks[Name]>> {
  const input = JSON.stringify({ file, traits, audiences, shape })
  return JSON.parse(runNode([join(import.meta.dirname, 'traits/child.js'), name, input]).stdout)
}

try {
  console.log(`${count(events)} events of 20 kinds, ${count(shape.profiles)} profiles, DuckDB with 4 GB`)
  inProcess('generate')
  const once = fastestOf(() => inProcess('countOnce'))
  contender('one count per profile', once, '')
  for (const traits of sizes) {
    console.log(`${traits} traits, ${audiences} audiences`)
    const ours = inProcess('compute', traits)
    contender('  scans', ours.scans, '')
    contender('  wide table', ours.wide, '')
    contender('  audiences', ours.audiences, '')
    contender('traits and audiences', ours.all, '')
    const separate = inProcess('computeOneByOne', traits)
    contender('one query per trait', separate, 'not joined, no audiences')
    assertSame('counts', { ours: ours.total, 'one by one': separate.total })
    ratio('scans / one count', ours.scans, once)
    ratio('all / one count', ours.all, once)
    ratio('one query per trait / scans', separate, ours.scans)
    ratio('one query per trait / all', separate, ours.all)
  }
} finally {
  rmSync(folder, { recursive: true })
}
