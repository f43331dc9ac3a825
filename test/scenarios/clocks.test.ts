import { describe, expect, test } from 'vitest'
import { allEventsAhead, clockDiffers } from '../../src/runner/clock-warnings.ts'
import { engines, withScenario } from '../support/scenario.ts'

describe.each(engines)('clocks that are off, on $name', (engine) => {
  test('that of this machine against that of the warehouse', async () => {
    await withScenario(engine, async ({ adapter }) => {
      expect(await clockDiffers(adapter, new Date())).toEqual([])
      expect(await clockDiffers(adapter, new Date(Date.now() - 3 * 3_600_000))).toMatchObject([
        {
          code: 'PSN5032',
          severity: 'warning',
          message:
            'the clock of this machine is 180 minutes behind that of the warehouse, and the run takes its instant from it',
        },
      ])
      expect(await clockDiffers(adapter, new Date(Date.now() + 3_600_000))).toMatchObject([
        { message: expect.stringContaining('60 minutes ahead of') },
      ])
    })
  })

  test('events of the future count for nothing but identity until their time has come', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml':
          'sources: [{ name: web, format: segment, schema: web }]\ntraits: [{ name: seen, type: count, event: Seen }]\naudiences: [{ name: seers, match: { event: Seen } }]\n',
      })
      await scenario.give({
        'web.seen': [
          { user_id: 'u1', timestamp: '2026-05-01T00:00:00Z' },
          { user_id: 'u1', timestamp: '2099-01-01T00:00:00Z' },
        ],
      })
      const answer = async () => {
        const [row] = await scenario.rows('select seen, seers from {schema}.profile_traits')
        return row
      }
      await scenario.run('2020-01-01T00:00:00Z', 'run_1')
      expect(await answer()).toEqual({ seen: null, seers: false })
      const warned = () => allEventsAhead(scenario.adapter, scenario.workSchema, '2020-01-01T00:00:00Z')
      expect(await warned()).toMatchObject([
        { code: 'PSN5033', message: expect.stringMatching(/^no event has happened by 2020-01-01T00:00:00Z/) },
      ])
      await scenario.run('2026-06-01T00:00:00Z', 'run_2')
      expect(await answer()).toEqual({ seen: 1, seers: true })
      expect(await allEventsAhead(scenario.adapter, scenario.workSchema, '2026-06-01T00:00:00Z')).toEqual([])
      await scenario.run('2099-06-01T00:00:00Z', 'run_3')
      expect(await answer()).toEqual({ seen: 2, seers: true })
    })
  })

  test('no events, no warning', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': 'sources: [{ name: web, format: segment, schema: web }]\n' })
      await scenario.give({ 'web.tracks': [] })
      await scenario.run('2026-06-01T00:00:00Z')
      expect(await allEventsAhead(scenario.adapter, scenario.workSchema, '2026-06-01T00:00:00Z')).toEqual([])
    })
  })
})
