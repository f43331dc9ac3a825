import { setTimeout as delay } from 'node:timers/promises'
import { request as undici } from 'undici'
import type { Adapter } from '../../src/adapters/adapter.ts'
import { openAdapter } from '../../src/adapters/open-adapter.ts'
import { compileProject } from '../../src/compiler/compile-project.ts'
import type { CompiledSync } from '../../src/compiler/syncs/compile-sync.ts'
import { type SyncState, syncState } from '../../src/compiler/syncs/sync-state.ts'
import { defaultIdentifiers } from '../../src/definitions/identifier-defaults.ts'
import { parseFile } from '../../src/definitions/parse-file.ts'
import { openPace } from '../../src/sync/deliver/pace.ts'
import { webhook } from '../../src/sync/destinations/webhook.ts'
import { runSync } from '../../src/sync/run-sync.ts'
import { builtInTemplates } from '../built-in-templates.ts'
import { type Measurement, measure, startMeasuring } from '../identity/measurement.ts'

export interface Task {
  readonly file: string
  readonly rows: number
  readonly url: string
  /** That DuckDB may take. */
  readonly memory: string
}

const schemas = { sync: 'personas_sync', public: 'personas' } as const
const target = {
  type: 'duckdb',
  name: 'bench',
  schema: 'personas',
  workSchema: 'personas_work',
  threads: 2,
} as const
const batchRows = 1_000
const concurrency = 4

const definitions = (url: string): string => `sources:
  - { name: shop, format: table, table: shop.people, type: identify, id: id, timestamp: seen_at, identifiers: { user_id: id } }
destinations:
  - { name: hook, type: webhook, url: "${url}" }
syncs:
  - name: people
    from: { table: shop.people }
    key: { column: id }
    destination: hook
    mode: mirror
    mapping: { email: { column: email }, spent: { column: spent }, plan: { column: plan }, country: { column: country }, score: { column: score } }
`

const templates = builtInTemplates()

async function inFile<T>({ file, memory }: Task, work: (adapter: Adapter) => Promise<T>): Promise<T> {
  const adapter = await openAdapter({ ...target, path: file, memoryLimit: memory })
  try {
    return await work(adapter)
  } finally {
    await adapter.close()
  }
}

async function compiled(adapter: Adapter, url: string): Promise<CompiledSync> {
  const parsed = parseFile('sync.yml', definitions(url), { env: {}, vars: {} })
  const { manifest, problems } = await compileProject({
    config: { name: 'bench', target: { ...target, path: ':memory:' }, vars: {}, secrets: [] },
    definitions: { ...parsed.file, traits: [], models: [], identity: { identifiers: defaultIdentifiers() } },
    catalog: await adapter.catalog(['shop', 'personas']),
    dialect: adapter.dialect,
    templates,
    env: {},
    describe: (select) => adapter.describe(select),
  })
  const [sync] = manifest.syncs
  if (sync === undefined) throw new Error(problems.map(({ message }) => message).join('\n'))
  return sync
}

/** People as a warehouse has them: a 31-character id, an address, a sum of money, a few words. */
async function generate(task: Task): Promise<void> {
  const { rows } = task
  await inFile(task, async (adapter) => {
    await adapter.execute('create schema if not exists shop')
    await adapter.execute(`create or replace table shop.people as
      select 'use_' || substr(md5(cast(i as text)), 1, 27) as id, 'user' || i || '@example.com' as email,
        cast((i * 37 % 100000) / 100.0 as double) as spent, case i % 4 when 0 then 'free' when 1 then 'pro' when 2 then 'team' end as plan,
        case i % 3 when 0 then 'de' when 1 then 'fr' else 'us' end as country, i % 100 as score, timestamp '2026-01-01' as seen_at
      from range(${rows}) as numbers (i)`)
    await adapter.execute(
      'create or replace table shop.read_before as select hash(i) as value from range(50000000) as numbers (i)',
    )
  })
}

function stateOf(sync: CompiledSync, adapter: Adapter): SyncState {
  return syncState(
    { dialect: adapter.dialect, templates },
    { schema: schemas.sync, publicSchema: schemas.public },
    sync.definition,
    sync.records,
  )
}

const executed = async (adapter: Adapter, statements: readonly string[]): Promise<void> => {
  for (const sql of statements) await adapter.execute(sql)
}

/** All of it counts as delivered, and then one row in a hundred is edited. */
async function edited(task: Task): Promise<void> {
  const { rows, url } = task
  await inFile(task, async (adapter) => {
    const sync = await compiled(adapter, url)
    const state = stateOf(sync, adapter)
    const begun = { runId: 'first', plannedAt: '2026-01-01T00:00:00Z' }
    const { statements } = state.plan(sync.records)
    await executed(adapter, [...state.prepare, ...state.beginPlan(begun), ...statements, ...state.openPlan])
    const { before, together } = state.fold({
      runId: begun.runId,
      destination: 'hook',
      mode: 'mirror',
      startedAt: begun.plannedAt,
      finishedAt: begun.plannedAt,
      status: 'success',
      settled: [{ first: 1, last: rows }],
      unknown: [],
      repeatable: true,
      forgets: false,
      requests: 1,
      refused: 0,
    })
    const edit = 'update shop.people set score = score + 1 where hash(id) % 100 = 0'
    await executed(adapter, [...before, ...together, 'checkpoint', edit, 'checkpoint'])
  })
}

/** Of two times, so that neither pays for reading the file. */
async function better(work: () => Promise<unknown>): Promise<Measurement> {
  const { measurement: first } = await measure(work)
  const { measurement: second } = await measure(work)
  return first.seconds < second.seconds ? first : second
}

/** One hash aggregate over the table, and what a sync finds in it of which one in a hundred differs. */
async function difference(task: Task): Promise<{
  readonly aggregate: Measurement
  readonly diff: Measurement
  readonly found: number
}> {
  return await inFile(task, async (adapter) => {
    const sync = await compiled(adapter, task.url)
    const state = stateOf(sync, adapter)
    const { statements, unless } = state.plan(sync.records)
    await executed(adapter, state.beginPlan({ runId: 'bench', plannedAt: '2026-01-01T00:00:00Z' }))
    const aggregate = await better(() =>
      adapter.query(
        'select count(*) as n from (select id, count(*) as n, max(score) as score from shop.people group by id)',
      ),
    )
    const diff = await better(async () => {
      await executed(adapter, statements)
      const [sound] = unless === undefined ? [] : await adapter.query(unless.unsound)
      if (Number(sound?.remaining) !== 0) throw new Error('a key is there twice')
    })
    const [row] = await adapter.query(`select count(*) as n from ${schemas.sync}.changes_people`)
    return { aggregate, diff, found: Number(row?.n) }
  })
}

/** A first sync of everything: from the plan to the last acknowledgement. */
async function deliver(task: Task): Promise<{ readonly sending: Measurement; readonly delivered: number }> {
  const { url } = task
  return await inFile(task, async (adapter) => {
    const sync = await compiled(adapter, url)
    // DuckDB keeps what it has read, up to its limit: as after a run it is full from the start, however few rows there are.
    await adapter.query('select sum(value % 7) as total from shop.read_before')
    const settings = webhook.settings.parse({ url, batch_rows: batchRows, concurrency })
    const capabilities = webhook.capabilities(settings)
    const clock = {
      now: () => performance.now(),
      sleep: (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }),
      random: () => Math.random(),
    }
    let soFar = startMeasuring()
    let sending = soFar()
    const result = await runSync({
      sync,
      destination: { type: webhook, settings, capabilities, pace: openPace(capabilities.rate, clock) },
      warehouse: adapter,
      state: adapter,
      templates,
      schemas,
      runId: 'bench',
      version: '0',
      clock,
      policy: { attempts: 5, firstMs: 500, longestMs: 60_000 },
      signal: new AbortController().signal,
      dryRun: false,
      fullResync: false,
      release: false,
      allowDeletes: false,
      report(event) {
        if (event.kind === 'planned') soFar = startMeasuring()
        if (event.kind === 'delivered') sending = soFar()
      },
    })
    return { sending, delivered: result.records.acknowledged ?? 0 }
  })
}

type Client = (
  url: string,
  request: { method: 'POST'; body: string; headers: Record<string, string> },
) => Promise<unknown>

const clients: Readonly<Record<'fetch' | 'undici', Client>> = {
  fetch: async (url, request) => await (await fetch(url, request)).text(),
  undici: async (url, request) => await (await undici(url, request)).body.text(),
}

/** The same bytes, ready in memory, by nothing but a client. */
async function bare(task: Task, client: Client): Promise<Measurement> {
  const { url } = task
  const bodies = await inFile(task, async (adapter) => {
    const made: string[] = []
    for await (const block of adapter.stream('select * from shop.people')) {
      const records = block.map(({ id, email, spent, plan, country, score }) => ({
        operation: 'add',
        key: id,
        idempotency_key: '0123456789abcdef0123456789abcdef',
        fields: { email, spent, plan, country, score: Number(score) },
      }))
      for (let at = 0; at < records.length; at += batchRows)
        made.push(
          JSON.stringify({ sync: 'people', run_id: 'bench', records: records.slice(at, at + batchRows) }),
        )
    }
    return made
  })
  let next = 0
  const sender = async (): Promise<void> => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      await client(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    }
  }
  const { measurement } = await measure(() => Promise.all(Array.from({ length: concurrency }, sender)))
  return measurement
}

const tasks = {
  generate,
  edited,
  difference,
  deliver,
  fetch: (task: Task) => bare(task, clients.fetch),
  undici: (task: Task) => bare(task, clients.undici),
}
export type Tasks = typeof tasks

// One task in a process of its own, so that its peak of memory is its own: `child.js <task> <input as JSON>`.
const [name = '', input = '{}'] = process.argv.slice(2)
const task = Object.entries(tasks).find(([known]) => known === name)?.[1]
if (task === undefined) throw new Error(`no task ${name}`)
console.log(JSON.stringify((await task(JSON.parse(input))) ?? null))
