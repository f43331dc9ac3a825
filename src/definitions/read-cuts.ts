import { nearest } from '../diagnostics/nearest.ts'
import { problem } from '../diagnostics/problem.ts'
import type { RawIdentity } from './definition-shapes.ts'
import type { IdentifierRule, IdentifierValue, IdentityCut } from './definitions.ts'
import type { Reading } from './reading.ts'

type RawCut = NonNullable<RawIdentity['cut']>[number]

/** Values are normalised as those of events are; a type without a rule is reported. */
export function readCuts(
  raw: readonly RawCut[],
  rules: readonly IdentifierRule[],
  reading: Reading,
): readonly IdentityCut[] {
  return raw.flatMap((cut): readonly IdentityCut[] => {
    if ('event' in cut) return [cut]
    const [left, right] = cut.between.map((_, index) => readSide(cut.between, index, rules, reading))
    return left === undefined || right === undefined ? [] : [{ between: [left, right] }]
  })
}

function readSide(
  between: readonly string[],
  index: number,
  rules: readonly IdentifierRule[],
  reading: Reading,
): IdentifierValue | undefined {
  const found = between[index] ?? ''
  const colon = found.indexOf(':')
  const type = found.slice(0, Math.max(colon, 0))
  const value = found.slice(colon + 1).trim()
  const users = rules.filter((rule) => rule.type !== 'group_id')
  const rule = users.find((candidate) => candidate.type === type)
  if (rule === undefined || value === '') {
    const near = nearest(
      type,
      users.map((candidate) => candidate.type),
    )
    const parameters = { found, type: rule === undefined ? type : '', ...(near !== undefined && { near }) }
    reading.report(problem('PSN2052', parameters, reading.places.valueSpan(between, index)))
    return undefined
  }
  return { type, value: rule.normalize === 'lowercase' ? value.toLowerCase() : value }
}
