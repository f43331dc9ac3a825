import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openAdapter } from '../../src/adapters/open-adapter.ts'
import type { DuckdbTarget } from '../../src/config/config.ts'

/** Everybody identifies once, orders twice and looks at a page: 10 traits by calls and 40 computed ones. */
export const customTraits = 10
export const computedTraits = 40
export const asOf = '2026-06-30T00:00:00Z'
/** So little later that nothing falls out of a window. */
export const laterAsOf = '2026-06-30T00:00:01Z'

export function target(folder: string): DuckdbTarget {
  return {
    type: 'duckdb',
    name: 'here',
    path: join(folder, 'target/warehouse.duckdb'),
    schema: 'personas',
    workSchema: 'personas_work',
    threads: 2,
  }
}

/** A project, and the tables of its source with so many people. */
export async function makeShop(folder: string, people: number): Promise<void> {
  mkdirSync(join(folder, 'models'), { recursive: true })
  mkdirSync(join(folder, 'target'), { recursive: true })
  writeFileSync(
    join(folder, 'personas.config.yaml'),
    'name: serving\nversion: 1\ntarget: here\ntargets: { here: { type: duckdb, path: target/warehouse.duckdb, schema: personas, memory_limit: 4GB } }\nserving: { rate_limit: 0 }\n',
  )
  const kinds = [
    'type: sum, event: Order Completed, property: revenue',
    'type: count, event: Order Completed',
    'type: max, event: Order Completed, property: revenue',
    'type: last, event: Order Completed, property: item',
  ]
  const traits = Array.from({ length: computedTraits }, (_, index) => {
    const within = index < kinds.length ? '' : `, within: ${index * 4}d`
    return `  - { name: trait_${String(index).padStart(2, '0')}, ${kinds[index % kinds.length]}${within} }`
  })
  writeFileSync(
    join(folder, 'models/shop.yml'),
    `sources:\n  - { name: web, format: segment, schema: web }\ntraits:\n${traits.join('\n')}\naudiences:\n  - { name: buyers, match: { event: Order Completed, within: 30d } }\n`,
  )
  await statements(folder, [
    'create schema web',
    `create table web.identifies as
      select 'i' || person as id, 'anon-' || person as anonymous_id, 'user-' || person as user_id,
        'user' || person || '@example.org' as email,
        ${Array.from({ length: customTraits - 1 }, (_, index) => `'value ' || (person % ${7 + index}) as custom_${index}`).join(', ')},
        timestamp '2026-01-01' + interval (person % 86400) second as timestamp,
        timestamp '2026-01-01' + interval (person % 86400) second as received_at
      from range(${people}) as drawn(person)`,
    `create table web.order_completed as ${orders(0, people, 'o', "timestamp '2026-06-01'")}
      union all ${orders(0, people, 'p', "timestamp '2026-06-20'")}`,
    `create table web.tracks as
      select id, user_id, event, event_text, timestamp, received_at, 'https://shop.example.org/' || item as context_page_url
      from web.order_completed`,
  ])
}

/** One order more of one person in a hundred. */
export async function someOrderMore(folder: string, people: number): Promise<void> {
  const some = orders(0, Math.ceil(people / 100), 'q', "timestamp '2026-06-29'")
  await statements(folder, [
    `insert into web.order_completed ${some}`,
    `insert into web.tracks select id, user_id, event, event_text, timestamp, received_at, null from web.order_completed where id like 'q%'`,
  ])
}

function orders(from: number, to: number, prefix: string, day: string): string {
  return `select '${prefix}' || person as id, 'user-' || person as user_id, 'order_completed' as event, 'Order Completed' as event_text,
      (person * 7919 % 10000) / 100.0 as revenue, 'item ' || (person % 500) as item,
      ${day} + interval (person % 86400) second as timestamp, ${day} + interval (person % 86400) second as received_at
    from range(${from}, ${to}) as drawn(person)`
}

async function statements(folder: string, all: readonly string[]): Promise<void> {
  const adapter = await openAdapter(target(folder))
  try {
    for (const sql of all) await adapter.execute(sql)
  } finally {
    await adapter.close()
  }
}
