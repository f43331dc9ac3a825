import { identifierTypes, typeRank } from './cdp-events.ts'
import { oneNumber, signature } from './database.ts'
import { type Measurement, measure } from './measurement.ts'
import { type Native, openNative } from './native.ts'
import { limits } from './rules.ts'
import { find } from './union-find.ts'

const ranks = identifierTypes.length
const windowMicros = 7 * 86_400e6
const { rules, hardLimits } = limits.usual
const limitOf = Float64Array.from(rules.identifiers, (rule) => rule.limit)
/** The one type that is counted within a week. */
const weekly = rules.identifiers.findIndex((rule) => rule.frequency === 'weekly')

/** Sightings ordered by event and rank; identifiers are numbers from 0, events from 0 by arrival. */
interface Sightings {
  readonly event: Int32Array
  readonly rank: Int32Array
  readonly identifier: Int32Array
  /** By event, microseconds. */
  readonly time: Float64Array
  readonly identifiers: number
}

export interface Sequential extends Measurement {
  readonly violations: number
  /** As `Resolved.founders`. */
  readonly founders: string
}

/**
 * One event after the other under the usual limits, in memory, from numbers that have been read before: the meaning of
 * docs/identity.md without any of its machinery.
 */
export async function resolveSequentially({ file }: { readonly file: string }): Promise<Sequential> {
  const native = await openNative(file)
  const sightings = await readSightings(native)
  const { measurement, result } = await measure(() => resolve(sightings))
  await native.connection.run('create table founders (node bigint, arrival bigint)')
  const appender = await native.connection.createAppender('founders')
  result.founder.forEach((founder, identifier) => {
    if (founder === -1) return
    appender.appendBigInt(BigInt(identifier))
    appender.appendBigInt(BigInt(founder + 1))
    appender.endRow()
  })
  appender.closeSync()
  const founders = await signature(
    native,
    'founders inner join given.distinct_identifiers as identifiers on identifiers.node = founders.node',
    ["identifiers.identifier_type || ':' || identifiers.identifier_value", 'founders.arrival'],
  )
  return { ...measurement, violations: result.violations, founders }
}

function resolve(sightings: Sightings): {
  /** Founding event of the profile of each identifier; -1 where every event had to drop it. */
  readonly founder: Int32Array
  readonly violations: number
} {
  const { event: events, rank, identifier, time } = sightings
  // A profile is its founding event; below is what it has become.
  const canonical = Int32Array.from(time, (_, event) => event)
  const profileOf = new Int32Array(sightings.identifiers).fill(-1)
  const counts = Array.from({ length: ranks }, () => new Int32Array(time.length))
  const linkedAt = new Map<number, number[]>()
  const members = new Int32Array(time.length).fill(1)
  const mappings = new Int32Array(time.length)
  let violations = 0

  const inWindow = (profile: number, now: number): number => {
    let found = 0
    for (const linked of linkedAt.get(profile) ?? []) {
      if (linked > now - windowMicros && linked <= now) found += 1
    }
    return found
  }
  const breaksLimit = (owners: readonly number[], first: number, last: number, now: number): boolean => {
    let all = 0
    for (let at = first; at < last; at += 1) all += profileOf[identifier[at] ?? 0] === -1 ? 1 : 0
    const fresh = all
    for (let type = 0; type < ranks; type += 1) {
      let [total, parts] = [0, 0]
      const add = (count: number): void => {
        total += count
        parts += count > 0 ? 1 : 0
      }
      for (const owner of owners) {
        add(type === weekly ? inWindow(owner, now) : (counts[type]?.[owner] ?? 0))
      }
      for (let at = first; at < last; at += 1) {
        if (rank[at] === type && profileOf[identifier[at] ?? 0] === -1) add(1)
      }
      if (parts > 1 && total > (limitOf[type] ?? 0)) return true
    }
    let merged = -1
    for (const owner of owners) {
      merged += members[owner] ?? 0
      all += mappings[owner] ?? 0
    }
    if (owners.length > 1 && merged > hardLimits.merges) return true
    return all > hardLimits.mappings && (owners.length > 1 || fresh > 0)
  }

  for (let first = 0; first < events.length; ) {
    const event = events[first] ?? 0
    const now = time[event] ?? 0
    let end = first
    while (events[end] === event) end += 1
    let last = end
    let owners: readonly number[] = []
    for (; ; last -= 1) {
      owners = ownersOf(identifier.subarray(first, last), profileOf, canonical)
      if (last - first === 1 || !breaksLimit(owners, first, last, now)) break
      violations += 1
    }
    const oldest = owners[0] ?? event
    for (const owner of owners) {
      if (owner === oldest) continue
      canonical[owner] = oldest
      for (const count of counts) count[oldest] = (count[oldest] ?? 0) + (count[owner] ?? 0)
      members[oldest] = (members[oldest] ?? 0) + (members[owner] ?? 0)
      mappings[oldest] = (mappings[oldest] ?? 0) + (mappings[owner] ?? 0)
      linkedAt.set(oldest, [...(linkedAt.get(oldest) ?? []), ...(linkedAt.get(owner) ?? [])])
      linkedAt.delete(owner)
    }
    for (let at = first; at < last; at += 1) {
      const [own, type] = [identifier[at] ?? 0, rank[at] ?? 0]
      if (profileOf[own] !== -1) continue
      profileOf[own] = oldest
      mappings[oldest] = (mappings[oldest] ?? 0) + 1
      const count = counts[type]
      if (count !== undefined) count[oldest] = (count[oldest] ?? 0) + 1
      if (type !== weekly) continue
      const times = linkedAt.get(oldest)
      if (times === undefined) linkedAt.set(oldest, [now])
      else times.push(now)
    }
    first = end
  }
  return { founder: profileOf.map((profile) => (profile === -1 ? -1 : find(canonical, profile))), violations }
}

/** Distinct, the oldest first. */
function ownersOf(identifiers: Int32Array, profileOf: Int32Array, canonical: Int32Array): readonly number[] {
  const owners: number[] = []
  for (const identifier of identifiers) {
    const profile = profileOf[identifier] ?? -1
    if (profile === -1) continue
    const owner = find(canonical, profile)
    if (!owners.includes(owner)) owners.push(owner)
  }
  return owners.sort((left, right) => left - right)
}

async function readSightings(native: Native): Promise<Sightings> {
  const [count, identifiers, events] = [
    await oneNumber(native, 'select count(*) from given.event_identifiers'),
    await oneNumber(native, 'select count(*) from given.distinct_identifiers'),
    await oneNumber(native, 'select count(*) from given.events'),
  ]
  const time = new Float64Array(events)
  const [event, rank, identifier] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)]
  let at = 0
  await native.forEachChunk(
    `select
      cast(event_identifiers.arrival - 1 as integer) as event,
      cast(${typeRank('event_identifiers.identifier_type')} as integer) as type_rank,
      cast(distinct_identifiers.node as integer) as node,
      cast(epoch_us(events.timestamp) as double) as time
    from given.event_identifiers as event_identifiers
    inner join given.distinct_identifiers as distinct_identifiers
      on distinct_identifiers.identifier_type = event_identifiers.identifier_type
      and distinct_identifiers.identifier_value = event_identifiers.identifier_value
    inner join given.events as events
      on events.arrival = event_identifiers.arrival
    order by event, type_rank`,
    ([events, typeRanks, nodes, times], rows) => {
      for (let row = 0; row < rows; row += 1) {
        const own = Number(events?.getItem(row))
        event[at] = own
        rank[at] = Number(typeRanks?.getItem(row))
        identifier[at] = Number(nodes?.getItem(row))
        time[own] = Number(times?.getItem(row))
        at += 1
      }
    },
  )
  return { event, rank, identifier, time, identifiers }
}
