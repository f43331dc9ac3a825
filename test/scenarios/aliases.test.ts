import { describe, expect, test } from 'vitest'
import { engines, withScenario } from '../support/scenario.ts'

const at = (minute: number): string => `2026-05-01T10:${String(minute).padStart(2, '0')}:00Z`

describe.each(engines)('alias calls, on $name', (engine) => {
  test('are shown with a profile that is looked up, and join nothing (T15)', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml':
          'sources:\n  - { name: web, format: segment, schema: web }\n  - { name: ios, format: segment, schema: ios }\n',
      })
      await scenario.give({
        'web.pages': [
          { id: 'm1', anonymous_id: 'a1', timestamp: at(1) },
          { id: 'm2', user_id: 'u1', timestamp: at(2) },
        ],
        'web.aliases': [
          { id: 'l1', previous_id: 'a1', user_id: ' u1', timestamp: at(3) },
          { id: 'l2', previous_id: 'a1', user_id: 'u2', timestamp: at(4) },
          { id: 'l3', previous_id: 'a9', user_id: 'u9', timestamp: at(5) },
          { id: 'l3', previous_id: 'a9', user_id: 'u9', timestamp: at(5) },
        ],
        'ios.aliases': [{ id: 'l4', previous_id: 7, user_id: 'u9', timestamp: at(6) }],
        'ios.pages': [{ id: 'm3', anonymous_id: '7', timestamp: at(1) }],
      })
      await scenario.run('2026-06-01T00:00:00Z')
      expect(
        await scenario.rows(`select aliases.id, aliases.event_source_id as source, aliases.previous_id, updates.triggering_event_id as founded_by
          from {schema}.aliases as aliases
          left join {schema}.id_graph_updates as updates on updates.segment_id = aliases.segment_id
          order by aliases.id`),
      ).toEqual([
        { id: 'l1', source: 'web', previous_id: 'a1', founded_by: 'm2' },
        { id: 'l2', source: 'web', previous_id: 'a1', founded_by: 'm1' },
        { id: 'l3', source: 'web', previous_id: 'a9', founded_by: null },
        { id: 'l4', source: 'ios', previous_id: '7', founded_by: 'm3' },
      ])
      expect(
        await scenario.rows(
          'select profiles, merged_profiles, events, violations from {schema}.identity_runs',
        ),
      ).toEqual([{ profiles: 3, merged_profiles: 0, events: 3, violations: 0 }])
    })
  })
})
