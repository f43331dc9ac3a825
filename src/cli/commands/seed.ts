import { readdir } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import type { Adapter } from '../../adapters/adapter.ts'
import { CsvError } from '../../adapters/csv-error.ts'
import { type Problem, ProblemError, problem } from '../../diagnostics/problem.ts'
import { type Relation, relation, relationKey } from '../../ir/relation.ts'
import { type CommandBody, exitCode } from '../invocation.ts'
import { openConfig, withAdapter } from '../project.ts'
import { renderTable } from '../render-table.ts'

interface Seed {
  readonly file: string
  readonly relation: Relation
}

export const seed: CommandBody = async (invocation) => {
  const config = openConfig(invocation)
  const { options, output, signal } = invocation
  const folder = config.paths.seeds
  if (options.sample) {
    const { writeSampleWhereMissing } = await import('../write-sample.ts')
    await writeSampleWhereMissing(folder, output)
  }
  const { seeds, problems } = await findSeeds(folder, [config.target.schema, config.target.workSchema])
  if (problems.length > 0) throw new ProblemError(problems)
  const loaded = await withAdapter(config, async (adapter) => {
    const rows: (readonly [Relation, number])[] = []
    signal.addEventListener('abort', () => void adapter.cancel(), { once: true })
    await createSchemas(adapter, seeds)
    for (const { file, relation: target } of seeds) {
      signal.throwIfAborted()
      const started = performance.now()
      const count = await load(adapter, target, file, config.projectDir)
      const seconds = (performance.now() - started) / 1000
      output.log(
        'seeded',
        `${relationKey(target)}: ${count.toLocaleString('en')} rows in ${seconds.toFixed(2)} s`,
        {
          table: relationKey(target),
          rows: count,
          seconds,
        },
      )
      rows.push([target, count])
    }
    return rows
  })
  const heads = [{ head: 'table' }, { head: 'rows', align: 'right' } as const]
  const lines = loaded.map(([target, rows]) => [relationKey(target), rows.toLocaleString('en')])
  output.result(renderTable(heads, lines))
  return exitCode.done
}

async function createSchemas(adapter: Adapter, seeds: readonly Seed[]): Promise<void> {
  for (const schema of new Set(seeds.map((each) => each.relation.schema))) {
    for (const sql of adapter.dialect.createSchema(schema)) await adapter.execute(sql)
  }
}

/** What is wrong with a file is shown at its line, from the project's folder. */
async function load(adapter: Adapter, target: Relation, path: string, projectDir: string): Promise<number> {
  try {
    return await adapter.loadCsv(target, path)
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const { reason, hint, line } = error
    const file = relative(projectDir, path).split(sep).join('/')
    const span = line === undefined ? undefined : { file, line, column: 1, endLine: line, endColumn: 2 }
    throw new ProblemError([problem('PSN5016', { file, reason, hint }, span)], { cause: error })
  }
}

/** `<schema>/<table>.csv`; what is deeper has its nearest folder as schema. */
async function findSeeds(
  folder: string,
  ownSchemas: readonly string[],
): Promise<{ seeds: readonly Seed[]; problems: readonly Problem[] }> {
  const shown = relative(process.cwd(), folder) || '.'
  const names = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const files = names.filter((name) => name.toLowerCase().endsWith('.csv')).toSorted()
  if (files.length === 0) return { seeds: [], problems: [problem('PSN5009', { folder: shown })] }
  const problems = files.flatMap((name) => {
    const reason = name.includes(sep)
      ? ownSchemas.includes(basename(dirname(name))) && 'its folder names a schema that runs write to'
      : 'it lies in no folder that names its schema'
    const hint = 'put it into the folder seeds/<schema>, named after the schema that sources read'
    return reason ? [problem('PSN5016', { file: join(shown, name), reason, hint })] : []
  })
  const seeds = files.map((name) => ({
    file: join(folder, name),
    relation: relation(basename(dirname(name)), basename(name).slice(0, -'.csv'.length)),
  }))
  return { seeds, problems }
}
