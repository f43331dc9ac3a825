import { describe, expect, test } from 'vitest'
import type { Change } from '../../../src/sync/destination.ts'
import { callsOf } from '../../../src/sync/destinations/segment/calls.ts'
import { notBuilt } from '../../../src/sync/not-built.ts'
import { engines, fastEngines, type RunAs, type Scenario } from '../../support/scenario.ts'
import { type Receiver, syncOnce, type UseReceiver, withReceiver } from './deliveries.ts'

type Row = Readonly<Record<string, unknown>>
type Given = Parameters<Scenario['give']>[0]

interface Project {
  readonly match: string
  readonly rows?: string
  readonly more?: string
  readonly entity?: 'user' | 'account'
  readonly destination?: string
}

const project = ({
  match,
  rows = 'carts',
  more = 'mapping: { total: { column: total } }',
  entity = 'user',
  destination = 'receiver',
}: Project): Readonly<Record<string, string>> => ({
  'models/a.yml': `sources: [{ name: web, format: segment, schema: web }]
entities:
  - { name: cart, table: shop.carts, primary_key: id, timestamp: created_at }
  - { name: item, table: shop.items, primary_key: sku }
  - { name: invoice, table: shop.invoices, primary_key: id }
relationships:
  - { name: carts, entity: cart, external_id: { type: email, join_key: owner } }
  - { name: items, entity: item, parent: carts, join_on: { left: id, right: cart } }
  - { name: invoices, entity: invoice, external_id: { type: group_id, join_key: account } }
traits:
  - { name: cart_count, type: count, relationship: carts }
audiences:
  - name: hesitant
    entity: ${entity}
    match: ${match}
destinations:
  - { name: out, type: ${destination}${destination === 'segment' ? ', write_key: key' : ''} }
syncs:
  - { name: s, from: { audience: hesitant, rows: ${rows} }, destination: out, mode: mirror, ${more} }
`,
})

const identify = (id: string, user: string, email: string) => ({
  id,
  user_id: user,
  email,
  timestamp: '2026-05-01T10:00:00Z',
  received_at: '2026-05-01T10:00:00Z',
})
const people = [identify('i1', 'u1', 'ann@x.example'), identify('i2', 'u2', 'bob@x.example')]
const cart = (id: number, owner: string, status: string, total: number, at = '2026-05-30T00:00:00Z') => ({
  id,
  owner: `${owner}@x.example`,
  status,
  total,
  created_at: at,
})
const open = '{ relationship: carts, where: [{ column: status, equals: open }] }'

const settings = {
  identify: true,
  track: true,
  enter_event: 'Audience Entered',
  exit_event: 'Audience Exited',
  trait_event: 'Trait Computed',
}

/** Each change as its operation, the row and the total. */
function told(calls: readonly (readonly Change[])[], from = 0): readonly string[] {
  return calls
    .slice(from)
    .flat()
    .map(({ operation, key, fields }) => `${operation} ${key.split(':')[1]} ${fields.total}`)
    .sort()
}

/** Runs and syncs, a day later each time. */
function steps(
  scenario: Scenario,
  receiver: Receiver,
): (given: Given, how?: RunAs) => Promise<readonly string[]> {
  let day = 0
  return async (given, how = {}) => {
    const before = receiver.calls.length
    day += 1
    await scenario.give(given)
    await scenario.run(`2026-06-${String(day).padStart(2, '0')}T00:00:00Z`, `run_${day}`, how)
    const { manifest } = await scenario.compile()
    const { adapter, schema } = scenario
    const catalog = await adapter.catalog([schema])
    expect(manifest.syncs.map((sync) => notBuilt(sync, catalog, adapter.dialect))).toEqual([undefined])
    await syncOnce(scenario, receiver, `run_${day}`)
    return told(receiver.calls, before)
  }
}

describe.each(engines)('rows of members on $name', (engine) => {
  const scene = (use: UseReceiver): Promise<void> => withReceiver(engine, use)

  test('rows come, change and go, with or without their member', async () => {
    await scene(async (scenario, receiver) => {
      const next = steps(scenario, receiver)
      await scenario.define(project({ match: open }))
      const others = [cart(3, 'ann', 'paid', 30), cart(4, 'bob', 'open', 40), cart(5, 'cat', 'open', 50)]
      const given = (...carts: readonly Row[]) => ({ 'web.identifies': people, cart: carts })
      expect(await next(given(cart(1, 'ann', 'open', 10), ...others))).toEqual(['add 1 10', 'add 4 40'])
      const keys = receiver.calls.flat().map(({ key }) => key.replace(/^use_\w{27}:/, ''))
      expect(keys.sort()).toEqual(['1', '4'])
      expect(await next(given(cart(1, 'ann', 'open', 10), ...others))).toEqual([])
      // Another row of somebody who is in the audience, and one with another value.
      expect(await next(given(cart(1, 'ann', 'open', 11), cart(2, 'ann', 'open', 20), ...others))).toEqual([
        'add 2 20',
        'update 1 11',
      ])
      // One does not qualify any more, and one was all that a member had.
      expect(await next(given(cart(1, 'ann', 'paid', 11), cart(2, 'ann', 'open', 20)))).toEqual([
        'remove 1 11',
        'remove 4 40',
      ])
      expect([...receiver.held.values()]).toEqual([{ total: 20 }])
      expect(await scenario.rows('select row_id, total from {schema}.audience_hesitant__carts')).toEqual([
        { row_id: '2', total: 20 },
      ])
    })
  })

  test('of several conditions on the rows each qualifies its own, where it holds; not, at most and none do not', async () => {
    await scene(async (scenario, receiver) => {
      const next = steps(scenario, receiver)
      await scenario.define(
        project({
          match: `
      - any:
          - { relationship: carts, count: { at_least: 2 }, where: [{ column: status, equals: open }] }
          - all:
              - { relationship: carts, where: [{ column: total, greater_than: 50 }] }
              - { trait: cart_count, less_than: 3 }
          - { relationship: carts, sum: total, less_than: 5, where: [{ column: status, equals: lost }] }
      - not: { relationship: carts, where: [{ column: status, equals: blocked }] }
      - { relationship: carts, count: { at_most: 1 }, where: [{ column: status, equals: paid }] }`,
        }),
      )
      const given = (...carts: readonly Row[]) => ({ 'web.identifies': people, cart: carts })
      expect(
        await next(
          given(
            // Two that are open; one great cart beside them, but there are more than two.
            ...[cart(1, 'ann', 'open', 1), cart(2, 'ann', 'open', 2), cart(3, 'ann', 'paid', 60)],
            // A great one; what is open is one alone.
            ...[cart(4, 'bob', 'paid', 70), cart(5, 'bob', 'open', 5)],
          ),
        ),
      ).toEqual(['add 1 1', 'add 2 2', 'add 4 70'])
      expect(
        await next(
          given(...[cart(1, 'ann', 'lost', 1), cart(2, 'ann', 'lost', 2), cart(3, 'ann', 'open', 3)]),
        ),
      ).toEqual(['remove 4 70'])
      expect(receiver.held.size).toBe(2)
      expect(await next(given(...[cart(1, 'ann', 'lost', 1), cart(2, 'ann', 'blocked', 2)]))).toEqual([
        'remove 1 1',
        'remove 2 2',
      ])
    })
  })

  test('windows move on, and sessions end', async () => {
    await scene(async (scenario, receiver) => {
      const next = steps(scenario, receiver)
      await scenario.define(
        project({ match: '{ relationship: carts, within: 2d, where: [{ trait: cart_count, equals: 2 }] }' }),
      )
      const given = (first: string, second: string) => ({
        'web.identifies': people,
        cart: [cart(1, 'ann', 'open', 1, first), cart(2, 'ann', 'open', 2, second)],
      })
      expect(await next(given('2026-05-30T12:00:00Z', '2026-05-31T12:00:00Z'))).toEqual([
        'add 1 1',
        'add 2 2',
      ])
      expect(await next(given('2026-05-30T12:00:00Z', '2026-05-31T12:00:00Z'))).toEqual(['remove 1 1'])
      await scenario.define(
        project({ match: '{ relationship: carts, session: 36h, count: { at_least: 1 } }' }),
      )
      expect(await next(given('2026-05-30T12:00:00Z', '2026-06-02T12:00:00Z'))).toEqual([])
      expect(await next(given('2026-06-01T12:00:00Z', '2026-06-02T12:00:00Z'))).toEqual(['remove 2 2'])
      expect(await next(given('2026-06-03T12:00:00Z', '2026-06-04T12:00:00Z'))).toEqual([
        'add 1 1',
        'add 2 2',
      ])
    })
  })

  test('rows below others: those that met what was asked of them, below a row that qualified', async () => {
    await scene(async (scenario, receiver) => {
      const next = steps(scenario, receiver)
      const below =
        '{ relationship: items, where: [{ column: price, less_than: { column: total, of: carts } }] }'
      await scenario.define(
        project({
          match: `{ relationship: carts, where: [{ column: status, equals: open }], with: [${below}] }`,
          rows: 'items',
          more: 'mapping: { total: { column: price } }',
        }),
      )
      const item = (sku: string, of: number, price: number) => ({ sku, cart: of, price })
      const given = (status: string, ...items: readonly Row[]) => ({
        'web.identifies': people,
        cart: [cart(1, 'ann', 'open', 10), cart(2, 'ann', status, 20), cart(3, 'bob', 'open', 5)],
        item: items,
      })
      const items = [item('a', 1, 5), item('b', 1, 15), item('c', 2, 15), item('d', 3, 9)]
      expect(await next(given('open', ...items))).toEqual(['add a 5', 'add c 15'])
      expect(await next(given('paid', ...items, item('e', 3, 1)))).toEqual(['add e 1', 'remove c 15'])
    })
  })

  test('accounts: keys of any text stay apart, and nothing need be mapped', async () => {
    await scene(async (scenario, receiver) => {
      const next = steps(scenario, receiver)
      await scenario.define(
        project({
          entity: 'account',
          match: '{ relationship: invoices, where: [{ column: paid, equals: false }] }',
          rows: 'invoices',
          more: '',
        }),
      )
      const group = (id: string, groupId: string) => ({
        ...identify(id, 'u1', 'ann@x.example'),
        group_id: groupId,
      })
      await next({
        'web.identifies': people,
        'web.groups': [group('g1', 'a'), group('g2', 'a:1')],
        invoice: [
          { id: '1:2', account: 'a', paid: false },
          { id: '2', account: 'a:1', paid: false },
          { id: '3', account: 'a', paid: true },
        ],
      })
      expect(receiver.held.size).toBe(2)
      expect([...receiver.held.values()].map((fields) => JSON.stringify(fields)).sort()).toEqual([
        '{"account_id":"a","hesitant":true,"invoices__id":"1:2","invoices__account":"a","invoices__paid":false}',
        '{"account_id":"a:1","hesitant":true,"invoices__id":"2","invoices__account":"a:1","invoices__paid":false}',
      ])
    })
  })
})

// No SQL that the others have not run.
describe.each(fastEngines)('what else becomes of rows of members, on $name', (engine) => {
  const scene = (use: UseReceiver): Promise<void> => withReceiver(engine, use)

  test('a member that leaves takes all its rows along', async () => {
    await scene(async (scenario, receiver) => {
      const next = steps(scenario, receiver)
      await scenario.define(project({ match: open.replace('where', 'count: { at_least: 2 }, where') }))
      const given = (...carts: readonly Row[]) => ({ 'web.identifies': people, cart: carts })
      const [one, two, bobs] = [
        cart(1, 'ann', 'open', 1),
        cart(2, 'ann', 'open', 2),
        cart(3, 'bob', 'open', 3),
      ]
      expect(await next(given(one, bobs))).toEqual([])
      expect(await next(given(one, two, bobs))).toEqual(['add 1 1', 'add 2 2'])
      expect(await next(given(one, bobs))).toEqual(['remove 1 1', 'remove 2 2'])
      // Also where a run of some nodes leaves the rows as they were.
      expect(await next(given(one, two, bobs))).toEqual(['add 1 1', 'add 2 2'])
      const { manifest } = await scenario.compile()
      const others = manifest.nodes.filter(({ type }) => type !== 'member_rows').map(({ id }) => id)
      expect(await next(given(one, bobs), { select: others })).toEqual(['remove 1 1', 'remove 2 2'])
    })
  })

  test('a merge: rows of the profile that is gone leave with it, and come with the other', async () => {
    await scene(async (scenario, receiver) => {
      const next = steps(scenario, receiver)
      await scenario.define(project({ match: open }))
      const carts = [cart(1, 'ann', 'open', 10), cart(2, 'bob', 'open', 20)]
      const apart = [
        { ...identify('i1', 'u1', 'ann@x.example'), user_id: null, anonymous_id: 'a1' },
        { ...identify('i2', 'u2', 'bob@x.example'), user_id: null, anonymous_id: 'a2' },
      ]
      expect(await next({ 'web.identifies': apart, cart: carts })).toEqual(['add 1 10', 'add 2 20'])
      const joined = { ...identify('i3', 'u1', 'bob@x.example'), user_id: null, anonymous_id: 'a1' }
      const later = { ...joined, timestamp: '2026-05-02T10:00:00Z', received_at: '2026-05-02T10:00:00Z' }
      expect(await next({ 'web.identifies': [...apart, later], cart: carts })).toEqual([
        'add 2 20',
        'remove 2 20',
      ])
      const keys = [...receiver.held.keys()].map((key) => key.split(':'))
      expect(keys.map(([, row = '']) => row).sort()).toEqual(['1', '2'])
      expect(new Set(keys.map(([profile]) => profile)).size).toBe(1)
    })
  })

  test('a filter asks of columns and traits', async () => {
    await scene(async (scenario, receiver) => {
      const next = steps(scenario, receiver)
      const filter = 'filter: \'properties.status = "open" and traits.cart_count < 3 and total > 1\''
      await scenario.define(
        project({
          match: '{ relationship: carts }',
          more: `mapping: { total: { column: total } }, ${filter}`,
        }),
      )
      const given = (...carts: readonly Row[]) => ({ 'web.identifies': people, cart: carts })
      const carts = [cart(1, 'ann', 'open', 1), cart(2, 'ann', 'open', 2), cart(3, 'bob', 'paid', 3)]
      expect(await next(given(...carts))).toEqual(['add 2 2'])
      expect(await next(given(...carts, cart(4, 'ann', 'open', 4)))).toEqual(['remove 2 2'])
    })
  })

  test('calls: track alone, with the row under the name of its relationship', async () => {
    await scene(async (scenario, receiver) => {
      const next = steps(scenario, receiver)
      await scenario.define(
        project({
          match: open,
          destination: 'segment',
          more: 'mapping: { ids: { user_id: { identifier: user_id }, email: { identifier: email } }, traits.carts: { trait: cart_count }, columns.TOTAL: { column: total }, columns.id: { column: id } }',
        }),
      )
      await next({ 'web.identifies': people, cart: [cart(1, 'ann', 'open', 10)] })
      await next({ 'web.identifies': people, cart: [cart(1, 'ann', 'paid', 11)] })
      const about = { kind: 'rows', audience: 'hesitant', relationship: 'carts', entity: 'cart' } as const
      const context = { sync: 's', mode: 'mirror', entity: 'user', about, runId: 'r', fields: [] } as const
      const calls = receiver.calls
        .flat()
        .flatMap((change) =>
          callsOf(change, { ...context, startedAt: '2026-06-01T00:00:00Z', version: '0' }, settings),
        )
      const row = {
        carts: 1,
        audience_key: 'hesitant',
        carts__TOTAL: 10,
        carts__id: 1,
        carts____entity: 'cart',
      }
      expect(calls.map(({ type, userId, event, properties }) => [type, userId, event, properties])).toEqual([
        ['track', 'u1', 'Audience Entered', { ...row, hesitant: true }],
        ['track', 'u1', 'Audience Entered', { ...row, hesitant: true }],
        ['track', 'u1', 'Audience Exited', { ...row, hesitant: false }],
        ['track', 'u1', 'Audience Exited', { ...row, hesitant: false }],
      ])
      const email = {
        personas: { computation_class: 'audience', computation_key: 'hesitant' },
        traits: { email: 'ann@x.example' },
      }
      expect(calls[1]?.context).toMatchObject(email)
    })
  })
})
