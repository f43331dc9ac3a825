import { describe, expect, test } from 'vitest'
import type { World } from '../../reference/definitions/world.ts'
import { engines } from '../../support/engines.ts'
import { define, runWorld } from './world-on-engine.ts'

const users = Array.from({ length: 7 }, (_, index) => `u${index + 1}`)
const traits = Array.from({ length: 320 }, (_, index) => `trait_${index}`)

const world: World = {
  asOf: '2026-06-01T00:00:00Z',
  users: users.map((id) => ({ id, known: true, traits: {} })),
  accounts: [],
  userTraits: {},
  accountTraits: {},
  events: { Seen: { properties: { at: 'integer' }, contexts: {} } },
  rows: users.map((user, index) => ({
    event: 'Seen',
    id: user,
    user,
    at: '2026-05-31T00:00:00Z',
    properties: { at: index + 1 },
    contexts: {},
  })),
}

describe.each(engines)('many traits on $name', ({ open }) => {
  test('a wide table of more columns than are written at once has every profile once', async () => {
    const definitions = define(
      JSON.stringify({
        traits: traits.map((name) => ({ name, type: 'max', event: 'Seen', property: 'at' })),
        audiences: [
          { name: 'some', match: { trait: 'trait_319', greater_than: 2 } },
          { name: 'all', match: { trait: 'trait_0', exists: true } },
        ],
      }),
    )
    const place = await open()
    try {
      const { audiences } = await runWorld(place.adapter, world, definitions, place.workSchema)
      expect([...(audiences.get('all') ?? [])].sort()).toEqual(users)
      expect([...(audiences.get('some') ?? [])].sort()).toEqual(users.slice(2))
    } finally {
      await place.drop()
    }
  })
})
