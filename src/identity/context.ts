import type { IdentifierRule, IdentityCut, IdentityRules } from '../definitions/definitions.ts'
import type { Dialect, Sql } from '../dialects/dialect.ts'
import { certainCodes, type HardLimits, type Limit, limitsOf, partnerReason, userRules } from './limits.ts'
import { type IdentityTables, identityTables } from './tables.ts'

/** What every template under `templates/identity/` is rendered with: names and fragments in one dialect. */
export interface IdentityContext {
  readonly tables: IdentityTables
  readonly integer: string
  readonly nullText: Sql
  readonly emptyText: Sql
  readonly types: readonly { readonly name: Sql; readonly rank: number }[]
  /** Names of the types, for `in (…)`. */
  readonly typeList: Sql
  readonly cuts: readonly CutSql[]
  /** With how many others an identifier may be seen; absent: however many. */
  readonly maxPartners: number | undefined
  /** As a text literal. */
  readonly partnerReason: Sql
  readonly limits: readonly Limit[]
  readonly typeLimits: readonly Limit[]
  readonly everLimits: readonly Limit[]
  readonly windowedLimits: readonly Limit[]
  /** Whether any limit is windowed. */
  readonly windowed: boolean
  /** Ranks of types whose limit is windowed, for `in (…)`. */
  readonly windowedRanks: Sql
  /** From so many pending sightings on the limits begin with a short stretch of events. */
  readonly manySightings: number
  readonly profileLimit: number
  readonly mappingLimit: number
  readonly certainCodes: Sql
  /** Of the first round of the limits. */
  readonly stretches: number
  /** An arrival after all others. */
  readonly endless: Sql

  /** Buckets of the certificate's histogram. */
  readonly clusterSizes: readonly { readonly column: string; readonly from: number; readonly to: Sql }[]
  /** Of types that make a profile a known one; 0 where there is none. */
  readonly knownRanks: Sql
  /** Between selects whose equal rows count once. */
  readonly union: Sql

  /** Number and run of the batch, and whether the state is made anew; an expression costs no join. */
  readonly batch: Sql
  readonly batchRun: Sql
  readonly fullRefresh: Sql

  // expressions over the tables named in them
  readonly identifierHash: Sql
  /** What the public table of suppressions tells an identifier by. */
  readonly identifierDigest: Sql
  readonly identifierBinary: Sql
  readonly typeRank: Sql
  readonly stateTypeRank: Sql
  readonly blocked: Sql
  readonly dictionaryValue: Sql
  readonly eventMicros: Sql
  readonly laterMicros: Sql
  readonly sightingSignature: Sql
  readonly segmentId: Sql
  readonly eventSeq: Sql
  readonly mappingId: Sql
  readonly externalIdHash: Sql
  /** How many arrivals after the first a round takes. */
  readonly stretch: Sql
  readonly quarterPace: Sql
  readonly linkHash: Sql
  readonly profileHash: Sql
  readonly partitionHash: Sql
  readonly clusterHistogram: Sql
}

/** An edge rule as a row of literals. */
interface CutSql {
  readonly key: Sql
  readonly eventId: Sql
  readonly source: Sql
  readonly leftType: Sql
  readonly leftValue: Sql
  readonly rightType: Sql
  readonly rightValue: Sql
}

/** Far below 64 bits for the sum of any number of hashes. */
const hashModulus = 2 ** 31 - 1

/** Types of which one makes a profile known: `include_anonymous` asks for it. */
const knownTypes: ReadonlySet<string> = new Set(['user_id', 'email', 'android.idfa', 'ios.idfa'])

/** Identifiers of a cluster: up to these, and more. */
const clusterSizes = [1, 2, 3, 5, 10, 30, 100, 300, 1000] as const

/** Below it a round over all of them costs no more than the statements of one more round. */
const manySightings = 100_000

/** Stands between type and value where both are hashed as one text; no type contains it. */
const separator = ':'

export function identityContext(
  rules: IdentityRules,
  hardLimits: HardLimits,
  dialect: Dialect,
  workSchema: string,
  stretches = 1,
): IdentityContext {
  const users = userRules(rules)
  const limits = limitsOf(rules, hardLimits, dialect)
  const pair = (type: Sql, value: Sql): Sql => `${type} || ${dialect.text(separator)} || ${value}`
  const digits = (sql: Sql): Sql => dialect.toText(sql, 'integer')
  const rankOf = (column: Sql): Sql =>
    [
      `case ${column}`,
      ...users.map((rule, index) => `  when ${dialect.text(rule.type)} then ${index + 1}`),
      // Linked when the rules still had its type.
      '  else 0',
      'end',
    ].join('\n')
  const limitOf = (column: string): number => limits.find((limit) => limit.column === column)?.limit ?? 0
  const typeLimits = limits.filter((limit) => limit.rank > 0)
  const tables = identityTables(dialect, workSchema)
  return {
    tables,
    integer: dialect.typeName('integer'),
    nullText: dialect.nullOf('text'),
    // A table made of a literal may hold no longer text than that one.
    emptyText: `cast(${dialect.text('')} as ${dialect.typeName('text')})`,
    types: users.map((rule, index) => ({ name: dialect.text(rule.type), rank: index + 1 })),
    typeList: users.map((rule) => dialect.text(rule.type)).join(', '),
    cuts: (rules.cuts ?? []).map((cut) => cutSql(cut, dialect)),
    maxPartners: rules.maxPartners,
    partnerReason: dialect.text(partnerReason),
    limits,
    typeLimits,
    everLimits: typeLimits.filter((limit) => !limit.windowed),
    windowedLimits: typeLimits.filter((limit) => limit.windowed),
    windowed: limits.some((limit) => limit.windowed),
    windowedRanks: typeLimits.flatMap(({ windowed, rank }) => (windowed ? [rank] : [])).join(', '),
    manySightings,
    profileLimit: limitOf('profiles'),
    mappingLimit: limitOf('mappings'),
    certainCodes: certainCodes(limits).join(', '),
    stretches,
    endless: dialect.integer(2n ** 63n - 1n),
    clusterSizes: sizeBuckets(dialect),
    knownRanks: [0, ...users.flatMap(({ type }, index) => (knownTypes.has(type) ? [index + 1] : []))].join(
      ', ',
    ),
    union: dialect.union,

    batch: `(select new_batch.batch from ${tables.newBatch} as new_batch)`,
    batchRun: `(select new_batch.run_id from ${tables.newBatch} as new_batch)`,
    fullRefresh: `(select intake.full_refresh from ${tables.intake} as intake)`,

    identifierHash: dialect.hash60(pair('identifier_type', 'identifier_value')),
    identifierDigest: dialect.md5(pair('identifier_type', 'identifier_value')),
    identifierBinary: dialect.binaryText('identifier_value'),
    typeRank: rankOf('identifier_type'),
    stateTypeRank: rankOf('state_links.identifier_type'),
    blocked: blockedCondition(users, dialect),
    dictionaryValue: dialect.binaryText('dictionary.identifier_value'),
    eventMicros: dialect.epochMicros('coalesce(events.timestamp, events.received_at)'),
    laterMicros: dialect.epochMicros('coalesce(later_events.timestamp, later_events.received_at)'),
    sightingSignature: dialect.jsonSortedSet(
      `(${pair(
        dialect.toText('ordered_sightings.position', 'integer'),
        dialect.toText('ordered_sightings.id', 'integer'),
      )})`,
      'all',
    ),
    segmentId: `'use_' || substr(${dialect.md5(
      pair('founding_identifiers.identifier_type', 'founding_identifiers.identifier_value'),
    )}, 1, 27)`,
    // Sorts as events arrive, which is the order in which profiles change.
    eventSeq: dialect.padLeft(digits('events.arrival'), 20, '0'),
    mappingId: dialect.md5(pair('identifiers.identifier_type', 'identifiers.identifier_value')),
    externalIdHash: dialect.sha1('identifiers.identifier_type || identifiers.identifier_value'),
    stretch: dialect.divide('pace.last_arrival - pace.first_arrival', 'pace.divisor'),
    quarterPace: dialect.divide('pace.divisor', '4'),
    linkHash: dialect.modulo('new_links.id', `${hashModulus}`),
    profileHash: dialect.modulo(
      dialect.hash60(
        [
          'profile_keys.segment_id',
          ...['sums.identifiers', 'sums.id_sum'].map((sum) => `${dialect.text(separator)} || ${digits(sum)}`),
        ].join(' || '),
      ),
      `${hashModulus}`,
    ),
    partitionHash: digits(`cast(clustered.partition_sum as ${dialect.typeName('integer')})`),
    clusterHistogram: clusterHistogram(dialect),
  }
}

function cutSql(cut: IdentityCut, dialect: Dialect): CutSql {
  const text = (value: string | undefined): Sql =>
    value === undefined ? dialect.nullOf('text') : dialect.text(value)
  const event = 'event' in cut ? cut : undefined
  const [left, right] = 'between' in cut ? cut.between : []
  return {
    key: dialect.text(
      JSON.stringify(
        event === undefined
          ? [left?.type, left?.value, right?.type, right?.value]
          : [event.event, event.source ?? null],
      ),
    ),
    eventId: text(event?.event),
    source: text(event?.source),
    leftType: text(left?.type),
    leftValue: text(left?.value),
    rightType: text(right?.type),
    rightValue: text(right?.value),
  }
}

/** Of the row's `identifier_type` and `identifier_value`: whether the rule of the type blocks the value. */
function blockedCondition(rules: readonly IdentifierRule[], dialect: Dialect): Sql {
  const cases = rules.flatMap((rule) => {
    const exact = rule.blocked.flatMap((blocked) => ('exact' in blocked ? [dialect.text(blocked.exact)] : []))
    const tests = [
      ...(exact.length > 0 ? [`identifier_value in (${exact.join(', ')})`] : []),
      ...rule.blocked.flatMap((blocked) =>
        'pattern' in blocked ? [dialect.matches('identifier_value', blocked.pattern)] : [],
      ),
    ]
    if (tests.length === 0) return []
    return [`  when identifier_type = ${dialect.text(rule.type)} then (${tests.join(' or ')})`]
  })
  return cases.length === 0 ? 'false' : ['case', ...cases, '  else false', 'end'].join('\n')
}

function sizeBuckets(dialect: Dialect): IdentityContext['clusterSizes'] {
  const limits = [...clusterSizes, undefined]
  return limits.map((to, index) => ({
    column: `size_${index + 1}`,
    from: (clusterSizes[index - 1] ?? 0) + 1,
    to: dialect.integer(to ?? 2n ** 62n),
  }))
}

/** As text: `1: 5021, 2: 310, 3: 12, 4-5: 0, …, 1001+: 0`. */
function clusterHistogram(dialect: Dialect): Sql {
  return sizeBuckets(dialect)
    .map(({ column, from }, index) => {
      const to = clusterSizes[index]
      const size = to === undefined ? `${from}+` : to === from ? `${from}` : `${from}-${to}`
      const label = dialect.text(`${index === 0 ? '' : ', '}${size}: `)
      return `${label} || ${dialect.toText(`clustered.${column}`, 'integer')}`
    })
    .join(' || ')
}
