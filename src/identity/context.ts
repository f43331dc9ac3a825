import type { IdentifierRule, IdentityRules } from '../definitions/definitions.ts'
import type { Dialect, Sql } from '../dialects/dialect.ts'
import { certainCodes, type HardLimits, type Limit, limitsOf, userRules } from './limits.ts'
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
  readonly limits: readonly Limit[]
  readonly typeLimits: readonly Limit[]
  readonly everLimits: readonly Limit[]
  readonly windowedLimits: readonly Limit[]
  /** Whether any limit is windowed. */
  readonly windowed: boolean
  readonly profileLimit: number
  readonly mappingLimit: number
  readonly certainCodes: Sql
  /** An arrival after all others. */
  readonly endless: Sql

  // expressions over the tables named in them
  readonly identifierHash: Sql
  readonly blocked: Sql
  readonly dictionaryValue: Sql
  readonly eventMicros: Sql
  readonly laterMicros: Sql
  readonly sightingSignature: Sql
  readonly segmentId: Sql
  readonly eventSeq: Sql
  readonly mappingId: Sql
  readonly externalIdHash: Sql
  readonly partitionHash: Sql
}

/** Stands between type and value where both are hashed as one text; no type contains it. */
const separator = ':'

export function identityContext(
  rules: IdentityRules,
  hardLimits: HardLimits,
  dialect: Dialect,
  workSchema: string,
): IdentityContext {
  const users = userRules(rules)
  const limits = limitsOf(rules, hardLimits, dialect)
  const pair = (type: Sql, value: Sql): Sql => `${type} || ${dialect.text(separator)} || ${value}`
  const seqPart = (sql: Sql, digits: number): Sql =>
    dialect.padLeft(dialect.toText(sql, 'integer'), digits, '0')
  const limitOf = (column: string): number => limits.find((limit) => limit.column === column)?.limit ?? 0
  const typeLimits = limits.filter((limit) => limit.rank > 0)
  return {
    tables: identityTables(dialect, workSchema),
    integer: dialect.typeName('integer'),
    nullText: dialect.nullOf('text'),
    emptyText: dialect.text(''),
    types: users.map((rule, index) => ({ name: dialect.text(rule.type), rank: index + 1 })),
    typeList: users.map((rule) => dialect.text(rule.type)).join(', '),
    limits,
    typeLimits,
    everLimits: typeLimits.filter((limit) => !limit.windowed),
    windowedLimits: typeLimits.filter((limit) => limit.windowed),
    windowed: limits.some((limit) => limit.windowed),
    profileLimit: limitOf('profiles'),
    mappingLimit: limitOf('mappings'),
    certainCodes: certainCodes(limits).join(', '),
    endless: dialect.integer(2n ** 63n - 1n),

    identifierHash: dialect.hash60(pair('identifier_type', 'identifier_value')),
    blocked: blockedCondition(users, dialect),
    dictionaryValue: dialect.binaryText('dictionary.identifier_value'),
    eventMicros: dialect.epochMicros('coalesce(events.timestamp, events.received_at)'),
    laterMicros: dialect.epochMicros('coalesce(later_events.timestamp, later_events.received_at)'),
    sightingSignature: dialect.jsonSortedSet(
      `(${pair(
        dialect.toText('ordered_sightings.position', 'integer'),
        dialect.toText('ordered_sightings.id', 'integer'),
      )})`,
    ),
    segmentId: `'use_' || substr(${dialect.md5(
      pair('founding_sightings.identifier_type', 'founding_sightings.identifier_value'),
    )}, 1, 27)`,
    // Sorts as events arrive, which is the order in which profiles change.
    eventSeq: `${seqPart(dialect.epochMicros('events.received_at'), 17)} || ${seqPart('events.arrival', 12)}`,
    mappingId: dialect.md5(pair('identifiers.identifier_type', 'identifiers.identifier_value')),
    externalIdHash: dialect.sha1('identifiers.identifier_type || identifiers.identifier_value'),
    partitionHash: partitionHash(
      dialect,
      pair('identifiers.identifier_type', 'identifiers.identifier_value'),
    ),
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

/** The same for the same partition, whatever the order of rows and the engine; far below 64 bits for any sum. */
function partitionHash(dialect: Dialect, identifier: Sql): Sql {
  const hash = dialect.hash60(`${identifier} || ' ' || identifiers.canonical_segment_id`)
  const sum = `coalesce(sum(${hash} % 2147483647), 0)`
  return dialect.toText(`cast(${sum} as ${dialect.typeName('integer')})`, 'integer')
}
