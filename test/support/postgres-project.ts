import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Adapter } from '../../src/adapters/adapter.ts'
import { openAdapter } from '../../src/adapters/open-adapter.ts'
import type { PostgresTarget } from '../../src/config/config.ts'
import { loadProject, type Project } from '../../src/definitions/load-project.ts'
import type { Problem } from '../../src/diagnostics/problem.ts'
import type { CompiledNode } from '../../src/ir/node.ts'
import { compileFor } from '../../src/runner/compile-for.ts'
import { executeRun } from '../../src/runner/execute-run.ts'
import { nodeProblem } from '../../src/runner/node-problem.ts'
import { nodesDone } from '../../src/runner/nodes-done.ts'
import type { RunRecord } from '../../src/runner/run-log.ts'
import { checksumsOf, parseRunResults, renderRunResults } from '../../src/runner/run-results-file.ts'

const models = `
sources: [{ name: web, format: segment, schema: web }]
traits:
  - { name: orders_total, entity: user, type: count, event: Order Completed }
  - { name: lifetime_value, entity: user, type: sum, event: Order Completed, property: revenue }
  - { name: average, entity: user, type: formula, expression: lifetime_value / orders_total }
  - { name: seen, entity: user, type: sql, file: seen.sql }
audiences:
  - { name: big_spenders, entity: user, match: { trait: lifetime_value, greater_than: 50 } }
`
const seenSql =
  "select user_id, count(*) as seen from {{source 'web' 'tracks'}} where user_id is not null group by user_id"

const createTables = [
  'create schema web',
  'create table web.tracks (id text, received_at timestamp, timestamp timestamp, event text, user_id text, anonymous_id text)',
  'create table web.order_completed (id text, received_at timestamp, timestamp timestamp, event text, user_id text, anonymous_id text, revenue double precision)',
]
const copyTracks =
  'insert into web.tracks select id, received_at, timestamp, event, user_id, anonymous_id from web.order_completed ' +
  'where id not in (select id from web.tracks)'

/** What a run takes in before, and what the next one finds. */
const batches = {
  first: [
    ...createTables,
    `insert into web.order_completed values
      ('o1', '2026-05-01', '2026-05-01', 'Order Completed', 'u1', 'a1', 60),
      ('o2', '2026-05-02', '2026-05-02', 'Order Completed', null, 'a2', 10)`,
    copyTracks,
  ],
  second: [
    `insert into web.order_completed values
      ('o3', '2026-05-03', '2026-05-03', 'Order Completed', 'u2', 'a2', 45),
      ('o4', '2026-05-04', '2026-05-04', 'Order Completed', 'u1', 'a3', 5),
      ('o5', '2026-05-05', '2026-05-05', 'Order Completed', null, 'a4', 70)`,
    copyTracks,
  ],
}

export interface Outcome {
  readonly record: RunRecord
  /** run_results.json as the run left it. */
  readonly results: string
  /** What is said of nodes that failed. */
  readonly problems: readonly Problem[]
}

/** One small project whose runs are made on any database of a server. */
export interface PostgresProject {
  /** Source tables with one batch, or with both. */
  fill(adapter: Adapter, batch: 'first' | 'second'): Promise<void>
  /** @param earlier results of a run to go on from */
  run(adapter: Adapter, how?: { readonly earlier?: string; readonly asOf?: string }): Promise<Outcome>
  close(): void
}

let runs = 0

export function openPostgresProject(more: Readonly<Record<string, string>> = {}): PostgresProject {
  const folder = mkdtempSync(join(tmpdir(), 'personas-faults-'))
  const files = {
    'personas.config.yaml':
      'name: faults\nversion: 1\ntarget: pg\ntargets: { pg: { type: postgres, url: "postgres://x", schema: personas } }\n',
    'models/all.yml': models,
    'models/seen.sql': seenSql,
    ...more,
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const project: Project = loadProject({ projectDir: folder, env: {} })
  const given = { schema: 'personas', select: [], exclude: [], full_refresh: false }
  return {
    async fill(adapter, batch) {
      for (const sql of batches[batch]) await adapter.execute(sql)
    },
    async run(adapter, { earlier: text, asOf = '2026-06-01T00:00:00.000Z' } = {}) {
      const { manifest } = await compileFor(project, adapter)
      const selected = new Set(manifest.nodes.map(({ id }) => id))
      const checksums = checksumsOf(manifest.nodes)
      const earlier = text === undefined ? undefined : parseRunResults(text)
      if (text !== undefined && earlier === undefined) throw new Error('no results of a run')
      runs += 1
      let results = ''
      const record = await executeRun({
        adapter,
        schema: 'personas',
        workSchema: 'personas_work',
        nodes: manifest.nodes,
        selected,
        threads: 2,
        runId: `${String(runs).padStart(6, '0')}-run`,
        command: 'run',
        asOf,
        fullRefresh: false,
        target: 'pg',
        project: 'faults',
        version: '0',
        definitionsHash: '0',
        lockTimeoutSeconds: 0,
        signal: new AbortController().signal,
        report: () => {},
        waiting: () => {},
        save(run) {
          results = renderRunResults({
            run,
            engine: 'PostgreSQL',
            given,
            checksums,
            ...(earlier === undefined ? {} : { earlier }),
          })
        },
        ...(earlier === undefined
          ? {}
          : {
              continues: {
                runId: earlier.run_id,
                done: nodesDone(manifest.nodes, selected, checksums, earlier),
              },
            }),
      })
      return { record, results, problems: problemsOf(manifest.nodes, record) }
    },
    close() {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function problemsOf(nodes: readonly CompiledNode[], record: RunRecord): readonly Problem[] {
  const found = record.results.flatMap((result) => {
    const node = nodes.find(({ id }) => id === result.nodeId)
    if (node === undefined || result.status !== 'error') return []
    return [nodeProblem(node, result, `target/compiled/pg/${node.type}/${node.name}.sql`)]
  })
  return [...found, ...record.problems]
}

/** A connection for one database of a server, or for another user or port of it. */
export function openDatabase(
  server: string,
  database: string,
  { change = () => {}, ...more }: Partial<PostgresTarget> & { readonly change?: (url: URL) => void } = {},
): Promise<Adapter> {
  const url = new URL(server)
  url.pathname = `/${database}`
  change(url)
  return openAdapter({
    ...{
      name: 'pg',
      type: 'postgres',
      url: url.href,
      schema: 'personas',
      workSchema: 'personas_work',
      threads: 2,
    },
    ...more,
  })
}

const tables = [
  'id_graph',
  'id_graph_updates',
  'user_identifiers',
  'user_traits',
  'profile_merges',
  'external_id_mapping',
  'external_id_mapping_updates',
  'profile_traits',
  'account_traits',
  'account_users',
  'identity_violations',
  'order_completed',
  'event_segments',
  'audience_big_spenders',
] as const

/** Rows of the public tables, without what names runs: which run did it is no part of what came out. */
export async function published(adapter: Adapter): Promise<string> {
  const all: string[] = []
  const rowsOf = async (name: string, sql: string): Promise<void> => {
    const rows = (await adapter.query(sql)).map((row) =>
      JSON.stringify(row, (_key, value) => (typeof value === 'bigint' ? `${value}` : value)),
    )
    all.push(`${name}:\n  ${rows.sort().join('\n  ')}`)
  }
  for (const table of tables) await rowsOf(table, `select * from personas.${table}`)
  await rowsOf(
    'audience_memberships',
    'select audience_key, profile_id, entered_at, exited_at from personas.audience_memberships',
  )
  await rowsOf(
    'profile_traits_updates',
    `select segment_id, timestamp, triggering_event_type, orders_total, lifetime_value, average, seen, big_spenders from personas.profile_traits_updates`,
  )
  await rowsOf(
    'identity_runs',
    'select distinct on (as_of) as_of, events, profiles, partition_hash from personas.identity_runs order by as_of, run_id desc',
  )
  return all.join('\n')
}
