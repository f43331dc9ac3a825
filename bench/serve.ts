import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { contender, count, ratio } from './identity/report.ts'
import { personas, runNode, temporaryFolder } from './measure.ts'
import { measureLoad } from './serve/measure-load.ts'
import { asOf, laterAsOf, makeShop, someOrderMore } from './serve/shop.ts'

// Publishing everything and one in a hundred, then the Profile API beside a constant answer and a bare look-up: `serve [people] [seconds]`.
const [people = 1_000_000, seconds = 20] = process.argv.slice(2).map(Number)
if (![people, seconds].every((number) => Number.isInteger(number) && number > 0)) {
  console.error('npm run bench -- serve [people] [seconds]')
  process.exit(2)
}

const folder = temporaryFolder()
const run = (...args: readonly string[]) => runNode([personas, ...args, '--quiet', '--project-dir', folder])
try {
  await makeShop(folder, people)
  contender('run', run('run', '--as-of', asOf), `${count(people)} people`)
  const whole = run('publish')
  contender(
    'publish everything',
    whole,
    `${count(statSync(join(folder, 'target/serving/here/profiles.mdb')).size / 1e6)} MB`,
  )
  await someOrderMore(folder, people)
  contender('run', run('run', '--as-of', laterAsOf), '')
  const changed = run('publish')
  contender('publish one in a hundred', changed, changed.stdout.trim().split('\n').at(-1) ?? '')
  ratio('one in a hundred / everything', changed, whole)
  const none = run('publish')
  contender('publish nothing new', none, '')
  await measureLoad(folder, people, seconds)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
