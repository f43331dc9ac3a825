import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { publishedSchemas } from '../../../src/definitions/published-schemas.ts'

const folder = join(import.meta.dirname, '../../../schemas')
const schemas = publishedSchemas()

test.each(Object.keys(schemas))(
  'schemas/%s is what the code gives; write it with npm run schemas',
  (name) => {
    expect(JSON.parse(readFileSync(join(folder, name), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(schemas[name])),
    )
  },
)

const ajv = new Ajv({ strict: false })
const valid = (name: string) => {
  const validate = ajv.compile(schemas[name] ?? {})
  return (text: string): boolean => validate(parse(text))
}

describe('definitions.schema.json', () => {
  const accepts = valid('definitions.schema.json')

  test.each([
    'sources: [ { name: web, format: segment, schema: web_prod } ]',
    'traits:\n',
    `traits: [ { name: a, type: count, event: E, within: "{{ var 'days' }}d", include_anonymous: "{{ var 'all' }}" } ]`,
    'traits: [ { name: crm, entity: user, type: sql, file: crm.sql, owner: me, tags: [a], meta: { x: 1 } } ]',
    'audiences: [ { name: a, match: { all: [ { not: { any: [ { trait: t, equals: { trait: u } } ] } }, { event: E, count: { exactly: 0 } } ] } } ]',
    'audiences: [ { name: a, entity: account, match: [ { none_of_users: { event: E, within: 14d } } ] } ]',
    'audiences: [ { name: a, match: { event: A, then: { event: B, within: 1h, where: [ { property: p, equals: { parent: p } } ] } } } ]',
    'audiences: [ { name: a, entity: account, query: "ANY trait(1)" } ]',
    'traits: [ { name: a, query: "event(1)", include_anonymous: true } ]',
    'audiences: [ { name: a, match: { event: E, sum: p, greater_than: 5, exclude_sources: [web] } } ]',
    'audiences: [ { name: a, match: { event: E, where: [ { trait: t, equals: { property: p } } ] } } ]',
    'identity: { identifiers: [ { type: user_id, limit: 1, blocked: [ null_id, { pattern: "^0*$" } ] } ] }',
    'identity: { warn_cluster_size: 2000, max_partners: 1000 }',
    'syncs: [ { name: s, from: { audience: a }, destination: d, mode: mirror, on_delete_over: 20% } ]',
    'unit_tests: [ { name: any text, as_of: "2026-06-01T00:00:00Z", given: { web.tracks: [ { id: 1 } ] }, expect: { profiles: 1 } } ]',
  ])('accepts %s', (text) => {
    expect(accepts(text)).toBe(true)
  })

  test.each([
    'trait: []',
    'sources: [ { name: web, schema: web_prod } ]',
    'sources: [ { name: Web, format: segment, schema: web_prod } ]',
    'traits: [ { name: a, type: count, event: E, property: p } ]',
    'traits: [ { name: a, type: sum, event: E } ]',
    'traits: [ { name: a, type: count, event: E, within: 90 days } ]',
    'traits: [ { name: a, type: count, event: E, include_anonymous: yes please } ]',
    'audiences: [ { name: a, match: { event: E, trait: t } } ]',
    'audiences: [ { name: a, match: { event: E }, query: x } ]',
    'audiences: [ { name: a } ]',
    'traits: [ { name: a, type: count, event: E, query: x } ]',
    'audiences: [ { name: a, match: { trait: t, eqals: 1 } } ]',
    'audiences: [ { name: a, match: { all: [ { trait: t, within_last: 3 } ] } } ]',
    'identity: { identifiers: [ { type: user_id, limit: 0 } ] }',
    'identity: { warn_cluster_size: 0 }',
    'identity: { warn_cluster_size: never }',
    'identity: { max_partners: 0 }',
    'syncs: [ { name: s, from: { audience: a }, destination: d, mode: mirrored } ]',
  ])('refuses %s', (text) => {
    expect(accepts(text)).toBe(false)
  })
})

describe('config.schema.json', () => {
  const accepts = valid('config.schema.json')
  const config = (targets: string, more = '') => `name: a\ntarget: l\ntargets: { ${targets} }\n${more}`

  test.each([
    config('l: { type: duckdb, path: a.db, threads: 4 }', 'vars: { a: [1] }\nspaces: { dev: { schema: x } }'),
    config(`l: { type: postgres, host: h, database: d, port: "{{ env_var 'PORT' }}" }`),
    config('l: { type: bigquery, project: p, dataset: d }'),
  ])('accepts %s', (text) => {
    expect(accepts(text)).toBe(true)
  })

  test.each([
    'name: a\n',
    config('l: { type: duckdb }'),
    config('l: { type: duckdb, path: a.db, host: h }'),
    config('l: { type: mysql, path: a.db }'),
    config('l: { type: duckdb, path: a.db, threads: many }'),
    config('l: { type: duckdb, path: a.db }', 'var: {}'),
  ])('refuses %s', (text) => {
    expect(accepts(text)).toBe(false)
  })
})
