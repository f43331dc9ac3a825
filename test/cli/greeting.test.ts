import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { copyProject, personas, start, useBuilt, useFolder } from './personas.ts'

useBuilt()
const folder = useFolder()
const root = resolve(import.meta.dirname, '../..')
const example = join(root, 'docs/examples/greeting.mjs')

const orders = `id,user_id,event,event_text,revenue,received_at,timestamp
t1,u1,order_completed,Order Completed,600,2026-01-01T10:00:00Z,2026-01-01T10:00:00Z
`
const identifies = `id,user_id,anonymous_id,first_name,received_at,timestamp
i1,u1,a1,<Ann>,2026-01-01T10:00:00Z,2026-01-01T10:00:00Z
i2,u2,a2,Bob,2026-01-01T10:00:00Z,2026-01-01T10:00:00Z
`

test('the page of the docs is the example, and greets by audience', async () => {
  expect(readFileSync(join(root, 'docs/personalisation.md'), 'utf8')).toContain(readFileSync(example, 'utf8'))
  const cwd = copyProject(folder, {
    'models/dormant.yml':
      'audiences:\n  - { name: dormant_big_spenders, match: { trait: lifetime_value, greater_than: 500 } }\n',
    'tables/web/order_completed.csv': orders,
    'tables/web/identifies.csv': identifies,
  })
  const run = (...args: string[]) => personas(args, { cwd })
  await run('seed')
  expect(await run('run', '--publish', '--as-of', '2026-06-01')).toMatchObject({ code: 0 })
  const token = (await run('tokens', 'create', 'page')).stdout.trim().split('\n')[0] ?? ''
  const server = start(['serve', '--port', '0'], { cwd })
  const port = /:(\d+)/.exec(await server.says('http://127.0.0.1'))?.[1]
  const page = spawn(process.execPath, [example], {
    env: {
      ...process.env,
      PERSONAS_TOKEN: token,
      PROFILE_API: `http://127.0.0.1:${port}/v1/spaces/small`,
      PORT: '0',
    },
  })
  try {
    const [said] = await once(page.stdout, 'data')
    const url = String(said).trim()
    const greeting = async (cookie?: string): Promise<string> =>
      await (await fetch(url, { headers: cookie === undefined ? {} : { cookie } })).text()
    expect(await greeting('user_id=u1')).toContain(
      '<h1>We have missed you, &#60;Ann&#62;: delivery is free today.</h1>',
    )
    expect(await greeting('theme=dark; ajs_anonymous_id=a1')).toContain('We have missed you')
    for (const cookie of ['user_id=u2', 'user_id=nobody', undefined]) {
      expect(await greeting(cookie)).toContain('<h1>Welcome to Fernhill.</h1>')
    }
    server.kill('SIGTERM')
    await server.ended
    expect(await greeting('user_id=u1')).toContain('<h1>Welcome to Fernhill.</h1>')
  } finally {
    page.kill()
    server.kill('SIGKILL')
  }
})
