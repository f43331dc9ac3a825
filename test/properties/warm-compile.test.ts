import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openAdapter } from '../../src/adapters/open-adapter.ts'
import { withCatalog } from '../../src/adapters/with-catalog.ts'
import { writeCompiled } from '../../src/cli/artifacts.ts'
import { builtInTemplates } from '../../src/config/load-templates.ts'
import { loadProject } from '../../src/definitions/load-project.ts'
import { type Problem, ProblemError } from '../../src/diagnostics/problem.ts'
import { cacheFile } from '../../src/runner/cache-files.ts'
import { compileFor } from '../../src/runner/compile-for.ts'

/** What an author, an analyst or a loader may change, one at a time. */
const choices = {
  window: ['30d', '90d'],
  traitName: ['orders', 'order_count'],
  formula: ['orders / 2', 'order_count / 2', 'spent / 3'],
  extraTrait: [true, false],
  property: ['amount', 'kind', 'absent'],
  audience: [1, 2],
  firstLine: ['', '# a comment\n', 'unknown_key: 1\n'],
  days: [7, 14],
  quantifier: ['{ audience: regulars }', '{ trait: spent, greater_than: 4 }'],
  template: ['', '\n', '{{missing.name}}', 'mode(1)'],
  column: ['score', 'points'],
  country: ['DE', 'FR', undefined],
  table: ['amount double, kind text', 'amount text', 'amount double, kind text, absent integer'],
  otherTable: [true, false],
} as const

type Knobs = { [K in keyof typeof choices]: (typeof choices)[K][number] }
type Change = readonly [knob: string, value: unknown]
type HandEdit = 'write' | 'delete' | 'stray' | 'manifest' | undefined

const first: Knobs = {
  window: '30d',
  traitName: 'orders',
  formula: 'orders / 2',
  extraTrait: true,
  property: 'amount',
  audience: 1,
  firstLine: '',
  days: 7,
  quantifier: '{ audience: regulars }',
  template: '',
  column: 'score',
  country: 'DE',
  table: 'amount double, kind text',
  otherTable: true,
}

const changes = Object.entries(choices).flatMap(([knob, values]) =>
  values.map((value): Change => [knob, value]),
)
const handEdits = ['write', 'delete', 'stray', 'manifest'] as const
const edit = fc.tuple(
  fc.constantFrom(...changes),
  fc.option(fc.constantFrom(...handEdits), { nil: undefined, freq: 2 }),
)

describe('a compilation with what earlier ones left is the one of an empty target folder', () => {
  test('after each change by itself, and after it is taken back', { timeout: 120_000 }, async () => {
    const back = (knob: string) => Object.entries(first).find(([key]) => key === knob)?.[1]
    await agree(changes.flatMap(([knob, value]) => [[[knob, value]], [[knob, back(knob)]]]))
  })

  test('after each edit of the target folder by hand', () =>
    agree(handEdits.map((by) => [['window', '30d'], by])))

  test('after any edits', { timeout: 120_000 }, async () => {
    await fc.assert(fc.asyncProperty(fc.array(edit, { minLength: 2, maxLength: 10 }), agree), { numRuns: 12 })
  })
})

/** Makes the edits one after another, and compiles after each with the caches and without. */
async function agree(edits: readonly (readonly [Change, HandEdit?])[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'personas-warm-'))
  try {
    let knobs = first
    writeProject(folder, knobs)
    await writeTables(folder, knobs)
    await compiled(folder, 'warm', knobs)
    for (const [[knob, value], byHand] of edits) {
      const next = { ...knobs, [knob]: value }
      writeProject(folder, next)
      if (next.table !== knobs.table || next.otherTable !== knobs.otherTable) await writeTables(folder, next)
      knobs = next
      if (byHand !== undefined) editByHand(join(folder, 'warm'), byHand)
      rmSync(join(folder, 'cold'), { recursive: true, force: true })
      expect(await compiled(folder, 'warm', knobs)).toEqual(await compiled(folder, 'cold', knobs))
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function writeProject(folder: string, knobs: Knobs): void {
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  write(
    'personas.config.yaml',
    `name: warm\ntarget: local\ntargets: { local: { type: duckdb, path: warm.duckdb } }\nvars: { days: ${knobs.days} }\n`,
  )
  write('models/sources.yml', 'sources: [{ name: web, format: segment, schema: web }]\n')
  write(
    'models/traits.yml',
    `${knobs.firstLine}traits:
  - { name: ${knobs.traitName}, type: count, event: Order Completed, within: ${knobs.window} }
  - { name: spent, type: sum, event: Order Completed, property: ${knobs.property} }
  - { name: recent, type: count, event: Order Completed, within: "{{ var 'days' }}d" }
  - { name: scored, type: sql, file: scored.sql }
${knobs.extraTrait ? '  - { name: kinds, type: unique_list, event: Order Completed, property: kind, meta: { a: 1 } }\n' : ''}`,
  )
  write('models/formulas.yml', `traits: [{ name: half, type: formula, expression: ${knobs.formula} }]\n`)
  write(
    'models/audiences.yml',
    `audiences:
  - { name: regulars, match: { all: [{ event: Order Completed, count: { at_least: ${knobs.audience} } }] } }
  - { name: both, match: { any: [${knobs.quantifier}, { trait: ${knobs.column}, greater_than: 1 }] } }
  - { name: absent_event, match: { all: [{ event: Order Complete, count: { at_least: 1 } }] } }
`,
  )
  write(
    'models/raw_scores.sql',
    "select user_id, 1 as score, {{env_var 'WARM_COUNTRY'}} as country from {{source 'web' 'tracks'}}\n",
  )
  write(
    'models/scored.sql',
    `select user_id, max(score) as ${knobs.column} from {{ref 'raw_scores'}} group by user_id\n`,
  )
  const builtIn = (name: string): string => readFileSync(join(builtInTemplates, name), 'utf8')
  const trait = builtIn('trait.sql.hbs')
  if (knobs.template === '') rmSync(join(folder, 'templates'), { recursive: true, force: true })
  else if (knobs.template === 'mode(1)')
    write('templates/audience.sql.hbs', builtIn('audience.sql.hbs').replace('select', 'select mode(1),'))
  else if (knobs.template === '\n') write('templates/trait.sql.hbs', `-- of this project\n${trait}`)
  else write('templates/trait.sql.hbs', trait.replace('select', 'select /* again */'))
}

/** As a loader would: the tables are made anew. */
async function writeTables(folder: string, knobs: Knobs): Promise<void> {
  const adapter = await openAdapter({
    name: 'local',
    type: 'duckdb',
    path: join(folder, 'warm.duckdb'),
    schema: 'personas',
    workSchema: 'personas_work',
    threads: 1,
  })
  const shared =
    'id text, anonymous_id text, user_id text, received_at timestamp, timestamp timestamp, event text, event_text text'
  for (const sql of [
    'drop schema if exists web cascade',
    'create schema web',
    `create table web.tracks (${shared})`,
    `create table web.order_completed (${shared}, ${knobs.table})`,
    ...(knobs.otherTable ? [`create table web.signed_up (${shared})`] : []),
  ]) {
    await adapter.execute(sql)
  }
  await adapter.close()
}

function editByHand(target: string, how: HandEdit): void {
  const trait = join(target, 'compiled/local/trait/spent.sql')
  mkdirSync(dirname(trait), { recursive: true })
  if (how === 'write') writeFileSync(trait, 'select 1')
  else if (how === 'delete') rmSync(trait, { force: true })
  else if (how === 'stray') writeFileSync(join(dirname(trait), 'stray.sql'), 'select 1')
  else writeFileSync(join(target, 'manifest.json'), '{}')
}

interface Outcome {
  readonly problems: readonly Problem[]
  readonly files?: Readonly<Record<string, string>>
}

/** As `personas compile` does it, with the caches of that target folder. */
async function compiled(projectDir: string, target: string, knobs: Knobs): Promise<Outcome> {
  const env = { PERSONAS_TARGET_PATH: join(projectDir, target) }
  // Of a missing variable the compiler speaks too.
  if (knobs.country === undefined) delete process.env.WARM_COUNTRY
  else process.env.WARM_COUNTRY = knobs.country
  try {
    const project = loadProject({ projectDir, env, cached: true })
    const { config, warnings } = project
    const { manifest, problems } = await withCatalog(
      config.target,
      cacheFile(config, 'catalog'),
      (warehouse) => compileFor(project, warehouse, { cached: true }),
    )
    writeCompiled(config, manifest)
    return { problems: [...warnings, ...problems], files: filesIn(join(projectDir, target)) }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    return { problems: error.problems }
  }
}

/** All but the caches themselves. */
function filesIn(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(
        (entry) =>
          entry.isFile() && !entry.parentPath.endsWith('cache') && entry.name !== 'partial_parse.json',
      )
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .map((file) => [file.slice(folder.length), readFileSync(file, 'utf8')]),
  )
}
