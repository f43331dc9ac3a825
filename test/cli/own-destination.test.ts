import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { openAdapter } from '../../src/adapters/open-adapter.ts'
import { openLoopback } from '../destinations/loopback.ts'
import { start, useBuilt, useFolder } from './personas.ts'

useBuilt()
const folder = useFolder()
const root = resolve(import.meta.dirname, '../..')

/** The module of docs/destinations.md, as it stands there. */
function documented(): string {
  const text = readFileSync(join(root, 'docs/destinations.md'), 'utf8')
  const found = /```js\n([\s\S]+?)```/.exec(text)?.[1]
  if (found === undefined) throw new Error('the page shows no module')
  return found
}

test('the destination of docs/destinations.md delivers', async () => {
  const crm = await openLoopback()
  try {
    const cwd = join(folder, 'own')
    mkdirSync(cwd)
    const write = (file: string, text: string): void => {
      mkdirSync(join(cwd, file, '..'), { recursive: true })
      writeFileSync(join(cwd, file), text)
    }
    write('destinations/crm.mjs', documented())
    mkdirSync(join(cwd, 'node_modules'))
    symlinkSync(root, join(cwd, 'node_modules/personas'))
    symlinkSync(join(root, 'node_modules/zod'), join(cwd, 'node_modules/zod'))
    write(
      'personas.config.yaml',
      'name: own\nversion: 1\ntarget: local\ntargets:\n  local: { type: duckdb, path: own.duckdb, schema: personas }\n',
    )
    write(
      'models/sync.yml',
      `sources:
  - name: people
    format: table
    table: shop.people
    type: identify
    id: id
    timestamp: seen_at
    identifiers: { user_id: id }
destinations:
  - name: our_crm
    type: ./destinations/crm.mjs
    url: ${crm.url}
    token: "{{ env_var 'CRM_TOKEN' }}"
syncs:
  - name: people
    from: { table: shop.people }
    key: { column: id }
    destination: our_crm
    mode: mirror
    mapping: { name: { column: name } }
`,
    )
    const warehouse = await openAdapter({
      type: 'duckdb',
      name: 'local',
      path: join(cwd, 'own.duckdb'),
      schema: 'personas',
      workSchema: 'personas_work',
      threads: 1,
    })
    await warehouse.execute('create schema shop')
    await warehouse.execute(
      "create table shop.people as select 'p1' as id, 'Ann' as name, now() as seen_at union all select 'p2', 'Bob', now()",
    )
    await warehouse.close()
    const personas = async (...args: string[]) => start(args, { cwd, env: { CRM_TOKEN: 'shh' } }).ended
    crm.answer = ({ method }) =>
      method === 'POST' ? { body: { refused: { p2: 'no such plan' } } } : undefined
    const checked = await personas('destinations', 'test', 'our_crm')
    expect(checked).toMatchObject({ code: 0, stderr: '' })
    const synced = await personas('sync')
    expect(synced.stdout + synced.stderr).toContain('people')
    expect(crm.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /me',
      'POST /contacts/batch',
    ])
    expect(crm.received[1]?.headers.authorization).toBe('Bearer shh')
    expect(JSON.parse(crm.received[1]?.body ?? '')).toEqual({
      contacts: [
        { key: 'p1', gone: false, name: 'Ann' },
        { key: 'p2', gone: false, name: 'Bob' },
      ],
    })
    expect(synced.stdout + synced.stderr).not.toContain('shh')
  } finally {
    await crm.close()
  }
})

test('a type is described: settings, what it does with batches, and an example', async () => {
  const { code, stdout } = await start(['destinations', 'braze'], { cwd: folder }).ended
  expect(code).toBe(0)
  expect(stdout).toMatch(/^braze: attributes of profiles in Braze\npayload-tested only/)
  expect(stdout).toMatch(/^api_key +text +required +.*\(secret\)$/m)
  expect(stdout).toMatch(/^on_remove +clear \| delete +clear /m)
  expect(stdout).toContain('batches: at most 75 rows; 4 at a time, 250 in 3 s')
  expect(stdout).toContain('    url: https://rest.iad-01.braze.com')
  const all = await start(['destinations'], { cwd: folder }).ended
  expect(all.stdout).toMatch(/^google_customer_match .*\(payload-tested only: never run/m)
})
