import { bigquery } from '../../../src/dialects/bigquery.ts'
import { duckdb } from '../../../src/dialects/duckdb.ts'
import { postgres } from '../../../src/dialects/postgres.ts'
import { snowflake } from '../../../src/dialects/snowflake.ts'
import { renderSteps } from '../../../src/runner/compiled-files.ts'
import { compileWorld, define } from '../../scenarios/definitions/world-on-engine.ts'
import { expectGolden } from '../../support/golden.ts'
import { shop } from './shop-world.ts'

/** The compiled SQL of all definitions of a project file, on each dialect, is `test/golden/<name>/<dialect>.sql`. */
export function expectGoldenSql(name: string, yaml: string, scope?: 'with the tables of all profiles'): void {
  for (const dialect of [duckdb, postgres, bigquery, snowflake]) {
    const { relationships, scans, traits, wide, audiences, memberRows } = compileWorld(
      shop,
      define(yaml),
      dialect,
    )
    const made = [...relationships, ...scans, ...traits, ...(scope === undefined ? [] : wide)]
    const files = [...made, ...audiences, ...memberRows]
      .filter((node) => node.steps.length > 0)
      .map(({ steps }) => renderSteps(steps))
    expectGolden(`${name}/${dialect.name}.sql`, files.join('\n'))
  }
}
