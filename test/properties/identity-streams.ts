import { createHash } from 'node:crypto'
import {
  type ReferenceEvent,
  type ReferenceRule,
  resolveSequentially,
} from '../reference/identity/sequential.ts'
import {
  type GivenEvent,
  type GivenRule,
  giveEvents,
  type RunIdentity,
  runIdentity,
  type Warehouse,
} from '../scenarios/identity/identity-run.ts'

/** Whole numbers below n, the same for the same seed. */
export type Random = (n: number) => number

export function seeded(seed: number): Random {
  let state = seed >>> 0
  return (n) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
    const mixed = Math.imul(state ^ (state >>> 13), 0x297a2d39) >>> 0
    return Math.floor((((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32) * n)
  }
}

export interface Streams {
  readonly rules: readonly GivenRule[]
  readonly hardLimits: { readonly mappings: number; readonly merges: number }
  /** Many streams of events with disjoint identifiers, interleaved in arrival order. */
  readonly events: readonly GivenEvent[]
  readonly count: number
}

const types = ['user_id', 'email', 'anonymous_id', 'ios.id', 'phone'] as const
const windows = ['daily', 'weekly', 'monthly'] as const
const days = { ever: undefined, daily: 1, weekly: 7, monthly: 30, annually: 365 } as const
const hourMs = 3_600_000

export interface StreamShape {
  readonly streams: number
  readonly maxEvents: number
  readonly windowed: boolean
  /** Whether events may be older than those that arrived before them. */
  readonly late: boolean
  readonly smallHardLimits: boolean
}

export function randomStreams(random: Random, shape: StreamShape): Streams {
  const rules = types.map(
    (type, index): GivenRule => ({
      type,
      limit: 1 + random(index === 0 ? 2 : 3),
      frequency: shape.windowed && index > 0 && random(2) === 0 ? (windows[random(3)] ?? 'daily') : 'ever',
      blocked: index === 0 ? [{ exact: 'null' }, { pattern: '^[0-]*$' }] : [],
    }),
  )
  const hardLimits = shape.smallHardLimits
    ? { mappings: 3 + random(6), merges: 1 + random(2) }
    : { mappings: 1000, merges: 100 }
  const events: GivenEvent[] = []
  for (let stream = 0; stream < shape.streams; stream += 1) {
    const length = 2 + random(shape.maxEvents - 1)
    const pools = types.map(() => 1 + random(shape.maxEvents > 40 ? 12 : 7))
    const stepHours = [1, 12, 72, 240][random(4)] ?? 1
    let clock = Date.UTC(2026, 0, 1)
    for (let index = 0; index < length; index += 1) {
      clock += random(stepHours) * hourMs
      const late = shape.late && random(4) === 0 ? random(400) * hourMs : 0
      const identifiers: { type: string; value: string; location: number }[] = []
      const add = (type: number): void => {
        const value = `${stream}.${random(pools[type] ?? 1)}`
        identifiers.push({ type: types[type] ?? '', value, location: 1 + random(3) })
      }
      types.forEach((_, type) => {
        const draw = random(5)
        if (draw < 2) add(type)
        if (draw === 0 && random(3) === 0) add(type)
      })
      if (random(12) === 0)
        identifiers.push({ type: 'user_id', value: ['null', '00-0'][random(2)] ?? '', location: 1 })
      if (identifiers.length === 0 && random(4) > 0) add(2)
      events.push({
        arrival: 1 + index * shape.streams + stream,
        time: clock - late,
        identifiers: firstOfEach(identifiers),
      })
    }
  }
  return {
    rules,
    hardLimits,
    events: events.sort((a, b) => a.arrival - b.arrival),
    count: shape.streams,
  }
}

function firstOfEach(identifiers: GivenEvent['identifiers']): GivenEvent['identifiers'] {
  const seen = new Set<string>()
  return identifiers.filter((found) => {
    const key = `${found.type}:${found.value}`
    return seen.has(key) ? false : seen.add(key)
  })
}

export interface Difference {
  readonly table: string
  readonly stream: number
  readonly expected: readonly string[]
  readonly answered: readonly string[]
}

/** Everything identity decided, one line per fact, each starting with `<arrival> `. Profiles are founding arrivals. */
type Facts = ReadonlyMap<string, readonly string[]>

function expectedFacts(streams: Streams): Facts {
  const rules = streams.rules.map((rule): ReferenceRule => {
    const windowDays = days[rule.frequency]
    return {
      type: rule.type,
      limit: rule.limit,
      ...(windowDays === undefined ? {} : { windowDays }),
      isBlocked: (value) =>
        (rule.blocked ?? []).some((blocked) =>
          'exact' in blocked ? blocked.exact === value : new RegExp(blocked.pattern).test(value),
        ),
    }
  })
  const events: readonly ReferenceEvent[] = streams.events
  const result = resolveSequentially(events, rules, streams.hardLimits)
  const segment = (profile: number | null): string =>
    profile === null
      ? 'null'
      : `use_${createHash('md5')
          .update(result.founders.get(profile) ?? '')
          .digest('hex')
          .slice(0, 27)}`
  const canonicalOf = new Map(result.updates.map((update) => [update.profile, update.canonical]))
  return new Map([
    [
      'identifiers',
      [...result.identifiers].map(
        ([key, link]) => `${link.linkedBy} ${key} ${segment(link.linkedTo)} ${segment(link.canonical)}`,
      ),
    ],
    [
      'violations',
      result.violations.map(
        ({ arrival, identifier, reason }) =>
          `${arrival} ${identifier ?? 'null'} ${reason} ${segment(result.stamps.get(arrival) ?? null)}`,
      ),
    ],
    [
      'id_graph_updates',
      result.updates.map(
        (update) => `${update.arrival} ${segment(update.profile)} ${segment(update.canonical)}`,
      ),
    ],
    [
      'event_profiles',
      [...result.stamps].map(
        ([arrival, profile]) =>
          `${arrival} ${segment(profile)} ${segment(profile === null ? null : (canonicalOf.get(profile) ?? profile))}`,
      ),
    ],
  ])
}

async function answeredFacts(warehouse: Warehouse, workSchema: string): Promise<Facts> {
  const table = (name: string): string => warehouse.dialect.relation({ schema: workSchema, name })
  const lines = async (sql: string): Promise<readonly string[]> =>
    (await warehouse.query(sql)).map((row) => Object.values(row).map(String).join(' '))
  return new Map([
    [
      'identifiers',
      await lines(
        `select arrival, identifier_type || ':' || identifier_value as identifier, segment_id, canonical_segment_id from ${table('identifiers')}`,
      ),
    ],
    [
      'violations',
      await lines(
        `select substr(event_id, 2) as arrival, identifier_type || ':' || identifier_value as identifier, reason, segment_id from ${table('identity_violations')}`,
      ),
    ],
    [
      'id_graph_updates',
      await lines(
        `select substr(triggering_event_id, 2) as arrival, segment_id, canonical_segment_id from ${table('id_graph_updates')}`,
      ),
    ],
    [
      'event_profiles',
      await lines(`select arrival, segment_id, canonical_segment_id from ${table('event_profiles')}`),
    ],
  ])
}

/** Where the warehouse's answer differs, table by table and stream by stream. */
function differences(expected: Facts, answered: Facts, streams: number): readonly Difference[] {
  const found: Difference[] = []
  for (const [table, lines] of expected) {
    const groups = [lines, answered.get(table) ?? []].map((side) => byStream(side, streams))
    const [wanted, got] = groups
    for (const stream of new Set(groups.flatMap((group) => [...group.keys()]))) {
      const want = (wanted?.get(stream) ?? []).toSorted()
      const have = (got?.get(stream) ?? []).toSorted()
      if (want.join('\n') !== have.join('\n')) {
        found.push({
          table,
          stream,
          expected: want.filter((line) => !have.includes(line)),
          answered: have.filter((line) => !want.includes(line)),
        })
      }
    }
  }
  return found
}

function byStream(lines: readonly string[], streams: number): ReadonlyMap<number, readonly string[]> {
  const groups = new Map<number, string[]>()
  for (const line of lines) {
    const stream = (Number(line.split(' ')[0]) - 1) % streams
    const group = groups.get(stream)
    if (group === undefined) groups.set(stream, [line])
    else group.push(line)
  }
  return groups
}

export async function compareWithReference(
  warehouse: Warehouse,
  workSchema: string,
  streams: Streams,
): Promise<readonly Difference[]> {
  const input: RunIdentity = { workSchema, rules: streams.rules, hardLimits: streams.hardLimits }
  await giveEvents(warehouse, workSchema, streams.events)
  await runIdentity(warehouse, input)
  return differences(expectedFacts(streams), await answeredFacts(warehouse, workSchema), streams.count)
}

/** The events of one stream, to print. */
export function streamText(streams: Streams, stream: number): string {
  return streams.events
    .filter((event) => (event.arrival - 1) % streams.count === stream)
    .map((event) => {
      const found = event.identifiers.map((id) => `${id.type}=${id.value}@${id.location}`).join(' ')
      return `${event.arrival} ${new Date(event.time).toISOString()} ${found}`
    })
    .join('\n')
}
