import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { relation } from '../../src/ir/relation.ts'
import { fastEngines, withScenario } from '../support/scenario.ts'

/** Every purchase through June 1998 of the customers who first bought from CDNOW in early 1997 (Fader and Hardie, 2001). */
const cdnow = resolve(import.meta.dirname, '../data/cdnow.csv')

const project = `sources:
  - name: shop
    format: table
    table: shop.cdnow
    type: track
    event: Order Completed
    id: order_id
    timestamp: ordered_on
    identifiers: { user_id: customer_id }
    properties: { revenue: amount_usd, quantity: quantity }
traits:
  - { name: orders_total, entity: user, type: count, event: Order Completed }
  - { name: lifetime_value, entity: user, type: sum, event: Order Completed, property: revenue }
  - { name: cds_total, entity: user, type: sum, event: Order Completed, property: quantity }
`

// The emulator of BigQuery takes no statement over more than 4 MB of rows.
describe.each(fastEngines.filter(({ name }) => name !== 'bigquery'))(
  'the CDNOW purchases, on $name',
  (engine) => {
    test('customers, purchases, CDs and revenue add up to the published totals', async () => {
      await withScenario(engine, async (scenario) => {
        await scenario.define({ 'models/shop.yml': project })
        const schema = scenario.schemaOf('shop')
        for (const sql of scenario.adapter.dialect.createSchema(schema)) await scenario.adapter.execute(sql)
        await scenario.adapter.loadCsv(relation(schema, 'cdnow'), cdnow)
        await scenario.run('1998-07-01T00:00:00Z')
        const [totals] = await scenario.rows(`select
        count(*) as customers,
        sum(orders_total) as purchases,
        sum(cds_total) as cds,
        sum(cast(cast(lifetime_value as ${scenario.adapter.dialect.typeName('text')}) as decimal(38, 9))) as revenue
        from {schema}.profile_traits where merged_to is null`)
        expect(totals).toMatchObject({ customers: 23_570 })
        expect(Number(totals?.purchases)).toBe(69_659)
        expect(Number(totals?.cds)).toBe(167_881)
        expect(String(totals?.revenue)).toMatch(/^2500315\.630*$/)
        await scenario.adapter.execute(`drop schema ${scenario.adapter.dialect.ident(schema)} cascade`)
      })
    })
  },
)
