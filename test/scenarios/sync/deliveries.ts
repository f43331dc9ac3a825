import { expect } from 'vitest'
import { z } from 'zod'
import type { Value } from '../../../src/adapters/adapter.ts'
import { relation } from '../../../src/ir/relation.ts'
import type { Clock } from '../../../src/sync/deliver/pace.ts'
import { openPace } from '../../../src/sync/deliver/pace.ts'
import {
  type Capabilities,
  type Change,
  type DestinationType,
  destinationType,
  type RowResult,
  type Session,
} from '../../../src/sync/destination.ts'
import { runSyncs } from '../../../src/sync/run-syncs.ts'
import type { RunSync, SyncResult } from '../../../src/sync/sync-run.ts'
import type { Engine } from '../../support/engines.ts'
import { type Scenario, withScenario } from '../../support/scenario.ts'
import { templates } from '../../support/templates.ts'

/** Time that passes when it is waited for. */
export function quickClock(): Clock & { readonly slept: number[] } {
  let now = 0
  const slept: number[] = []
  return {
    slept,
    now: () => now,
    async sleep(ms, signal) {
      signal.throwIfAborted()
      slept.push(ms)
      now += ms
    },
    random: () => 1,
  }
}

/** A destination in this process: what it holds is what it was told. */
export interface Receiver {
  readonly type: DestinationType
  readonly capabilities: Capabilities
  /** Every change of every call, in order. */
  readonly calls: readonly (readonly Change[])[]
  /** How many records came as JSON in each call that did. */
  readonly asJson: readonly number[]
  /** Fields by key, as adds, updates and removals leave them. */
  readonly held: ReadonlyMap<string, Change['fields']>
  /** What the next calls answer; all is taken where this gives undefined or throws. */
  answer: (changes: readonly Change[], call: number) => readonly RowResult[] | undefined
  /** What happens once a call has been taken, before anybody hears of it. */
  after: () => void
}

/** @param json whether it is told in batches of JSON as well */
export function openReceiver(capabilities: Partial<Capabilities> = {}, json = false): Receiver {
  const calls: (readonly Change[])[] = []
  const asJson: number[] = []
  const held = new Map<string, Change['fields']>()
  const all: Capabilities = {
    modes: ['add', 'update', 'upsert', 'delete', 'mirror'],
    batchRows: 100,
    concurrency: 2,
    repeated: 'keyed',
    visible: 'batch',
    ...capabilities,
  }
  const write: Session['write'] = async (changes) => {
    calls.push(changes)
    const results = receiver.answer(changes, calls.length) ?? changes.map(() => ({ ok: true }) as const)
    changes.forEach((change, index) => {
      if (results[index]?.ok !== true) return
      if (change.operation === 'remove') held.delete(change.key)
      else held.set(change.key, change.fields)
    })
    receiver.after()
    return results
  }
  const receiver: Receiver = {
    capabilities: all,
    calls,
    asJson,
    held,
    answer: () => undefined,
    after: () => {},
    type: destinationType({
      type: 'receiver',
      summary: 'for tests',
      settings: z.unknown(),
      secrets: [],
      capabilities: () => all,
      check: async () => {},
      open: async () => ({
        write,
        ...(json && {
          json: {
            head: '"sync":"people",',
            before: '<',
            between: '\n',
            behind: '>',
            write: ({ body, rows }, signal) => {
              asJson.push(rows)
              return write(changesOf(Buffer.from(body).toString()), signal)
            },
          },
        }),
        close: async () => {},
      }),
    }),
  }
  return receiver
}

const told = z.object({
  sync: z.literal('people'),
  operation: z.enum(['add', 'update', 'remove']),
  key: z.string(),
  idempotency_key: z.string(),
  changed: z.array(z.string()).min(1).default([]),
  fields: z.record(z.string(), z.json()),
})

function changesOf(body: string): readonly Change[] {
  expect(body.at(0) + body.slice(-1)).toBe('<>')
  return body
    .slice(1, -1)
    .split('\n')
    .map((record) => {
      const { idempotency_key: idempotencyKey, sync: _, ...change } = told.parse(JSON.parse(record))
      return { ...change, idempotencyKey }
    })
}

export type UseReceiver = (scenario: Scenario, receiver: Receiver) => Promise<void>

/** A scenario with a receiver that takes one batch at a time; the state of its syncs and its table go with it. */
export function withReceiver(engine: Engine, use: UseReceiver): Promise<void> {
  return withScenario(engine, async (scenario) => {
    try {
      await use(scenario, openReceiver({ concurrency: 1 }))
    } finally {
      const { adapter } = scenario
      for (const schema of [`${scenario.schema}_sync`, scenario.schemaOf('shop')])
        await adapter.execute(`drop schema if exists ${adapter.dialect.ident(schema)} cascade`)
    }
  })
}

/** Runs the first sync of the scenario's project. */
export async function syncOnce(
  scenario: Scenario,
  receiver: Receiver,
  runId: string,
  { release = false, fullResync = false, report = () => {}, ...more }: Partial<RunSync> = {},
): Promise<SyncResult> {
  const { manifest, problems } = await scenario.compile()
  const [sync] = manifest.syncs
  if (sync === undefined) throw new Error(problems.map(({ message }) => message).join('\n') || 'no sync')
  const clock = quickClock()
  const destination = {
    type: receiver.type,
    settings: {},
    capabilities: receiver.capabilities,
    pace: openPace(receiver.capabilities.rate, clock),
  }
  const [end] = await runSyncs({
    syncs: [sync],
    known: manifest.syncs.map(({ definition }) => definition.name),
    destinations: new Map([[sync.definition.destination, destination]]),
    warehouse: scenario.adapter,
    state: scenario.adapter,
    templates,
    schemas: { sync: `${scenario.schema}_sync`, public: scenario.schema },
    runId,
    version: '0',
    clock,
    policy: { attempts: 3, firstMs: 500, longestMs: 60_000 },
    signal: new AbortController().signal,
    dryRun: false,
    allowDeletes: false,
    begin: () => ({ release, fullResync }),
    report: (_sync, event) => report(event),
    ...more,
  })
  if (end === undefined) throw new Error('the sync has no end')
  if ('error' in end) throw end.error
  return end.result
}

/** Replaces the rows of a table that syncs read. */
export async function load(
  scenario: Scenario,
  rows: readonly {
    readonly id: string | null
    readonly name?: string | null
    readonly spent?: number | string | null
  }[],
  spentType: 'number' | 'text' = 'number',
): Promise<void> {
  const { adapter } = scenario
  const schema = scenario.schemaOf('shop')
  for (const sql of adapter.dialect.createSchema(schema)) await adapter.execute(sql)
  async function* values(): AsyncGenerator<readonly Value[]> {
    for (const { id, name = null, spent = null } of rows) yield [id, name, spent, '2026-01-01T00:00:00Z']
  }
  await adapter.load(
    relation(schema, 'people'),
    [
      { name: 'id', type: 'text' },
      { name: 'name', type: 'text' },
      { name: 'spent', type: spentType },
      { name: 'seen_at', type: 'timestamp' },
    ],
    values(),
  )
}

/** A project with one sync of that table. */
export function peopleSync(scenario: Scenario, mode: string, more = ''): Readonly<Record<string, string>> {
  return {
    'models/sync.yml': `sources:
  - { name: web, format: table, table: shop.people, type: identify, id: id, timestamp: seen_at, identifiers: { user_id: id } }
destinations:
  - { name: crm, type: receiver }
syncs:
  - name: people
    from: { table: ${scenario.schemaOf('shop')}.people }
    key: { column: id }
    destination: crm
    mode: ${mode}
    mapping: { name: { column: name }, spent: { column: spent } }
${more}`,
  }
}

/** A project with one text in the place of another. */
export function edited(
  files: Readonly<Record<string, string>>,
  from: string | RegExp,
  to: string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).map(([file, text]) => [file, text.replace(from, to)]))
}
