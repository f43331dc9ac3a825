import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Adapter } from '../../src/adapters/adapter.ts'
import type { Dialect, Sql } from '../../src/dialects/dialect.ts'
import { compileIdentity } from '../../src/identity/compile-identity.ts'
import { relation } from '../../src/ir/relation.ts'
import type { Step } from '../../src/ir/step.ts'
import { runSteps } from '../../src/runner/run-steps.ts'
import { prepareTemplates, type Templates } from '../../src/sql/templates.ts'
import {
  oneNumber,
  oneRow,
  openBeside,
  partitionSignature,
  schema,
  signature,
  workSchema,
} from './database.ts'
import { type Measurement, measure, startMeasuring } from './measurement.ts'
import { openServerBeside } from './postgres.ts'
import { type Limits, limits } from './rules.ts'

/** As they are in this repository, where benchmarks run. */
export function identityTemplates(): Templates {
  const folder = join(process.cwd(), 'templates/identity')
  const names = readdirSync(folder).map((file) => file.replace('.sql.hbs', ''))
  return prepareTemplates(
    new Map(names.map((name) => [`identity/${name}`, readFileSync(join(folder, `${name}.sql.hbs`), 'utf8')])),
  )
}

/** Writes `run`, which every plan reads. */
export async function giveRun(adapter: Adapter, runId: string): Promise<void> {
  await replace(adapter, 'run', `select '${runId}' as run_id, timestamp '2026-06-01' as as_of`)
  await replace(adapter, 'intake', 'select false as full_refresh')
}

/** Writes what a run reads: events of `given` that arrived after one and up to another. */
async function giveEvents(adapter: Adapter, runId: string, after: number, upTo: number): Promise<void> {
  const arrived = `arrival > ${after} and arrival <= ${upTo}`
  await giveRun(adapter, runId)
  await replace(adapter, 'new_events', `select * from given.events where ${arrived}`)
  await replace(adapter, 'new_event_identifiers', `select * from given.event_identifiers where ${arrived}`)
  await replace(
    adapter,
    'new_late_events',
    `select
      source,
      event_id,
      cast(null as bigint) as batch,
      received_at as after_received_at,
      event_id as after_event_id,
      source as after_source
    from given.events
    where 1 = 0`,
  )
}

async function replace(adapter: Adapter, name: string, select: Sql): Promise<void> {
  for (const sql of adapter.dialect.createTableAs(relation(workSchema, name), select))
    await adapter.execute(sql)
}

/** The whole plan over new events. */
export interface Run extends Measurement {
  /** Up to the table of components, limits not yet looked at. */
  readonly untilComponents: Measurement
  /** By loop. */
  readonly rounds: Readonly<Record<string, number>>
  /** Steps and loops that took longest. */
  readonly slowest: readonly { readonly step: string; readonly seconds: number }[]
}

/** Text edges to a table of texts by the steps of the plan up to the components, which hold what the limits then look at. */
export async function stringsByProduct({
  file,
}: {
  readonly file: string
}): Promise<Measurement & { readonly partition: string }> {
  const adapter = await openBeside(file)
  await giveEvents(adapter, 'run_1', 0, await lastArrival(adapter))
  await adapter.execute('detach given')
  const steps = planSteps(adapter.dialect, limits.none)
  const { measurement } = await measure(async () => {
    await runSteps(adapter, untilComponents(steps))
    await adapter.execute(
      `create table mapping as
      select
        dictionary.identifier_type || ':' || dictionary.identifier_value as identifier,
        smallest.identifier_type || ':' || smallest.identifier_value as cluster
      from ${workSchema}.identity_components as components
      inner join ${workSchema}.identity_dictionary as dictionary on dictionary.id = components.id
      inner join ${workSchema}.identity_dictionary as smallest on smallest.id = -1 - components.component`,
    )
  })
  return { ...measurement, partition: await partitionSignature(adapter, 'mapping') }
}

function planSteps(dialect: Dialect, { rules, hardLimits }: Limits): readonly Step[] {
  const templates = identityTemplates()
  return compileIdentity({ rules, hardLimits, dialect, templates, schema, workSchema }).steps
}

/** Those that a new batch takes up to the table of components. */
function untilComponents(steps: readonly Step[]): readonly Step[] {
  const opened = steps.flatMap((step) =>
    step.kind === 'branch' && step.body.some(isComponents) ? step.body : [step],
  )
  const split = opened.findLastIndex(isComponents) + 1
  if (split === 0) throw new Error('the plan has no step `components`')
  return opened.slice(0, split)
}

function isComponents(step: Pick<Step, 'name'>): boolean {
  return step.name === 'components'
}

async function runPlan(adapter: Adapter, chosen: Limits): Promise<Run> {
  const steps = planSteps(adapter.dialect, chosen)
  const branches = new Set(steps.flatMap((step) => (step.kind === 'branch' ? [step.name] : [])))
  const seconds = new Map<string, number>()
  const soFar = startMeasuring()
  let first = soFar()
  await runSteps(adapter, steps, (event) => {
    if (event.kind !== 'step' || branches.has(event.step)) return
    seconds.set(event.step, (seconds.get(event.step) ?? 0) + event.seconds)
    if (event.step === 'components') first = soFar()
  })
  const whole = soFar()
  const loops = await adapter.query(
    `select loop_name, count(*) as rounds from ${workSchema}.identity_rounds group by loop_name order by loop_name`,
  )
  return {
    ...whole,
    untilComponents: first,
    rounds: Object.fromEntries(loops.map((loop) => [String(loop.loop_name), Number(loop.rounds)])),
    slowest: [...seconds]
      .map(([step, taken]) => ({ step, seconds: taken }))
      .toSorted((left, right) => right.seconds - left.seconds)
      .slice(0, 6),
  }
}

export interface Resolved {
  readonly identifiers: number
  readonly profiles: number
  readonly violations: number
  /** Of identifiers and clusters, whatever those are called. */
  readonly partition: string
  /** Of identifiers and the founding events of their profiles. */
  readonly founders: string
  /** Of the views that other nodes read. */
  readonly views: string
}

async function resolved(adapter: Adapter): Promise<Resolved> {
  const certificate = await oneRow(
    adapter,
    `select identifiers, profiles, violations from ${workSchema}.identity_certificate`,
  )
  const identifiers = `${workSchema}.identifiers as identifiers`
  const identifier = "identifiers.identifier_type || ':' || identifiers.identifier_value"
  return {
    identifiers: Number(certificate.identifiers),
    profiles: Number(certificate.profiles),
    violations: Number(certificate.violations),
    partition: await partitionSignature(
      adapter,
      `(select ${identifier} as identifier, canonical_segment_id as cluster from ${identifiers})`,
    ),
    founders: await signature(
      adapter,
      `${identifiers}
      inner join ${workSchema}.profiles as profiles
        on profiles.segment_id = identifiers.canonical_segment_id`,
      [identifier, 'profiles.arrival'],
    ),
    views: [
      await signature(adapter, identifiers, [identifier, 'segment_id', 'canonical_segment_id', 'arrival']),
      await signature(adapter, `${workSchema}.event_profiles`, [
        'arrival',
        'source',
        'event_id',
        'segment_id',
        'canonical_segment_id',
      ]),
    ].join('; '),
  }
}

export interface GivenEvents {
  /** A database with `events` and `event_identifiers` in the shape of `new_events` and `new_event_identifiers`. */
  readonly file: string
  readonly limits: keyof typeof limits
}

/** All events at once. */
export async function resolveAll({ file, limits: chosen }: GivenEvents): Promise<Run & Resolved> {
  const adapter = await openBeside(file)
  await giveEvents(adapter, 'run_1', 0, await lastArrival(adapter))
  // What it keeps in memory of the file it was given is not the plan's.
  await adapter.execute('detach given')
  const run = await runPlan(adapter, limits[chosen])
  return { ...run, ...(await resolved(adapter)) }
}

/** Batches one after the other, then a run without new events. `shares` of the events are known after each. */
export async function resolveInBatches({
  file,
  ...how
}: GivenEvents & Batches): Promise<Resolved & { readonly runs: readonly Run[] }> {
  return batches(await openBeside(file), how)
}

/** The same on PostgreSQL; null where there is none on this machine. */
export async function resolveInBatchesOnPostgres({
  file,
  ...how
}: GivenEvents & Batches): Promise<(Resolved & { readonly runs: readonly Run[] }) | null> {
  const served = await openServerBeside(file)
  if (served === undefined) return null
  try {
    return await batches(served.adapter, how)
  } finally {
    await served.stop()
  }
}

interface Batches {
  readonly shares: readonly number[]
}

async function batches(
  adapter: Adapter,
  { limits: chosen, shares }: Omit<GivenEvents, 'file'> & Batches,
): Promise<Resolved & { readonly runs: readonly Run[] }> {
  const last = await lastArrival(adapter)
  const runs: Run[] = []
  let after = 0
  for (const share of [...shares, 1]) {
    const upTo = Math.floor(last * share)
    await giveEvents(adapter, `run_${runs.length + 1}`, after, upTo)
    runs.push(await runPlan(adapter, limits[chosen]))
    after = upTo
  }
  return { runs, ...(await resolved(adapter)) }
}

function lastArrival(adapter: Adapter): Promise<number> {
  return oneNumber(adapter, 'select max(arrival) from given.events')
}
