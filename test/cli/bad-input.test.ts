import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { copyProject, personas, useBuilt, useFolder } from './personas.ts'

useBuilt()
const folder = useFolder()
const fixed = ['--as-of', '2026-06-01']

describe('bad input', () => {
  test('no project here', async () => {
    const { code, stderr } = await personas(['run'], { cwd: folder })
    expect(code).toBe(1)
    expect(stderr).toContain('error[PSN1001]')
    expect(stderr).toContain('personas init')
  })

  test('a target that is not there', async () => {
    const { code, stderr } = await personas(['run', '--target', 'locale'], { cwd: copyProject(folder) })
    expect(code).toBe(1)
    expect(stderr).toContain('did you mean `local`?')
  })

  test('problems of several files in one go, as text and as data', async () => {
    const cwd = copyProject(folder, {
      'models/one.yml': 'traits:\n  - { name: a, entity: user, type: cuont, event: X }\n',
      'models/two.yml':
        'audiences:\n  - { name: b, entity: usr, match: { trait: orders_total, exists: true } }\n',
    })
    const text = await personas(['parse'], { cwd })
    expect([text.code, text.stdout]).toEqual([1, ''])
    expect(text.stderr).toContain('models/one.yml:2')
    expect(text.stderr).toContain('models/two.yml:2')
    expect(text.stderr).toMatch(/\^/)
    const json = await personas(['parse', '--log-format', 'json'], { cwd })
    const problems = json.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(problems).toHaveLength(2)
    expect(problems[0]).toMatchObject({
      level: 'error',
      event: 'problem',
      code: 'PSN1013',
      span: { file: 'models/one.yml', line: 2 },
    })
  })

  test('a node the warehouse refuses: the run fails, others run, public tables stay', async () => {
    const cwd = copyProject(folder)
    await personas(['seed'], { cwd })
    await personas(['run', ...fixed], { cwd })
    mkdirSync(join(cwd, 'models/marts'))
    writeFileSync(
      join(cwd, 'models/marts/bad.sql'),
      "select cast(user_id as integer) as n from {{source 'web' 'tracks'}}\n",
    )
    const { code, stdout, stderr } = await personas(['run', ...fixed], { cwd })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/ERROR +model\.bad/)
    expect(stderr).toMatch(/SKIP +publish\.publish/)
    expect(stderr).toContain('error[PSN5001]: `model.bad` failed:')
    expect(stderr).toContain('target/compiled/local/model/bad.sql')
    expect(stderr).not.toMatch(/^ +at /m)
    const rows = await personas(
      ['show', '--inline', 'select status, errors from personas.runs order by started_at', '--output', 'csv'],
      { cwd },
    )
    expect(rows.stdout).toBe('status,errors\r\nsuccess,0\r\nerror,1\r\n')
    expect(
      (await personas(['show', 'profile_traits', '--output', 'csv'], { cwd })).stdout.split('\r\n'),
    ).toHaveLength(4)
  })

  test('a target folder that is a file', async () => {
    const cwd = copyProject(folder, { target: 'not a folder' })
    const { code, stderr } = await personas(['run'], { cwd })
    expect(code).toBe(1)
    expect(stderr).toMatch(/error\[PSN\d+\]/)
    expect(stderr).not.toMatch(/^ +at /m)
  })

  test.each([
    [['rnu'], 'did you mean run?'],
    [['run', '--treads', '2'], 'did you mean --threads?'],
    [['run', '--threads', 'many'], '--threads takes a whole number'],
    [['run', '--as-of', 'yesterday'], '--as-of takes a date'],
    [['run', '--log-format', 'xml'], 'Allowed choices are text, json'],
    [['run', 'extra'], 'too many arguments'],
    [['show'], 'nothing to show'],
    [['parse', '--vars', '[1'], '--vars takes a YAML object'],
    [[], 'Usage: personas'],
  ])('wrong usage %j', async (args, said) => {
    const { code, stdout, stderr } = await personas(args, { cwd: copyProject(folder) })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(said)
  })

  test('an unknown selector method is wrong usage', async () => {
    const cwd = copyProject(folder)
    await personas(['seed'], { cwd })
    const { code, stderr } = await personas(['ls', '--select', 'tga:x'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain('did you mean `tag:`?')
  })

  test('init only into an empty folder', async () => {
    const cwd = copyProject(folder)
    const { code, stderr } = await personas(['init', '.'], { cwd })
    expect(code).toBe(1)
    expect(stderr).toContain('error[PSN5010]')
  })
})
