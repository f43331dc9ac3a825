import { describe, expect, test } from 'vitest'
import { dialectOf } from '../../src/dialects/dialects.ts'
import { renderSteps } from '../../src/runner/compiled-files.ts'
import { expectGolden } from '../support/golden.ts'
import { engines, fastEngines, type Scenario, withScenario } from '../support/scenario.ts'

const at = (minute: number): string => `2026-05-01T10:${String(minute).padStart(2, '0')}:00Z`
const project = `sources:
  - { name: web, format: segment, schema: web }
`
const crm = `${project}traits:
  - { name: crm, type: sql, file: crm.sql }
`
const june = (day: number): string => `2026-06-${String(day).padStart(2, '0')}T00:00:00Z`

const visits = [
  { id: 'm1', anonymous_id: 'a1', timestamp: at(1) },
  { id: 'm2', anonymous_id: 'a1', user_id: 'u1', timestamp: at(2) },
  { id: 'm3', anonymous_id: 'a2', context_traits_email: 'two@x.example', timestamp: at(3) },
]

/** What identity made of everything, with what a rebuild must give again. */
async function identityOf(scenario: Scenario) {
  return {
    graph: await scenario.rows(
      'select segment_id, canonical_segment_id, triggering_event_id, seq from {schema}.id_graph_updates order by seq, segment_id',
    ),
    identifiers: await scenario.rows(
      'select type, value, canonical_segment_id, seq from {schema}.user_identifiers order by type, value',
    ),
    violations: await scenario.rows(
      'select event_id, reason, segment_id from {schema}.identity_violations order by event_id, reason',
    ),
    partition: await scenario.rows(
      'select partition_hash from {schema}.identity_runs order by run_id desc limit 1',
    ),
  }
}

async function given(scenario: Scenario, sql: string, yaml = crm): Promise<void> {
  await scenario.define({ 'models/a.yml': yaml, 'models/crm.sql': sql })
  await scenario.give({ 'web.pages': visits })
}

const ids = new Map<string, unknown>()

describe.each(engines)('SQL traits and identity, on $name', (engine) => {
  test('an unknown identifier founds a profile, as an identify call of the trait would', async () => {
    await withScenario(engine, async (scenario) => {
      await given(scenario, "select 'u1' as user_id, 'gold' as tier union all select ' new ', 'silver'")
      await scenario.run(june(1), 'run_1')
      expect(
        await scenario.rows(`select traits.tier, identifiers.value, updates.triggering_event_type as type,
          updates.triggering_event_source_id as source, identifies.user_id
        from {schema}.profile_traits as traits
        inner join {schema}.user_identifiers as identifiers
          on identifiers.canonical_segment_id = traits.canonical_segment_id and identifiers.type = 'user_id'
        inner join {schema}.id_graph_updates as updates
          on updates.segment_id = traits.canonical_segment_id
        left join {schema}.identifies as identifies
          on identifies.id = updates.triggering_event_id and identifies.event_source_id = updates.triggering_event_source_id
        order by identifiers.value`),
      ).toEqual([
        { tier: 'silver', value: 'new', type: 'identify', source: 'trait.crm', user_id: 'new' },
        { tier: 'gold', value: 'u1', type: 'page', source: 'web', user_id: null },
      ])
      // Its id is founded by it, like any other, and the same on every engine.
      const found = await identityOf(scenario)
      ids.set(engine.dialect, found)
      expect(found).toEqual([...ids.values()][0])
      await scenario.run(june(2), 'run_2')
      const calls = async () => await scenario.rows('select count(*) as n from {schema}.identifies')
      expect(await calls()).toEqual([{ n: 2 }])
      expect(await identityOf(scenario)).toEqual(found)
      // Without the state the rows that are there bring their calls anew.
      await scenario.adapter.execute(
        `drop schema ${scenario.adapter.dialect.ident(scenario.workSchema)} cascade`,
      )
      await scenario.run(june(3), 'run_3')
      expect(await calls()).toEqual([{ n: 2 }])
      expect((await identityOf(scenario)).identifiers).toEqual(found.identifiers)
    })
  })

  test('what rows brought stays when they vanish; their traits go; a rebuild gives the same', async () => {
    await withScenario(engine, async (scenario) => {
      await given(scenario, "select 'u1' as user_id, 'gold' as tier union all select 'new', 'silver'")
      await scenario.run(june(1), 'run_1')
      await scenario.define({
        'models/a.yml': crm,
        'models/crm.sql': "select 'new' as user_id, 'bronze' as tier union all select 'newer', 'none'",
      })
      // One lands behind what the trait brought, one after it.
      await scenario.give({
        'web.pages': [
          ...visits,
          { id: 'm0', anonymous_id: 'a9', user_id: 'new', timestamp: at(0) },
          { id: 'm9', anonymous_id: 'a9', user_id: 'newer', timestamp: '2026-06-01T12:00:00Z' },
        ],
      })
      await scenario.run(june(2), 'run_2')
      const tiers = async () =>
        await scenario.rows(`select identifiers.value, traits.tier from {schema}.profile_traits as traits
          inner join {schema}.user_identifiers as identifiers
            on identifiers.canonical_segment_id = traits.canonical_segment_id and identifiers.type = 'user_id'
          order by identifiers.value`)
      const values = [
        { value: 'new', tier: 'bronze' },
        { value: 'newer', tier: 'none' },
        { value: 'u1', tier: null },
      ]
      expect(await tiers()).toEqual(values)
      const grown = await identityOf(scenario)
      await scenario.run(june(3), 'run_3', { fullRefresh: true })
      expect(await identityOf(scenario)).toEqual(grown)
      expect(await tiers()).toEqual(values)
      // Without the trait a rebuild has no trace of what it brought.
      await scenario.define({ 'models/a.yml': project })
      await scenario.run(june(4), 'run_4', { fullRefresh: true })
      expect(
        await scenario.rows(
          "select count(*) as n from {schema}.id_graph_updates where triggering_event_source_id <> 'web'",
        ),
      ).toEqual([{ n: 0 }])
    })
  })

  test('rows by user_id or anonymous_id; each has one of them', async () => {
    await withScenario(engine, async (scenario) => {
      await given(
        scenario,
        "select 'u1' as user_id, null as anonymous_id, 1 as score union all select null, 'a2', 2 union all select null, 'a3', 3",
      )
      await scenario.run(june(1), 'run_1')
      expect(
        await scenario.rows(`select traits.score, identifiers.type, identifiers.value
          from {schema}.profile_traits as traits
          inner join {schema}.user_identifiers as identifiers
            on identifiers.canonical_segment_id = traits.canonical_segment_id
          where identifiers.value in ('u1', 'a2', 'a3') order by traits.score`),
      ).toEqual([
        { score: 1, type: 'user_id', value: 'u1' },
        { score: 2, type: 'anonymous_id', value: 'a2' },
        { score: 3, type: 'anonymous_id', value: 'a3' },
      ])
    })
  })

  test.each([
    [
      'user',
      "select 'u1' as user_id, 'G' as group_id, 1 as seats union all select 'new', 'G', 2 union all select 'u3', null, 3",
    ],
    ['account', "select 'G' as group_id, 'u1' as user_id, 1 as seats union all select 'H', null, 2"],
  ])('user_id and group_id in one row link users to accounts (%s)', async (entity, sql) => {
    await withScenario(engine, async (scenario) => {
      await given(
        scenario,
        sql,
        `${project}traits:\n  - { name: crm, entity: ${entity}, type: sql, file: crm.sql }\n`,
      )
      await scenario.run(june(1), 'run_1')
      const links = await scenario.rows(`select account_users.account_id, identifiers.value
        from {schema}.account_users as account_users
        inner join {schema}.user_identifiers as identifiers
          on identifiers.canonical_segment_id = account_users.canonical_segment_id and identifiers.type = 'user_id'
        order by identifiers.value`)
      const accounts = await scenario.rows('select * from {schema}.account_traits order by account_id')
      if (entity === 'user') {
        expect(links).toEqual([
          { account_id: 'G', value: 'new' },
          { account_id: 'G', value: 'u1' },
        ])
        expect(accounts.map((row) => row.account_id)).toEqual(['G'])
      } else {
        expect(links).toEqual([{ account_id: 'G', value: 'u1' }])
        expect(accounts.map((row) => [row.account_id, row.seats])).toEqual([
          ['G', 1],
          ['H', 2],
        ])
        expect(await scenario.rows('select count(*) as n from {schema}.identity_violations')).toEqual([
          { n: 0 },
        ])
      }
      await scenario.run(june(2), 'run_2')
      expect(await scenario.rows('select count(*) as n from {schema}.account_users')).toEqual([
        { n: links.length },
      ])
    })
  })

  test('the SQL of it', async () => {
    await withScenario(engine, async (scenario) => {
      await given(
        scenario,
        `select 'u1' as user_id, ${dialectOf(engine.dialect).nullOf('text')} as anonymous_id, 'a@x.example' as email, 'G' as group_id, 1 as score`,
      )
      await scenario.run(june(1), 'run_1')
      const { manifest } = await scenario.compile()
      const { nodes } = manifest
      const texts = ['rows.crm', 'trait.crm'].flatMap((id) => {
        const node = nodes.find((each) => each.id === id)
        const { select } = node?.preview ?? {}
        return node === undefined
          ? []
          : [renderSteps(node.steps), ...(select === undefined ? [] : [`-- preview\n${select}\n`])]
      })
      const plain = texts
        .join('\n')
        .replaceAll(scenario.workSchema, 'personas_work')
        .replaceAll(scenario.schema, 'personas')
      expectGolden(`sql-trait/${engine.dialect}.sql`, plain)
    })
  })

  test('an identifier that is not configured is a warning, and its values are lost', async () => {
    await withScenario(engine, async (scenario) => {
      await given(
        scenario,
        "select 'two@x.example' as email, 1 as score",
        `${crm}identity:\n  identifiers:\n    - { type: user_id }\n    - { type: anonymous_id }\n`,
      )
      const { problems } = await scenario.compile()
      expect(problems.map(({ code, severity }) => [code, severity])).toEqual([['PSN3024', 'warning']])
      await scenario.run(june(1), 'run_1')
      expect(
        await scenario.rows('select score from {schema}.profile_traits where score is not null'),
      ).toEqual([])
    })
  })
})

// What stands in for a warehouse takes ten times as long, and is asked the like by random SQL traits.
describe.each(fastEngines)('SQL traits among others, on $name', (engine) => {
  test('a column named like an identifier joins profiles, and its newest value is a trait as if sent', async () => {
    await withScenario(engine, async (scenario) => {
      await given(scenario, "select 'u1' as user_id, 'Two@x.example' as email, 5 as score")
      await scenario.run(june(1), 'run_1')
      const shown = async () =>
        await scenario.rows('select email, score from {schema}.profile_traits where merged_to is null')
      expect(await shown()).toEqual([{ email: 'Two@x.example', score: 5 }])
      for (const [day, email] of [
        [2, "'other@x.example'"],
        [3, dialectOf(engine.dialect).nullOf('text')],
        [4, "'Two@x.example'"],
      ] as const) {
        await scenario.define({
          'models/a.yml': crm,
          'models/crm.sql': `select 'u1' as user_id, ${email} as email, 5 as score`,
        })
        await scenario.run(june(day), `run_${day}`)
      }
      expect(await shown()).toEqual([{ email: 'Two@x.example', score: 5 }])
      expect(
        await scenario.rows(
          "select value from {schema}.user_identifiers where type = 'email' order by value",
        ),
      ).toEqual([{ value: 'other@x.example' }, { value: 'two@x.example' }])
      const grown = await identityOf(scenario)
      await scenario.run(june(5), 'run_5', { fullRefresh: true })
      expect(await identityOf(scenario)).toEqual(grown)
    })
  })

  test('a select that reads profiles creates none, unless asked to: then the next run does', async () => {
    await withScenario(engine, async (scenario) => {
      const files = {
        'models/known.sql':
          "select value as user_id from {{ref 'user_identifiers'}} as identifiers where type = 'user_id'",
        'models/crm.sql':
          "select user_id, 1 as score from {{ref 'known'}} as known union all select 'new', 2",
      }
      const profiles = async () =>
        (await scenario.rows('select score from {schema}.profile_traits order by score nulls last')).map(
          (row) => row.score,
        )
      await scenario.define({ 'models/a.yml': crm, ...files })
      await scenario.give({ 'web.pages': visits })
      await scenario.run(june(1), 'run_1')
      await scenario.run(june(2), 'run_2')
      expect(await profiles()).toEqual([1, null])
      const asking = crm.replace('crm.sql }', 'crm.sql, create_profiles: true }')
      const known = files['models/known.sql'].replace("type = 'user_id'", "value = 'u1'")
      await scenario.define({ 'models/a.yml': asking, ...files, 'models/known.sql': known })
      await scenario.run(june(3), 'run_3')
      expect(await profiles()).toEqual([1, null])
      await scenario.run(june(4), 'run_4')
      expect(await profiles()).toEqual([1, 2, null])
      const grown = await identityOf(scenario)
      await scenario.run(june(5), 'run_5', { fullRefresh: true })
      expect(await identityOf(scenario)).toEqual(grown)
    })
  })
})
