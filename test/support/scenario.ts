import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Adapter, Row, Value } from '../../src/adapters/adapter.ts'
import { type Compiled, catalogSchemas, compileProject } from '../../src/compiler/compile-project.ts'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { loadTemplates } from '../../src/config/load-templates.ts'
import type { Definitions } from '../../src/definitions/definitions.ts'
import { hashOfDefinitions } from '../../src/definitions/hash-of-definitions.ts'
import { loadDefinitions } from '../../src/definitions/load-definitions.ts'
import { hasErrors } from '../../src/diagnostics/problem.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { executeRun } from '../../src/runner/execute-run.ts'
import type { RunRecord } from '../../src/runner/run-log.ts'
import { givenRows, rowTables } from '../../src/runner/unit-tests/given-rows.ts'
import { eventNamesOf, givenTables } from '../../src/runner/unit-tests/given-tables.ts'
import { moveDefinitions } from '../../src/runner/unit-tests/move-definitions.ts'
import { prepareTemplates } from '../../src/sql/templates.ts'
import { type Engine, engines, fastEngines } from './engines.ts'

/** A project and its source tables, run on one engine in schemas of its own. */
export interface Scenario {
  readonly adapter: Adapter
  readonly schema: string
  readonly workSchema: string
  /** The schema a source's tables are really in. */
  schemaOf(name: string): string
  /**
   * Replaces the rows of source tables: `source.table` → rows, filled in as in unit tests. Rows that were there before
   * stay events that have been taken in, as they are for a user.
   */
  give(given: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>): Promise<void>
  /** Replaces the project's files: path → text. */
  define(files: Readonly<Record<string, string>>): Promise<void>
  compile(given?: {
    env?: Readonly<Record<string, string>>
    secrets?: readonly string[]
    dialect?: Dialect
  }): Promise<Compiled>
  /** Compiles and runs everything; a problem or a failed node throws. */
  run(asOf: string, runId?: string, how?: RunAs): Promise<RunRecord>
  /** Runs without judging. */
  attempt(asOf: string, runId?: string, how?: RunAs): Promise<RunRecord>
  /** Rows of a query in which `{schema}` and `{work}` stand for the schemas; numbers as JavaScript numbers. */
  rows(sql: string): Promise<readonly Readonly<Record<string, Exclude<Value, bigint>>>[]>
  close(): Promise<void>
}

export interface RunAs {
  readonly fullRefresh?: boolean
  /** Ids of nodes; all where absent. */
  readonly select?: readonly string[]
}

const config = `name: scenario
version: 1
target: here
targets:
  here: { type: duckdb, path: ":memory:", schema: personas }
`

async function openScenario(engine: Engine): Promise<Scenario> {
  const place = await engine.open()
  const { adapter, schema, workSchema } = place
  const folder = mkdtempSync(join(tmpdir(), 'personas-scenario-'))
  const made = new Set<string>()
  const schemaOf = (name: string): string => `${schema}_${name}`
  let loaded: { config: Config; definitions: Definitions; written: Definitions } | undefined

  const current = (): { config: Config; definitions: Definitions; written: Definitions } => {
    if (loaded === undefined) throw new Error('define the project first')
    return loaded
  }
  const compile: Scenario['compile'] = async ({ env = {}, secrets = [], dialect = adapter.dialect } = {}) => {
    const { config: of, definitions } = current()
    return await compileProject({
      config: { ...of, secrets },
      definitions,
      catalog: await adapter.catalog(catalogSchemas(of, definitions)),
      dialect,
      templates: prepareTemplates(loadTemplates(of).templates),
      env,
      describe: (select) => adapter.describe(select),
    })
  }
  const attempt: Scenario['attempt'] = async (
    asOf,
    runId = 'run_1',
    { fullRefresh = false, select } = {},
  ) => {
    const { manifest, problems } = await compile()
    if (hasErrors(problems)) throw new Error(problems.map(({ message }) => message).join('\n'))
    return await executeRun({
      adapter,
      schema,
      workSchema,
      nodes: manifest.nodes,
      selected: new Set(select ?? manifest.nodes.map(({ id }) => id)),
      threads: 2,
      runId,
      command: 'run',
      asOf,
      fullRefresh,
      target: 'here',
      project: 'scenario',
      version: '0',
      definitionsHash: hashOfDefinitions(current().definitions),
      lockTimeoutSeconds: 0,
      signal: new AbortController().signal,
      report: () => {},
      waiting: () => {},
    })
  }
  return {
    adapter,
    schema,
    workSchema,
    schemaOf,
    compile,
    attempt,
    async define(files) {
      rmSync(join(folder, 'models'), { recursive: true, force: true })
      for (const [path, text] of Object.entries({ 'personas.config.yaml': config, ...files })) {
        const file = join(folder, path)
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, text)
      }
      const read = loadConfig({ projectDir: folder, env: {} })
      const { definitions, problems } = loadDefinitions(read, { env: {} })
      if (hasErrors(problems))
        throw new Error(problems.map(({ message, hint }) => `${message} (${hint})`).join('\n'))
      loaded = {
        config: { ...read, target: { ...read.target, schema, workSchema } },
        definitions: moveDefinitions(definitions, schemaOf),
        written: definitions,
      }
    },
    async give(given) {
      const { definitions, written } = current()
      const test = {
        name: 'given',
        tags: [],
        meta: {},
        span: { file: 'given', line: 1, column: 1, endLine: 1, endColumn: 1 },
        nameSpan: { file: 'given', line: 1, column: 1, endLine: 1, endColumn: 1 },
        asOf: '2026-06-01T00:00:00Z',
        given,
        expect: {},
      }
      const { tables, problems } = givenTables(
        test,
        definitions.sources,
        (source) => source.schema,
        eventNamesOf(definitions),
        rowTables(written),
      )
      const rows = givenRows(test, rowTables(written), schemaOf)
      const wrong = [...problems, ...rows.problems]
      if (wrong.length > 0) throw new Error(wrong.map(({ message }) => message).join('\n'))
      for (const table of [...tables, ...rows.tables]) {
        if (!made.has(table.relation.schema)) {
          made.add(table.relation.schema)
          for (const sql of adapter.dialect.createSchema(table.relation.schema)) await adapter.execute(sql)
        }
        async function* rows(): AsyncGenerator<readonly Value[]> {
          yield* table.rows
        }
        await adapter.load(table.relation, table.columns, rows())
      }
    },
    async run(asOf, runId, how) {
      const record = await attempt(asOf, runId, how)
      const failed = record.results.filter(({ status }) => status !== 'success')
      if (failed.length > 0) {
        throw new Error(failed.map(({ nodeId, message }) => `${nodeId}: ${message ?? ''}`).join('\n'))
      }
      return record
    },
    async rows(sql) {
      const filled = sql
        .replaceAll('{schema}', adapter.dialect.ident(schema))
        .replaceAll('{work}', adapter.dialect.ident(workSchema))
      return (await adapter.query(filled)).map(plainRow)
    },
    async close() {
      for (const name of made)
        await adapter.execute(`drop schema if exists ${adapter.dialect.ident(name)} cascade`)
      rmSync(folder, { recursive: true, force: true })
      await place.drop()
    },
  }
}

function plainRow(row: Row): Record<string, Exclude<Value, bigint>> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
  )
}

/** Opens, uses and closes a scenario. */
export async function withScenario(
  engine: Engine,
  use: (scenario: Scenario) => Promise<void>,
): Promise<void> {
  const scenario = await openScenario(engine)
  try {
    await use(scenario)
  } finally {
    await scenario.close()
  }
}

export { engines, fastEngines }
