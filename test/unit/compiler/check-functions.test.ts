import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compileProject } from '../../../src/compiler/compile-project.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import { builtInTemplates, loadTemplates } from '../../../src/config/load-templates.ts'
import { loadDefinitions } from '../../../src/definitions/load-definitions.ts'
import { dialectOf } from '../../../src/dialects/dialects.ts'
import { prepareTemplates } from '../../../src/sql/templates.ts'
import { temporaryProject } from '../../support/temporary-project.ts'

const project = {
  'models/a.yml': `sources:
  - { name: web, format: segment, schema: web }
traits:
  - { name: orders, type: count, event: Order Completed }
  - { name: scored, type: sql, file: scored.sql }
audiences:
  - { name: buyers, match: { trait: orders, greater_than: 0 } }
destinations:
  - { name: out, type: webhook, url: "https://crm.example/" }
syncs:
  - { name: s, destination: out, from: { audience: buyers }, mode: mirror }
`,
  'models/totals.sql': "select user_id, own_function(1) as total from {{source 'web' 'order_completed'}}\n",
  'models/scored.sql': "select\n  user_id,\n  hll.merge(1) as total\nfrom {{ref 'totals'}}",
}

const column = (name: string) => ({ name, type: 'text' as const })
const tables = [
  {
    relation: { schema: 'web', name: 'order_completed' },
    columns: [
      ...['id', 'user_id', 'event', 'event_text'].map(column),
      { name: 'received_at', type: 'timestamp' as const },
      { name: 'timestamp', type: 'timestamp' as const },
    ],
  },
  { relation: { schema: 'personas', name: 'user_identifiers' }, columns: ['type', 'value'].map(column) },
]

/** Problems of the project with files over it: code, file, line, what is called and by whom. */
async function problemsOf(
  files: Readonly<Record<string, string>>,
  name: (typeof dialects)[number] = 'duckdb',
  more = '',
): Promise<readonly unknown[]> {
  const target = `{ type: duckdb, path: g.duckdb, schema: personas${more} }`
  const folder = temporaryProject({
    'personas.config.yaml': `name: g\nversion: 1\ntarget: t\ntargets: { t: ${target} }\n`,
    ...project,
    ...files,
  })
  const config = loadConfig({ projectDir: folder, env: {} })
  const { problems } = await compileProject({
    config: { ...config, secrets: [] },
    definitions: loadDefinitions(config, { env: {} }).definitions,
    catalog: { tables },
    dialect: dialectOf(name),
    templates: prepareTemplates(loadTemplates(config).templates),
    env: {},
    describe: async () => [column('user_id'), { name: 'total', type: 'float' }],
  })
  return problems.map(({ code, parameters, span }) => ({
    code,
    ...parameters,
    place: `${span?.file}:${span?.line}:${span?.column}`,
  }))
}

const builtIn = (name: string): string => readFileSync(join(builtInTemplates, `${name}.sql.hbs`), 'utf8')
const foreign = { code: 'PSN3043', warehouse: 'duckdb', ofTemplate: true }
const dialects = ['duckdb', 'postgres', 'bigquery', 'snowflake'] as const

describe('functions that compiled SQL calls', () => {
  test.each(dialects)('of a user’s own .sql files are free, on %s', async (name) => {
    expect(await problemsOf({}, name)).toEqual([])
  })

  test('of a template are not, and what it is about is said once', async () => {
    const text = builtIn('audience').replace('{{key}}', "{{key}}, -- it's mode(1)\n  MODE(1) as m")
    const audiences = project['models/a.yml'].replace(
      'destinations:',
      '  - { name: more, match: { trait: orders, greater_than: 1 } }\ndestinations:',
    )
    const line = text.split('\n').findIndex((each) => each.includes('MODE')) + 1
    expect(await problemsOf({ 'templates/audience.sql.hbs': text, 'models/a.yml': audiences })).toEqual([
      {
        ...foreign,
        node: 'audience.buyers',
        function: 'mode',
        place: `templates/audience.sql.hbs:${line}:3`,
      },
    ])
  })

  test('of a template of identity are not', async () => {
    const text = builtIn('identity/edges').replace('select', 'select any_value(1) as x,')
    expect(await problemsOf({ 'templates/identity/edges.sql.hbs': text })).toMatchObject([
      { ...foreign, node: 'identity.profiles', function: 'any_value' },
    ])
  })

  const logs = `${builtIn('sync/log-run').trimEnd()}, now()\n`

  test('of a template that a sync renders when it goes are not', async () => {
    expect(await problemsOf({ 'templates/sync/log-run.sql.hbs': logs })).toMatchObject([
      { ...foreign, node: 'sync.s', function: 'now' },
    ])
  })

  test('of a sync whose state is in DuckDB are those of DuckDB', async () => {
    const state = ', sync_state: state.duckdb'
    expect(await problemsOf({}, 'bigquery', state)).toEqual([])
    expect(await problemsOf({ 'templates/sync/log-run.sql.hbs': logs }, 'bigquery', state)).toMatchObject([
      { ...foreign, node: 'sync.s', function: 'now' },
    ])
  })
})
