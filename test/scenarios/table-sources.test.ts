import { describe, expect, test } from 'vitest'
import type { Value } from '../../src/adapters/adapter.ts'
import { relation } from '../../src/ir/relation.ts'
import type { ValueType } from '../../src/ir/value-type.ts'
import { engines, type Scenario, withScenario } from '../support/scenario.ts'

const asOf = '2026-06-01T00:00:00Z'

async function load(
  scenario: Scenario,
  table: string,
  columns: Readonly<Record<string, ValueType>>,
  rows: readonly (readonly Value[])[],
): Promise<void> {
  const schema = scenario.schemaOf('raw')
  for (const sql of scenario.adapter.dialect.createSchema(schema)) await scenario.adapter.execute(sql)
  async function* all(): AsyncGenerator<readonly Value[]> {
    yield* rows
  }
  const list = Object.entries(columns).map(([name, type]) => ({ name, type }))
  await scenario.adapter.load(relation(schema, table), list, all())
}

async function drop(scenario: Scenario): Promise<void> {
  await scenario.adapter.execute(
    `drop schema ${scenario.adapter.dialect.ident(scenario.schemaOf('raw'))} cascade`,
  )
}

describe.each(engines)('sources whose columns are mapped, on $name', (engine) => {
  test.each(['text', 'json'])(
    'properties are members of one %s column, event names are in another',
    async (kind) => {
      await withScenario(engine, async (scenario) => {
        await scenario.define({
          'models/a.yml': `sources:
  - name: log
    format: table
    table: raw.events
    type: track
    event: { column: event_name }
    id: id
    timestamp: happened_at
    loaded_at: loaded_at
    identifiers: { user_id: customer, email: mail }
    properties: { json: payload }
traits:
  - { name: revenue, type: sum, event: Order Completed, property: revenue }
  - { name: city, type: last, event: Order Completed, property: ship.city }
  - { name: tags, type: unique_list, event: Order Completed, property: tags.$ }
  - { name: views, type: count, event: Product Viewed }
`,
        })
        const payload = (value: unknown): string => JSON.stringify(value)
        await load(
          scenario,
          'events',
          {
            id: 'integer',
            event_name: 'text',
            customer: 'text',
            mail: 'text',
            happened_at: 'timestamp',
            loaded_at: 'timestamp',
            payload: 'text',
          },
          [
            [
              1n,
              'Order Completed',
              'u1',
              null,
              '2026-05-01T10:00:00Z',
              '2026-05-01T10:00:00Z',
              payload({ revenue: 10.5, ship: { city: 'Köln' }, tags: ['b', 'a'] }),
            ],
            [
              2n,
              'Order Completed',
              'u1',
              'A@x.example',
              '2026-05-02T10:00:00Z',
              '2026-05-02T10:00:00Z',
              payload({ revenue: '4.5', tags: ['a', 'c'] }),
            ],
            [
              3n,
              'Product Viewed',
              null,
              'a@X.example ',
              '2026-05-03T10:00:00Z',
              '2026-05-03T10:00:00Z',
              null,
            ],
            [3n, 'Product Viewed', null, 'a@x.example', '2026-05-03T10:00:00Z', '2026-05-04T10:00:00Z', null],
            [
              4n,
              'order completed',
              'u1',
              null,
              '2026-05-03T10:00:00Z',
              '2026-05-03T10:00:00Z',
              payload({ revenue: 100 }),
            ],
          ],
        )
        if (kind === 'json') {
          const table = scenario.adapter.dialect.relation(relation(scenario.schemaOf('raw'), 'events'))
          await scenario.adapter.execute(
            engine.dialect === 'bigquery' || engine.dialect === 'snowflake'
              ? `create or replace table ${table} as select * replace (parse_json(payload) as payload) from ${table}`
              : `alter table ${table} alter column payload type json using cast(payload as json)`,
          )
        }
        await scenario.run(asOf)
        expect(
          await scenario.rows(
            'select revenue, city, tags, views from {schema}.profile_traits where merged_to is null',
          ),
        ).toEqual([{ revenue: 15, city: 'Köln', tags: '["a","b","c"]', views: 1 }])
        await drop(scenario)
      })
    },
  )

  test('identify and group rows bring traits; without loaded_at the timestamp is the order of arrival', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `sources:
  - name: crm
    format: table
    table: raw.contacts
    type: identify
    id: id
    timestamp: changed_at
    identifiers: { email: mail }
    properties: { fullName: name, plan: plan }
  - name: teams
    format: table
    table: raw.teams
    type: group
    id: id
    timestamp: changed_at
    identifiers: { email: mail, group_id: team }
    properties: { seats: seats }
`,
      })
      await load(
        scenario,
        'contacts',
        { id: 'text', mail: 'text', name: 'text', plan: 'text', changed_at: 'timestamp' },
        [
          ['c1', 'a@x.example', 'Ann', 'free', '2026-05-01T10:00:00Z'],
          ['c2', 'a@x.example', null, 'pro', '2026-05-02T10:00:00Z'],
          ['c3', 'b@x.example', 'Bob', 'free', '2026-05-02T10:00:00Z'],
        ],
      )
      await load(
        scenario,
        'teams',
        { id: 'text', mail: 'text', team: 'text', seats: 'integer', changed_at: 'timestamp' },
        [
          ['g1', 'a@x.example', 'T', 5n, '2026-05-03T10:00:00Z'],
          ['g2', 'b@x.example', 'T', 7n, '2026-05-04T10:00:00Z'],
        ],
      )
      await scenario.run(asOf)
      expect(
        await scenario.rows('select full_name, plan from {schema}.profile_traits order by full_name'),
      ).toEqual([
        { full_name: 'Ann', plan: 'pro' },
        { full_name: 'Bob', plan: 'free' },
      ])
      expect(await scenario.rows('select account_id, seats from {schema}.account_traits')).toEqual([
        { account_id: 'T', seats: 7 },
      ])
      expect(await scenario.rows('select count(*) as links from {schema}.account_users')).toEqual([
        { links: 2 },
      ])
      await drop(scenario)
    })
  })

  test('page calls of any source are Page Viewed with page_name', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `sources:
  - { name: web, format: segment, schema: web }
traits:
  - { name: pricing_views, type: count, event: Page Viewed, where: [ { property: page_name, equals: Pricing } ] }
  - { name: last_screen, type: last, event: Screen Viewed, property: screen_name }
`,
      })
      await scenario.give({
        'web.pages': [
          { anonymous_id: 'a1', user_id: 'u1', name: 'Pricing', timestamp: '2026-05-01T10:00:00Z' },
          { anonymous_id: 'a1', name: 'Home', timestamp: '2026-05-01T11:00:00Z' },
        ],
        'web.screens': [{ user_id: 'u1', name: 'Cart', timestamp: '2026-05-01T12:00:00Z' }],
      })
      await scenario.run(asOf)
      expect(await scenario.rows('select pricing_views, last_screen from {schema}.profile_traits')).toEqual([
        { pricing_views: 1, last_screen: 'Cart' },
      ])
    })
  })

  test('an alias call merges nobody', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': 'sources:\n  - { name: web, format: segment, schema: web }\n' })
      await scenario.give({
        'web.pages': [
          { anonymous_id: 'a1', timestamp: '2026-05-01T10:00:00Z' },
          { user_id: 'u1', timestamp: '2026-05-01T10:01:00Z' },
        ],
        'web.aliases': [
          { previous_id: 'a1', anonymous_id: 'a1', user_id: 'u1', timestamp: '2026-05-01T10:02:00Z' },
        ],
      })
      await scenario.run(asOf)
      expect(
        await scenario.rows(
          'select count(*) as profiles from {schema}.profile_traits where merged_to is null',
        ),
      ).toEqual([{ profiles: 2 }])
    })
  })
})
