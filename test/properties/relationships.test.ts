import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluateAudience } from '../reference/definitions/audiences.ts'
import type { Raw } from '../reference/definitions/conditions.ts'
import { evaluateMemberRows } from '../reference/definitions/member-rows.ts'
import { evaluateRowTrait, ownerOf } from '../reference/definitions/relationships.ts'
import { define, runWorld } from '../scenarios/definitions/world-on-engine.ts'
import { engines } from '../support/engines.ts'
import { seed } from '../support/seed.ts'
import { withBaseTraits } from './base-traits.ts'
import { baseTraits } from './definition-arbitraries.ts'
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

describe.each(engines)('relationships on $name', ({ name: engine, open }) => {
  test('random definitions over random rows answer as the plain evaluator does', async () => {
    const named = (all: readonly Raw[], prefix: string): readonly Raw[] =>
      all.map((raw, index) => ({ name: `${prefix}_${index}`, ...raw }))
    let pairsSeen = 0
    const property = fc.asyncProperty(
      relatedWorlds,
      fc.array(relatedTraits, { minLength: perCase, maxLength: perCase }),
      fc.array(relatedAudiences, { minLength: perCase, maxLength: perCase }),
      async (world, someTraits, someAudiences) => {
        const traits = named(someTraits, 'trait')
        const audiences = named(someAudiences, 'people')
        const place = await open()
        try {
          const all = [...baseTraits, ...traits]
          const known = withBaseTraits(world)
          const asked = audiences.flatMap((audience) =>
            relationships
              .filter(({ name }) => JSON.stringify(audience).includes(`"relationship":"${String(name)}"`))
              .filter(({ name }) => ownerOf(known, name) === audience.entity)
              .map(({ name }) => ({ audience, relationship: String(name) })),
          )
          const syncs = asked.map(({ audience, relationship }) => ({
            name: `${audience.name}_${relationship}`,
            from: { audience: audience.name, rows: relationship },
            destination: 'out',
            mode: 'mirror',
            mapping: { id: { id: true } },
          }))
          const project = { entities, relationships, traits: all, audiences, syncs }
          const definitions = define(JSON.stringify(project))
          const found = await runWorld(place.adapter, world, definitions, place.workSchema)
          for (const raw of traits) {
            const values = found.traits.get(String(raw.name))
            expect(Object.fromEntries(values ?? []), JSON.stringify(raw)).toEqual(
              Object.fromEntries(evaluateRowTrait(known, raw)),
            )
          }
          for (const raw of audiences) {
            const members = [...(found.audiences.get(String(raw.name)) ?? [])].sort()
            expect(members, JSON.stringify(raw)).toEqual([...evaluateAudience(known, raw, new Map())].sort())
          }
          for (const { audience: raw, relationship } of asked) {
            const pairs = found.memberRows.get(`${raw.name}__${relationship}`)
            const expected = evaluateMemberRows(known, raw, new Map(), relationship)
            expect(pairs ?? [], `${relationship} of ${JSON.stringify(raw)}`).toEqual(expected)
            pairsSeen += expected.length
          }
        } finally {
          await place.drop()
        }
      },
    )
    await fc.assert(property, {
      seed,
      numRuns: engine === 'bigquery' ? Math.ceil(cases / 8) : cases,
      endOnFailure: true,
    })
    expect(pairsSeen).toBeGreaterThan(0)
  }, 600_000)
})
