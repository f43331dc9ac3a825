import { describe, expect, test } from 'vitest'
import {
  type GivenEvent,
  type GivenRule,
  type GivenSuppression,
  giveEvents,
  type RunIdentity,
  runIdentity,
} from '../scenarios/identity/identity-run.ts'
import { type Engine, fastEngines, type Place } from '../support/engines.ts'
import { seed } from '../support/seed.ts'
import { answeredFacts, differences, expectedFacts, type IdentityRun } from './identity-facts.ts'
import { type Random, seeded } from './identity-random.ts'
import { editedRules, randomRules } from './identity-rules.ts'
import {
  randomBatches,
  randomCuts,
  randomStreams,
  randomSuppressions,
  type StreamShape,
} from './identity-streams.ts'

/** `IDENTITY_STREAMS` sets how many streams each shape takes. */

interface Shape extends StreamShape {
  readonly windowed: boolean
  readonly smallHardLimits: boolean
  /** Whether rules are edited between batches. */
  readonly edited: boolean
  /** Whether an identifier may have few partners only; with `edited`, now more and now fewer. */
  readonly guarded: boolean
  /** Whether each run has cuts of its own. */
  readonly cut: boolean
  /** Whether somebody is suppressed or forgotten between batches. */
  readonly suppressed: boolean
  /** Into how many stretches the events are cut at first. */
  readonly stretches: number
  readonly streams: Readonly<Record<Engine['dialect'], number>>
}

const usual: Shape = {
  maxEvents: 30,
  windowed: true,
  late: true,
  smallHardLimits: false,
  edited: false,
  guarded: false,
  cut: false,
  suppressed: false,
  stretches: 1,
  streams: { duckdb: 170, postgres: 60, bigquery: 5, snowflake: 2 },
}

const shapes: Readonly<Record<string, Shape>> = {
  'limits for ever': { ...usual, windowed: false },
  'limits in windows': { ...usual, late: false },
  'limits in windows, late events': usual,
  'merge and mapping limits': { ...usual, windowed: false, smallHardLimits: true },
  'all limits at once': { ...usual, smallHardLimits: true },
  'all limits, a stretch at a time': { ...usual, smallHardLimits: true, stretches: 18 },
  'long streams': {
    ...usual,
    maxEvents: 120,
    streams: { duckdb: 40, postgres: 8, bigquery: 2, snowflake: 2 },
  },
  // Loops are bounded by what is left to do: with so few streams the bounds are tight.
  'two streams': {
    ...usual,
    maxEvents: 60,
    windowed: false,
    streams: { duckdb: 2, postgres: 2, bigquery: 2, snowflake: 2 },
  },
  'edited rules, limits for ever': { ...usual, windowed: false, edited: true },
  'edited rules, all limits at once': { ...usual, smallHardLimits: true, edited: true },
  'few partners': { ...usual, guarded: true },
  'few partners, edited rules, all limits at once': {
    ...usual,
    smallHardLimits: true,
    edited: true,
    guarded: true,
  },
  cuts: { ...usual, cut: true },
  'cuts, few partners, all limits at once': { ...usual, smallHardLimits: true, guarded: true, cut: true },
  'suppressed and forgotten': {
    ...usual,
    suppressed: true,
    streams: { ...usual.streams, duckdb: 90, postgres: 40 },
  },
  'suppressed, cut, few partners, all limits at once': {
    ...usual,
    smallHardLimits: true,
    guarded: true,
    cut: true,
    suppressed: true,
    streams: { ...usual.streams, duckdb: 90, postgres: 40 },
  },
}

const mostBatches = 6

/** The batches one after the other, with a rebuild from all events before or after them. */
function randomRuns(random: Random, events: readonly GivenEvent[], shape: Shape): readonly IdentityRun[] {
  const batches: IdentityRun[] = []
  let rules = randomRules(random, shape.windowed)
  let guard = shape.guarded ? { maxPartners: 1 + random(5) } : {}
  let suppressions: readonly GivenSuppression[] = []
  let known = 0
  const suppress = (): void => {
    if (shape.suppressed) suppressions = randomSuppressions(random, suppressions, events, known)
  }
  for (const batch of randomBatches(random, events, mostBatches)) {
    const cuts = shape.cut ? randomCuts(random, events) : []
    suppress()
    batches.push({ rules, events: batch, fullRefresh: false, cuts, suppressions, ...guard })
    known = batch.at(-1)?.arrival ?? known
    if (!shape.edited) continue
    rules = editedRules(random, rules, shape.windowed)
    if (shape.guarded) guard = random(3) === 0 ? {} : { maxPartners: 1 + random(5) }
  }
  const cuts = shape.cut ? randomCuts(random, events) : []
  suppress()
  const whole = { rules, events, fullRefresh: false, cuts, suppressions, ...guard }
  const [first, ...others] = batches
  return first !== undefined && random(2) === 0
    ? [whole, { ...first, fullRefresh: true }, ...others]
    : [...batches, { ...whole, fullRefresh: true }]
}

/** Runs one after the other. @returns what was wrong after the first run that left anything wrong */
async function firstDifferences(
  { adapter, workSchema }: Place,
  runs: readonly IdentityRun[],
  { hardLimits, stretches }: Pick<Required<RunIdentity>, 'hardLimits' | 'stretches'>,
  streamOf: (arrival: number) => number,
) {
  let since: readonly IdentityRun[] = []
  for (const [index, run] of runs.entries()) {
    since = run.fullRefresh ? [run] : [...since, run]
    await giveEvents(adapter, workSchema, run.events, {
      runId: `run_${index + 1}`,
      fullRefresh: run.fullRefresh,
    })
    const { rules, cuts = [], suppressions = [], maxPartners } = run
    await runIdentity(adapter, {
      workSchema,
      rules,
      cuts,
      suppressions,
      hardLimits,
      stretches,
      ...(maxPartners === undefined ? {} : { maxPartners }),
    })
    const found = differences(
      expectedFacts(since, hardLimits),
      await answeredFacts(adapter, workSchema),
      streamOf,
    )
    if (found.length > 0) return { found, runs: runs.slice(0, index + 1) }
  }
  return undefined
}

function ruleText({ type, limit, frequency, blocked = [] }: GivenRule): string {
  return `${type}: ${limit} ${frequency}, blocked ${JSON.stringify(blocked)}`
}

/** What each run was given of one stream, to print. */
function streamText(
  runs: readonly IdentityRun[],
  stream: number,
  streamOf: (arrival: number) => number,
): readonly unknown[] {
  return runs.map((run) => ({
    fullRefresh: run.fullRefresh,
    rules: run.rules.map(ruleText),
    maxPartners: run.maxPartners,
    cuts: run.cuts?.filter((cut) =>
      'arrival' in cut
        ? streamOf(cut.arrival) === stream
        : cut.between.some((key) => key.includes(`:${stream}.`)),
    ),
    suppressions: run.suppressions?.filter(({ identifiers }) =>
      identifiers.some((key) => key.includes(`:${stream}.`)),
    ),
    events: run.events
      .filter(({ arrival }) => streamOf(arrival) === stream)
      .map((event) => {
        const found = event.identifiers.map((id) => `${id.type}=${id.value}@${id.location}`).join(' ')
        return `${event.arrival} ${new Date(event.time).toISOString()} ${found}`
      }),
  }))
}

describe.each(fastEngines.map((engine) => ({ engine })))('identity on $engine.name', ({ engine }) => {
  test.each(Object.entries(shapes))(
    `equals the sequential reference in any batches: %s (seed ${seed})`,
    async (name, shape) => {
      const random = seeded(seed + Object.keys(shapes).indexOf(name))
      const count = Number(process.env.IDENTITY_STREAMS ?? shape.streams[engine.dialect])
      const { events, streamOf } = randomStreams(random, count, shape)
      const hardLimits = shape.smallHardLimits
        ? { mappings: 3 + random(6), merges: 1 + random(2) }
        : { mappings: 1000, merges: 100 }
      const runs = randomRuns(random, events, shape)
      const place = await engine.open()
      try {
        const wrong = await firstDifferences(
          place,
          runs,
          { hardLimits, stretches: shape.stretches },
          streamOf,
        )
        const shown = wrong?.found.slice(0, 2).map((difference) => ({
          ...difference,
          hardLimits,
          runs: streamText(wrong.runs, difference.stream, streamOf),
        }))
        expect(shown, `seed ${seed}: ${wrong?.found.length} differences`).toBeUndefined()
      } finally {
        await place.drop()
      }
    },
    240_000,
  )
})
