import type { Condition, PropertyCondition, RelatedRows } from './conditions.ts'

/** One of the ways in which rows make a profile a member of an audience. */
export interface Qualifying {
  /** What must hold of the profile besides; of a member all else does. */
  readonly guards: readonly Condition[]
  /** From the profile's own rows down to those that qualify, each with all that one row must meet. */
  readonly levels: readonly [RelatedRows, ...(readonly RelatedRows[])]
}

/**
 * The ways in which rows of a relationship qualify members: for each condition on them that asks for some, and stands
 * neither under `not` nor about the users of an account. What is one of several alternatives qualifies rows only where that
 * alternative holds.
 */
export function qualifyingRows(match: Condition, relationship: string): readonly Qualifying[] {
  const visit = (condition: Condition, guards: readonly Condition[]): readonly Qualifying[] => {
    switch (condition.kind) {
      case 'all':
        return condition.conditions.flatMap((inner) => visit(inner, guards))
      case 'any':
        return condition.conditions.flatMap((inner) => visit(inner, guarded(guards, condition, inner)))
      case 'related':
        return levelsOf(condition, relationship).map((levels) => ({ guards, levels }))
      case 'not':
      case 'users':
      case 'event':
      case 'trait':
      case 'audience':
        return []
    }
  }
  return visit(match, [])
}

type Levels = Qualifying['levels']

/** The conditions on the way down, the alternatives that were taken among those of each row. */
function levelsOf(rows: RelatedRows, relationship: string): readonly Levels[] {
  if (!asksForSome(rows)) return []
  if (rows.relationship === relationship) return [[rows]]
  const visit = (condition: PropertyCondition, guards: readonly PropertyCondition[]): readonly Levels[] => {
    switch (condition.kind) {
      case 'all':
        return condition.conditions.flatMap((inner) => visit(inner, guards))
      case 'any':
        return condition.conditions.flatMap((inner) => visit(inner, guarded(guards, condition, inner)))
      case 'related': {
        const own = { ...rows, where: [...rows.where, ...guards] }
        return levelsOf(condition, relationship).map((levels): Levels => [own, ...levels])
      }
      case 'not':
      case 'followed':
      case 'property':
      case 'context':
      case 'column':
      case 'trait':
        return []
    }
  }
  return rows.where.flatMap((condition) => visit(condition, []))
}

/** One of the alternatives holds, in place of any of them; a row that qualifies tells by itself that there is one. */
function guarded<C extends Condition | PropertyCondition>(
  guards: readonly C[],
  alternatives: C,
  chosen: C,
): readonly C[] {
  const others = guards.filter((guard) => guard !== alternatives)
  const evident = chosen.kind === 'related' && chosen.value === undefined && isOne(chosen)
  return evident ? others : [...others, chosen]
}

function isOne({ count }: RelatedRows): boolean {
  return count.comparison === 'at_least' && count.value === 1
}

/** More rows of what is asked for `at_most`, or not at all, make nobody a member. */
function asksForSome({ count, value }: RelatedRows): boolean {
  return value !== undefined || (count.comparison !== 'at_most' && count.value > 0)
}
