import { describe, expect, test } from 'vitest'
import { suppress, unsuppress } from '../../../src/runner/suppressions.ts'
import { linesOf } from '../../../src/serve/store/documents.ts'
import { parts } from '../../../src/serve/store/store.ts'
import { engines } from '../../support/engines.ts'
import { expectGolden } from '../../support/golden.ts'
import { withServing } from './served.ts'

const at = (day: number, minute = 0): string =>
  `2026-05-${String(day).padStart(2, '0')}T10:${String(minute).padStart(2, '0')}:00Z`

const yaml = `sources:
  - { name: web, format: segment, schema: web }
traits:
  - { name: orders, type: count, event: Order Completed }
  - { name: spent, type: sum, event: Order Completed, property: revenue }
  - { name: items, type: unique_list, event: Order Completed, property: item }
  - { name: account_orders, entity: account, type: count, event: Order Completed }
audiences:
  - { name: buyers, match: { event: Order Completed, within: 20d } }
  - { name: nobody, match: { trait: spent, greater_than: 1000000 } }
`

const calls = {
  'web.identifies': [
    {
      id: 'i1',
      anonymous_id: 'a1',
      user_id: 'u1',
      email: 'Ann@example.org',
      name: 'Ann \u{1F600} "x"\n\ttab',
      timestamp: at(1),
    },
    { id: 'i2', anonymous_id: 'a2', user_id: null, email: null, name: 'nobody', timestamp: at(2) },
  ],
  'web.groups': [{ id: 'g1', user_id: 'u1', group_id: 'acme', plan: 'enterprise', timestamp: at(1, 5) }],
  'web.tracks': [
    {
      id: 'o1',
      event: 'order_completed',
      event_text: 'Order Completed',
      user_id: 'u1',
      context_page_url: 'https://a/b',
      context_ip: '10.0.0.1',
      timestamp: at(20),
    },
    {
      id: 'o0',
      event: 'order_completed',
      event_text: 'Order Completed',
      user_id: 'u1',
      context_page_url: null,
      context_ip: null,
      timestamp: at(3),
    },
  ],
  'web.order_completed': [
    {
      id: 'o1',
      event: 'order_completed',
      event_text: 'Order Completed',
      user_id: 'u1',
      revenue: 12.5,
      item: 'b',
      timestamp: at(20),
    },
    {
      id: 'o0',
      event: 'order_completed',
      event_text: 'Order Completed',
      user_id: 'u1',
      revenue: 1,
      item: 'a',
      timestamp: at(3),
    },
  ],
}

describe.each(engines)('publishing, on $name', (engine) => {
  test('what is sent is SQL worth reading', async () => {
    await withServing(engine, async ({ scenario, publish }) => {
      await scenario.define({ 'models/a.yml': yaml })
      await scenario.give(calls)
      await scenario.run('2026-05-25T00:00:00Z', 'run_1')
      await publish()
      const { schema } = scenario
      await suppress(scenario, [{ type: 'email', value: 'x@x.org' }], false)
      await publish({
        compiled: (files) => {
          for (const [name, sql] of files) {
            const plain = sql.replaceAll(scenario.schemaOf('web'), 'web').replaceAll(schema, 'personas')
            expectGolden(`serving-${name}/${engine.dialect}.sql`, plain)
          }
        },
      })
    })
  })

  test('whoever is suppressed is left out of a new store too, and is back when that ends', async () => {
    await withServing(engine, async ({ scenario, store, publish, another }) => {
      await scenario.define({ 'models/a.yml': yaml })
      await scenario.give(calls)
      await scenario.run('2026-05-25T00:00:00Z', 'run_1')
      await publish()
      const ann = { type: 'email', value: 'ANN@example.org' }
      const found = async (from: typeof store) =>
        (await from.read({ collection: 'users', by: ann, parts: [] })).profile !== undefined
      await suppress(scenario, [ann], false)
      expect(await publish()).toMatchObject({ full: false, removed: 1 })
      const fresh = await another()
      await publish({ into: fresh, remembers: false })
      expect([await found(store), await found(fresh)]).toEqual([false, false])
      expect(await unsuppress(scenario, { type: 'email', value: 'ann@example.ORG' })).toBe(true)
      expect(await publish()).toMatchObject({ full: false, written: 1 })
      expect(await found(store)).toBe(true)
    })
  })

  test('a profile has all its parts, and each identifier leads to it', async () => {
    await withServing(engine, async ({ scenario, store, publish }) => {
      await scenario.define({ 'models/a.yml': yaml })
      await scenario.give(calls)
      await scenario.run('2026-05-25T00:00:00Z', 'run_1')
      expect(await publish()).toMatchObject({ full: true, compared: 3, written: 3, removed: 0 })
      const { release, profile } = await store.read({
        collection: 'users',
        by: { type: 'email', value: 'ANN@example.org' },
        parts,
        linked: 20,
      })
      expect(release).toMatchObject({
        version: 1,
        runId: 'run_1',
        asOf: '2026-05-25T00:00:00Z',
        users: 2,
        accounts: 1,
      })
      expect(JSON.parse(`{${profile?.parts.traits}}`)).toEqual({
        buyers: true,
        email: 'Ann@example.org',
        items: ['a', 'b'],
        name: 'Ann \u{1F600} "x"\n\ttab',
        orders: 2,
        spent: 13.5,
      })
      expect(profile?.parts.trait_classes).toBe('atctcc')
      expect(linesOf(profile?.parts.trait_sources)).toEqual([
        ['"email"', '"source_id":"web","updated_at":"2026-05-01T10:00:00.000000Z"'],
        ['"name"', '"source_id":"web","updated_at":"2026-05-01T10:00:00.000000Z"'],
      ])
      const ids = linesOf(profile?.parts.external_ids).map((columns) => [
        columns[0],
        JSON.parse(columns[3] ?? ''),
      ])
      const seen = ids.map(([created, { type, id, source_id, first_message_id }]) =>
        [created, type, id, source_id, first_message_id].join(' '),
      )
      expect(seen.sort((left, right) => (left < right ? -1 : 1))).toEqual([
        '2026-05-01T10:00:00.000000Z anonymous_id a1 web i1',
        '2026-05-01T10:00:00.000000Z email ann@example.org web i1',
        '2026-05-01T10:00:00.000000Z user_id u1 web i1',
      ])
      // The older order is out of the fourteen days.
      expect(
        linesOf(profile?.parts.events).map(([time, , name, object = '']) => [time, name, JSON.parse(object)]),
      ).toEqual([
        [
          '2026-05-20T10:00:00.000000Z',
          '"Order Completed"',
          {
            external_ids: [{ collection: 'users', type: 'user_id', id: 'u1', encoding: 'none' }],
            type: 'track',
            event: 'Order Completed',
            message_id: 'o1',
            source_id: 'web',
            timestamp: '2026-05-20T10:00:00.000000Z',
            context: {},
            properties: { revenue: 12.5, item: 'b' },
            related: { users: profile?.id },
          },
        ],
      ])
      expect(linesOf(profile?.parts.metadata).map(([object = '']) => JSON.parse(object))).toEqual([
        {
          created_at: '2026-05-01T10:00:00.000000Z',
          updated_at: '2026-05-20T10:00:00.000000Z',
          expires_at: null,
          first_message_id: 'i1',
          first_source_id: 'web',
          last_message_id: 'o1',
          last_source_id: 'web',
        },
      ])
      expect(linesOf(profile?.parts.links)).toEqual([['acme']])
      expect(profile?.linked.map((part) => JSON.parse(linesOf(part)[0]?.[3] ?? ''))).toEqual([
        {
          collection: 'accounts',
          type: 'group_id',
          id: 'acme',
          encoding: 'none',
          source_id: 'web',
          created_at: '2026-05-01T10:05:00.000000Z',
          first_message_id: 'g1',
        },
      ])
      const account = await store.read({
        collection: 'accounts',
        by: { type: 'group_id', value: 'acme' },
        parts,
        linked: 20,
      })
      expect(account.profile?.parts).toMatchObject({
        traits: '"account_orders":2,\n"plan":"enterprise"',
        trait_classes: 'ct',
      })
      expect(linesOf(account.profile?.parts.events)).toHaveLength(1)
      expect(linesOf(account.profile?.parts.links)).toEqual([[profile?.id]])
    })
  })
})
