import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Members } from '../reference/definitions/audiences.ts'
import { evaluateAudience } from '../reference/definitions/audiences.ts'
import type { Raw } from '../reference/definitions/conditions.ts'
import { evaluateTrait } from '../reference/definitions/traits.ts'
import type { World } from '../reference/definitions/world.ts'
import { define, runWorld } from '../scenarios/definitions/world-on-engine.ts'
import { type Engine, engines } from '../support/engines.ts'
import { seed } from '../support/seed.ts'
import { baseTraits, withBaseTraits } from './base-traits.ts'
import { audiences, baseAudiences, traits } from './definition-arbitraries.ts'
import { worlds } from './world-arbitraries.ts'

/** More cases, or other ones: `DEFINITION_CASES=200 SEED=7`. */
const cases = Number(process.env.DEFINITION_CASES ?? 40)
const perCase = 25
/** What stands in for a warehouse takes so many times as long. */
const slower: Partial<Record<Engine['dialect'], number>> = { bigquery: 40, snowflake: 4 }

/** What the plain evaluator says, as what {@link runWorld} reads back. */
function expected(plain: World, of: { traits: readonly Raw[]; audiences: readonly Raw[] }) {
  const world = withBaseTraits(plain)
  const members = new Map<string, { entity: string; ids: ReadonlySet<string> }>()
  const asked: Members = members
  for (const raw of of.audiences)
    members.set(String(raw.name), { entity: String(raw.entity), ids: evaluateAudience(world, raw, asked) })
  return {
    traits: Object.fromEntries(of.traits.map((raw) => [raw.name, sorted(evaluateTrait(world, raw))])),
    audiences: Object.fromEntries([...members].map(([name, { ids }]) => [name, [...ids].sort()])),
  }
}

function sorted(values: ReadonlyMap<string, unknown>): Record<string, unknown> {
  return Object.fromEntries([...values].sort(([a], [b]) => (a < b ? -1 : 1)))
}

describe.each(engines)('definitions on $name', ({ dialect, open }) => {
  test('random definitions over random events answer as the plain evaluator does', async () => {
    const named = (all: readonly Raw[], prefix: string): readonly Raw[] =>
      all.map((raw, index) => ({ name: `${prefix}_${index}`, ...raw }))
    const property = fc.asyncProperty(
      worlds,
      fc.array(traits, { minLength: perCase, maxLength: perCase }),
      fc.array(audiences, { minLength: perCase, maxLength: perCase }),
      async (world, someTraits, someAudiences) => {
        const of = {
          traits: [...baseTraits, ...named(someTraits, 'trait')],
          audiences: [...baseAudiences, ...named(someAudiences, 'people')],
        }
        const place = await open()
        try {
          const definitions = define(JSON.stringify(of))
          const found = await runWorld(place.adapter, world, definitions, place.workSchema)
          const answered = {
            traits: Object.fromEntries([...found.traits].map(([name, values]) => [name, sorted(values)])),
            audiences: Object.fromEntries([...found.audiences].map(([name, ids]) => [name, [...ids].sort()])),
          }
          const wanted = expected(world, of)
          for (const kind of ['traits', 'audiences'] as const) {
            for (const raw of of[kind]) {
              const name = String(raw.name)
              expect(answered[kind][name], JSON.stringify(raw)).toEqual(wanted[kind][name])
            }
          }
        } finally {
          await place.drop()
        }
      },
    )
    await fc.assert(property, {
      seed,
      numRuns: Math.ceil(cases / (slower[dialect] ?? 1)),
      // What fails is made smaller for as long as the test may take.
      interruptAfterTimeLimit: 400_000,
      markInterruptAsFailure: true,
    })
  }, 600_000)
})
