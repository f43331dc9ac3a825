import type { GivenCut, GivenEvent, GivenSuppression } from '../scenarios/identity/identity-run.ts'
import { pick, type Random } from './identity-random.ts'
import { identifierTypes } from './identity-rules.ts'

/** Streams have no identifier in common but blocked ones, so each is a case of its own. */
export interface Streams {
  /** In arrival order, all streams interleaved. */
  readonly events: readonly GivenEvent[]
  readonly streamOf: (arrival: number) => number
}

export interface StreamShape {
  readonly maxEvents: number
  /** Whether events may be older than those that arrived before them. */
  readonly late: boolean
}

type StreamEvent = Omit<GivenEvent, 'arrival'>

const hourMs = 3_600_000

export function randomStreams(random: Random, count: number, shape: StreamShape): Streams {
  const streams = Array.from({ length: count }, (_, stream) => randomStream(random, stream, shape))
  const arriving = interleaved(random, streams)
  return {
    events: arriving.map(({ event }, index) => ({ arrival: index + 1, ...event })),
    streamOf: (arrival) => arriving[arrival - 1]?.stream ?? -1,
  }
}

function randomStream(random: Random, stream: number, shape: StreamShape): readonly StreamEvent[] {
  const pools = identifierTypes.map(() => 1 + random(shape.maxEvents > 40 ? 12 : 7))
  const stepHours = pick(random, [1, 12, 72, 240])
  let clock = Date.UTC(2026, 0, 1)
  return Array.from({ length: 2 + random(shape.maxEvents - 1) }, () => {
    clock += random(stepHours) * hourMs
    const late = shape.late && random(4) === 0 ? random(400) * hourMs : 0
    return { time: clock - late, identifiers: randomIdentifiers(random, stream, pools) }
  })
}

function randomIdentifiers(
  random: Random,
  stream: number,
  pools: readonly number[],
): GivenEvent['identifiers'] {
  const found: GivenEvent['identifiers'][number][] = []
  const add = (type: number): void => {
    const value = `${stream}.${random(pools[type] ?? 1)}`
    found.push({ type: identifierTypes[type] ?? '', value, location: 1 + random(3) })
  }
  identifierTypes.forEach((_, type) => {
    const draw = random(5)
    if (draw < 2) add(type)
    if (draw === 0 && random(3) === 0) add(type)
  })
  if (random(12) === 0) found.push({ type: 'user_id', value: pick(random, ['null', '00-0']), location: 1 })
  if (found.length === 0 && random(4) > 0) add(2)
  return [...new Map(found.map((one) => [`${one.type}:${one.value}`, one])).values()]
}

/** Each stream starts at some time and goes on at some pace: a cut falls before, inside or behind it. */
function interleaved(
  random: Random,
  streams: readonly (readonly StreamEvent[])[],
): readonly { readonly stream: number; readonly event: StreamEvent }[] {
  return streams
    .flatMap((events, stream) => {
      const start = random(1000)
      const pace = 1 + random(100)
      return events.map((event, index) => ({ stream, event, turn: start + index * pace }))
    })
    .toSorted((a, b) => a.turn - b.turn)
}

/** From 2 to `most` batches, cut anywhere; some have no event. */
export function randomBatches(
  random: Random,
  events: readonly GivenEvent[],
  most: number,
): readonly (readonly GivenEvent[])[] {
  const cuts = Array.from({ length: 1 + random(most - 1) }, () => random(events.length + 1))
  // Two cuts at one place make an empty batch.
  const ends = [
    ...cuts,
    ...(cuts.length + 2 <= most && random(2) === 0 ? cuts.slice(0, 1) : []),
    events.length,
  ]
  const sorted = ends.toSorted((a, b) => a - b)
  return sorted.map((end, index) => events.slice(sorted[index - 1] ?? 0, end))
}

/**
 * What is suppressed in the next run: those before, some of them ended by now, and some more, of one in fifteen events an
 * identifier or two. `known`: the last arrival of the runs before.
 */
export function randomSuppressions(
  random: Random,
  before: readonly GivenSuppression[],
  events: readonly GivenEvent[],
  known: number,
): readonly GivenSuppression[] {
  const going = before.map((one) =>
    one.until === undefined && random(4) === 0 ? { ...one, until: known } : one,
  )
  const added = events.flatMap(({ identifiers }): readonly GivenSuppression[] => {
    if (random(15) > 0 || identifiers.length === 0) return []
    const some = new Set([pick(random, identifiers), pick(random, identifiers)])
    const keys = [...some].map(({ type, value }) => `${type}:${value}`)
    const forgotten = random(2) === 0
    return [{ identifiers: keys, ...(!forgotten && { after: random(events.length + 1) }) }]
  })
  return [...going, ...added]
}

/** Of one in twelve events, some not there yet: all that it joins, or what it says of two identifiers. */
export function randomCuts(random: Random, events: readonly GivenEvent[]): readonly GivenCut[] {
  return events.flatMap(({ arrival, identifiers }): readonly GivenCut[] => {
    if (random(12) > 0) return []
    if (random(2) === 0 || identifiers.length < 2) return [{ arrival }]
    const left = random(identifiers.length)
    const right = (left + 1 + random(identifiers.length - 1)) % identifiers.length
    const key = (index: number): string => `${identifiers[index]?.type}:${identifiers[index]?.value}`
    return [{ between: [key(left), key(right)] }]
  })
}
