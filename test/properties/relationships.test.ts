import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluateAudience, type Members } from '../reference/definitions/audiences.ts'
import type { Raw } from '../reference/definitions/conditions.ts'
import { evaluateRowTrait } from '../reference/definitions/relationships.ts'
import { define, runWorld } from '../scenarios/definitions/world-on-engine.ts'
import { engines, fastEngines } from '../support/engines.ts'
import { seed } from '../support/seed.ts'
import { withBaseTraits } from './base-traits.ts'
import { baseAudiences, baseTraits } from './definition-arbitraries.ts'
import {
  entities,
  relatedAudiences,
  relatedTraits,
  relatedWorlds,
  relationships,
} from './relationship-arbitraries.ts'

/** More cases, or other ones: `RELATIONSHIP_CASES=200 SEED=7`. */
const cases = Number(process.env.RELATIONSHIP_CASES ?? 8)
const perCase = 20

describe.each(engines)('relationships on $name', (engine) => {
  test('random definitions over random rows answer as the plain evaluator does', async () => {
    const named = (all: readonly Raw[], prefix: string): readonly Raw[] =>
      all.map((raw, index) => ({ name: `${prefix}_${index}`, ...raw }))
    const property = fc.asyncProperty(
      // The first cases would be of the fewest and the least.
      fc.noBias(relatedWorlds),
      fc.array(relatedTraits, { minLength: perCase, maxLength: perCase }),
      fc.array(relatedAudiences, { minLength: perCase, maxLength: perCase }),
      async (world, someTraits, someAudiences) => {
        const traits = named(someTraits, 'trait')
        const audiences = [...baseAudiences, ...named(someAudiences, 'people')]
        const place = await engine.open()
        try {
          const all = [...baseTraits, ...traits]
          const definitions = define(JSON.stringify({ entities, relationships, traits: all, audiences }))
          const known = withBaseTraits(world)
          const found = await runWorld(place.adapter, world, definitions, place.workSchema)
          for (const raw of traits) {
            const values = found.traits.get(String(raw.name))
            expect(Object.fromEntries(values ?? []), JSON.stringify(raw)).toEqual(
              Object.fromEntries(evaluateRowTrait(known, raw)),
            )
          }
          const wanted = new Map<string, { entity: string; ids: ReadonlySet<string> }>()
          const asked: Members = wanted
          for (const raw of audiences) {
            const name = String(raw.name)
            const ids = evaluateAudience(known, raw, asked)
            wanted.set(name, { entity: String(raw.entity), ids })
            const members = [...(found.audiences.get(name) ?? [])].sort()
            expect(members, JSON.stringify(raw)).toEqual([...ids].sort())
          }
        } finally {
          await place.drop()
        }
      },
    )
    await fc.assert(property, {
      seed,
      // What stands in for a warehouse takes seconds a case.
      numRuns: fastEngines.includes(engine) ? cases : Math.ceil(cases / 8),
      endOnFailure: true,
    })
  }, 600_000)
})
