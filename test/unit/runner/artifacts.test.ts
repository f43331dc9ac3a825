import { mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { problem } from '../../../src/diagnostics/problem.ts'
import { artifactSchemas } from '../../../src/runner/artifact-schemas.ts'
import { compiledPath, renderSteps, writeCompiledFiles } from '../../../src/runner/compiled-files.ts'
import { renderManifest } from '../../../src/runner/manifest-file.ts'
import { renderRunResults } from '../../../src/runner/run-results-file.ts'
import { node, sql } from './sample-nodes.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'personas-'))
})
afterEach(() => rm(folder, { recursive: true }))

const root = new URL('../../../', import.meta.url)
const filesIn = async () =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .toSorted()

const nodes = [
  node('source', 'web', [], {
    origin: { file: 'models/sources.yml', line: 2 },
    owner: 'data',
    meta: { pii: true },
  }),
  node('trait', 'orders', ['source.web'], {
    relation: { schema: 'w', name: 'trait_orders' },
    columns: [{ name: 'orders', type: 'integer' }],
    steps: [sql('-- trait: orders\nselect 1')],
  }),
]
const target = { name: 'local', type: 'duckdb', schema: 'p', workSchema: 'w' }
const manifest = () => renderManifest({ personasVersion: '0.1.0', project: 'acme', target, nodes })

describe('compiled files', () => {
  test('all kinds of steps as one file to read', () => {
    const body = [{ kind: 'statement' as const, name: 'x', sql: 'delete from a' }]
    expect(
      renderSteps([
        sql('create table a as\nselect 1 as n\n'),
        {
          kind: 'repeat',
          name: 'shrink',
          until: 'select 0 as remaining',
          bound: 'linear',
          body: [sql('select 2')],
        },
        { kind: 'check', name: 'unique', sql: 'select 3', message: 'm', hint: 'h' },
        { kind: 'warning', name: 'large', sql: 'select 4', code: 'PSN5023' },
        { kind: 'branch', name: 'warn', condition: 'select 1 as remaining', body: [sql('select 5')] },
        { kind: 'transaction', name: 'publish', body },
      ]),
    ).toBe(
      [
        'create table a as\nselect 1 as n;',
        '-- repeat shrink until this answers 0:\nselect 0 as remaining;',
        'select 2;',
        '-- end of repeat shrink',
        '-- check unique, which must answer no rows:\nselect 3;',
        '-- warning large, one for each row:\nselect 4;',
        '-- warn, unless this answers 0:\nselect 1 as remaining;',
        'select 5;',
        '-- end of warn',
        'begin;',
        'delete from a;',
        'commit;\n',
      ].join('\n\n'),
    )
  })

  test('a file that would be the same is left, a node that is gone takes its file along', async () => {
    writeCompiledFiles(folder, 'local', [...nodes, node('trait', 'gone', [], { steps: [sql('select 1')] })])
    expect(await filesIn()).toEqual(['gone.sql', 'orders.sql'])
    const file = join(folder, 'compiled/local/trait/orders.sql')
    expect(await readFile(file, 'utf8')).toBe('-- trait: orders\nselect 1;\n')
    await utimes(file, 1, 1)
    writeCompiledFiles(folder, 'local', nodes)
    expect(await filesIn()).toEqual(['orders.sql'])
    expect((await stat(file)).mtimeMs).toBe(1000)
    writeCompiledFiles(folder, 'other', [])
    expect(await filesIn()).toEqual(['orders.sql'])
  })

  test('no name leads out of the folder', () => {
    const path = compiledPath('../x', node('trait', '../../y', [], { steps: [sql('select 1')] }))
    expect(path).toBe('compiled/__x/trait/__.._y.sql')
  })
})

describe('artifacts keep their published schemas', () => {
  const ajv = new Ajv2020({ strict: true, formats: { 'date-time': true } })
  const published = async (name: string): Promise<object> =>
    JSON.parse(await readFile(new URL(`schemas/${name}`, root), 'utf8'))

  test('what is published is what the code says', async () => {
    for (const [name, schema] of Object.entries(artifactSchemas())) {
      expect(await published(name)).toEqual(JSON.parse(JSON.stringify(schema)))
    }
  })

  test('manifest.json', async () => {
    const valid = ajv.compile(await published('manifest.schema.json'))
    const file = JSON.parse(manifest())
    valid(file)
    expect(valid.errors).toBe(null)
    expect(manifest()).toBe(manifest())
    expect(file.nodes['trait.orders'].compiled_path).toBe('compiled/local/trait/orders.sql')
    expect(valid({ ...file, surprise: 1 })).toBe(false)
  })

  test('run_results.json', async () => {
    const valid = ajv.compile(await published('run_results.schema.json'))
    const instant = '2026-06-01T00:00:00.000Z'
    const record = {
      runId: 'r1',
      command: 'run',
      startedAt: instant,
      finishedAt: instant,
      asOf: instant,
      status: 'error' as const,
      target: 'local',
      project: 'acme',
      version: '0.1.0',
      definitionsHash: '0',
      kept: [],
      problems: [],
      results: [
        {
          nodeId: 'trait.orders',
          status: 'success' as const,
          startedAt: instant,
          seconds: 0.123456,
          rows: 3,
        },
        { nodeId: 'trait.x', status: 'skipped' as const, seconds: 0, message: 'trait.orders: error' },
        {
          nodeId: 'identity.profiles',
          status: 'success' as const,
          seconds: 1,
          warnings: [
            problem('PSN5023', { profile: 'use_1', identifiers: 9, type: 'email', value: 'x', joined: 8 }),
          ],
        },
      ],
    }
    const given = { schema: 'p', select: ['orders'], exclude: [], full_refresh: false }
    const checksums = new Map([['trait.orders', 'abc']])
    const file = JSON.parse(renderRunResults({ run: record, engine: 'DuckDB 1.5.6', given, checksums }))
    valid(file)
    expect(valid.errors).toBe(null)
    expect(file.nodes[0]).toEqual({
      id: 'trait.orders',
      status: 'success',
      started_at: instant,
      seconds: 0.123,
      rows: 3,
      checksum: 'abc',
    })
    expect(file.nodes[2].warnings).toEqual([
      {
        code: 'PSN5023',
        message: 'profile use_1 holds 9 identifiers; email `x` joins 8 of them',
        hint: expect.stringContaining('block the value'),
      },
    ])
    expect(valid({ ...file, status: 'fine' })).toBe(false)
  })
})
