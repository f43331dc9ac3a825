import type { Adapter, Row } from '../../../src/adapters/adapter.ts'
import type { IdentityPlan } from '../../../src/identity/compile-identity.ts'
import { shortName } from './short-text.ts'

/** What the public tables say, in the short texts of scenarios. Profiles are numbered by age. */
export interface Answer {
  /** Clusters as sorted identifiers. */
  readonly profiles: readonly string[]
  /** Profile of each event when it happened; null where unresolved. */
  readonly stamps: readonly (number | null)[]
  /** `2 a=a1 reason`: arrival, identifier, reason. */
  readonly violations: readonly string[]
  /** `2→1 by 4`: profile, what it points to from then on, arrival. Creations are left out. */
  readonly repoints: readonly string[]
}

export async function answerOf(adapter: Adapter, workSchema: string, plan: IdentityPlan): Promise<Answer> {
  const published = async (name: string, order: string): Promise<readonly Row[]> => {
    const table = plan.published.find((one) => one.name === name)
    if (table === undefined) throw new Error(`${name} is not published`)
    return await adapter.query(`${table.select} order by ${order}`)
  }
  const updates = await published('id_graph_updates', 'seq')
  const ages = new Map<string, number>()
  for (const row of updates) {
    if (row.segment_id === row.canonical_segment_id) ages.set(String(row.segment_id), ages.size + 1)
  }
  const age = (segment: unknown): number | null => ages.get(String(segment)) ?? null
  // Events are named `e<arrival>`.
  const arrivalOf = (id: unknown): string => String(id).slice(1)
  const clusters = new Map<string, string[]>()
  for (const row of await published('user_identifiers', 'seq')) {
    const canonical = String(row.canonical_segment_id)
    const identifier = shortName(String(row.type), String(row.value))
    clusters.set(canonical, [...(clusters.get(canonical) ?? []), identifier])
  }
  const work = adapter.dialect.ident(workSchema)
  const stamps = await adapter.query(`select segment_id from ${work}.event_profiles order by arrival`)
  const violations = await published('identity_violations', 'event_id')
  return {
    profiles: [...clusters.values()].map((found) => found.toSorted().join(' ')).toSorted(),
    stamps: stamps.map((row) => age(row.segment_id)),
    violations: violations
      .map((row) => {
        const identifier =
          row.identifier_type === null
            ? 'null'
            : shortName(String(row.identifier_type), String(row.identifier_value))
        return `${arrivalOf(row.event_id)} ${identifier} ${row.reason}`
      })
      .toSorted(),
    repoints: updates
      .filter((row) => row.segment_id !== row.canonical_segment_id)
      .map(
        (row) =>
          `${age(row.segment_id)}→${age(row.canonical_segment_id)} by ${arrivalOf(row.triggering_event_id)}`,
      )
      .toSorted(),
  }
}
