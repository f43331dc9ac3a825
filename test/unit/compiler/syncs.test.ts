import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { compileProject } from '../../../src/compiler/compile-project.ts'
import { writtenRecords } from '../../../src/compiler/syncs/written-records.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import { loadTemplates } from '../../../src/config/load-templates.ts'
import { loadDefinitions } from '../../../src/definitions/load-definitions.ts'
import { bigquery } from '../../../src/dialects/bigquery.ts'
import { duckdb } from '../../../src/dialects/duckdb.ts'
import { postgres } from '../../../src/dialects/postgres.ts'
import { snowflake } from '../../../src/dialects/snowflake.ts'
import { renderSteps } from '../../../src/runner/compiled-files.ts'
import { prepareTemplates } from '../../../src/sql/templates.ts'
import { expectGolden } from '../../support/golden.ts'

const folder = mkdtempSync(join(tmpdir(), 'personas-golden-syncs-'))
afterAll(() => rmSync(folder, { recursive: true }))

const definitions = (sync: string): string => `sources:
  - { name: web, format: segment, schema: web }
traits:
  - { name: orders, type: count, event: Order Completed }
  - { name: spent, type: sum, event: Order Completed, property: revenue }
  - { name: firm_orders, entity: account, type: count, event: Order Completed }
audiences:
  - { name: buyers, match: { trait: orders, greater_than: 0 } }
destinations:
  - { name: out, type: webhook, url: "https://crm.example/" }
syncs:
  - { name: s, destination: out, ${sync} }
`

const related = `entities:
  - { name: cart, table: shop.carts, primary_key: id }
  - { name: invoice, table: shop.invoices, primary_key: id }
relationships:
  - { name: carts, entity: cart, external_id: { type: email, join_key: owner } }
  - { name: invoices, entity: invoice, external_id: { type: group_id, join_key: account } }
audiences:
  - { name: hesitant, match: { relationship: carts, where: [{ column: status, equals: open }] } }
  - { name: unpaid, entity: account, match: { relationship: invoices } }
`

const goldens: Readonly<Record<string, string>> = {
  'sync-audience':
    'from: { audience: buyers }, mode: mirror, mapping: { email: { identifier: email }, all: { identifier: user_id, pick: all }, last: { identifier: anonymous_id, pick: last }, spent: { trait: spent }, buyer: { audience: buyers }, id: { id: true } }',
  'sync-audience-by-identifier':
    'from: { audience: buyers }, mode: mirror, key: { identifier: email }, mapping: { email: { identifier: email } }',
  'sync-traits': 'from: { traits: [orders, spent] }, mode: upsert',
  'sync-traits-of-accounts': 'from: { traits: [firm_orders] }, mode: update',
  'sync-profiles-filtered':
    'from: profiles, mode: mirror, mapping: { spent: { trait: spent } }, filter: spent > 10 and traits.orders > 1',
  'sync-rows-of-members':
    'from: { audience: hesitant, rows: carts }, mode: mirror, mapping: { email: { identifier: email }, orders: { trait: orders }, cart: { column: id }, total: { column: total } }, filter: properties.status = "open" and traits.spent > 1',
  'sync-rows-of-accounts': 'from: { audience: unpaid, rows: invoices }, mode: upsert',
  'sync-table':
    'from: { table: web.order_completed }, key: { column: id }, mode: add, mapping: { total: { column: revenue }, at: { column: timestamp } }',
  'sync-model': 'from: { model: totals }, key: { column: user_id }, mode: delete',
}

describe('syncs', () => {
  test.each(Object.entries(goldens))('%s compiles to the golden SQL', async (name, sync) => {
    const project = join(folder, name)
    mkdirSync(join(project, 'models'), { recursive: true })
    writeFileSync(
      join(project, 'personas.config.yaml'),
      'name: g\nversion: 1\ntarget: t\ntargets: { t: { type: duckdb, path: g.duckdb, schema: personas } }\n',
    )
    writeFileSync(join(project, 'models/a.yml'), definitions(sync))
    writeFileSync(join(project, 'models/related.yml'), related)
    writeFileSync(
      join(project, 'models/totals.sql'),
      "select user_id, sum(revenue) as total from {{ source 'web' 'order_completed' }} group by user_id\n",
    )
    const config = loadConfig({ projectDir: project, env: {} })
    const { definitions: read } = loadDefinitions(config, { env: {} })
    const templates = prepareTemplates(loadTemplates(config).templates)
    for (const dialect of [duckdb, postgres, bigquery, snowflake]) {
      const { manifest, problems } = await compileProject({
        config: { ...config, secrets: [] },
        definitions: read,
        catalog: {
          tables: [
            {
              relation: { schema: 'shop', name: 'carts' },
              columns: [
                { name: 'id', type: 'integer' },
                { name: 'owner', type: 'text' },
                { name: 'status', type: 'text' },
                { name: 'total', type: 'float' },
              ],
            },
            {
              relation: { schema: 'shop', name: 'invoices' },
              columns: [
                { name: 'id', type: 'text' },
                { name: 'account', type: 'text' },
                { name: 'amount', type: 'float' },
              ],
            },
            {
              relation: { schema: 'web', name: 'order_completed' },
              columns: [
                { name: 'id', type: 'text' },
                { name: 'user_id', type: 'text' },
                { name: 'event', type: 'text' },
                { name: 'event_text', type: 'text' },
                { name: 'revenue', type: 'float' },
                { name: 'received_at', type: 'timestamp' },
                { name: 'timestamp', type: 'timestamp' },
              ],
            },
          ],
        },
        dialect,
        templates,
        env: {},
        describe: async () => [
          { name: 'user_id', type: 'text' },
          { name: 'total', type: 'float' },
        ],
      })
      const [compiled] = manifest.syncs
      if (compiled === undefined) throw new Error(problems.map(({ message }) => message).join('\n'))
      expectGolden(`${name}/${dialect.name}.sql`, renderSteps(compiled.node.steps))
      const { relation: changes } = compiled.node
      const written = changes && writtenRecords({ dialect, templates }, compiled, changes)
      if (written === undefined || name !== 'sync-audience') continue
      const form = { removals: false, rows: 1_000, head: '', before: '[', between: ',', behind: ']' }
      expectGolden(
        `${name}/${dialect.name}-batches.sql`,
        `${written.batches({ first: 1, last: 4_000 }, form)}\n`,
      )
    }
  })
})
