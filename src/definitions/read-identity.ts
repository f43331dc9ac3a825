import { problem } from '../diagnostics/problem.ts'
import type { RawIdentity } from './definition-shapes.ts'
import type { BlockedValue, IdentifierRule, IdentityRules } from './definitions.ts'
import { compareByDefaultPriority, defaultIdentifiers, identifierDefaults } from './identifier-defaults.ts'
import { checkPattern } from './pattern.ts'
import { readCuts } from './read-cuts.ts'
import type { Reading } from './reading.ts'

type RawRule = NonNullable<RawIdentity['identifiers']>[number]
type RawBlocked = NonNullable<RawRule['blocked']>[number]

export function readIdentity(raw: RawIdentity, reading: Reading): IdentityRules {
  const { identifiers, cut, warn_cluster_size: warnClusterSize, max_partners: maxPartners } = raw
  const rules = identifiers === undefined ? defaultIdentifiers() : readRules(identifiers, reading)
  return {
    identifiers: rules,
    ...(cut === undefined ? {} : { cuts: readCuts(cut, rules, reading) }),
    ...(warnClusterSize === undefined ? {} : { warnClusterSize }),
    ...(maxPartners === undefined ? {} : { maxPartners }),
  }
}

/** Priorities that are left out follow the explicit ones: user_id, email, then by name. */
function readRules(rules: readonly RawRule[], reading: Reading): readonly IdentifierRule[] {
  reportRepeats(rules, reading)
  const last = Math.max(0, ...rules.map(({ priority }) => priority ?? 0))
  const unranked = rules
    .filter(({ priority }) => priority === undefined)
    .map(({ type }) => type)
    .toSorted(compareByDefaultPriority)
  const read = rules.map((rule): IdentifierRule => {
    const defaults = identifierDefaults(rule.type)
    return {
      type: rule.type,
      priority: rule.priority ?? last + 1 + unranked.indexOf(rule.type),
      limit: rule.limit ?? defaults.limit,
      frequency: rule.frequency ?? defaults.frequency,
      blocked: (rule.blocked ?? []).map((value, index) =>
        readBlocked(value, rule.blocked ?? [], index, reading),
      ),
      normalize: rule.normalize ?? defaults.normalize,
      locations: rule.locations ?? defaults.locations,
      span: reading.places.valueSpan(rule),
    }
  })
  return read.toSorted((left, right) => left.priority - right.priority)
}

function readBlocked(raw: RawBlocked, _list: object, _index: number, reading: Reading): BlockedValue {
  if (typeof raw === 'string') return { exact: raw }
  if ('exact' in raw) return raw
  const error = checkPattern(raw.pattern)
  if (error !== undefined) {
    const span = reading.places.partSpan(raw, 'pattern', error.index, error.length)
    reading.report(problem('PSN2023', { pattern: raw.pattern, detail: error.detail }, span))
  }
  return raw
}

function reportRepeats(rules: readonly RawRule[], reading: Reading): void {
  const seen = { type: new Set<unknown>(), priority: new Set<unknown>() }
  for (const rule of rules) {
    for (const key of ['type', 'priority'] as const) {
      const value = rule[key]
      if (value === undefined) continue
      if (seen[key].has(value)) {
        const parameters = { type: rule.type, key, value: `\`${value}\`` }
        reading.report(problem('PSN2051', parameters, reading.places.valueSpan(rule, key)))
      }
      seen[key].add(value)
    }
  }
}
