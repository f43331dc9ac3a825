import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Adapter } from '../../src/adapters/adapter.ts'
import { openAdapter } from '../../src/adapters/open-adapter.ts'
import { copyProject, personas, useBuilt, useFolder } from './personas.ts'

useBuilt()
const folder = useFolder()
const database = `personas_units_${process.pid}`
const url = new URL(inject('postgresUrl'))
url.pathname = `/${database}`
const env = { DATABASE_URL: url.href }
let server: Adapter

beforeAll(async () => {
  server = await openAdapter({
    type: 'postgres',
    name: 'x',
    url: inject('postgresUrl'),
    schema: 'x',
    workSchema: 'y',
    threads: 1,
  })
  await server.execute(`create database ${database}`)
})
afterAll(async () => {
  await server.execute(`drop database if exists ${database} with (force)`)
  await server.close()
})

const config = `name: small
version: 1
target: local
targets:
  local: { type: duckdb, path: ':memory:', schema: personas }
  pg: { type: postgres, url: "{{ env_var 'DATABASE_URL' }}", schema: personas }
`
const shop = `sources: [{ name: web, format: segment, schema: web }]
entities: [{ name: cart, table: shop.carts, primary_key: id, timestamp: created_at }]
relationships: [{ name: carts, entity: cart, external_id: { type: email, join_key: owner } }]
traits:
  - { name: orders, type: count, event: Order Completed }
  - { name: cart_total, type: sum, relationship: carts, column: total }
  - { name: crm, type: sql, file: crm.sql }
  - { name: staff_orders, entity: account, type: count, event: Order Completed }
audiences:
  - { name: buyers, match: { event: Order Completed, count: { at_least: 2 } } }
  - { name: spenders, match: { relationship: carts, sum: total, greater_than: 10 } }
  - { name: ready, match: { trait: stage, equals: ready } }
  - { name: busy_firms, entity: account, match: { all_users: { event: Order Completed } } }
`
const crm = `select contacts.user_id, stages.name as stage
from {{ source 'crm' 'contacts' }} as contacts
inner join {{ source "crm" 'stages' }} as stages on stages.id = contacts.stage_id
`
const given = `    given:
      web.identifies: [{ user_id: u1, email: a@x.example }, { user_id: u2, email: b@x.example }]
      web.groups: [{ user_id: u1, group_id: G }, { user_id: u2, group_id: H }]
      web.order_completed: [{ user_id: u1 }, { user_id: u1 }]
      cart: [{ owner: A@x.example, total: 20 }, { owner: b@x.example, total: 5 }]
      crm.contacts: [{ user_id: u1, stage_id: 1 }, { user_id: u3, stage_id: 2 }]
      crm.stages: [{ id: 1, name: ready }, { id: 2, name: new }]
`
const holding = `unit_tests:
  - name: it all holds
    as_of: 2026-06-01T00:00:00Z
${given}    expect:
      profiles: 3
      traits:
        - { user_id: u1, orders: 2, cart_total: 20, stage: ready }
        - { email: b@x.example, orders: null, cart_total: 5, stage: null }
        - { user_id: u3, stage: new }
      account_traits:
        - { account_id: G, staff_orders: 2 }
        - { group_id: H, staff_orders: null }
      audiences: { buyers: [u1], spenders: ['email:a@x.example'], ready: [u1], busy_firms: ['group_id:G'] }
`
const failing = `unit_tests:
  - name: nothing holds
    as_of: 2026-06-01T00:00:00Z
${given}    expect:
      profiles: 4
      traits: [{ user_id: u1, orders: 3, cart_total: 21, stage: new }, { user_id: u9 }]
      account_traits: [{ account_id: G, staff_orders: 1 }]
      audiences: { buyers: [u2], spenders: [], ready: [u3], busy_firms: [H] }
`
const files = { 'personas.config.yaml': config, 'models/shop.yml': shop, 'models/crm.sql': crm }

describe.each([
  ['DuckDB', []],
  ['the target', ['--target', 'pg']],
])('unit tests on %s', (_, target) => {
  test('of traits, SQL traits and their tables, rows, accounts and audiences', async () => {
    const cwd = copyProject(folder, { ...files, 'models/tests.yml': holding })
    const { code, stdout, stderr } = await personas(['test', ...target, '--select', 'it all holds'], {
      cwd,
      env,
    })
    expect(stderr).toBe('')
    expect([code, stdout]).toEqual([0, 'PASS  unit test: it all holds\n1 passed, 0 failed\n'])
  })

  test('what does not hold is a table of what was expected and what was found', async () => {
    const cwd = copyProject(folder, { ...files, 'models/tests.yml': failing })
    const { code, stdout } = await personas(['test', ...target, '--select', 'nothing holds'], { cwd, env })
    expect(code).toBe(1)
    expect(stdout.replaceAll(/ +$/gm, '')).toBe(`FAIL  unit test: nothing holds
                             expected      actual
  profiles                   4             3
  orders of user_id:u1       3             2
  cart_total of user_id:u1   21            20
  stage of user_id:u1        new           ready
  user_id:u9                 one profile   0 profiles
  staff_orders of account G  1             2
  audience buyers            u2 in it      not a member
  audience buyers            not a member  email:a@x.example, user_id:u1
  audience spenders          not a member  email:a@x.example, user_id:u1
  audience ready             u3 in it      not a member
  audience ready             not a member  email:a@x.example, user_id:u1
  audience busy_firms        H in it       not a member
  audience busy_firms        not a member  group_id:G
0 passed, 1 failed
`)
  })
})

test('tables of the target stay unseen and untouched', async () => {
  const cwd = copyProject(folder, { ...files, 'models/tests.yml': holding })
  const run = (...args: string[]) => personas(args, { cwd, env })
  const own = await openAdapter({
    type: 'postgres',
    name: 'x',
    url: url.href,
    schema: 'x',
    workSchema: 'y',
    threads: 1,
  })
  try {
    await own.execute('create schema crm')
    await own.execute("create table crm.contacts as select 'real' as user_id, 1 as stage_id")
    await own.execute("create table crm.stages as select 1 as id, 'real' as name")
    expect(await run('test', '--target', 'pg', '--select', 'it all holds')).toMatchObject({ code: 0 })
    expect(await own.query('select user_id from crm.contacts')).toEqual([{ user_id: 'real' }])
    const left = "select schema_name from information_schema.schemata where schema_name like 'psn%'"
    expect(await own.query(left)).toEqual([])
  } finally {
    await own.close()
  }
})
