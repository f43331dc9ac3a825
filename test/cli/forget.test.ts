import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openAdapter } from '../../src/adapters/open-adapter.ts'
import { openReader } from '../../src/serve/store/open-store.ts'
import { copyProject, type Ended, personas, useBuilt, useFolder } from './personas.ts'

useBuilt()
const folder = useFolder()

const orders = ['u1,ann-phone', 'u2,bob-phone', ',ann-phone']
  .map(
    (ids, index) =>
      `t${index},${ids},order_completed,Order Completed,60,2026-05-01T10:0${index}:00Z,2026-05-01T10:0${index}:00Z\n`,
  )
  .join('')

const syncs = `destinations:
  - { name: list, type: duckdb_table, path: list.duckdb, table: people }
syncs:
  - { name: people, from: profiles, destination: list, mode: upsert, key: { identifier: user_id }, mapping: { user_id: { identifier: user_id } } }
`

function project() {
  const cwd = copyProject(folder, {
    'models/syncs.yml': syncs,
    'tables/web/order_completed.csv': `id,user_id,anonymous_id,event,event_text,revenue,received_at,timestamp\n${orders}`,
  })
  return {
    cwd,
    run: (...args: string[]): Promise<Ended> => personas(args, { cwd }),
    async isServed(value: string): Promise<boolean> {
      const reader = await openReader({ type: 'embedded', path: join(cwd, 'target/serving/local') })
      try {
        const { profile } = await reader.read({
          collection: 'users',
          by: { type: 'user_id', value },
          parts: [],
        })
        return profile !== undefined
      } finally {
        await reader.close()
      }
    },
    async listed(): Promise<readonly unknown[]> {
      const target = { type: 'duckdb', name: 'list', path: join(cwd, 'list.duckdb') } as const
      const adapter = await openAdapter({ ...target, schema: 'main', workSchema: 'work', threads: 1 })
      try {
        return (await adapter.query('select user_id from main.people order by user_id')).map(
          (row) => row.user_id,
        )
      } finally {
        await adapter.close()
      }
    },
  }
}

describe('personas forget', () => {
  test('erases whoever has an identifier: tables, Profile API, destinations', async () => {
    const { run, isServed, listed } = project()
    await run('seed')
    await run('run', '--publish', '--as-of', '2026-06-01')
    await run('sync')
    expect([await isServed('u1'), await listed()]).toEqual([true, ['u1', 'u2']])

    const asked = await run('forget', 'anonymous_id:ann-phone', '--dry-run')
    expect([asked.code, asked.stdout]).toEqual([
      0,
      expect.stringMatching(/^anonymous_id:ann-phone: use_\w+, 3 identifiers\n$/),
    ])
    expect(await isServed('u1')).toBe(true)

    const forgotten = await run('forget', 'anonymous_id:ann-phone', 'user_id:nobody')
    expect([forgotten.code, forgotten.stdout]).toEqual([
      0,
      expect.stringContaining('user_id:nobody: nobody has it'),
    ])
    expect(forgotten.stderr).toContain('takes them out of list')
    expect(await isServed('u1')).toBe(false)
    const shown = await run('show', 'user_identifiers', '--output', 'csv')
    expect(shown.stdout).not.toMatch(/u1|ann-phone/)
    await run('publish', '--full')
    expect([await isServed('u1'), await isServed('u2')]).toEqual([false, true])
    const synced = await run('sync')
    expect([synced.code, await listed()]).toEqual([0, ['u2']])

    expect((await run('run', '--full-refresh')).code).toBe(0)
    const again = await run('show', 'profile_traits', '--output', 'csv')
    expect(again.stdout.trim().split('\r\n')).toHaveLength(2)
    expect((await run('show', 'suppressions', '--output', 'csv')).stdout).not.toMatch(/ann-phone|u1/)
  }, 60_000)

  test('a mistake erases nobody', async () => {
    const { run } = project()
    await run('seed')
    await run('run', '--as-of', '2026-06-01')
    const other = await run('forget', 'user_id:U1')
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('did you mean `user_id:u1`?')])
    const none = await run('forget')
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('identifiers')])
    expect((await run('show', 'profile_traits', '--output', 'csv')).stdout).toContain('use_')
  }, 60_000)
})
