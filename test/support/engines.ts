import { inject } from 'vitest'
import type { Adapter } from '../../src/adapters/adapter.ts'
import { openAdapter } from '../../src/adapters/open-adapter.ts'
import type { BigqueryTarget, DuckdbTarget, SnowflakeTarget, Target } from '../../src/config/config.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import type { BigqueryAddress } from '../emulators/bigquery/emulator.ts'
import { realSnowflake } from './snowflake-account.ts'

/** A warehouse with a pair of schemas that only this test knows. */
export interface Place {
  readonly adapter: Adapter
  readonly target: Target
  readonly schema: string
  readonly workSchema: string
  /** Drops both schemas and closes the adapter. */
  drop(): Promise<void>
}

export interface Engine {
  /** Of the dialect, and in what way it is that engine where it is not itself. */
  readonly name: string
  readonly dialect: Dialect['name']
  open(): Promise<Place>
}

let places = 0

const emulated = inject('bigquery')
/** A project of yours, in place of the emulator. */
const account = process.env.BIGQUERY_PROJECT

const everyEngine: readonly Engine[] = [
  {
    name: 'duckdb',
    dialect: 'duckdb',
    open: () => openPlace((names) => ({ type: 'duckdb', path: ':memory:', ...names })),
  },
  {
    name: 'postgres',
    dialect: 'postgres',
    open: () => openPlace((names) => ({ type: 'postgres', url: inject('postgresUrl'), ...names })),
  },
  ...bigqueryEngine(),
  {
    name: realSnowflake === undefined ? 'snowflake (simulated)' : 'snowflake',
    dialect: 'snowflake',
    open: () => openPlace(snowflakeTarget),
  },
]

const only = process.env.TEST_ENGINES?.split(',')

/**
 * Every engine that tests run on: DuckDB in memory, the PostgreSQL server of the test run, BigQuery and Snowflake: an
 * account where one is named, else what stands in for it. TEST_ENGINES=duckdb,snowflake chooses some of them.
 */
export const engines: readonly Engine[] = everyEngine.filter(
  ({ dialect }) => only === undefined || only.includes(dialect),
)

/** For what takes minutes on what stands in for a warehouse; with `BIGQUERY_TESTS=all` or `SNOWFLAKE_TESTS=all` there too. */
export const fastEngines: readonly Engine[] = engines.filter(
  ({ dialect }) =>
    (dialect !== 'bigquery' || process.env.BIGQUERY_TESTS === 'all') &&
    (dialect !== 'snowflake' || process.env.SNOWFLAKE_TESTS === 'all'),
)

function bigqueryEngine(): readonly Engine[] {
  if (account !== undefined) {
    return [
      {
        name: 'bigquery',
        dialect: 'bigquery',
        open: () => openPlace((names) => accountTarget(account, names)),
      },
    ]
  }
  if ('missing' in emulated) return []
  return [
    {
      name: 'bigquery',
      dialect: 'bigquery',
      open: () => openPlace((names) => bigqueryTarget(emulated, names)),
    },
  ]
}

function accountTarget(project: string, names: Names): BigqueryTarget {
  const { BIGQUERY_LOCATION: location, BIGQUERY_KEYFILE: keyfile } = process.env
  return {
    type: 'bigquery',
    ...names,
    settings: {
      type: 'bigquery',
      project,
      dataset: names.schema,
      ...(location === undefined ? {} : { location }),
      ...(keyfile === undefined ? {} : { keyfile }),
    },
  }
}

type Names = Pick<DuckdbTarget, 'name' | 'schema' | 'workSchema' | 'threads'>

/** The emulator's, with retries that do not keep a test waiting. */
export function bigqueryTarget(
  { apiEndpoint, project, token }: BigqueryAddress,
  names: Names,
): BigqueryTarget {
  return {
    type: 'bigquery',
    ...names,
    settings: {
      type: 'bigquery',
      project,
      dataset: names.schema,
      api_endpoint: apiEndpoint,
      token,
      job_retry_delay: 0.01,
    },
  }
}

/** The account of the environment, or the simulated one of the test run. */
function snowflakeTarget(names: Names): SnowflakeTarget {
  const { account, username, password, host, port, protocol, database, warehouse, role } = inject('snowflake')
  const simulated = { account, username, password, host, port, protocol, database, warehouse, role }
  return { type: 'snowflake', ...names, settings: realSnowflake ?? simulated }
}

async function openPlace(targetOf: (names: Names) => Place['target']): Promise<Place> {
  places += 1
  const schema = `test_${process.pid}_${places}`
  const workSchema = `${schema}_work`
  const target = targetOf({ name: 'test', schema, workSchema, threads: 2 })
  const adapter = await openAdapter(target)
  const { dialect } = adapter
  for (const name of [schema, workSchema]) {
    for (const sql of dialect.createSchema(name)) await adapter.execute(sql)
  }
  return {
    adapter,
    target,
    schema,
    workSchema,
    async drop() {
      try {
        for (const name of [schema, workSchema]) {
          await adapter.execute(`drop schema if exists ${dialect.ident(name)} cascade`)
        }
      } finally {
        await adapter.close()
      }
    },
  }
}
