import type { Condition, EventCondition } from '../definitions/conditions.ts'
import type { Audience, Definitions, Entity, Trait } from '../definitions/definitions.ts'
import { eventPart } from './event-parts.ts'
import type { Formula, Formulas } from './formula.ts'
import { opaqueKey } from './opaque-key.ts'
import { createPart, type Part } from './part.ts'
import { type TestScope, testParts } from './test-parts.ts'
import type { Subject } from './value-test.ts'

/** Audiences as formulas about a profile or an account. */
export interface AudienceParts {
  /** The `match` of an audience. */
  match(audience: Audience): Part
  /** Whether a profile is a member; undefined where there is no such audience. */
  member(name: string): Formula | undefined
  /** What every member is, whatever the conditions. */
  eligible(audience: Audience): Formula
}

type Leaf<K extends Condition['kind']> = Extract<Condition, { kind: K }>

/** Whom a condition speaks of: a profile or an account by itself, or a user of the account that is judged. */
type Of = Entity | 'linkedUser'

export function audienceParts(
  formulas: Formulas,
  { audiences, traits }: Pick<Definitions, 'audiences' | 'traits'>,
): AudienceParts {
  const byName = new Map(audiences.map((audience) => [audience.name, audience]))
  const computed = new Map(traits.map((trait) => [`${trait.entity} ${trait.name}`, trait]))
  const matches = new Map<Audience, Part>()
  const members = new Map<string, Formula>()

  const match = (audience: Audience): Part => {
    const found = matches.get(audience) ?? part(audience.match, audience.entity)
    matches.set(audience, found)
    return found
  }
  const eligible = ({ entity, includeAnonymous }: Audience): Formula =>
    entity === 'user' && !includeAnonymous ? formulas.free('known') : formulas.yes
  const member = (name: string): Formula | undefined => {
    const audience = byName.get(name)
    if (audience === undefined) return undefined
    const found = members.get(name)
    if (found !== undefined) return found
    // Audiences that ask for each other are an error elsewhere.
    members.set(name, formulas.free(`audience ${name}`))
    const formula = formulas.all([eligible(audience), match(audience).formula])
    members.set(name, formula)
    return formula
  }

  const part = (condition: Condition, of: Of): Part => {
    const { span } = condition
    switch (condition.kind) {
      case 'all':
      case 'any': {
        const { kind } = condition
        const parts = condition.conditions.map((inner) => part(inner, of))
        return createPart({ span, label: kind, join: kind, parts, build: (all) => formulas[kind](all) })
      }
      case 'not': {
        const parts = [part(condition.condition, of)]
        return createPart({
          span,
          label: 'not',
          join: 'not',
          parts,
          build: ([inner = formulas.yes]) => formulas.not(inner),
        })
      }
      case 'trait':
        return of === 'account' && condition.entity === 'user'
          ? usersPart({ kind: 'users', quantifier: 'any', condition, span })
          : traitPart(condition, of)
      case 'related':
        if (of === 'account' && condition.entity === 'user')
          return usersPart({ kind: 'users', quantifier: 'any', condition, span })
        // Of rows no more is known than that they are the same wherever they are asked for alike.
        return leaf(condition, `relationship: ${condition.relationship}`, formulas.free(opaqueKey(condition)))
      case 'event':
        if (of === 'account') return usersPart({ kind: 'users', quantifier: 'any', condition, span })
        return isPlain(condition)
          ? eventPart(formulas, condition)
          : leaf(condition, `event: ${condition.event}`, formulas.free(opaqueKey(condition)))
      case 'audience': {
        const found = byName.get(condition.audience)
        if (of === 'account' && found?.entity === 'user')
          return usersPart({ kind: 'users', quantifier: 'any', condition, span })
        const asked = leaf(condition, `audience: ${condition.audience}`, membership(condition.audience, of))
        return { ...asked, audience: condition.audience }
      }
      case 'users':
        return usersPart(condition)
    }
  }

  const membership = (name: string, of: Of): Formula => {
    const formula = member(name)
    const entity = byName.get(name)?.entity
    if (formula === undefined) return formulas.free(`audience ${name}`)
    // Inside a condition on users the account is the one that is judged, elsewhere any of the user's.
    if (of === 'linkedUser' && entity === 'account') return formulas.free(`account in ${name}`)
    return of === 'user' && entity === 'account' ? formulas.some('accounts', 1, formula) : formula
  }

  const traitPart = (condition: Leaf<'trait'>, of: Of): Part => {
    const { trait, tests, entity, span } = condition
    const own: Entity = of === 'account' ? 'account' : 'user'
    const label = `${entity === 'account' ? 'account_trait' : 'trait'}: ${trait}`
    if (entity !== own) return leaf(condition, label, formulas.free(opaqueKey(condition)))
    const scope: TestScope = {
      formulas,
      operandExists: (operand) =>
        operand.kind === 'trait'
          ? formulas.test(subjectOf(computed, own, operand.trait), { kind: 'exists' })
          : formulas.free(`parent ${operand.property}`),
    }
    const parts = testParts(tests, subjectOf(computed, entity, trait), scope)
    return createPart({ span, label, join: 'all', parts, build: (all) => formulas.all(all) })
  }

  const usersPart = ({ quantifier, condition, span }: Leaf<'users'>): Part => {
    const inner = part(condition, 'linkedUser')
    return createPart({
      span,
      label: quantifier === 'any' ? inner.label : quantifier === 'all' ? 'all_users' : 'none_of_users',
      join: 'inner',
      parts: [inner],
      build([one = formulas.yes]) {
        const some = (of: Formula): Formula => formulas.some('users', 1, of)
        switch (quantifier) {
          case 'any':
            return some(one)
          case 'all':
            return formulas.all([some(formulas.yes), formulas.not(some(formulas.not(one)))])
          case 'none':
            return formulas.not(some(one))
        }
      },
    })
  }
  return { match, member, eligible }
}

function leaf({ span }: Condition, label: string, formula: Formula): Part {
  return createPart({ span, label, join: 'all', parts: [], build: () => formula })
}

function subjectOf(computed: ReadonlyMap<string, Trait>, entity: Entity, name: string): Subject {
  const key = `${entity} trait ${name}`
  const trait = computed.get(`${entity} ${name}`)
  switch (trait?.type) {
    case 'count':
    case 'unique_list_count':
      // Only what it falls back to may be less than 0.
      if (typeof trait.fallback?.value === 'number' && trait.fallback.value < 0)
        return { key, kinds: ['missing', 'integer'] }
      return { key, kinds: ['missing', 'integer'], always: [{ kind: 'above', than: 0, orEqual: true }] }
    case 'sum':
    case 'avg':
    case 'median':
    case 'percentile':
    case 'formula':
      return { key, kinds: ['missing', 'number'] }
    case 'min':
    case 'max':
      return { key, kinds: ['missing', trait.asText ? 'text' : 'number'] }
    case 'most_frequent':
    case 'unique_list':
      return { key, kinds: ['missing', 'text'] }
    case 'first':
    case 'last':
    case 'sql':
    case undefined:
      return { key, kinds: ['missing', 'text', 'number', 'boolean', 'timestamp'] }
  }
}

const plainKeys: ReadonlySet<string> = new Set([
  'kind',
  'event',
  'eventSpan',
  'count',
  'where',
  'window',
  'then',
  'span',
])

/** Whether nothing is asked of the events that is not judged here. */
function isPlain(condition: EventCondition): boolean {
  return Object.entries(condition).every(([key, value]) => plainKeys.has(key) || value === undefined)
}
