import { describe, expect, test } from 'vitest'
import { pick, type Random, seeded } from '../../properties/identity-random.ts'
import { fastEngines, type Scenario } from '../../support/scenario.ts'
import { type Serving, withServing } from './served.ts'

/** Days of a history; a run takes in what has arrived until then. */
const days = 26
const dayOf = (day: number): string => new Date(Date.UTC(2026, 3, 1 + day)).toISOString()

interface Call {
  readonly table: string
  readonly day: number
  readonly call: Readonly<Record<string, unknown>>
}

/** Devices, people and accounts that meet; some calls come late, some are ahead of their time. */
function randomCall(random: Random, index: number, largest: number): Call {
  const day = random(days)
  const person = random(10)
  const at = (shift: number): string =>
    new Date(Date.UTC(2026, 3, 1 + day) - 3_600_000 + index * 1000 + shift * 86_400_000).toISOString()
  const shared = {
    id: `m${String(index).padStart(4, '0')}`,
    received_at: at(0),
    timestamp: at(pick(random, [0, 0, 0, -1, -5, 2])),
    anonymous_id: pick(random, [`a${person}.${random(3)}`, `a${random(10)}.0`]),
    user_id: pick(random, [null, null, `u${person}`, `u${random(10)}`]),
  }
  const table = pick(random, ['identifies', 'groups', 'order_completed', 'order_completed', 'tracks'])
  return { table, day, call: { ...shared, ...columnsOf(table, random, person, largest) } }
}

function columnsOf(
  table: string,
  random: Random,
  person: number,
  largest: number,
): Readonly<Record<string, unknown>> {
  switch (table) {
    case 'identifies':
      return {
        email: pick(random, [null, `p${person}@x.org`]),
        plan: pick(random, [null, 'free', 'pro', '\u{1F600}\t"']),
      }
    case 'groups':
      return { group_id: pick(random, ['acme', 'bolt', 'coil']), size: random(3) }
    case 'tracks':
      return { event: 'page_seen', event_text: 'Page Seen', context_page_url: `/${random(5)}` }
    default:
      return {
        event: 'order_completed',
        event_text: 'Order Completed',
        revenue: pick(random, [null, 1, 2.5, largest]),
        item: pick(random, ['a', 'b', null]),
      }
  }
}

const definitions = (edited: boolean, cut: boolean): string => `sources:
  - { name: web, format: segment, schema: web }
identity:
  max_partners: 50
${cut ? '  cut: [ { between: ["user_id:u1", "anonymous_id:a1.0"] } ]\n' : ''}traits:
  - { name: orders, type: count, event: Order Completed, within: ${edited ? 9 : 10}d }
  - { name: spent, type: sum, event: Order Completed, property: revenue }
  - { name: account_orders, entity: account, type: count, event: Order Completed, within: 7d }
  - { name: tier, type: sql, file: tier.sql, create_profiles: false }
audiences:
  - { name: buyers, match: { event: Order Completed, within: 5d } }
  - { name: busy, entity: account, match: { any_user: { event: Order Completed, within: 3d } } }
`

const tier =
  "select user_id, max(plan) as tier from {{ source 'web' 'identifies' }} where user_id is not null group by user_id"

/** Columns that a table has even while it has no rows. */
const stubs = {
  identifies: { email: 'x@x.org', plan: 'x' },
  groups: { group_id: 'stub', size: 0 },
  tracks: { event: 'page_seen', event_text: 'Page Seen', context_page_url: '/' },
  order_completed: { event: 'order_completed', event_text: 'Order Completed', revenue: 0.5, item: 'x' },
}

async function give(scenario: Scenario, calls: readonly Call[]): Promise<void> {
  await scenario.give(
    Object.fromEntries(
      Object.entries(stubs).map(([name, columns]) => [
        `web.${name}`,
        [
          {
            id: `stub_${name}`,
            user_id: 'stub',
            anonymous_id: 'stub',
            timestamp: '2026-03-01T00:00:00Z',
            received_at: '2026-03-01T00:00:00Z',
            ...columns,
          },
          ...calls.filter(({ table }) => table === name).map(({ call }) => call),
        ],
      ]),
    ),
  )
}

describe.each(fastEngines)('publishing again, on $name', (engine) => {
  test.each([1, 3])(
    'leaves what publishing everything gives, whatever happened between (%i)',
    async (seed) => {
      const random = seeded(seed)
      // The simulated Snowflake does not know how the text of greater ones looks.
      const largest = engine.dialect === 'snowflake' ? 1e12 : 1e300
      const calls = Array.from({ length: 120 }, (_, index) => randomCall(random, index, largest))
      await withServing(engine, async (serving) => {
        const { scenario, publish, served, another } = serving
        let partial = 0
        let edited = false
        let cut = false
        for (let day = 3, run = 1; day < days; day += 1 + random(5), run += 1) {
          if (random(14) === 0) edited = !edited
          if (random(14) === 0) cut = !cut
          await scenario.define({
            'models/a.yml': definitions(edited, cut),
            'models/tier.sql': tier,
          })
          await give(
            scenario,
            calls.filter((call) => call.day <= day),
          )
          await scenario.run(dayOf(day), `run_${String(run).padStart(2, '0')}`, {
            fullRefresh: random(12) === 0,
          })
          // Not every run is published.
          if (random(3) === 0) continue
          const result = await publish()
          if (!result.full) partial += 1
          const fresh = await another()
          await publish({ into: fresh, remembers: false, profilesAtOnce: 4 })
          expect(await served()).toEqual(await served(fresh))
          expect(await counts(serving)).toEqual(await counts(serving, fresh))
        }
        expect(partial).toBeGreaterThan(1)
      })
    },
  )
})

async function counts({ store }: Serving, of = store): Promise<unknown> {
  const release = await of.release()
  return release && { users: release.users, accounts: release.accounts, runId: release.runId }
}
