import { describe, expect, test } from 'vitest'
import { engines, withScenario } from '../support/scenario.ts'

const asOf = '2026-06-01T00:00:00Z'
const at = (minute: number): string => `2026-05-01T10:${String(minute).padStart(2, '0')}:00Z`
const web = 'sources:\n  - { name: web, format: segment, schema: web }\n'

describe.each(engines)('traits that calls bring, on $name', (engine) => {
  test('the newest value by event time wins, whichever profile it came from; NULL changes nothing', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': web })
      await scenario.give({
        'web.identifies': [
          { anonymous_id: 'a', plan: 'free', age: 30, timestamp: at(1) },
          { anonymous_id: 'b', user_id: 'u', plan: 'pro', age: null, timestamp: at(3) },
          // Arrives last, happened before the others' plan.
          { anonymous_id: 'a', user_id: 'u', plan: 'old', timestamp: at(2), received_at: at(9) },
          { anonymous_id: 'a', plan: null, timestamp: at(8), received_at: at(10) },
        ],
      })
      await scenario.run(asOf)
      expect(
        await scenario.rows('select plan, age from {schema}.profile_traits where merged_to is null'),
      ).toEqual([{ plan: 'pro', age: 30 }])
      expect(await scenario.rows('select name, value from {schema}.user_traits order by name')).toEqual([
        { name: 'age', value: '30' },
        { name: 'plan', value: 'pro' },
      ])
      const merged = await scenario.rows(
        'select plan, age from {schema}.profile_traits where merged_to is not null',
      )
      expect(merged).toEqual([{ plan: null, age: null }])
    })
  })

  test('an empty string is a value', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': web })
      await scenario.give({
        'web.identifies': [
          { user_id: 'u', nickname: 'Jo', timestamp: at(1) },
          { user_id: 'u', nickname: '', timestamp: at(2) },
        ],
      })
      await scenario.run(asOf)
      expect(await scenario.rows('select nickname from {schema}.profile_traits')).toEqual([{ nickname: '' }])
    })
  })

  test('a trait of different types in two sources is text; a trait may be called source, name or value', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `${web}  - { name: ios, format: segment, schema: ios }\n`,
      })
      await scenario.give({
        'web.identifies': [
          { user_id: 'u', size: 42, source: 'ad', name: "O'Neil 🙂", value: 1.5, timestamp: at(1) },
        ],
        'ios.identifies': [{ user_id: 'v', size: 'XL', timestamp: at(2) }],
      })
      await scenario.run(asOf)
      expect(
        await scenario.rows('select size, source, name, value from {schema}.profile_traits order by size'),
      ).toEqual([
        { size: '42', source: 'ad', name: "O'Neil 🙂", value: 1.5 },
        { size: 'XL', source: null, name: null, value: null },
      ])
    })
  })

  test('group calls make accounts with traits and link their users; blocked group ids make none', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `${web}identity:
  identifiers:
    - { type: user_id, priority: 1, limit: 1 }
    - { type: group_id, priority: 2, blocked: ['none', { pattern: '^0+$' }] }
`,
      })
      await scenario.give({
        'web.groups': [
          { user_id: 'u1', group_id: 'G', plan: 'team', timestamp: at(1) },
          { user_id: 'u2', group_id: 'G', plan: 'enterprise', timestamp: at(2) },
          { user_id: 'u2', group_id: '000', timestamp: at(3) },
          { user_id: 'u2', group_id: 'none', timestamp: at(4) },
          { group_id: 'H', plan: 'solo', timestamp: at(5) },
        ],
      })
      await scenario.run(asOf)
      expect(
        await scenario.rows('select account_id, plan from {schema}.account_traits order by account_id'),
      ).toEqual([
        { account_id: 'G', plan: 'enterprise' },
        { account_id: 'H', plan: 'solo' },
      ])
      const links = await scenario.rows(`select account_users.account_id, user_identifiers.value
        from {schema}.account_users as account_users
        inner join {schema}.user_identifiers as user_identifiers
          on user_identifiers.canonical_segment_id = account_users.canonical_segment_id
        order by user_identifiers.value`)
      expect(links).toEqual([
        { account_id: 'G', value: 'u1' },
        { account_id: 'G', value: 'u2' },
      ])
    })
  })
})
