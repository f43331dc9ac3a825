import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { copyProject, personas, start, useBuilt, useFolder } from './personas.ts'

useBuilt()
const folder = useFolder()
const fixed = ['--as-of', '2026-06-01']
/** Runs for hours unless it is stopped. */
const endless = 'select count(*) as n from range(100000000000000) as numbers\n'

/** A project that ran once, with a node in it that would now never end. */
async function projectWithEndlessNode(): Promise<string> {
  const cwd = copyProject(folder)
  await personas(['seed'], { cwd })
  expect(await personas(['run', ...fixed], { cwd })).toMatchObject({ code: 0 })
  writeFileSync(`${cwd}/models/endless.sql`, endless)
  return cwd
}

const query = async (cwd: string, sql: string) =>
  (await personas(['show', '--output', 'csv', '--inline', sql], { cwd })).stdout

describe('signals', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s stops the run, exit %i, public tables as before', async (signal, code) => {
    const cwd = await projectWithEndlessNode()
    const before = await query(cwd, 'select * from personas.profile_traits order by 1')
    const run = start(['run', '--as-of', '2026-07-01', '--log-format', 'json'], { cwd })
    await run.says('"node":"model.endless"')
    const stopped = performance.now()
    run.kill(signal)
    const ended = await run.ended
    expect(performance.now() - stopped).toBeLessThan(10_000)
    expect([ended.code, ended.stdout]).toEqual([code, ''])
    expect(ended.stderr).toContain('"node":"model.endless","status":"cancelled"')
    expect(ended.stderr).not.toContain('"event":"problem"')
    expect(await query(cwd, 'select * from personas.profile_traits order by 1')).toBe(before)
    expect(await query(cwd, 'select status from personas.runs order by started_at')).toBe(
      'status\r\nsuccess\r\ncancelled\r\n',
    )
  })
})

describe('two runs at once on one DuckDB file', () => {
  test('the second stops with a clear error, or waits for the first when told to', async () => {
    const cwd = await projectWithEndlessNode()
    const first = start(['run', ...fixed, '--log-format', 'json'], { cwd })
    await first.says('"node":"model.endless"')

    const second = await personas(['run', ...fixed], { cwd })
    expect([second.code, second.stdout]).toEqual([1, ''])
    expect(second.stderr).toMatch(/error\[PSN4005\]: .*small\.duckdb is in use by another process/)
    expect(second.stderr).not.toMatch(/^ +at /m)

    const third = start(['run', ...fixed, '--exclude', 'endless', '--lock-timeout', '60'], { cwd })
    await third.says('waiting')
    first.kill('SIGINT')
    expect((await first.ended).code).toBe(130)
    expect(await third.ended).toMatchObject({ code: 0 })
    expect(await query(cwd, 'select status from personas.runs order by started_at')).toBe(
      'status\r\nsuccess\r\ncancelled\r\nsuccess\r\n',
    )
  })
})
