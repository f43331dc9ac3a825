/**
 * Identity resolution as the specification words it (2.6): one event after the other, nothing clever.
 * The SQL is tested against this; it shares no code with it.
 */
export interface ReferenceRule {
  readonly type: string
  readonly limit: number
  /** Absent: ever. */
  readonly windowDays?: number
  readonly isBlocked?: (value: string) => boolean
}

export interface ReferenceIdentifier {
  readonly type: string
  readonly value: string
  readonly location: number
}

export interface ReferenceEvent {
  readonly arrival: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly identifiers: readonly ReferenceIdentifier[]
}

/** Joins that do not count: all that one event makes, or those between two identifiers, as `type:value`. */
export type ReferenceCut = { readonly arrival: number } | { readonly between: readonly [string, string] }

/** Events that came while these rules held; what earlier rules decided stays. */
export interface ReferencePhase {
  /** In priority order. */
  readonly rules: readonly ReferenceRule[]
  /** With how many others an identifier may be seen; absent: however many. */
  readonly maxPartners?: number
  readonly cuts?: readonly ReferenceCut[]
  /** In arrival order. */
  readonly events: readonly ReferenceEvent[]
}

export interface ReferenceViolation {
  readonly arrival: number
  readonly identifier: string | null
  readonly reason: string
}

export interface ReferenceResult {
  /** `type:value` → founding events: of the profile that was given the identifier, and of the one that has it now. */
  readonly identifiers: ReadonlyMap<string, { linkedTo: number; canonical: number; linkedBy: number }>
  readonly violations: readonly ReferenceViolation[]
  /** Creations and re-pointings, in order. */
  readonly updates: readonly { profile: number; canonical: number; arrival: number }[]
  /** Arrival → profile before the event, null where unresolved. */
  readonly stamps: ReadonlyMap<number, number | null>
  /** Profile → identifier its id is made from. */
  readonly founders: ReadonlyMap<number, string>
}

interface Held {
  readonly type: string
  readonly linkedAt: number
}

interface Profile {
  readonly identifiers: Map<string, Held>
  /** Every profile that has become this one, with itself. */
  readonly members: number[]
}

const dayMs = 86_400_000

export function resolveSequentially(
  phases: readonly ReferencePhase[],
  caps = { merges: 100, mappings: 1000 },
): ReferenceResult {
  const owner = new Map<string, number>()
  const linked = new Map<string, { linkedTo: number; linkedBy: number }>()
  const profiles = new Map<number, Profile>()
  const violations: ReferenceViolation[] = []
  const updates: { profile: number; canonical: number; arrival: number }[] = []
  const stamps = new Map<number, number | null>()
  const founders = new Map<number, string>()
  const profile = (key: number): Profile => profiles.get(key) ?? { identifiers: new Map(), members: [] }

  /** By identifier, every other that has been on an event with it, whatever became of either. */
  const partners = new Map<string, Map<string, ReferenceIdentifier>>()

  const arriving = phases.flatMap(({ events, ...phase }) => events.map((event) => ({ ...phase, event })))
  for (const { rules, maxPartners = Number.POSITIVE_INFINITY, cuts = [], event } of arriving) {
    const rank = (type: string): number => rules.findIndex((rule) => rule.type === type)
    const found = new Map<string, ReferenceIdentifier>()
    const blocked = new Set<string>()
    for (const identifier of event.identifiers) {
      const key = keyOf(identifier)
      const known = found.get(key)
      if (rank(identifier.type) < 0) continue
      if (rules[rank(identifier.type)]?.isBlocked?.(identifier.value) === true) {
        if (!blocked.has(key))
          violations.push({ arrival: event.arrival, identifier: key, reason: 'ID value blocked' })
        blocked.add(key)
      } else if (known === undefined || identifier.location < known.location) found.set(key, identifier)
    }
    const sighted = [...found.values()].sort(
      (a, b) => rank(a.type) - rank(b.type) || a.location - b.location || (a.value < b.value ? -1 : 1),
    )
    const keys = sighted.map(keyOf)
    const cut = new Set(
      cuts.flatMap((one) => {
        if ('arrival' in one) return one.arrival === event.arrival ? keys.slice(1) : []
        const both = one.between.map((key) => keys.indexOf(key))
        return both.includes(-1) ? [] : [keys[Math.max(...both)] ?? '']
      }),
    )
    for (const id of event.identifiers) {
      const others = partners.get(keyOf(id)) ?? new Map<string, ReferenceIdentifier>()
      for (const other of event.identifiers) {
        if (keyOf(other) !== keyOf(id)) others.set(keyOf(other), other)
      }
      partners.set(keyOf(id), others)
    }
    const counted = ({ type, value }: ReferenceIdentifier): boolean =>
      rank(type) >= 0 && rules[rank(type)]?.isBlocked?.(value) !== true
    const isHot = (key: string): boolean =>
      [...(partners.get(key)?.values() ?? [])].filter(counted).length > maxPartners
    const uncut = sighted.filter((id) => !cut.has(keyOf(id)))
    const cool = uncut.filter((id) => !isHot(keyOf(id)))
    const ids = cool.length > 0 ? cool : uncut.slice(0, 1)
    for (const key of cut)
      violations.push({ arrival: event.arrival, identifier: key, reason: 'Identifier cut' })
    for (const id of uncut.filter((one) => !ids.includes(one))) {
      violations.push({
        arrival: event.arrival,
        identifier: keyOf(id),
        reason: 'Identifier partner limit exceeded',
      })
    }
    if (ids.length === 0) {
      stamps.set(event.arrival, null)
      violations.push({
        arrival: event.arrival,
        identifier: null,
        reason: 'No matching identifiers on event',
      })
      continue
    }
    for (;;) {
      const owners = [...new Set(ids.flatMap((id) => owner.get(keyOf(id)) ?? []))].sort((a, b) => a - b)
      const fresh = ids.filter((id) => !owner.has(keyOf(id)))
      const broken = brokenLimit(event, owners.map(profile), fresh, rules, caps)
      const last = ids.at(-1)
      if (broken !== undefined && last !== undefined && ids.length > 1) {
        violations.push({ arrival: event.arrival, identifier: keyOf(last), reason: broken })
        ids.pop()
        continue
      }
      const oldest = owners[0] ?? event.arrival
      stamps.set(event.arrival, owners.at(-1) ?? oldest)
      if (owners.length === 0) {
        profiles.set(oldest, { identifiers: new Map(), members: [oldest] })
        updates.push({ profile: oldest, canonical: oldest, arrival: event.arrival })
        founders.set(oldest, ids[0] === undefined ? '' : keyOf(ids[0]))
      }
      const parent = profile(oldest)
      for (const child of owners.slice(1)) {
        for (const member of profile(child).members) {
          updates.push({ profile: member, canonical: oldest, arrival: event.arrival })
        }
        for (const [key, held] of profile(child).identifiers) {
          owner.set(key, oldest)
          parent.identifiers.set(key, held)
        }
        parent.members.push(...profile(child).members)
        profiles.delete(child)
      }
      for (const id of fresh) {
        owner.set(keyOf(id), oldest)
        linked.set(keyOf(id), { linkedTo: oldest, linkedBy: event.arrival })
        parent.identifiers.set(keyOf(id), { type: id.type, linkedAt: event.time })
      }
      break
    }
  }
  return {
    identifiers: new Map(
      [...linked].map(([key, link]) => [key, { ...link, canonical: owner.get(key) ?? Number.NaN }]),
    ),
    violations,
    updates,
    stamps,
    founders,
  }
}

function keyOf(identifier: ReferenceIdentifier): string {
  return `${identifier.type}:${identifier.value}`
}

function counts(held: Held, rule: ReferenceRule, event: ReferenceEvent): boolean {
  if (held.type !== rule.type) return false
  if (rule.windowDays === undefined) return true
  return held.linkedAt > event.time - rule.windowDays * dayMs && held.linkedAt <= event.time
}

/** Why the union of these profiles and identifiers may not be, by the first limit it breaks. */
function brokenLimit(
  event: ReferenceEvent,
  owners: readonly Profile[],
  fresh: readonly ReferenceIdentifier[],
  rules: readonly ReferenceRule[],
  caps: { readonly merges: number; readonly mappings: number },
): string | undefined {
  for (const rule of rules) {
    // A profile may hold more than a limit set later allows; it is only not to grow.
    const parts = [
      ...owners.map(
        (owner) => [...owner.identifiers.values()].filter((held) => counts(held, rule, event)).length,
      ),
      ...fresh.map((id) => (id.type === rule.type ? 1 : 0)),
    ].filter((count) => count > 0)
    const total = parts.reduce((sum, count) => sum + count, 0)
    if (total > rule.limit && parts.length > 1) {
      return rule.windowDays === undefined
        ? 'Identifier value limit exceeded'
        : 'Identifier value time limit exceeded'
    }
  }
  const merges = owners.reduce((sum, owner) => sum + owner.members.length, 0) - 1
  if (owners.length > 1 && merges > caps.merges) return 'Profile merge limit exceeded'
  const mappings = owners.reduce((sum, owner) => sum + owner.identifiers.size, 0) + fresh.length
  if (mappings > caps.mappings && (owners.length > 1 || fresh.length > 0)) {
    return 'Identifier mapping limit exceeded'
  }
  return undefined
}
