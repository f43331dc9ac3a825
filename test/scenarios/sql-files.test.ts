import { describe, expect, test } from 'vitest'
import { dialectOf } from '../../src/dialects/dialects.ts'
import { engines, type Scenario, withScenario } from '../support/scenario.ts'

const asOf = '2026-06-01T00:00:00Z'
const at = (minute: number): string => `2026-05-01T10:${String(minute).padStart(2, '0')}:00Z`
const web = 'sources:\n  - { name: web, format: segment, schema: web }\n'

async function orders(scenario: Scenario): Promise<void> {
  await scenario.give({
    'web.order_completed': [
      {
        user_id: 'u1',
        email: 'a@x.example',
        context_traits_email: 'A@x.example',
        revenue: 10,
        timestamp: at(1),
      },
      { user_id: 'u2', revenue: 20, timestamp: at(2) },
      { user_id: 'u2', revenue: 5, timestamp: at(3) },
    ],
  })
}

describe.each(engines)('SQL files, on $name', (engine) => {
  test('each column of a SQL trait but the identifier is a trait; unknown identifiers may be left out', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `${web}traits:
  - { name: crm, entity: user, type: sql, file: crm.sql, create_profiles: false }
  - { name: double_value, entity: user, type: formula, expression: crm_value * 2 }
audiences:
  - { name: rich, entity: user, match: { trait: crm_value, greater_than: 15 } }
`,
        'models/crm.sql': `select user_id, sum(revenue) as crm_value, case when count(*) = 1 then 'tier 1' else 'tier 2' end as crm_tier
from {{source 'web' 'order_completed'}} group by user_id
union all select 'stranger', 1, 'tier 0'`,
      })
      await orders(scenario)
      await scenario.run(asOf)
      expect(
        await scenario.rows(
          'select crm_value, crm_tier, double_value, rich from {schema}.profile_traits order by crm_value',
        ),
      ).toEqual([
        { crm_value: 10, crm_tier: 'tier 1', double_value: 20, rich: false },
        { crm_value: 25, crm_tier: 'tier 2', double_value: 50, rich: true },
      ])
    })
  })

  test('an e-mail matches as it was normalised; a vanished row takes its traits away', async () => {
    await withScenario(engine, async (scenario) => {
      const files = {
        'models/a.yml': `${web}traits:\n  - { name: crm, entity: user, type: sql, file: crm.sql }\n`,
        'models/crm.sql': `select 'A@X.example ' as email, 7 as score`,
      }
      await scenario.define(files)
      await orders(scenario)
      const scores = async () =>
        await scenario.rows(
          'select email, score from {schema}.profile_traits where email is not null order by score nulls first',
        )
      await scenario.run(asOf, 'run_1')
      expect(await scores()).toEqual([{ email: 'A@X.example', score: 7 }])
      await scenario.define({ ...files, 'models/crm.sql': `select 'other@x.example' as email, 7 as score` })
      await scenario.run(asOf, 'run_2')
      expect(await scores()).toEqual([
        { email: 'A@X.example', score: null },
        { email: 'other@x.example', score: 7 },
      ])
    })
  })

  test.each([
    ['select null as user_id, 1 as score', /without user_id/],
    ["select ' ' as user_id, 1 as score", /SQL trait `crm`: models.crm.sql returns rows without user_id/],
    ["select 'u1' as user_id, 1 as score union all select 'u1', 2", /same user_id more than once/],
    [
      "select 'u1' as user_id, null as anonymous_id, 1 as score union all select null, 'u1', 2 union all select null, 'u1', 3",
      /same user_id or anonymous_id more than once/,
    ],
    ["select 'u1' as user_id, 'a' as anonymous_id, 1 as score", /both user_id and anonymous_id in one row/],
    ["select 'u1' as user_id, repeat('é', 8192) as story", /more than 16 KB/],
    [
      "select 'a@x.example' as email, 1 as score union all select 'A@x.example', 2",
      /same email more than once/,
    ],
  ])('%s is refused', async (sql, reason) => {
    await withScenario(engine, async (scenario) => {
      const typed = sql.replace('null as user_id', `${dialectOf(engine.dialect).nullOf('text')} as user_id`)
      await scenario.define({
        'models/a.yml': `${web}traits:\n  - { name: crm, entity: user, type: sql, file: crm.sql }\n`,
        'models/crm.sql': typed,
      })
      await orders(scenario)
      const record = await scenario.attempt(asOf)
      const failed = record.results.find(({ nodeId }) => nodeId === 'rows.crm')
      expect(failed?.status).toBe('error')
      expect(failed?.message).toMatch(reason)
    })
  })

  test('more rows than a SQL trait may have are refused, with their number; the trait may say how many', async () => {
    await withScenario(engine, async (scenario) => {
      const project = (most: number) => ({
        'models/a.yml': `${web}traits:\n  - { name: crm, entity: user, type: sql, file: crm.sql, max_rows: ${most} }\n`,
        'models/crm.sql':
          "select 'u1' as user_id, 1 as score union all select 'u2', 2 union all select 'u3', 3",
      })
      await scenario.define(project(2))
      await orders(scenario)
      const record = await scenario.attempt(asOf)
      const failed = record.results.find(({ nodeId }) => nodeId === 'rows.crm')
      expect(failed?.status).toBe('error')
      expect(failed?.message).toMatch(/models.crm.sql returns more than 2 rows/)
      await scenario.define(project(3))
      await scenario.run(asOf, 'run_2')
      expect(
        await scenario.rows(
          'select score from {schema}.profile_traits where score is not null order by score',
        ),
      ).toEqual([{ score: 1 }, { score: 2 }, { score: 3 }])
    })
  })

  test.each([
    ["select 'u1' as user_id", 'PSN3022'],
    ["select 'u1' as user_id, 'G' as group_id", 'PSN3022'],
    ['select 1 as score, 2 as other', 'PSN3020'],
    [
      `select 'u1' as user_id, ${Array.from({ length: 25 }, (_, index) => `${index} as c${index}`).join(', ')}`,
      'PSN3021',
    ],
    ['select user_id, nonsense from nowhere', 'PSN3016'],
    ['', 'PSN3016'],
    ["select 'u1' as user_id, 1 as buyers", 'PSN3023'],
    ["select * from {{ref 'buyerz'}}", 'PSN3010'],
    ["select * from {{source 'web' 'order_complete'}}", 'PSN3011'],
    ["select 'u1' as user_id, {{var 'missing'}} as score", 'PSN3012'],
    ["select 'u1' as user_id, {{env_var 'MISSING'}} as score", 'PSN3013'],
    ["select 'u1' as user_id, {{now}} as score", 'PSN3015'],
    ["select 'u1' as user_id, {{ref 'x' as score", 'PSN3015'],
  ])('%s is problem %s', async (sql, code) => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `${web}traits:
  - { name: crm, entity: user, type: sql, file: crm.sql }
audiences:
  - { name: buyers, entity: user, match: { event: Order Completed } }
`,
        'models/crm.sql': sql,
      })
      await orders(scenario)
      const { problems } = await scenario.compile()
      expect(problems.filter(({ severity }) => severity === 'error').map((found) => found.code)).toContain(
        code,
      )
    })
  })

  test('models read models, audiences and identity tables of the same run; variables are literals', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `${web}audiences:\n  - { name: buyers, entity: user, match: { event: Order Completed, count: { at_least: 2 } } }\n`,
        'models/b_second.sql': `select first_model.*, {{var 'label' "it's"}} as label from {{ref 'first_model'}} as first_model`,
        'models/first_model.sql': `select user_identifiers.value as user_id
from {{ref 'buyers'}} as buyers
inner join {{ref 'user_identifiers'}} as user_identifiers
  on user_identifiers.canonical_segment_id = buyers.canonical_segment_id
where user_identifiers.type = 'user_id'`,
      })
      await orders(scenario)
      await scenario.run(asOf)
      expect(await scenario.rows('select user_id, label from {work}.model_b_second')).toEqual([
        { user_id: 'u2', label: "it's" },
      ])
    })
  })

  test('a secret of the connection never reaches SQL, whatever variable brings it', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `${web}traits:\n  - { name: crm, entity: user, type: sql, file: crm.sql }\n`,
        'models/crm.sql': "select 'u1' as user_id, {{env_var 'LABEL'}} as label",
      })
      await orders(scenario)
      const refused = await scenario.compile({ env: { LABEL: 'hunter2' }, secrets: ['hunter2'] })
      expect(refused.problems.map(({ code }) => code)).toEqual(['PSN3014'])
      expect(JSON.stringify(refused)).not.toContain('hunter2')
      const { problems, manifest } = await scenario.compile({
        env: { LABEL: 'summer' },
        secrets: ['hunter2'],
      })
      expect(problems).toEqual([])
      expect(JSON.stringify(manifest)).toContain("'summer'")
    })
  })

  test('models in a circle are a problem', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': web,
        'models/one.sql': "select * from {{ref 'two'}} as two",
        'models/two.sql': "select * from {{ref 'one'}} as one",
      })
      await orders(scenario)
      const { problems } = await scenario.compile()
      expect(problems.map(({ code }) => code)).toContain('PSN3017')
    })
  })
})
