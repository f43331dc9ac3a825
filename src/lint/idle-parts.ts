import type { Cause, Causes } from './cause.ts'
import type { Formula, Formulas } from './formula.ts'
import { formulaWith, type Part } from './part.ts'
import type { Reasoner } from './reasoner.ts'
import { findApart } from './subjects.ts'

/** A part without which the definition would say the same. */
export interface IdlePart {
  readonly part: Part
  readonly why:
    | { readonly kind: 'never' | 'always'; readonly cause: Cause }
    /** Another part of the same `all` has it follow, or one of the same `any` covers it. */
    | { readonly kind: 'implied' | 'covered'; readonly by: Part }
    | { readonly kind: 'together' }
}

/**
 * Parts that could be left out, each by itself and all of them at once; of two that say the same the second one.
 *
 * @param beside what surely holds beside the whole
 */
export function findIdleParts(
  whole: Part,
  beside: Formula,
  formulas: Formulas,
  reasoner: Reasoner,
  causes: Causes,
): readonly IdlePart[] {
  const found: IdlePart[] = []
  let left = new Map<Part, Formula>()
  const isApart = findApart(whole, beside, formulas)
  const formula = (without: ReadonlyMap<Part, Formula>): Formula =>
    formulas.all([beside, formulaWith(whole, without)])

  const visit = (part: Part): void => {
    const { join } = part
    if (join === 'not' || join === 'inner') {
      // What always or never holds has parts that do not matter, but is itself the matter.
      for (const inner of part.parts) if (!isConstant(inner.formula)) visit(inner)
      return
    }
    const neutral = join === 'all' ? formulas.yes : formulas.no
    for (const inner of part.parts.toReversed()) {
      const others = part.parts.filter((other) => other !== inner && !left.has(other))
      const without = new Map([...left, [inner, neutral] as const])
      if ((part.list || others.length > 0) && isIdle(join, inner, without)) {
        found.push({ part: inner, why: explain(part, join, inner, others) })
        left = without
      } else visit(inner)
    }
  }

  const isConstant = (of: Formula): boolean => reasoner.neverHolds(of) || reasoner.alwaysHolds(of)

  const isIdle = (join: 'all' | 'any', part: Part, without: ReadonlyMap<Part, Formula>): boolean => {
    if (isApart(part) && !isConstant(part.formula)) return false
    const alone = new Map([[part, join === 'all' ? formulas.yes : formulas.no]])
    return isSame(join, formula(new Map()), formula(alone)) && isSame(join, formula(left), formula(without))
  }

  /** What is more often false is asked first. */
  const isSame = (join: 'all' | 'any', now: Formula, without: Formula): boolean => {
    if (now === without) return true
    const [first, second] = join === 'all' ? [without, now] : [now, without]
    return reasoner.implies(first, second) && reasoner.implies(second, first)
  }

  const explain = (
    part: Part,
    join: 'all' | 'any',
    inner: Part,
    others: readonly Part[],
  ): IdlePart['why'] => {
    const one = inner.formula
    if (join === 'any') {
      if (reasoner.neverHolds(one)) return { kind: 'never', cause: causes.never(inner, formulas.yes) }
      const by = others.find((other) => reasoner.implies(one, other.formula))
      return by === undefined ? { kind: 'together' } : { kind: 'covered', by }
    }
    // What stands fixed in it: the window of an event.
    const base = part.build(part.parts.map(() => formulas.yes))
    if (reasoner.implies(base, one)) return { kind: 'always', cause: causes.always(inner, base) }
    const by = others.find((other) => reasoner.implies(formulas.all([base, other.formula]), one))
    return by === undefined ? { kind: 'together' } : { kind: 'implied', by }
  }

  visit(whole)
  return found
}
