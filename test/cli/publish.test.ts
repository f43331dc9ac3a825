import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openReader } from '../../src/serve/store/open-store.ts'
import type { Answer } from '../../src/serve/store/store.ts'
import { copyProject, type Ended, personas, useBuilt, useFolder } from './personas.ts'

useBuilt()
const folder = useFolder()

const orders = (rows: readonly (readonly [user: string, coupon: string])[]): string =>
  `id,user_id,event,event_text,revenue,coupon,received_at,timestamp\n${rows
    .map(([user, coupon], index) => {
      const at = `2026-05-01T10:0${index}:00Z`
      return `t${index},${user},order_completed,Order Completed,60,${coupon},${at},${at}\n`
    })
    .join('')}`

const coupons = `traits:
  - { name: coupons, entity: user, type: sql, file: coupons.sql, create_profiles: false }
`

function project(rows: Parameters<typeof orders>[0]) {
  const cwd = copyProject(folder, {
    'models/coupons.yml': coupons,
    'models/coupons.sql':
      "select user_id, max(cast(coupon as integer)) as coupon from {{ source 'web' 'order_completed' }} group by user_id\n",
    'tables/web/order_completed.csv': orders(rows),
  })
  const file = join(cwd, 'tables/web/order_completed.csv')
  return {
    cwd,
    run: (...args: string[]): Promise<Ended> => personas(args, { cwd }),
    give: (of: Parameters<typeof orders>[0]) => writeFileSync(file, orders(of)),
    async find(value: string): Promise<Answer> {
      const reader = await openReader({ type: 'embedded', path: join(cwd, 'target/serving/local') })
      try {
        return await reader.read({ collection: 'users', by: { type: 'user_id', value }, parts: ['traits'] })
      } finally {
        await reader.close()
      }
    },
  }
}

describe('personas publish', () => {
  test('what a run changed is published with it, or later; nothing else is looked at', async () => {
    const { run, give, find } = project([
      ['u1', '1'],
      ['u2', '2'],
    ])
    await run('seed')
    const first = await run('run', '--publish', '--as-of', '2026-06-01')
    expect([first.code, first.stdout]).toEqual([
      0,
      expect.stringMatching(/2 profiles in all, 2 written, 0 removed; 2 users/),
    ])
    expect((await find('U1')).profile?.parts.traits).toBe(
      ['"big_spenders":true', '"coupon":1', '"lifetime_value":60', '"orders_total":1'].join(',\n'),
    )
    const again = await run('publish')
    expect(again.stdout).toContain('0 profiles looked at, 0 written')
    give([
      ['u1', '1'],
      ['u2', '2'],
      ['u2', '3'],
    ])
    await run('seed')
    await run('run', '--as-of', '2026-06-01')
    expect((await run('publish')).stdout).toContain('1 profiles looked at, 1 written')
    const { release, profile } = await find('u2')
    expect(profile?.parts.traits).toContain('"orders_total":2')
    expect(release).toMatchObject({ version: 3, users: 2, accounts: 0 })
    expect((await run('publish', '--full')).stdout).toContain('2 profiles in all, 0 written')
  })

  test('what is of two runs is not published: PSN7011, PSN7012', async () => {
    const { cwd, run, give, find } = project([['u1', '1']])
    await run('seed')
    await run('run', '--publish', '--as-of', '2026-06-01')
    give([
      ['u1', '1'],
      ['u2', 'no number'],
    ])
    await run('seed')
    expect((await run('run', '--as-of', '2026-06-02')).code).toBe(1)
    const half = await run('publish')
    expect([half.code, half.stderr]).toEqual([1, expect.stringContaining('PSN7012')])
    writeFileSync(join(cwd, 'models/coupons.sql'), "select 'u1' as user_id, 5 as coupon\n")
    const edited = await run('publish')
    expect([edited.code, edited.stderr]).toEqual([1, expect.stringContaining('PSN7011')])
    expect((await find('u1')).release?.version).toBe(1)
    await run('run', '--publish', '--as-of', '2026-06-02')
    expect((await find('u1')).profile?.parts.traits).toContain('"coupon":5')
    expect((await find('u2')).release?.version).toBe(2)
  })

  test('whoever is suppressed is not found at once, nor after any publish, until that ends', async () => {
    const { run, find } = project([
      ['u1', '1'],
      ['u2', '2'],
    ])
    await run('seed')
    await run('run', '--publish', '--as-of', '2026-06-01')
    const suppressed = await run('suppress', 'user_id:U1')
    expect([suppressed.code, suppressed.stdout]).toEqual([
      0,
      expect.stringMatching(/^user_id:U1 is suppressed: use_\w+ served no more\n$/),
    ])
    expect((await find('u1')).profile).toBeUndefined()
    await run('publish', '--full')
    await run('run', '--publish', '--full-refresh', '--as-of', '2026-06-02')
    expect(await find('u1')).toMatchObject({ profile: undefined, release: { users: 1 } })
    expect((await run('unsuppress', 'user_id:u1')).stdout).toContain('from the next publish on')
    expect((await find('u1')).profile).toBeUndefined()
    await run('publish')
    expect((await find('u1')).profile).toBeDefined()
    expect((await run('unsuppress', 'user_id:u1')).stdout).toContain('was not suppressed')
    const open = await run(
      'show',
      '--inline',
      'select value from personas.suppressions where ended_at is null',
    )
    expect([open.code, open.stdout]).toEqual([0, expect.not.stringContaining('u1')])
  })

  test.each([
    ['ann', 'type:value'],
    ['emial:a@x.org', 'did you mean `email`?'],
  ])('suppress %s is a mistake', async (identifier, hint) => {
    const { run } = project([['u1', '1']])
    const { code, stderr } = await run('suppress', identifier)
    expect([code, stderr]).toEqual([2, expect.stringContaining(hint)])
  })
})
