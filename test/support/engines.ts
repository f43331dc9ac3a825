import { inject } from 'vitest'
import type { Adapter } from '../../src/adapters/adapter.ts'
import { openAdapter } from '../../src/adapters/open-adapter.ts'
import type { DuckdbTarget, PostgresTarget } from '../../src/config/config.ts'

/** A warehouse with a pair of schemas that only this test knows. */
export interface Place {
  readonly adapter: Adapter
  readonly target: DuckdbTarget | PostgresTarget
  readonly schema: string
  readonly workSchema: string
  /** Drops both schemas and closes the adapter. */
  drop(): Promise<void>
}

export interface Engine {
  readonly name: 'duckdb' | 'postgres'
  open(): Promise<Place>
}

let places = 0

/** Every engine that tests run on: DuckDB in memory, and the PostgreSQL server of the test run. */
export const engines: readonly Engine[] = [
  { name: 'duckdb', open: () => openPlace((names) => ({ type: 'duckdb', path: ':memory:', ...names })) },
  {
    name: 'postgres',
    open: () => openPlace((names) => ({ type: 'postgres', url: inject('postgresUrl'), ...names })),
  },
]

type Names = Pick<DuckdbTarget, 'name' | 'schema' | 'workSchema' | 'threads'>

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
