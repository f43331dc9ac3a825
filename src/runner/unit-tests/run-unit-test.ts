import type { Adapter } from '../../adapters/adapter.ts'
import { openAdapter } from '../../adapters/open-adapter.ts'
import type { Target } from '../../config/config.ts'
import type { Source, UnitTest } from '../../definitions/definitions.ts'
import { type Problem, ProblemError } from '../../diagnostics/problem.ts'
import { compileFor, type ProjectParts } from '../compile-for.ts'
import { executeRun } from '../execute-run.ts'
import { nodeProblem } from '../node-problem.ts'
import { compareExpectations, type Difference } from './compare-expectations.ts'
import { givenRows, rowTables } from './given-rows.ts'
import { eventNamesOf, type GivenTable, givenTables } from './given-tables.ts'
import { moveDefinitions } from './move-definitions.ts'
import { narrowDefinitions } from './narrow-definitions.ts'
import { moveSqlFiles, sqlTables } from './sql-tables.ts'

export interface UnitTestResult {
  readonly name: string
  readonly seconds: number
  /** Why it could not be judged. */
  readonly problems: readonly Problem[]
  readonly differences: readonly Difference[]
}

export interface UnitTestRun {
  readonly project: ProjectParts
  readonly test: UnitTest
  /** In a DuckDB of its own in memory, or in schemas of their own of the config's target. */
  readonly where: 'memory' | 'target'
  readonly signal: AbortSignal
  readonly version: string
}

/**
 * Loads what a unit test gives, compiles and runs the part of the project it speaks of, and compares.
 *
 * @throws {WarehouseError} the warehouse cannot be reached
 */
export async function runUnitTest(run: UnitTestRun): Promise<UnitTestResult> {
  const started = performance.now()
  const place = sandboxOf(run)
  const adapter = await openAdapter(place.target)
  const used = new Set<string>([place.target.schema, place.target.workSchema])
  try {
    const { problems, differences } = await judge(run, place, adapter, used)
    return { name: run.test.name, seconds: (performance.now() - started) / 1000, problems, differences }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    const seconds = (performance.now() - started) / 1000
    return { name: run.test.name, seconds, problems: error.problems, differences: [] }
  } finally {
    if (run.where === 'target') await dropSchemas(adapter, used)
    await adapter.close()
  }
}

interface Sandbox {
  readonly target: Target
  schemaOf(schema: string): string
}

function sandboxOf({ project: { config }, where }: UnitTestRun): Sandbox {
  if (where === 'memory') {
    const target = { name: 'unit_test', type: 'duckdb', path: ':memory:', threads: 1 } as const
    const { schema, workSchema } = config.target
    return { target: { ...target, schema, workSchema }, schemaOf: (name) => name }
  }
  const prefix = `psn_test_${process.pid}`
  const target = { ...config.target, schema: `${prefix}_public`, workSchema: `${prefix}_work` }
  return { target, schemaOf: (name) => `${prefix}_${name}` }
}

async function judge(
  run: UnitTestRun,
  { target, schemaOf }: Sandbox,
  adapter: Adapter,
  used: Set<string>,
): Promise<Pick<UnitTestResult, 'problems' | 'differences'>> {
  const { project, test, signal } = run
  const { definitions } = project
  const moved = (source: Source): string => schemaOf(source.schema)
  const tables = [...rowTables(definitions), ...sqlTables(definitions, test)]
  const given = givenTables(test, definitions.sources, moved, eventNamesOf(definitions), tables)
  const sourcesGiven = new Set(given.tables.flatMap(({ source }) => source ?? []))
  const narrowed = narrowDefinitions(definitions, test, sourcesGiven)
  const rows = givenRows(test, [...rowTables(narrowed), ...sqlTables(narrowed, test)], schemaOf)
  const wrong = [...given.problems, ...rows.problems]
  if (wrong.length > 0) return { problems: wrong, differences: [] }
  for (const table of [...given.tables, ...rows.tables]) {
    used.add(table.relation.schema)
    await loadTable(adapter, table)
  }
  const config = { ...project.config, target }
  const { manifest } = await compileFor(
    { ...project, config, definitions: moveSqlFiles(moveDefinitions(narrowed, schemaOf), schemaOf) },
    adapter,
  )
  const record = await executeRun({
    adapter,
    schema: target.schema,
    workSchema: target.workSchema,
    nodes: manifest.nodes,
    selected: new Set(manifest.nodes.map(({ id }) => id)),
    threads: target.threads,
    runId: 'unit_test',
    command: 'test',
    asOf: new Date(test.asOf).toISOString(),
    fullRefresh: false,
    target: target.name,
    project: config.name,
    version: run.version,
    definitionsHash: '',
    lockTimeoutSeconds: 0,
    signal,
    report: () => {},
    waiting: () => {},
  })
  signal.throwIfAborted()
  const failed = record.results.filter(({ status }) => status === 'error')
  const problems = failed.flatMap((result) => {
    const node = manifest.nodes.find(({ id }) => id === result.nodeId)
    return node === undefined ? [] : [nodeProblem(node, result, undefined)]
  })
  if (problems.length > 0) return { problems, differences: [] }
  const types = new Set(definitions.identity.identifiers.map(({ type }) => type))
  return { problems: [], differences: await compareExpectations(adapter, target.schema, test, types) }
}

async function loadTable(adapter: Adapter, table: GivenTable): Promise<void> {
  for (const sql of adapter.dialect.createSchema(table.relation.schema)) await adapter.execute(sql)
  async function* rows(): AsyncGenerator<GivenTable['rows'][number]> {
    yield* table.rows
  }
  await adapter.load(table.relation, table.columns, rows())
}

async function dropSchemas(adapter: Adapter, schemas: ReadonlySet<string>): Promise<void> {
  for (const schema of schemas) {
    await adapter.execute(`drop schema if exists ${adapter.dialect.ident(schema)} cascade`)
  }
}
