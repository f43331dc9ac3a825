import { existsSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { copyProject, type Ended, personas, start, useBuilt, useFolder } from './personas.ts'

useBuilt()
const folder = useFolder()
const fixed = ['--as-of', '2026-06-01']

/** What came, each with its idempotency key, and how it is answered. */
const arrived: { readonly what: string; readonly key: string }[] = []
let answer: (key: string) => number | 'never'
let server: Server
let hook = ''

interface Sent {
  readonly records: readonly { readonly key: string; readonly operation: string }[]
}

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      const { records }: Sent = JSON.parse(body)
      const [record] = records
      arrived.push({
        what: `${record?.operation} ${record?.key}`,
        key: String(request.headers['idempotency-key']),
      })
      const status = answer(record?.key ?? '')
      if (status !== 'never') response.writeHead(status).end('{}')
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  hook = `http://127.0.0.1:${address.port}/`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  arrived.length = 0
  answer = () => 200
})

const syncs = `destinations:
  - { name: hook, type: webhook, url: "{{ env_var 'HOOK_URL' }}", batch_rows: 1, concurrency: 1 }
  - { name: other_hook, type: webhook, url: "{{ env_var 'HOOK_URL' }}", batch_rows: 1, concurrency: 1 }
syncs:
  - { name: spenders, from: { audience: big_spenders }, destination: hook, mode: mirror, mapping: { user_id: { identifier: user_id } }, key: { identifier: user_id } }
  - { name: accounts, from: { model: firms }, destination: other_hook, mode: upsert, key: { column: id } }
`

const orders = ['u1', 'u2', 'u3']
  .map(
    (user, index) =>
      `t${index},${user},order_completed,Order Completed,60,2026-05-01T10:00:00Z,2026-05-01T10:00:00Z\n`,
  )
  .join('')

interface Recorded {
  readonly command: string
  readonly status: string
  readonly run_id: string
  readonly syncs: readonly { readonly name: string; readonly status: string; readonly run_id?: string }[]
}

/** A project whose tables are there. */
async function project(command = 'run') {
  const cwd = copyProject(folder, {
    'models/syncs.yml': syncs,
    'models/firms.sql': "select 'f1' as id\n",
    'tables/web/order_completed.csv': `id,user_id,event,event_text,revenue,received_at,timestamp\n${orders}`,
  })
  const where = { cwd, env: { HOOK_URL: hook } }
  const run = (...args: string[]): Promise<Ended> => personas(args, where)
  const results = (): Recorded => JSON.parse(readFileSync(`${cwd}/target/sync_results.json`, 'utf8'))
  await run('seed')
  const ended = await run(command, ...fixed)
  return { ...where, run, results, ended }
}

const what = () => arrived.map((each) => each.what)
const since = async (work: Promise<Ended>): Promise<readonly [number | null, ...string[]]> => {
  arrived.length = 0
  const { code } = await work
  return [code, ...what()]
}

describe('retry of syncs', () => {
  test('sends again what was rejected, of those syncs only; then there is nothing to retry', async () => {
    const { run, results } = await project()
    answer = (key) => (key === 'u2' ? 422 : 200)
    const failed = await run('sync')
    expect([failed.code, what().toSorted()]).toEqual([1, ['add f1', 'add u1', 'add u2', 'add u3']])
    expect(failed.stderr).toContain('`personas retry` sends again')
    expect(results()).toMatchObject({
      command: 'sync',
      status: 'error',
      syncs: [
        { name: 'spenders', status: 'partial' },
        { name: 'accounts', status: 'success' },
      ],
    })
    const first = results().run_id
    // Without a retry it is held back.
    expect(await since(run('retry'))).toEqual([1, 'add u2'])
    answer = () => 200
    expect(await since(run('retry'))).toEqual([0, 'add u2'])
    expect(results()).toMatchObject({
      command: 'retry',
      status: 'success',
      syncs: [
        { name: 'accounts', status: 'success', run_id: first },
        { name: 'spenders', status: 'success' },
      ],
    })
    const nothing = await run('retry')
    expect([nothing.code, nothing.stderr]).toEqual([0, expect.stringContaining('nothing to retry')])
  })

  test('goes on with those of a build whose destination refused it', async () => {
    answer = (key) => (key === 'u2' ? 401 : 200)
    const { run, results, ended } = await project('build')
    expect([ended.code, results().command, results().status]).toEqual([1, 'build', 'error'])
    expect(results().syncs[0]).toEqual({ name: 'spenders', status: 'failed' })
    answer = () => 200
    expect(await since(run('retry'))).toEqual([0, 'add u2', 'add u3'])
    expect(await since(run('sync'))).toEqual([0])
  })

  test('goes on where a killed one ended, under the same keys, and forgets nothing twice', async () => {
    const { cwd, env, run, results } = await project()
    expect(await run('sync')).toMatchObject({ code: 0 })
    arrived.length = 0
    answer = (key) => (key === 'u2' ? 'never' : 200)
    const killed = start(['sync', '--full-resync', '--select', 'spenders'], { cwd, env })
    while (arrived.length < 2) await new Promise((ready) => setTimeout(ready, 20))
    killed.kill('SIGKILL')
    await killed.ended
    const before = [...arrived]
    expect([what(), results()]).toMatchObject([
      ['add u1', 'add u2'],
      { status: 'running', syncs: [{ name: 'spenders', status: 'begun' }] },
    ])
    answer = () => 200
    expect((await since(run('retry'))).slice(-2)).toEqual(['add u2', 'add u3'])
    // That the first was acknowledged may not have been written down; were all forgotten again, keys would be others.
    expect(arrived.slice(0, -1)).toEqual(before.slice(-arrived.length + 1))
    expect(results().status).toBe('success')
  })

  test('is of the selection that was given; a failed run comes first if it is the later one', async () => {
    const { cwd, run, results } = await project()
    answer = () => 401
    expect(await run('sync', '--select', 'spenders')).toMatchObject({ code: 1 })
    const other = await run('retry', '--select', 'accounts')
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('--select is not what')])
    answer = () => 200
    const bad = await personas(['run', ...fixed, '--vars', '{ least: 1 }'], {
      cwd,
      env: { HOOK_URL: hook, PERSONAS_SELECT: 'firms' },
    })
    expect(bad).toMatchObject({ code: 0 })
    expect(await since(run('retry'))).toEqual([0, 'add u1', 'add u2', 'add u3'])
    expect(results().syncs.map(({ name }) => name)).toEqual(['spenders'])
    rmSync(`${cwd}/target/run_results.json`)
    expect(await run('retry')).toMatchObject({ code: 0 })
  })

  test('a dry run is none to go on from', async () => {
    const { cwd, run } = await project()
    expect(await run('sync', '--dry-run')).toMatchObject({ code: 0 })
    expect(existsSync(`${cwd}/target/sync_results.json`)).toBe(false)
  })
})
