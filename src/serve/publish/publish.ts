import { createHash } from 'node:crypto'
import type { Adapter } from '../../adapters/adapter.ts'
import type { PublishState, ServingPlan, Span } from '../../compiler/serving/serving-plan.ts'
import type { Entity } from '../../definitions/definitions.ts'
import { ProblemError, problem } from '../../diagnostics/problem.ts'
import type { ProfileStore, Published, PublishWriter } from '../store/store.ts'
import { longInstant } from './instant.ts'
import { collections, profileDocument } from './profile-documents.ts'
import { servingFiles } from './serving-files.ts'

export interface PublishRun {
  readonly plan: ServingPlan
  readonly warehouse: Adapter
  /** Its name. */
  readonly target: string
  readonly store: ProfileStore
  /** Whether the warehouse may be written: where it may not, everything is published each time. */
  readonly remembers: boolean
  /** Everything, whatever is remembered. */
  readonly full: boolean
  /** Of how many profiles documents are made at a time: see {@link usualProfilesAtOnce}. */
  readonly profilesAtOnce: number
  readonly signal: AbortSignal
  readonly report: (profiles: number) => void
  /** Told what is about to be sent: name → SQL. */
  readonly compiled: (files: ReadonlyMap<string, string>) => void
}

export interface PublishResult extends Published {
  readonly full: boolean
  /** Profiles that were looked at. */
  readonly compared: number
}

const entities: readonly Entity[] = ['user', 'account']

/**
 * Makes what the last run published to the warehouse visible in the store. Only profiles of which something may have changed since
 * the store's last version are read; the store writes what differs.
 *
 * @throws {ProblemError} PSN7010 nothing has run, PSN7011 definitions have changed since, PSN7012 a run did not end
 * @throws {WarehouseError} the warehouse cannot be read
 */
export async function publishProfiles(run: PublishRun): Promise<PublishResult> {
  const { plan, warehouse, store, signal } = run
  const standing = await standingOf(run)
  const span = await spanOf(run, standing)
  const full = span.since === undefined
  if (span.since !== undefined) {
    for (const sql of plan.candidates({ asOf: span.asOf, since: span.since })) await warehouse.execute(sql)
  }
  const slices = { user: await slicesOf(run, 'user', span), account: await slicesOf(run, 'account', span) }
  run.compiled(servingFiles(plan, span, slices))
  let compared = 0
  const release = {
    runId: standing.runId,
    asOf: standing.asOf,
    definitions: plan.definitions,
    publishedAt: new Date().toISOString(),
  }
  const published = await store.publish({ full, release }, async (writer) => {
    for (const entity of entities) {
      if (!full) await removeGone(run, entity, writer)
      const reading = { entity, columns: plan.columns[entity], layouts: plan.layouts }
      const of = slices[entity]
      for (let index = 0; index < of; index += 1) {
        for await (const block of warehouse.stream(plan.rows(entity, span, { index, of }))) {
          signal.throwIfAborted()
          for (const row of block) await writer.put(collections[entity], profileDocument(reading, row))
          compared += block.length
          run.report(compared)
        }
      }
    }
  })
  if (run.remembers) await remember(run, standing, published, full)
  return { ...published, full, compared }
}

/** Documents of so many, with fifty traits each, are about a gigabyte in the warehouse. */
export const usualProfilesAtOnce = 200_000
const usualTraits = 50

async function slicesOf(
  { plan, warehouse, profilesAtOnce }: PublishRun,
  entity: Entity,
  span: Span,
): Promise<number> {
  const [row] = await warehouse.query(plan.count(entity, span))
  const share = Math.max(1, plan.columns[entity].length / usualTraits)
  return Math.max(1, Math.ceil((Number(row?.row_count ?? 0) * share) / profilesAtOnce))
}

/** How far the warehouse has come. */
interface Standing {
  readonly runId: string
  readonly asOf: string
  readonly batches: readonly Batch[]
  /** The last of them that the public tables have. */
  readonly published: Batch | undefined
}

interface Batch {
  readonly batch: number
  readonly runId: string
  readonly lastArrival: number
  readonly replays: boolean
}

async function standingOf({ plan, warehouse, target }: PublishRun): Promise<Standing> {
  if (!plan.ready) throw new ProblemError([problem('PSN7010', { target })])
  const [last] = await warehouse.query(plan.lastRun)
  if (last === undefined) throw new ProblemError([problem('PSN7010', { target })])
  if (last.definitions_hash !== plan.definitions) {
    throw new ProblemError([problem('PSN7011', { runId: String(last.run_id) })])
  }
  const rows = await warehouse.query(plan.batches)
  const newest = rows.at(-1)
  if (newest?.published === false) {
    throw new ProblemError([problem('PSN7012', { runId: String(newest.run_id) })])
  }
  const batches = rows.map((row) => ({
    batch: Number(row.batch),
    runId: String(row.run_id),
    lastArrival: Number(row.last_arrival),
    replays: row.replays === true,
  }))
  return { runId: String(last.run_id), asOf: String(last.as_of), batches, published: batches.at(-1) }
}

/** Since when something may differ: where the store is another one, or what is remembered is of another state, all of it may. */
async function spanOf(run: PublishRun, { asOf, batches }: Standing): Promise<Span> {
  const { plan, warehouse, store } = run
  if (!run.remembers) return { asOf }
  for (const sql of plan.prepare) await warehouse.execute(sql)
  const [row] = await warehouse.query(plan.state)
  const release = await store.release()
  if (run.full || row === undefined || release === undefined) return { asOf }
  const since: PublishState = {
    storeId: String(row.store_id),
    version: Number(row.version),
    batch: Number(row.batch),
    batchRunId: String(row.batch_run_id),
    lastArrival: Number(row.last_arrival),
    asOf: String(row.as_of),
    shape: String(row.shape),
  }
  const follows =
    since.storeId === (await store.id()) &&
    // What the store has and is not remembered is compared once more.
    since.version <= release.version &&
    since.shape === shapeOf(plan) &&
    goesOnFrom(batches, since) &&
    longInstant(since.asOf) <= longInstant(asOf)
  return follows ? { asOf, since } : { asOf }
}

/** A rebuild numbers events anew, and events taken in once more may have changed anything. */
function goesOnFrom(batches: readonly Batch[], since: PublishState): boolean {
  const there = batches.some(({ batch, runId }) => batch === since.batch && runId === since.batchRunId)
  return there && !batches.some(({ batch, replays }) => replays && batch > since.batch)
}

async function removeGone(
  { plan, warehouse }: PublishRun,
  entity: Entity,
  writer: PublishWriter,
): Promise<void> {
  for await (const block of warehouse.stream(plan.gone(entity))) {
    for (const row of block) await writer.remove(collections[entity], String(row.profile_id))
  }
}

async function remember(
  { plan, warehouse, store }: PublishRun,
  standing: Standing,
  { release }: Published,
  all: boolean,
): Promise<void> {
  const state: PublishState = {
    storeId: await store.id(),
    version: release.version,
    batch: standing.published?.batch ?? 0,
    batchRunId: standing.published?.runId ?? '',
    lastArrival: standing.published?.lastArrival ?? 0,
    asOf: standing.asOf,
    shape: shapeOf(plan),
  }
  const { before, together } = plan.remember(state, all)
  for (const sql of before) await warehouse.execute(sql)
  await warehouse.transaction(together)
}

/** How documents are made: with other definitions or tables every document may be another. */
function shapeOf({ definitions, columns, layouts }: ServingPlan): string {
  const fields = layouts.map(({ table, fields: of }) => [table.source, table.relation.name, of])
  return createHash('sha256')
    .update(JSON.stringify([documentsVersion, definitions, columns, fields]))
    .digest('hex')
    .slice(0, 16)
}

/** Counts changes to what documents hold. */
const documentsVersion = 1
