import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load-config.ts'
import { type Problem, ProblemError } from '../../../src/diagnostics/problem.ts'
import { temporaryProject } from '../../support/temporary-project.ts'

const targets = `
name: acme
version: 1
target: local
targets:
  local: { type: duckdb, path: target/acme.duckdb, schema: shop }
  pg: { type: postgres, url: "{{ env_var 'DATABASE_URL' }}", threads: 8 }
  parts: { type: postgres, host: "{{ env_var 'HOST' }}", port: "{{ env_var 'PORT' '5433' }}", database: acme, password: hunter22 }
  bq: { type: bigquery, project: acme-data, dataset: personas, location: EU }
  snow: { type: snowflake, account: xy1, username: u, private_key_path: "{{ env_var 'SNOW_KEY' }}", role: R, warehouse: W, database: D, schema: S }
vars: { lookback_days: 90, shop: "{{ env_var 'SHOP' 'main' }}" }
spaces:
  dev: { schema: shop_dev, vars: { lookback_days: 3 } }
  broken: { schema: "{{ env_var 'NOT_SET' }}" }
`
const open = (
  env: Record<string, string> = {},
  options: { targetName?: string; vars?: Record<string, unknown> } = {},
) => loadConfig({ projectDir: temporaryProject({ 'personas.config.yaml': targets }), env, ...options })

function problemsOf(load: () => unknown): readonly Problem[] {
  try {
    load()
  } catch (error) {
    if (error instanceof ProblemError) return error.problems
    throw error
  }
  return []
}

describe('loadConfig', () => {
  test('fills in defaults and makes paths absolute', () => {
    const config = open()
    expect(config).toMatchObject({
      name: 'acme',
      target: { name: 'local', type: 'duckdb', schema: 'shop', workSchema: 'shop_work', threads: 4 },
      targetNames: ['local', 'pg', 'parts', 'bq', 'snow'],
      vars: { lookback_days: 90, shop: 'main' },
      secrets: [],
    })
    expect(config.target).toHaveProperty('path', join(config.projectDir, 'target/acme.duckdb'))
    expect(config.paths.models).toBe(join(config.projectDir, 'models'))
  })

  test('a target comes from --target, then PERSONAS_TARGET, then the file', () => {
    expect(open({ PERSONAS_TARGET: 'bq' }).target.name).toBe('bq')
    expect(open({ PERSONAS_TARGET: 'pg' }, { targetName: 'bq' }).target.name).toBe('bq')
    expect(open({ PERSONAS_TARGET: '' }).target.name).toBe('local')
  })

  test('only the chosen target needs its variables', () => {
    expect(problemsOf(() => open({}, { targetName: 'pg' }))).toMatchObject([
      { code: 'PSN1020', parameters: { variable: 'DATABASE_URL' }, span: { line: 7 } },
    ])
  })

  test('what the environment gives for a connection is secret, and the password inside a URL', () => {
    const url = 'postgres://shop:p%40ss@db/acme'
    expect(open({ DATABASE_URL: url }, { targetName: 'pg' }).secrets).toEqual([url, 'p%40ss', 'p@ss'])
    expect(open({ HOST: 'db.internal', SHOP: 'berlin' }, { targetName: 'parts' }).secrets).toEqual([
      'db.internal',
      'hunter22',
    ])
  })

  test('a number may come from the environment or a default', () => {
    expect(open({ HOST: 'h' }, { targetName: 'parts' }).target).toMatchObject({ port: 5433 })
    expect(open({ HOST: 'h', PORT: '6000' }, { targetName: 'parts' }).target).toMatchObject({ port: 6000 })
    expect(problemsOf(() => open({ HOST: 'h', PORT: 'sixty' }, { targetName: 'parts' }))).toMatchObject([
      { code: 'PSN1012', parameters: { key: 'port', expected: 'a number' } },
    ])
  })

  test('no message shows what the environment gave', () => {
    const found = problemsOf(() => open({ HOST: 'h', PORT: 'very-secret' }, { targetName: 'parts' }))
    expect(JSON.stringify(found)).not.toContain('very-secret')
  })

  test('cloud targets are validated and kept as settings', () => {
    const { target, projectDir } = open({ SNOW_KEY: 'k.p8' }, { targetName: 'snow' })
    expect(target).toMatchObject({
      type: 'snowflake',
      // As everyone writes it there: upper case is what the warehouse shows.
      schema: 's',
      workSchema: 's_work',
      settings: { account: 'xy1', private_key_path: join(projectDir, 'k.p8'), warehouse: 'W' },
    })
    expect(open({}, { targetName: 'bq' }).target).toMatchObject({
      schema: 'personas',
      settings: { location: 'EU' },
    })
  })

  test('a space has its own schema, working schema and variables; --vars win', () => {
    expect(open({ PERSONAS_SPACE: 'dev' })).toMatchObject({
      space: 'dev',
      target: { schema: 'shop_dev', workSchema: 'shop_dev_work' },
      vars: { lookback_days: 3, shop: 'main' },
    })
    expect(open({ PERSONAS_SPACE: 'dev' }, { vars: { lookback_days: 1 } }).vars).toMatchObject({
      lookback_days: 1,
    })
  })

  test('PERSONAS_TARGET_PATH moves what is generated', () => {
    expect(open({ PERSONAS_TARGET_PATH: '/tmp/elsewhere' }).paths.target).toBe('/tmp/elsewhere')
  })

  test('problems of the whole file are found together', () => {
    const text =
      'nme: acme\ntarget: x\ntargets:\n  local: { type: duckdb, paht: a.db }\n  pg: { type: postgrs }\n'
    const projectDir = temporaryProject({ 'personas.config.yaml': text })
    expect(
      problemsOf(() => loadConfig({ projectDir, env: {} }))
        .map(({ code }) => code)
        .toSorted(),
    ).toEqual(['PSN1010', 'PSN1010', 'PSN1013', 'PSN1030'])
  })
})
