import { describe, expect, test } from 'vitest'
import { fastEngines, type RunAs, type Scenario, withScenario } from '../support/scenario.ts'

const asOf = '2026-06-01T00:00:00Z'

const project = (size: number): string => `sources:
  - { name: web, format: segment, schema: web }
identity:
  identifiers:
    - { type: email, limit: 100 }
    - { type: anonymous_id, limit: 100 }
  warn_cluster_size: ${size}
traits:
  - { name: orders, entity: user, type: count, event: Order Completed }
`

/** An anonymous id and an email of each event, in order of arrival. */
type Seen = readonly (readonly [anonymousId: string, email: string])[]

async function give(scenario: Scenario, seen: Seen): Promise<void> {
  const rows = seen.map(([anonymousId, email], index) => {
    const at = new Date(Date.UTC(2026, 4, 1) + index * 60_000).toISOString()
    const id = `m${String(index).padStart(4, '0')}`
    return { id, received_at: at, timestamp: at, anonymous_id: anonymousId, context_traits_email: email }
  })
  await scenario.give({ 'web.order_completed': rows })
}

let runs = 0

/** What a run warned of, as "size: identifier that joins most, how many", in the order it says so. */
async function warned(scenario: Scenario, how?: RunAs): Promise<readonly string[]> {
  runs += 1
  const { results } = await scenario.run(asOf, `run_${String(runs).padStart(3, '0')}`, how)
  const warnings = results.flatMap((result) => result.warnings ?? [])
  expect(warnings.every(({ code, severity }) => code === 'PSN5023' && severity === 'warning')).toBe(true)
  return warnings.map(({ message }) => message.replace(/^profile use_[0-9a-f]{27} holds /, ''))
}

describe.each(fastEngines)('large clusters on $name', (engine) => {
  test('one is said when it grows past the size, and not again while it stays as it is', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': project(3) })
      const seen: (readonly [string, string])[] = [
        ['kiosk', 'ann@x.org'],
        ['kiosk', 'bob@x.org'],
      ]
      const afterMore = async (...more: Seen): Promise<readonly string[]> => {
        seen.push(...more)
        await give(scenario, seen)
        return await warned(scenario)
      }
      expect(await afterMore()).toEqual([])
      expect(await afterMore(['kiosk', 'cy@x.org'])).toEqual([
        '4 identifiers; anonymous_id `kiosk` joins 3 of them',
      ])
      expect(await afterMore()).toEqual([])
      expect(await afterMore(['kiosk', 'ann@x.org'], ['phone', 'dan@x.org'])).toEqual([])
      // Two profiles become one: what held both parts together counts.
      expect(await afterMore(['phone', 'ann@x.org'])).toEqual([
        '6 identifiers; anonymous_id `kiosk` joins 3 of them',
      ])
      expect(await afterMore(['other', 'e@x.org'], ['other', 'f@x.org'], ['other', 'g@x.org'])).toEqual([
        '4 identifiers; anonymous_id `other` joins 3 of them',
      ])
      expect(await warned(scenario, { fullRefresh: true })).toEqual([
        '6 identifiers; anonymous_id `kiosk` joins 3 of them',
        '4 identifiers; anonymous_id `other` joins 3 of them',
      ])
    })
  })

  test('of identifiers that join as many, the first by type and value in code point order', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': project(3) })
      await give(scenario, [
        ['a', 'e@x.org'],
        ['a', 'F@x.org'],
        ['B', 'e@x.org'],
        ['B', 'F@x.org'],
      ])
      expect(await warned(scenario)).toEqual(['4 identifiers; anonymous_id `B` joins 2 of them'])
    })
  })

  test('the largest twenty', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': project(2) })
      const family = (index: number): Seen => [
        [`home ${index}`, `ann@${index}.org`],
        [`home ${index}`, `bob@${index}.org`],
      ]
      const small = Array.from({ length: 21 }, (_, index) => family(index)).flat()
      await give(scenario, [...small, ...family(21), ['home 21', 'cy@21.org']])
      const messages = await warned(scenario)
      expect(messages).toHaveLength(20)
      expect(messages[0]).toBe('4 identifiers; anonymous_id `home 21` joins 3 of them')
      expect(messages.filter((message) => message.startsWith('3 identifiers'))).toHaveLength(19)
    })
  })
})
