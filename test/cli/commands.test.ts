import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { copyProject, personas, useBuilt, useFolder } from './personas.ts'

useBuilt()
const folder = useFolder()
const fixed = ['--as-of', '2026-06-01']

describe('a small project, command by command', () => {
  let cwd: string
  const run = (...args: string[]) => personas(args, { cwd })
  beforeAll(async () => {
    cwd = copyProject(folder)
    expect(await run('seed')).toMatchObject({ code: 0 })
    expect(await run('run', ...fixed)).toMatchObject({ code: 0 })
  })

  test('parse counts definitions and needs no warehouse', async () => {
    const { code, stdout, stderr } = await run('parse', '--target', 'down')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toBe('small: 1 source, 11 identifiers, 2 traits, 1 audience, 1 unit test\n')
  })

  test('seed replaces tables named by folder and file', async () => {
    const { code, stdout, stderr } = await run('seed')
    expect([code, stdout]).toEqual([
      0,
      'table                rows\nweb.order_completed     3\nweb.tracks              3\n',
    ])
    expect(stderr).toContain('web.tracks: 3 rows')
  })

  test('compile writes SQL and manifest, the same bytes each time, and executes nothing', async () => {
    const compiled = copyProject(folder)
    await personas(['seed'], { cwd: compiled })
    const read = () => {
      const names = readdirSync(join(compiled, 'target'), { recursive: true, encoding: 'utf8' })
      const texts = names.filter((name) => /\.(sql|json)$/.test(name)).toSorted()
      return texts.map((name) => [name, readFileSync(join(compiled, 'target', name), 'utf8')])
    }
    expect(await personas(['compile'], { cwd: compiled })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+ nodes with \d+ steps for local, in target\/compiled\/local\n$/),
    })
    const first = read()
    expect(first.map(([name]) => name)).toContain('compiled/local/scan/order_completed.sql')
    await personas(['compile'], { cwd: compiled })
    expect(read()).toEqual(first)
    const { stdout } = await personas(
      [
        'show',
        '--inline',
        "select count(*) as n from information_schema.schemata where schema_name = 'personas'",
        '--output',
        'csv',
      ],
      { cwd: compiled },
    )
    expect(stdout).toBe('n\r\n0\r\n')
  })

  test('run shows a summary on stdout and its progress on stderr', async () => {
    const { code, stdout, stderr } = await run('run', ...fixed)
    expect(code).toBe(0)
    expect(stdout).toContain('small on local (DuckDB')
    expect(stdout).toMatch(/^profiles +2$/m)
    expect(stdout).toMatch(/^lifetime_value +2$/m)
    expect(stdout).toMatch(/^big_spenders +1$/m)
    expect(stdout).toContain('The tables are in schema `personas` of target/small.duckdb. Try next:')
    expect(stderr).toMatch(/^\d\d:\d\d:\d\d {2}OK +scan\.order_completed +2 rows +\d+\.\d\d s +\d+\/\d+$/m)
    expect(stderr).not.toContain('\u001B')
    expect(stdout).not.toContain('\u001B')
  })

  test('run_results.json and manifest.json keep their schemas', () => {
    const ajv = new Ajv2020({ strict: true, formats: { 'date-time': true } })
    for (const name of ['manifest', 'run_results']) {
      const schema = JSON.parse(
        readFileSync(join(import.meta.dirname, `../../schemas/${name}.schema.json`), 'utf8'),
      )
      const file = JSON.parse(readFileSync(join(cwd, `target/${name}.json`), 'utf8'))
      expect({ name, valid: ajv.validate(schema, file), errors: ajv.errors }).toEqual({
        name,
        valid: true,
        errors: null,
      })
    }
  })

  test('--log-format json: one object a line on stderr, results as they are', async () => {
    const { stdout, stderr } = await run('run', ...fixed, '--log-format', 'json')
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.filter(({ event }) => event === 'node_ended').map(({ node }) => node)).toContain(
      'scan.order_completed',
    )
    expect(
      lines.find(({ node, event }) => event === 'node_ended' && node === 'scan.order_completed'),
    ).toMatchObject({
      level: 'info',
      status: 'success',
      rows: 2,
      seconds: expect.any(Number),
      time: expect.stringMatching(/Z$/),
    })
    expect(stdout).toContain('small on local')
  })

  test('--quiet says nothing but the result', async () => {
    expect(await run('run', ...fixed, '--quiet')).toMatchObject({ code: 0, stderr: '' })
    expect((await personas(['run', ...fixed], { cwd, env: { PERSONAS_QUIET: '1' } })).stderr).toBe('')
    expect((await personas(['run', ...fixed], { cwd, env: { PERSONAS_QUIET: '0' } })).stderr).not.toBe('')
  })

  test('ls by selector, in four formats', async () => {
    expect((await run('ls', '--select', 'tag:sales')).stdout).toBe(
      'trait.lifetime_value\ntrait.orders_total\n',
    )
    expect(
      (await run('ls', '--select', 'type:audience', 'orders_total', '--output', 'selector')).stdout,
    ).toBe('orders_total\nbig_spenders\n')
    expect((await run('ls', '--select', 'owner:growth', '--output', 'path')).stdout).toBe('models/shop.yml\n')
    const json = (await run('ls', '--select', 'big_spenders', '--output', 'json')).stdout
    expect(JSON.parse(json)).toMatchObject({ id: 'audience.big_spenders', depends_on: expect.any(Array) })
    expect((await personas(['ls'], { cwd, env: { PERSONAS_SELECT: 'tag:sales' } })).stdout).toBe(
      'trait.lifetime_value\ntrait.orders_total\n',
    )
  })

  test('a selector that matches nothing warns, and there is nothing to do', async () => {
    const { code, stdout, stderr } = await run('run', '--select', 'nothing_like_it')
    expect([code, stdout]).toEqual([0, ''])
    expect(stderr).toContain('warning[PSN5006]: no node answers to the selector `nothing_like_it`')
    expect(stderr).toContain('nothing to do')
  })

  test('a selected node runs, and is published', async () => {
    const { code, stderr } = await run('run', ...fixed, '--select', 'orders_total')
    expect(code).toBe(0)
    expect(stderr.match(/OK +\S+/g)?.map((text) => text.replace(/OK +/, ''))).toEqual([
      'event.order_completed',
      'scan.order_completed',
      'profiles.user_profiles',
      'publish.publish',
    ])
  })

  test('what a selected node reads must have been built', async () => {
    const fresh = copyProject(folder)
    await personas(['seed'], { cwd: fresh })
    const { code, stderr } = await personas(['run', '--select', 'orders_total'], { cwd: fresh })
    expect(code).toBe(1)
    expect(stderr).toContain('error[PSN5005]: `event.order_completed` reads')
    expect(stderr).toContain('--select +event.order_completed')
  })

  test('show: a table, a trait, an audience, a query; table, JSON and CSV', async () => {
    expect((await run('show', 'orders_total')).stdout).toMatch(/^canonical_segment_id +orders_total\nuse_/)
    const members = JSON.parse((await run('show', 'big_spenders', '--output', 'json')).stdout)
    expect(members).toMatchObject([{ user_id: 'u1', anonymous_id: 'a1' }])
    expect((await run('show', 'web.order_completed', '--limit', '1', '--output', 'csv')).stdout).toContain(
      '"a ""quoted"", one"\r\n',
    )
    const more = await run('show', 'user_identifiers', '--limit', '1')
    expect(more.stdout.trimEnd().split('\n')).toHaveLength(2)
    expect(more.stderr).toContain('--limit 0')
    expect((await run('show', '--inline', 'select 1 as one;', '--output', 'json')).stdout).toBe(
      '[\n  {\n    "one": 1\n  }\n]\n',
    )
    const unknown = await run('show', 'big_spender')
    expect(unknown).toMatchObject({ code: 1, stdout: '' })
    expect(unknown.stderr).toContain('did you mean `big_spenders`?')
    expect(await run('show', '--inline', 'delete from personas.id_graph')).toMatchObject({ code: 1 })
    expect(
      (await run('show', '--inline', 'select count(*) as n from personas.id_graph', '--output', 'csv'))
        .stdout,
    ).toBe('n\r\n2\r\n')
  })

  test('test: unit and data tests', async () => {
    const { code, stdout } = await run('test')
    expect(stdout).toMatch(/^PASS {2}unit test: orders add up/)
    expect(stdout).toContain('PASS  data test: user_identifiers has type and value once')
    expect(stdout).toMatch(/\n\d+ passed, 0 failed\n$/)
    expect(code).toBe(0)
    expect((await run('test', '--select', 'orders add*')).stdout).toMatch(/^PASS.*\n1 passed, 0 failed\n$/)
  })

  test('show of a SQL trait previews its rows, each known or unknown, before the first run too', async () => {
    const place = copyProject(folder)
    writeFileSync(
      join(place, 'models', 'crm.yml'),
      'traits: [{ name: crm, type: sql, file: crm.sql }, { name: seen, type: sql, file: seen.sql }]\n',
    )
    writeFileSync(
      join(place, 'models', 'crm.sql'),
      "select ' u1 ' as user_id, 7 as score union all select 'stranger', 8",
    )
    writeFileSync(
      join(place, 'models', 'seen.sql'),
      "select value as user_id, 1 as seen from {{ref 'user_identifiers'}} as u where type = 'user_id'",
    )
    const shown = async (name = 'crm') => await personas(['show', name, '--output', 'csv'], { cwd: place })
    expect(await personas(['seed'], { cwd: place })).toMatchObject({ code: 0 })
    const before = await shown()
    expect(before.stdout).toBe('user_id,score,profile\r\n" u1 ",7,unknown\r\nstranger,8,unknown\r\n')
    expect(before.stderr).toContain('PSN5024')
    expect((await shown('seen')).stderr).toContain('PSN5013')
    writeFileSync(
      join(place, 'models', 'crm.yml'),
      'traits: [{ name: crm, type: sql, file: crm.sql, create_profiles: false }]\n',
    )
    expect(await personas(['run', '--quiet'], { cwd: place })).toMatchObject({ code: 0 })
    const after = await shown()
    expect(after.stdout).toBe('user_id,score,profile\r\n" u1 ",7,known\r\nstranger,8,unknown\r\n')
    expect(after.stderr).toBe('')
  })

  test('a unit test that does not hold shows expected and actual', async () => {
    const failing = readFileSync(join(cwd, 'models/tests.yml'), 'utf8')
      .replace('60.5', '61')
      .replace('[u1]', '[u2]')
    const broken = copyProject(folder, { 'models/tests.yml': failing })
    const { code, stdout, stderr } = await personas(['test'], { cwd: broken })
    expect(code).toBe(1)
    expect(stdout).toMatch(/lifetime_value of user_id:u1 +61 +60\.5/)
    expect(stdout).toMatch(/audience big_spenders +u2 in it +not a member/)
    expect(stdout).toMatch(/audience big_spenders +not a member +user_id:u1/)
    expect(stderr).toContain('error[PSN5007]')
    expect(stderr).toContain('models/tests.yml:2:11')
    expect(stdout).toContain('0 passed, 1 failed')
  })

  test('debug shows where it looks, and no password', async () => {
    const { code, stdout } = await run('debug')
    expect(code).toBe(0)
    expect(stdout).toContain('connection:   ok')
    expect(stdout).toContain('permissions:  tables can be created in personas_work')
    const down = await run('debug', '--target', 'down')
    expect(down.code).toBe(1)
    expect(down.stdout).toContain('server:       127.0.0.1:1')
    expect(down.stdout + down.stderr).not.toContain('opensesame')
    expect(down.stderr).toContain('error[PSN4001]')
    expect(down.stderr).not.toMatch(/^ +at /m)
  })

  test('clean keeps the database unless all is to go', async () => {
    const used = copyProject(folder)
    await personas(['seed'], { cwd: used })
    await personas(['compile'], { cwd: used })
    expect((await personas(['clean'], { cwd: used })).stdout).toBe(
      'removed cache, compiled, manifest.json, partial_parse.json from target; kept small.duckdb\n',
    )
    expect(readdirSync(join(used, 'target'))).toEqual(['small.duckdb'])
    await personas(['clean', '--all'], { cwd: used })
    expect(readdirSync(join(used, 'target'))).toEqual([])
  })

  test('works from a folder inside the project, and from outside with --project-dir', async () => {
    expect((await personas(['parse'], { cwd: join(cwd, 'models') })).code).toBe(0)
    expect((await personas(['parse', '--project-dir', cwd], { cwd: folder })).code).toBe(0)
    expect((await personas(['parse'], { cwd: folder, env: { PERSONAS_PROJECT_DIR: cwd } })).code).toBe(0)
  })
})

describe('help and version', () => {
  test('every command has help with examples', async () => {
    const { stdout, code } = await personas(['--help'], { cwd: folder })
    expect(code).toBe(0)
    const commands = [
      'init',
      'debug',
      'parse',
      'compile',
      'run',
      'test',
      'ls',
      'show',
      'seed',
      'clean',
      'serve',
      'tokens',
    ]
    for (const command of commands) {
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'))
      const help = await personas([command, '--help'], { cwd: folder })
      expect(help.code).toBe(0)
      expect(help.stdout).toMatch(/\nExamples:\n {2}personas /)
      expect(help.stdout).toContain('--project-dir')
    }
  })

  test('version as text and as data', async () => {
    expect((await personas(['--version'], { cwd: folder })).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    const { stdout, stderr } = await personas(['--version', '--log-format', 'json'], { cwd: folder })
    expect(JSON.parse(stdout)).toEqual({ personas: expect.any(String), node: process.versions.node })
    expect(stderr).toBe('')
  })
})
