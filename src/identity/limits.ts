import type { Frequency, IdentityRules } from '../definitions/definitions.ts'
import type { Dialect, Sql } from '../dialects/dialect.ts'

/** Identifiers a profile may hold, and profiles that may have become one, whatever the rules say. */
export interface HardLimits {
  readonly mappings: number
  readonly merges: number
}

export const defaultHardLimits: HardLimits = { mappings: 1000, merges: 100 }

/** A profile that grows to more identifiers is warned about, unless the rules say from where on. */
export const defaultWarnClusterSize = 500

export type Reason =
  | 'Identifier value limit exceeded'
  | 'Identifier value time limit exceeded'
  | 'Profile merge limit exceeded'
  | 'Identifier mapping limit exceeded'

/** Of an identifier seen with more others than `identity.max_partners` allows. */
export const partnerReason = 'Identifier partner limit exceeded'

/**
 * Something counted per profile that may not pass a limit; as SQL fragments for the templates.
 * The counts of disjoint profiles add up, which is what lets a round judge many events side by side.
 */
export interface Limit {
  /** Written to `identity_refusals.violated`; the order in which limits are looked at. */
  readonly code: number
  readonly column: string
  /** Rank of the identifier type it counts; 0 where it counts all identifiers, or profiles. */
  readonly rank: number
  /** What an identifier of another type, not yet linked, counts. */
  readonly unheld: 0 | 1
  readonly countsProfiles: boolean
  readonly limit: number
  readonly windowed: boolean
  /** Microseconds; empty where not windowed. */
  readonly windowMicros: Sql
  /** As a text literal. */
  readonly reason: Sql
}

const daysOf: Readonly<Record<Exclude<Frequency, 'ever'>, number>> = {
  daily: 1,
  weekly: 7,
  monthly: 30,
  annually: 365,
}

/** Every limit of a profile in the order in which they are looked at: types by priority, then merges, then mappings. */
export function limitsOf(
  rules: IdentityRules,
  hardLimits: HardLimits,
  dialect: Pick<Dialect, 'integer' | 'text'>,
): readonly Limit[] {
  const ofTypes = userRules(rules).map((rule, index): Limit => {
    const windowed = rule.frequency !== 'ever'
    const reason: Reason = windowed
      ? 'Identifier value time limit exceeded'
      : 'Identifier value limit exceeded'
    return {
      code: index + 1,
      column: `n_${index + 1}`,
      rank: index + 1,
      unheld: 0,
      countsProfiles: false,
      limit: rule.limit,
      windowed,
      windowMicros:
        rule.frequency === 'ever' ? '' : dialect.integer(BigInt(daysOf[rule.frequency]) * 86_400_000_000n),
      reason: dialect.text(reason),
    }
  })
  const hard = { rank: 0, windowed: false, windowMicros: '' } as const
  const merges: Reason = 'Profile merge limit exceeded'
  const mappings: Reason = 'Identifier mapping limit exceeded'
  return [
    ...ofTypes,
    {
      ...hard,
      code: ofTypes.length + 1,
      column: 'profiles',
      unheld: 0,
      countsProfiles: true,
      limit: hardLimits.merges + 1,
      reason: dialect.text(merges),
    },
    {
      ...hard,
      code: ofTypes.length + 2,
      column: 'mappings',
      unheld: 1,
      countsProfiles: false,
      limit: hardLimits.mappings,
      reason: dialect.text(mappings),
    },
  ]
}

/** The rules of user profiles, highest priority first; `group_id` names accounts and never joins users. */
export function userRules(rules: IdentityRules): IdentityRules['identifiers'] {
  return rules.identifiers
    .filter((rule) => rule.type !== 'group_id')
    .toSorted((a, b) => a.priority - b.priority)
}

/**
 * Codes whose reason cannot change however much is learnt later: every limit looked at before has the same one.
 * The others are looked up again once the history is known.
 */
export function certainCodes(limits: readonly Limit[]): readonly number[] {
  return limits
    .filter((limit) => limits.every((other) => other.code > limit.code || other.reason === limit.reason))
    .map((limit) => limit.code)
}
