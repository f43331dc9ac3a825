import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import type { Adapter, Value } from '../../../src/adapters/adapter.ts'
import type {
  BlockedValue,
  Frequency,
  IdentifierValue,
  IdentityCut,
  IdentityRules,
} from '../../../src/definitions/definitions.ts'
import type { Dialect } from '../../../src/dialects/dialect.ts'
import { compileIdentity, type IdentityPlan } from '../../../src/identity/compile-identity.ts'
import { stateColumnsOf } from '../../../src/identity/state.ts'
import { suppressionsTable } from '../../../src/identity/suppressions.ts'
import { relation } from '../../../src/ir/relation.ts'
import type { Step } from '../../../src/ir/step.ts'
import type { ValueType } from '../../../src/ir/value-type.ts'
import { runSteps } from '../../../src/runner/run-steps.ts'
import { prepareTemplates, type Templates } from '../../../src/sql/templates.ts'

/** A warehouse to run statements in; an adapter is one. */
export type Warehouse = Pick<Adapter, 'execute' | 'query' | 'transaction' | 'load' | 'dialect'>

export interface GivenEvent {
  readonly arrival: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly identifiers: readonly {
    readonly type: string
    readonly value: string
    readonly location: number
  }[]
  readonly id?: string
  readonly type?: string
}

export interface GivenRule {
  readonly type: string
  readonly limit: number
  readonly frequency: Frequency
  readonly blocked?: readonly BlockedValue[]
}

/** An event by its arrival, or two identifiers as `type:value`. */
export type GivenCut = { readonly arrival: number } | { readonly between: readonly [string, string] }

/** Identifiers, as `type:value`, that are not followed on events that arrive after one and not after another. */
export interface GivenSuppression {
  readonly identifiers: readonly string[]
  /** Absent: from the beginning of time, as whoever has them is forgotten. */
  readonly after?: number
  /** Absent: it lasts. */
  readonly until?: number
}

export interface GivenGuards {
  readonly maxPartners?: number
  readonly cuts?: readonly GivenCut[]
}

export function rulesOf(given: readonly GivenRule[], { maxPartners, cuts }: GivenGuards = {}): IdentityRules {
  return {
    ...(maxPartners === undefined ? {} : { maxPartners }),
    ...(cuts === undefined ? {} : { cuts: cuts.map(identityCut) }),
    identifiers: given.map((rule, index) => ({
      type: rule.type,
      priority: index + 1,
      limit: rule.limit,
      frequency: rule.frequency,
      blocked: rule.blocked ?? [],
      normalize: 'none',
      locations: ['traits'],
    })),
  }
}

function identityCut(cut: GivenCut): IdentityCut {
  if ('arrival' in cut) return { event: eventId(cut.arrival) }
  const [left, right] = cut.between
  return { between: [identifierOf(left), identifierOf(right)] }
}

function identifierOf(text: string): IdentifierValue {
  const at = text.indexOf(':')
  return { type: text.slice(0, at), value: text.slice(at + 1) }
}

export function identityTemplates(): Templates {
  const folder = resolve(import.meta.dirname, '../../../templates/identity')
  const sources = readdirSync(folder).map((file): [string, string] => [
    `identity/${file.replace('.sql.hbs', '')}`,
    readFileSync(join(folder, file), 'utf8'),
  ])
  return prepareTemplates(new Map(sources))
}

/** An event that landed behind what had been processed: it was taken in this batch, after the event named. */
export interface GivenLateEvent {
  readonly arrival: number
  readonly batch: number
  readonly after: number
}

export interface GivenRun {
  /** `run_1` where absent. */
  readonly runId?: string
  /** Whether all that is known so far is forgotten; false where absent. */
  readonly fullRefresh?: boolean
  readonly lateEvents?: readonly GivenLateEvent[]
}

const startMs = Date.UTC(2026, 0, 1)
const instant = (ms: number): string => new Date(ms).toISOString()
const receivedAt = (arrival: number): string => instant(startMs + arrival * 1000)
const eventId = (arrival: number): string => `e${arrival}`

/**
 * Writes `run`, `new_events`, `new_event_identifiers` and `new_late_events`, as the nodes before identity would.
 * Called again with later arrivals, the next run goes on from the last one.
 */
export async function giveEvents(
  warehouse: Warehouse,
  workSchema: string,
  events: readonly GivenEvent[],
  { runId = 'run_1', fullRefresh = false, lateEvents = [] }: GivenRun = {},
): Promise<void> {
  const give = async (
    name: string,
    columns: readonly { readonly name: string; readonly type: ValueType }[],
    rows: readonly (readonly Value[])[],
  ): Promise<void> => {
    await warehouse.load(relation(workSchema, name), columns, Readable.from(rows))
  }
  const runColumns = [
    { name: 'run_id', type: 'text' },
    { name: 'as_of', type: 'timestamp' },
  ] as const
  await give('run', runColumns, [[runId, '2026-06-01T00:00:00Z']])
  await give('intake', [{ name: 'full_refresh', type: 'boolean' }], [[fullRefresh]])
  await give(
    'new_events',
    stateColumnsOf('events'),
    events.map(({ arrival, time, id = eventId(arrival), type = 'track' }) => [
      arrival,
      'web',
      id,
      type,
      null,
      instant(time),
      receivedAt(arrival),
      null,
    ]),
  )
  await give(
    'new_event_identifiers',
    stateColumnsOf('eventIdentifiers'),
    events.flatMap(({ arrival, identifiers }) =>
      identifiers.map((found) => [arrival, found.type, found.value, found.location]),
    ),
  )
  await give(
    'new_late_events',
    stateColumnsOf('stateLateEvents'),
    lateEvents.map(({ arrival, batch, after }) => [
      'web',
      eventId(arrival),
      batch,
      receivedAt(after),
      eventId(after),
      'web',
    ]),
  )
}

/** Writes the public table of suppressions; `workSchema` stands for the public schema, too. */
async function giveSuppressions(
  warehouse: Warehouse,
  workSchema: string,
  given: readonly GivenSuppression[],
): Promise<void> {
  const rows = given.flatMap(({ identifiers, after, until }, index) =>
    identifiers.map((key) => [
      `suppression_${index}`,
      identifierOf(key).type,
      null,
      createHash('md5').update(key).digest('hex'),
      null,
      after === undefined,
      receivedAt(after ?? 0),
      until === undefined ? null : receivedAt(until),
      null,
    ]),
  )
  const { name, columns } = suppressionsTable
  await warehouse.load(relation(workSchema, name), columns, Readable.from(rows))
}

export interface RunIdentity extends GivenGuards {
  readonly suppressions?: readonly GivenSuppression[]
  readonly workSchema: string
  readonly rules: readonly GivenRule[]
  readonly hardLimits?: { readonly mappings: number; readonly merges: number }
  readonly stretches?: number
}

export function identityPlan(dialect: Dialect, input: RunIdentity): IdentityPlan {
  const { workSchema, hardLimits } = input
  return compileIdentity({
    rules: rulesOf(input.rules, input),
    dialect,
    templates: identityTemplates(),
    workSchema,
    schema: workSchema,
    ...(hardLimits === undefined ? {} : { hardLimits }),
    ...(input.stretches === undefined ? {} : { stretches: input.stretches }),
  })
}

export async function runIdentity(warehouse: Warehouse, input: RunIdentity): Promise<IdentityPlan> {
  const plan = identityPlan(warehouse.dialect, input)
  if (input.suppressions !== undefined)
    await giveSuppressions(warehouse, input.workSchema, input.suppressions)
  await runSteps(warehouse, plan.steps)
  return plan
}

/** With the steps of branches in their places. */
export function opened(steps: readonly Step[]): readonly Step[] {
  return steps.flatMap((step) => (step.kind === 'branch' ? opened(step.body) : [step]))
}
