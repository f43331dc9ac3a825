import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeSampleSeeds } from '../src/sample/write-sample-seeds.ts'
import { type Measured, personas, runNode, temporaryFolder } from './measure.ts'
import { openServer } from './postgres-server.ts'

// The sample shop with more people, the same definitions and files on DuckDB and on PostgreSQL: `targets [people]`.
const people = Number(process.argv[2] ?? 135_000)
if (!Number.isInteger(people) || people < 1) {
  console.error('npm run bench -- targets [people]')
  process.exit(2)
}

interface RunResults {
  readonly nodes: readonly { readonly id: string; readonly seconds: number; readonly rows?: number | null }[]
}

const parent = temporaryFolder()
const folder = join(parent, 'shop')
const server = await openServer()
if (server === undefined) throw new Error('there is no PostgreSQL server to run')
try {
  runNode([personas, 'init', folder])
  await writeSampleSeeds(join(folder, 'seeds'), { until: new Date('2026-06-01T00:00:00Z'), people })
  const config = join(folder, 'personas.config.yaml')
  const text = readFileSync(config, 'utf8')
  const vars = text.slice(text.indexOf('\nvars:') + 1)
  writeFileSync(
    config,
    `name: targets
version: 1
target: duckdb
targets:
  duckdb: { type: duckdb, path: target/warehouse.duckdb, schema: personas }
  postgres: { type: postgres, url: "${server.url}", schema: personas }
${vars}`,
  )
  const both = ['duckdb', 'postgres'] as const
  const measured = both.map((target) => measure(target))
  const [duckdb, postgres] = measured
  for (const { target, seed, first, second, counted } of measured) {
    console.log(`${target}: ${counted}; seed ${shown(seed)}, run ${shown(first)}, run again ${shown(second)}`)
  }
  if (duckdb !== undefined && postgres !== undefined) {
    console.log(`PostgreSQL / DuckDB: ${(postgres.first.seconds / duckdb.first.seconds).toFixed(2)}`)
    console.log(`${'DuckDB'.padStart(9)} ${'PostgreSQL'.padStart(11)}  seconds of the first run, by node`)
    const ids = [...postgres.nodes].sort(([, a], [, b]) => b - a).slice(0, 25)
    for (const [id, seconds] of ids)
      console.log(
        `${(duckdb.nodes.get(id) ?? 0).toFixed(2).padStart(9)} ${seconds.toFixed(2).padStart(11)}  ${id}`,
      )
  }
} finally {
  await server.stop()
  rmSync(parent, { recursive: true, force: true })
}

function measure(target: string) {
  const run = (...args: readonly string[]): Measured =>
    runNode([
      personas,
      ...args,
      '--quiet',
      '--project-dir',
      folder,
      '--target',
      target,
      '--as-of',
      '2026-06-01',
    ])
  const seed = run('seed')
  const first = run('run')
  const { nodes }: RunResults = JSON.parse(readFileSync(join(folder, 'target/run_results.json'), 'utf8'))
  const second = run('run')
  const ask = (sql: string): string =>
    run('show', '--inline', sql, '--output', 'csv').stdout.trim().split(/\r?\n/).at(-1) ?? ''
  const counted = `${ask('select events from personas.identity_runs limit 1')} events, ${ask('select profiles from personas.identity_runs limit 1')} profiles`
  return {
    target,
    seed,
    first,
    second,
    counted,
    nodes: new Map(nodes.map(({ id, seconds }) => [id, seconds])),
  }
}

function shown({ seconds, peakMb }: Measured): string {
  return `${seconds.toFixed(1)} s (${peakMb.toFixed(0)} MB here)`
}
