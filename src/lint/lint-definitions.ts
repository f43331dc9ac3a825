import type { Audience, Definitions, EventTrait, FormulaTrait } from '../definitions/definitions.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import { placeOf } from '../diagnostics/span.ts'
import type { NamedPart, Outcome } from '../diagnostics/text/lint.ts'
import { type AudienceParts, audienceParts } from './audience-parts.ts'
import { type Cause, type Causes, findCauses } from './cause.ts'
import { type Compared, compareAudiences } from './compare-audiences.ts'
import { dividesByZero } from './divides-by-zero.ts'
import { eventsPart } from './event-parts.ts'
import { createFormulas, type Formula, type Formulas } from './formula.ts'
import { findIdleParts, type IdlePart } from './idle-parts.ts'
import type { Part } from './part.ts'
import { createReasoner, type Reasoner } from './reasoner.ts'

interface Linter {
  readonly formulas: Formulas
  readonly reasoner: Reasoner
  readonly causes: Causes
  readonly parts: AudienceParts
}

/**
 * Warnings about what definitions mean, whatever the events are: audiences that are empty, everyone or part of another,
 * conditions that contradict each other or change nothing. Each is certain; not everything that is so is found.
 *
 * @param definitions without errors
 */
export function lintDefinitions({
  audiences,
  traits,
}: Pick<Definitions, 'audiences' | 'traits'>): readonly Problem[] {
  const formulas = createFormulas()
  const reasoner = createReasoner(formulas)
  const causes = findCauses(formulas, reasoner)
  const linter: Linter = { formulas, reasoner, causes, parts: audienceParts(formulas, { audiences, traits }) }
  const ofTraits = traits.flatMap((trait) => {
    if (trait.type === 'sql' || 'relationship' in trait) return []
    const found = trait.type === 'formula' ? lintFormulaTrait(trait) : lintEventTrait(linter, trait)
    return found.filter(({ code }) => !trait.ignoreWarnings.includes(code))
  })
  const compared: Compared[] = []
  const ofAudiences = audiences.flatMap((audience) => {
    const { problems, formula } = lintAudience(linter, audience)
    if (formula !== undefined) compared.push({ audience, formula })
    return problems.filter(({ code }) => !audience.ignoreWarnings.includes(code))
  })
  return [...ofTraits, ...ofAudiences, ...lintRelations(compared, reasoner)]
}

/** @returns its formula too, where it is neither empty nor everyone */
function lintAudience(
  linter: Linter,
  audience: Audience,
): { readonly problems: readonly Problem[]; readonly formula?: Formula } {
  const { formulas, reasoner, causes, parts } = linter
  const match = parts.match(audience)
  const eligible = parts.eligible(audience)
  const formula = formulas.all([eligible, match.formula])
  const of = `audience \`${audience.name}\``
  if (reasoner.neverHolds(formula))
    return { problems: [causeProblem(formulas, of, causes.never(match, eligible), 'empty')] }
  if (reasoner.implies(eligible, match.formula))
    return { problems: [causeProblem(formulas, of, causes.always(match, eligible), 'everyone')] }
  const idle = findIdleParts(match, eligible, formulas, reasoner, causes)
  return { problems: idle.map((one) => idleProblem(formulas, of, one)), formula }
}

function lintEventTrait({ formulas, reasoner, causes }: Linter, trait: EventTrait): readonly Problem[] {
  const { name, where, window, eventSpan } = trait
  const events = eventsPart(formulas, where, window, eventSpan)
  if (reasoner.neverHolds(events.formula)) {
    const cause = causes.never(events, formulas.yes)
    const others = cause.kind === 'together' ? cause.others.map(namedPart) : []
    return [problem('PSN3308', { trait: name, part: cause.part.label, others }, cause.part.span)]
  }
  return findIdleParts(events, formulas.yes, formulas, reasoner, causes).map((one) =>
    idleProblem(formulas, `trait \`${name}\``, one),
  )
}

function lintFormulaTrait({ name, formula, expressionSpan }: FormulaTrait): readonly Problem[] {
  return dividesByZero(formula) ? [problem('PSN3309', { trait: name }, expressionSpan)] : []
}

function lintRelations(compared: readonly Compared[], reasoner: Reasoner): readonly Problem[] {
  const { equal, within } = compareAudiences(compared, reasoner)
  const wanted = ({ ignoreWarnings }: Audience, code: string): boolean => !ignoreWarnings.includes(code)
  return [
    ...equal
      .filter(([, audience]) => wanted(audience, 'PSN3307'))
      .map(([other, { name, nameSpan }]) =>
        problem('PSN3307', { audience: name, other: other.name, place: placeOf(other.nameSpan) }, nameSpan),
      ),
    ...within
      .filter(([audience]) => wanted(audience, 'PSN3306'))
      .map(([{ name, nameSpan }, others]) =>
        problem('PSN3306', { audience: name, others: others.map((other) => other.name) }, nameSpan),
      ),
  ]
}

function causeProblem(formulas: Formulas, of: string, cause: Cause, outcome: Outcome, idle?: Part): Problem {
  if (cause.kind === 'together') {
    const { span, label: part } = cause.part
    const within = idle === undefined ? {} : { within: namedPart(idle) }
    const cancelled = selfCancelling(formulas, cause)
    if (cancelled !== undefined) return problem('PSN3305', { of, ...cancelled, outcome, ...within }, span)
    const others = cause.others.map(namedPart)
    if (outcome === 'empty' || outcome === 'never')
      return problem('PSN3302', { of, part, others, outcome, ...within }, span)
    if (outcome === 'everyone') return problem('PSN3303', { of, part, others }, span)
  }
  const { span, label: part } = idle ?? cause.part
  switch (outcome) {
    case 'empty':
      return problem('PSN3301', { of, part }, span)
    case 'everyone':
      return problem('PSN3303', { of, part, others: [] }, span)
    case 'never':
    case 'always':
      return problem('PSN3304', { of, part, why: outcome }, span)
  }
}

/** One is the opposite of the other, or leaves out an audience that the others are all in. */
function selfCancelling(
  formulas: Formulas,
  { part, others }: Extract<Cause, { kind: 'together' }>,
): { part: string; other: NamedPart; audience?: string } | undefined {
  const [other] = others
  if (other === undefined || others.length > 1) return undefined
  const leavesOut = [part, other].find(
    ({ join, parts }) => join === 'not' && parts[0]?.audience !== undefined,
  )
  const audience = leavesOut?.parts[0]?.audience
  const rest = leavesOut === part ? other : part
  if (formulas.not(part.formula) === other.formula) return { part: part.label, other: namedPart(other) }
  if (leavesOut === undefined || audience === undefined) return undefined
  return { part: leavesOut.label, other: namedPart(rest), audience }
}

function idleProblem(formulas: Formulas, of: string, { part, why }: IdlePart): Problem {
  switch (why.kind) {
    case 'never':
    case 'always':
      return causeProblem(formulas, of, why.cause, why.kind, part)
    case 'implied':
    case 'covered':
      return problem('PSN3304', { of, part: part.label, why: why.kind, by: namedPart(why.by) }, part.span)
    case 'together':
      return problem('PSN3304', { of, part: part.label, why: 'together' }, part.span)
  }
}

function namedPart({ label, span }: Part): NamedPart {
  return { label, place: placeOf(span) }
}
