import { createHash } from 'node:crypto'
import { type ReferenceRule, resolveSequentially } from '../reference/identity/sequential.ts'
import type {
  GivenCut,
  GivenEvent,
  GivenRule,
  GivenSuppression,
  Warehouse,
} from '../scenarios/identity/identity-run.ts'

/** What one run is given. */
export interface IdentityRun {
  readonly rules: readonly GivenRule[]
  readonly events: readonly GivenEvent[]
  readonly fullRefresh: boolean
  /** Absent: however many. */
  readonly maxPartners?: number
  readonly cuts?: readonly GivenCut[]
  readonly suppressions?: readonly GivenSuppression[]
}

/** Everything identity decided: by table, one line for each row, starting with the arrival it is about; 0 for totals. */
export type Facts = ReadonlyMap<string, readonly string[]>

const days = { ever: undefined, daily: 1, weekly: 7, monthly: 30, annually: 365 } as const
const knownTypes = new Set(['user_id', 'email', 'android.idfa', 'ios.idfa'])

/** @param runs since the last full refresh, with it */
export function expectedFacts(
  runs: readonly IdentityRun[],
  hardLimits: { readonly mappings: number; readonly merges: number },
): Facts {
  // Cuts hold from the beginning of time, other rules from the next event on.
  const { cuts = [], suppressions = [] } = runs.at(-1) ?? {}
  const phases = runs.map(({ rules, events, maxPartners }) => ({
    rules: rules.map(referenceRule),
    events: followed(events, rules.map(referenceRule), suppressions),
    cuts,
    ...(maxPartners === undefined ? {} : { maxPartners }),
  }))
  const { identifiers, violations, updates, stamps, founders } = resolveSequentially(phases, hardLimits)
  const segment = (profile: number | null): string =>
    profile === null ? 'null' : `use_${md5(founders.get(profile) ?? '').slice(0, 27)}`
  const canonicalOf = new Map(updates.map((update) => [update.profile, update.canonical]))
  const canonical = (profile: number | null): string =>
    segment(profile === null ? null : (canonicalOf.get(profile) ?? profile))
  const links = [...identifiers].map(([key, link]) => ({ key, type: key.split(':')[0] ?? '', ...link }))
  const sizes = new Map<number, number>()
  for (const link of links) sizes.set(link.canonical, (sizes.get(link.canonical) ?? 0) + 1)
  const totals = [
    stamps.size,
    links.length,
    sizes.size,
    founders.size - sizes.size,
    violations.length,
    Math.max(0, ...sizes.values()),
  ]
  const known = new Set(links.filter((link) => knownTypes.has(link.type)).map((link) => link.canonical))
  return new Map([
    [
      'identifiers',
      links.map(
        (link) => `${link.linkedBy} ${link.key} ${segment(link.linkedTo)} ${segment(link.canonical)}`,
      ),
    ],
    [
      'external_id_mapping_updates',
      links.map((link) => `${link.linkedBy} ${link.key} ${segment(link.linkedTo)} ${seq(link.linkedBy)}`),
    ],
    [
      'profiles',
      [...founders.keys()].map(
        (profile) =>
          `${profile} ${segment(profile)} ${canonical(profile)} ${known.has(canonicalOf.get(profile) ?? profile)}`,
      ),
    ],
    [
      'id_graph_updates',
      updates.map(
        (update) =>
          `${update.arrival} ${segment(update.profile)} ${segment(update.canonical)} ${seq(update.arrival)}`,
      ),
    ],
    [
      'event_profiles',
      [...stamps].map(([arrival, profile]) => `${arrival} ${segment(profile)} ${canonical(profile)}`),
    ],
    [
      'identity_violations',
      violations.map(
        ({ arrival, identifier, reason }) =>
          `${arrival} ${identifier} ${segment(stamps.get(arrival) ?? null)} ${reason}`,
      ),
    ],
    ['identity_certificate', [`0 ${totals.join(' ')}`]],
  ])
}

/** Without suppressed identifiers, and without the events that such a one leads. */
function followed(
  events: readonly GivenEvent[],
  rules: readonly ReferenceRule[],
  suppressions: readonly GivenSuppression[],
): readonly GivenEvent[] {
  const rank = (type: string): number => rules.findIndex((rule) => rule.type === type)
  return events.flatMap((event) => {
    const { arrival, identifiers } = event
    const isSuppressed = ({ type, value }: { type: string; value: string }): boolean =>
      suppressions.some(
        ({ identifiers: keys, after, until }) =>
          keys.includes(`${type}:${value}`) &&
          (after === undefined || arrival > after) &&
          (until === undefined || arrival <= until),
      )
    const counting = identifiers.filter(
      ({ type, value }) => rank(type) >= 0 && rules[rank(type)]?.isBlocked?.(value) !== true,
    )
    const [leading] = [...counting].sort(
      (a, b) => rank(a.type) - rank(b.type) || a.location - b.location || (a.value < b.value ? -1 : 1),
    )
    if (leading !== undefined && isSuppressed(leading)) return []
    const left = identifiers.filter((one) => !counting.includes(one) || !isSuppressed(one))
    return [{ ...event, identifiers: left }]
  })
}

function referenceRule({ type, limit, frequency, blocked = [] }: GivenRule): ReferenceRule {
  const windowDays = days[frequency]
  return {
    type,
    limit,
    ...(windowDays === undefined ? {} : { windowDays }),
    isBlocked: (value) =>
      blocked.some((one) => ('exact' in one ? one.exact === value : new RegExp(one.pattern).test(value))),
  }
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
const seq = (arrival: number): string => String(arrival).padStart(20, '0')

const identifier = "identifier_type || ':' || identifier_value"
const externalId = "external_id_type || ':' || external_id_value"
/** Events of these tables are named `e<arrival>`. */
const answers: Readonly<Record<string, readonly string[]>> = {
  identifiers: ['arrival', identifier, 'segment_id', 'canonical_segment_id'],
  external_id_mapping_updates: ['substr(triggering_event_id, 2)', externalId, 'segment_id', 'seq'],
  profiles: ['arrival', 'segment_id', 'canonical_segment_id', 'known'],
  id_graph_updates: ['substr(triggering_event_id, 2)', 'segment_id', 'canonical_segment_id', 'seq'],
  event_profiles: ['arrival', 'segment_id', 'canonical_segment_id'],
  identity_violations: ['substr(event_id, 2)', identifier, 'segment_id', 'reason'],
  identity_certificate: [
    '0',
    'events',
    'identifiers',
    'profiles',
    'merged_profiles',
    'violations',
    'largest_cluster',
  ],
}

export async function answeredFacts(warehouse: Warehouse, workSchema: string): Promise<Facts> {
  const facts = new Map<string, readonly string[]>()
  for (const [name, expressions] of Object.entries(answers)) {
    const columns = expressions.map((sql, index) => `${sql} as c${index}`).join(', ')
    const table = warehouse.dialect.relation({ schema: workSchema, name })
    const rows = await warehouse.query(`select ${columns} from ${table}`)
    facts.set(
      name,
      rows.map((row) => Object.values(row).map(String).join(' ')),
    )
  }
  return facts
}

export interface Difference {
  readonly table: string
  readonly stream: number
  /** Lines that are missing. */
  readonly expected: readonly string[]
  /** Lines that should not be there. */
  readonly answered: readonly string[]
}

/** Where the answer differs, table by table and stream by stream. */
export function differences(
  expected: Facts,
  answered: Facts,
  streamOf: (arrival: number) => number,
): readonly Difference[] {
  const streamOfLine = (line: string): number => streamOf(Number(line.split(' ')[0]))
  return [...expected].flatMap(([table, wanted]) => {
    const got = answered.get(table) ?? []
    const missing = without(wanted, got)
    const surplus = without(got, wanted)
    const streams = new Set([...missing, ...surplus].map(streamOfLine))
    return [...streams].map((stream) => ({
      table,
      stream,
      expected: missing.filter((line) => streamOfLine(line) === stream),
      answered: surplus.filter((line) => streamOfLine(line) === stream),
    }))
  })
}

/** Lines less those of the other side, each as often as it is there. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1)
  return lines.filter((line) => {
    const left = counts.get(line) ?? 0
    counts.set(line, left - 1)
    return left <= 0
  })
}
