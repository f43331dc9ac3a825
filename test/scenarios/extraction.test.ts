import { describe, expect, test } from 'vitest'
import { engines, type Scenario, withScenario } from '../support/scenario.ts'

const asOf = '2026-06-01T00:00:00Z'
const at = (minute: number): string => `2026-05-01T10:${String(minute).padStart(2, '0')}:00Z`

const web = `sources:
  - { name: web, format: segment, schema: web }
`

async function clusters(scenario: Scenario): Promise<readonly string[]> {
  const rows = await scenario.rows(
    'select canonical_segment_id, type, value from {schema}.user_identifiers order by type, value',
  )
  const found = new Map<string, string[]>()
  for (const { canonical_segment_id: profile, type, value } of rows) {
    found.set(String(profile), [...(found.get(String(profile)) ?? []), `${type}:${value}`])
  }
  return [...found.values()].map((all) => all.join(' ')).sort()
}

describe.each(engines)('what identifies a profile, on $name', (engine) => {
  test('an e-mail only in the context traits identifies, and writes no trait', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': web })
      await scenario.give({
        'web.tracks': [
          {
            anonymous_id: 'a1',
            event: 'opened',
            event_text: 'Opened',
            context_traits_email: ' X@Shop.example ',
            timestamp: at(1),
          },
        ],
      })
      await scenario.run(asOf)
      expect(await clusters(scenario)).toEqual(['anonymous_id:a1 email:x@shop.example'])
      expect(await scenario.rows('select name from {schema}.user_traits')).toEqual([])
    })
  })

  test('external ids of a configured type join profiles; other types, collections and broken JSON do not', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `${web}
identity:
  identifiers:
    - { type: user_id, priority: 1, limit: 1 }
    - { type: anonymous_id, priority: 2 }
    - { type: phone, priority: 3 }
`,
      })
      const phone = (id: string, type = 'phone', collection = 'users'): string =>
        JSON.stringify([{ id, type, collection, encoding: 'none' }])
      await scenario.give({
        'web.tracks': [
          { user_id: 'u1', event_text: 'A', context_external_ids: phone('+49 1'), timestamp: at(1) },
          { anonymous_id: 'a7', event_text: 'A', context_external_ids: phone('+49 1'), timestamp: at(2) },
          {
            anonymous_id: 'a8',
            event_text: 'A',
            context_external_ids: phone('+49 1', 'fax'),
            timestamp: at(3),
          },
          {
            anonymous_id: 'a9',
            event_text: 'A',
            context_external_ids: phone('+49 1', 'phone', 'accounts'),
            timestamp: at(4),
          },
          {
            anonymous_id: 'a10',
            event_text: 'A',
            context_external_ids: '[{"id": "+49 1", "type": "phone"',
            timestamp: at(5),
          },
        ],
      })
      await scenario.run(asOf)
      expect(await clusters(scenario)).toEqual([
        'anonymous_id:a10',
        'anonymous_id:a7 phone:+49 1 user_id:u1',
        'anonymous_id:a8',
        'anonymous_id:a9',
      ])
    })
  })

  test('device ids count for their platform, advertising ids only while tracking is allowed', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': web })
      const device = (type: string, tracking: boolean) => ({
        event_text: 'A',
        context_device_type: type,
        context_device_id: 'd1',
        context_device_advertising_id: 'ad1',
        context_device_ad_tracking_enabled: tracking,
        context_device_token: null,
      })
      await scenario.give({
        'web.tracks': [
          { anonymous_id: 'a1', ...device('iOS', false), timestamp: at(1) },
          { anonymous_id: 'a2', ...device('android', true), timestamp: at(2) },
          { anonymous_id: 'a3', ...device('windows', true), timestamp: at(3) },
        ],
      })
      await scenario.run(asOf)
      expect(await clusters(scenario)).toEqual([
        'android.id:d1 android.idfa:ad1 anonymous_id:a2',
        'anonymous_id:a1 ios.id:d1',
        'anonymous_id:a3',
      ])
    })
  })

  test('an event that was loaded twice is one event; of two copies the one that arrived first is believed', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': web })
      await scenario.give({
        'web.pages': [
          { id: 'm1', anonymous_id: 'late', received_at: at(9), timestamp: at(1) },
          { id: 'm1', anonymous_id: 'first', received_at: at(2), timestamp: at(1) },
        ],
      })
      await scenario.run(asOf)
      expect(await clusters(scenario)).toEqual(['anonymous_id:first'])
      expect(await scenario.rows('select id, anonymous_id from {schema}.pages')).toEqual([
        { id: 'm1', anonymous_id: 'first' },
      ])
    })
  })

  test('a custom identifier is found in traits, properties and context traits, in snake case', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `${web}
identity:
  identifiers:
    - { type: user_id, priority: 1, limit: 1 }
    - { type: anonymous_id, priority: 2 }
    - { type: app_id, priority: 3 }
`,
      })
      await scenario.give({
        'web.identifies': [{ user_id: 'u1', app_id: 'x', timestamp: at(1) }],
        'web.order_completed': [{ anonymous_id: 'a1', app_id: 'x', timestamp: at(2) }],
        'web.pages': [{ anonymous_id: 'a2', context_traits_app_id: 'x', timestamp: at(3) }],
      })
      await scenario.run(asOf)
      expect(await clusters(scenario)).toEqual(['anonymous_id:a1 anonymous_id:a2 app_id:x user_id:u1'])
    })
  })
})
