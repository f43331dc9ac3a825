import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadProject } from '../../../src/definitions/load-project.ts'
import { createParseCache } from '../../../src/definitions/parse-cache.ts'
import { parseFile } from '../../../src/definitions/parse-file.ts'
import { temporaryProject } from '../../support/temporary-project.ts'

const text = `traits: [ { name: a, type: count, event: E, within: "{{ var 'days' }}d" } ]`
const parse = (vars: Record<string, unknown>, env = {}, of = text) =>
  parseFile('models/a.yml', of, { env, vars })

describe('a parse cache', () => {
  const filled = createParseCache()
  filled.put('models/a.yml', text, { days: 3 }, parse({ days: 3 }))
  const json = filled.toJson()

  test('gives what parsing gives, through JSON', () => {
    expect(createParseCache(json).find('models/a.yml', text, { days: 3, other: 1 })).toEqual(
      parse({ days: 3 }).file,
    )
  })

  test('forgets a file whose text, path or used variables are others', () => {
    const cache = createParseCache(json)
    expect(cache.find('models/a.yml', `${text} `, { days: 3 })).toBeUndefined()
    expect(cache.find('models/a.yml', text, { days: 4 })).toBeUndefined()
    expect(cache.find('models/b.yml', text, { days: 3 })).toBeUndefined()
    expect(cache.find('constructor', text, { days: 3 })).toBeUndefined()
  })

  test('has nothing new to write where all was found, and drops what is gone', () => {
    const same = createParseCache(json)
    same.find('models/a.yml', text, { days: 3 })
    expect(same.toJson()).toBeUndefined()
    expect(createParseCache(json).toJson()).toContain('"content":{}')
  })

  test('ignores what another build wrote, and what is no cache', () => {
    for (const other of [json?.replace('"build":"', '"build":"x'), '', '[]', '{"content":', 'null']) {
      expect(createParseCache(other).find('models/a.yml', text, { days: 3 })).toBeUndefined()
    }
  })

  test('never holds what the environment gave', () => {
    const cache = createParseCache()
    const of = `destinations: [ { name: d, type: webhook, secret: "{{ env_var 'SECRET' }}" } ]`
    cache.put('models/a.yml', of, {}, parse({}, { SECRET: 's3cret' }, of))
    expect(cache.toJson() ?? '').not.toContain('s3cret')
  })
})

test('a project read with the cache is the one read without; an edit is seen', () => {
  const projectDir = temporaryProject({
    'personas.config.yaml':
      'name: a\ntarget: l\ntargets: { l: { type: duckdb, path: a.db } }\nvars: { days: 3 }\n',
    'models/a.yml': `sources: [ { name: web, format: segment, schema: x } ]\n${text}\n`,
  })
  const plain = loadProject({ projectDir, env: {} })
  const file = join(projectDir, 'target/partial_parse.json')
  expect(existsSync(file)).toBe(false)
  expect(loadProject({ projectDir, env: {}, cached: true })).toEqual(plain)
  expect(existsSync(file)).toBe(true)
  expect(loadProject({ projectDir, env: {}, cached: true })).toEqual(plain)

  const model = join(projectDir, 'models/a.yml')
  writeFileSync(model, readFileSync(model, 'utf8').replace('name: a,', 'name: b,'))
  expect(loadProject({ projectDir, env: {}, cached: true }).definitions.traits).toMatchObject([{ name: 'b' }])
})
