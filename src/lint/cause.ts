import type { Formula, Formulas } from './formula.ts'
import type { Part } from './part.ts'
import type { Reasoner } from './reasoner.ts'

/** Why something never, or always, holds. */
export type Cause =
  | { readonly kind: 'alone'; readonly part: Part }
  /** Only together; none of them can be left out. */
  | { readonly kind: 'together'; readonly part: Part; readonly others: readonly Part[] }

export interface Causes {
  /** The smallest parts that explain why the part never holds, within what surely holds beside it. */
  never(part: Part, beside: Formula): Cause
  always(part: Part, beside: Formula): Cause
}

export function findCauses(formulas: Formulas, reasoner: Reasoner): Causes {
  /** Parts of which, with `base`, never all hold; as few as possible. */
  const smallest = (base: Formula, all: readonly Formula[]): readonly number[] | undefined => {
    const fail = (indexes: readonly number[]): boolean =>
      reasoner.neverHolds(formulas.all([base, ...indexes.flatMap((index) => all[index] ?? [])]))
    const indexes = all.map((_, index) => index)
    const single = indexes.find((index) => fail([index]))
    if (single !== undefined) return [single]
    for (const second of indexes) {
      const first = indexes.slice(0, second).find((index) => fail([index, second]))
      if (first !== undefined) return [first, second]
    }
    if (!fail(indexes)) return undefined
    return indexes.reduce<readonly number[]>((kept, index) => {
      const without = kept.filter((other) => other !== index)
      return fail(without) ? without : kept
    }, indexes)
  }

  const cause = (part: Part, holds: boolean, beside: Formula): Cause => {
    const alone: Cause = { kind: 'alone', part }
    const signed = (formula: Formula): Formula => (holds ? formula : formulas.not(formula))
    const [only] = part.parts
    if (only === undefined) return alone
    if (part.join === 'not') return cause(only, !holds, beside)
    if (part.join === 'inner') {
      return reasoner.neverHolds(only.formula) ? cause(only, true, formulas.yes) : alone
    }
    if ((part.join === 'all') !== holds) return part.parts.length === 1 ? cause(only, holds, beside) : alone
    const neutral = holds ? formulas.yes : formulas.no
    const base = formulas.all([beside, signed(part.build(part.parts.map(() => neutral)))])
    if (reasoner.neverHolds(base)) return alone
    const found = smallest(
      base,
      part.parts.map((inner) => signed(inner.formula)),
    )
    const parts = (found ?? []).flatMap((index) => part.parts[index] ?? [])
    const last = parts.at(-1)
    if (last === undefined) return alone
    if (parts.length === 1) return cause(last, holds, base)
    return { kind: 'together', part: last, others: parts.slice(0, -1) }
  }
  return {
    never: (part, beside) => cause(part, true, beside),
    always: (part, beside) => cause(part, false, beside),
  }
}
