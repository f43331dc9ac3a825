import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Found, Row } from '../reference/definitions/sql-traits.ts'
import { byCodePoint, type Plain } from '../reference/definitions/values.ts'
import type { Engine } from '../support/engines.ts'
import { engines, fastEngines, type Scenario, withScenario } from '../support/scenario.ts'
import { seed } from '../support/seed.ts'
import { withBaseTraits } from './base-traits.ts'
import { type Drawn, definitions } from './sql-trait-definitions.ts'
import { expectedValues, expectedWorlds, withFormulas } from './sql-trait-expected.ts'
import { type GivenRuns, givenRuns } from './sql-trait-rows.ts'
import { answered, defineProject, giveRun } from './sql-trait-run.ts'

/** More cases, or other ones: `SQL_TRAIT_CASES=200 SEED=7`. */
const cases: Readonly<Record<Engine['dialect'], number>> = {
  duckdb: 5,
  postgres: 5,
  bigquery: 1,
  snowflake: 1,
}

/** One name after the other, so that what differs is shown with its definition. */
function compare(
  found: Readonly<Record<string, Row>>,
  wanted: Readonly<Record<string, Row>>,
  definitionOf: (name: string) => string,
): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort())
  const names = new Set(Object.values(wanted).flatMap((row) => Object.keys(row)))
  for (const name of names) {
    const column = (rows: Readonly<Record<string, Row>>): Record<string, Plain | undefined> =>
      Object.fromEntries(
        Object.entries(rows)
          .sort(([a], [b]) => byCodePoint(a, b))
          // A zero below zero is a zero.
          .map(([id, row]) => [id, row[name] === 0 ? 0 : row[name]]),
      )
    expect(column(found), definitionOf(name)).toEqual(column(wanted))
  }
}

/** Runs the project as of each world, the last time anew, and holds what is published against the world. */
async function holds(
  scenario: Scenario,
  runs: GivenRuns,
  drawn: Drawn,
  worlds: readonly Found[],
): Promise<void> {
  const all = [...drawn.formulas, ...drawn.traits, ...drawn.rowTraits, ...drawn.audiences]
  const definitionOf = (name: string): string =>
    JSON.stringify(all.find((each) => each.name === name) ?? name)
  await defineProject(scenario, runs, drawn)
  for (const [index, { world: plain, violations }] of worlds.entries()) {
    await giveRun(scenario, runs, index)
    await scenario.run(plain.asOf, `run_${index}`, { fullRefresh: index === 2 })
    const found = await answered(scenario)
    const wanted = expectedValues(withFormulas(withBaseTraits(plain), drawn), drawn)
    expect(found.violations).toEqual(violations)
    expect(found.identifiers).toEqual(wanted.identifiers)
    expect(found.members).toEqual(wanted.members)
    compare(found.users, wanted.users, definitionOf)
    compare(found.accounts, wanted.accounts, definitionOf)
  }
}

describe.each(engines)('SQL traits on $name', (engine) => {
  test('random rows beside random calls, run after run and anew, answer as the plain evaluator does', async () => {
    // The first cases would be of the fewest and the least.
    const drawn = fc.tuple(fc.noBias(givenRuns), fc.noBias(definitions))
    const property = fc.asyncProperty(drawn, async ([runs, asked]) => {
      // What stands in for a warehouse is too slow for another run.
      const worlds = expectedWorlds(runs).slice(0, fastEngines.includes(engine) ? 3 : 2)
      await withScenario(engine, async (scenario) => {
        const schema = scenario.schemaOf('shop')
        const { adapter } = scenario
        for (const sql of adapter.dialect.createSchema(schema)) await adapter.execute(sql)
        try {
          await holds(scenario, runs, asked, worlds)
        } finally {
          await adapter.execute(`drop schema if exists ${adapter.dialect.ident(schema)} cascade`)
        }
      })
    })
    await fc.assert(property, {
      seed,
      numRuns: Number(process.env.SQL_TRAIT_CASES ?? cases[engine.dialect]),
      endOnFailure: true,
    })
  }, 600_000)
})
