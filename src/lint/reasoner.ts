import type { Atom, Formula, Formulas } from './formula.ts'
import { valueHasAnswers } from './value-has-answers.ts'
import type { Answered, Subject } from './value-test.ts'

/** Decides formulas; each yes is certain. What would take too long is answered no. */
export interface Reasoner {
  /** No profile and no history of events makes it true. */
  neverHolds(formula: Formula): boolean
  alwaysHolds(formula: Formula): boolean
  /** Whatever makes the first true makes the second true. */
  implies(first: Formula, second: Formula): boolean
  same(first: Formula, second: Formula): boolean
}

/** Cases looked at for one question; the longest conditions people write take some dozens. */
const casesPerQuestion = 400
/** For a whole project, so that no set of definitions makes `parse` slow. */
const casesInAll = 200_000

type Literals = ReadonlyMap<Atom, boolean>
type SomeAtom = Extract<Atom, { kind: 'some' }>

/**
 * A search over the ways to make a formula true (a tableau with unit propagation): each way is a set of literals, which
 * must fit together as values of traits and properties, and as numbers of events of which some are among others.
 */
export function createReasoner(formulas: Formulas): Reasoner {
  const decided = new Map<number, boolean>()
  let casesLeft = casesInAll
  let depth = 0
  let casesOfQuestion = 0

  const neverHolds = (formula: Formula): boolean => {
    if (formula.kind === 'true' || formula.kind === 'false') return formula.kind === 'false'
    const known = decided.get(formula.id)
    if (known !== undefined) return known
    const found = neverAll([formula])
    decided.set(formula.id, found)
    return found
  }

  const neverAll = (all: readonly Formula[]): boolean => {
    if (depth === 0) casesOfQuestion = casesPerQuestion
    depth += 1
    const found = !canHold(all, new Map(), [])
    depth -= 1
    return found
  }

  /** True also where the search is given up. */
  const canHold = (
    pending: readonly Formula[],
    literals: ReadonlyMap<Atom, boolean>,
    choices: readonly (readonly Formula[])[],
  ): boolean => {
    if (casesOfQuestion <= 0 || casesLeft <= 0) return true
    casesOfQuestion -= 1
    casesLeft -= 1
    const known = new Map(literals)
    let open = [...choices]
    let next = [...pending]
    while (next.length > 0) {
      if (!assert(next, known, open)) return false
      const narrowed = narrow(open, known)
      if (narrowed === undefined) return false
      open = narrowed.open
      next = narrowed.forced
    }
    if (!fits(known)) return false
    const [choice, ...rest] = open.toSorted((left, right) => left.length - right.length)
    return choice === undefined || choice.some((part) => canHold([part], known, rest))
  }

  const fits = (literals: Literals): boolean => {
    const subjects = new Map<string, { readonly subject: Subject; readonly answered: Answered[] }>()
    const groups = new Map<string, { readonly some: SomeAtom[]; readonly fewer: SomeAtom[] }>()
    for (const [atom, holds] of literals) {
      if (atom.kind === 'test') {
        const { subject, test } = atom
        const found = subjects.get(subject.key) ?? { subject, answered: [] }
        subjects.set(subject.key, found)
        found.answered.push({ test, holds })
      } else if (atom.kind === 'some') {
        const found = groups.get(atom.of) ?? { some: [], fewer: [] }
        groups.set(atom.of, found)
        ;(holds ? found.some : found.fewer).push(atom)
      }
    }
    return (
      [...subjects.values()].every(({ subject, answered }) => valueHasAnswers(subject, answered)) &&
      [...groups.values()].every(({ some, fewer }) => countsFit(some, fewer))
    )
  }

  /** `some` of them are such and such; of `fewer` there are less than their number. */
  const countsFit = (some: readonly SomeAtom[], fewer: readonly SomeAtom[]): boolean => {
    const none = formulas.all(
      fewer.filter(({ least }) => least === 1).map(({ inner }) => formulas.not(inner)),
    )
    return some.every(({ least, inner }) => {
      const one = formulas.all([inner, none])
      if (neverHolds(one)) return false
      return !fewer.some(
        (other) =>
          other.least > 1 &&
          other.least <= least &&
          neverHolds(formulas.all([one, formulas.not(other.inner)])),
      )
    })
  }

  // Most pairs are asked once: they are not kept.
  const implies = (first: Formula, second: Formula): boolean =>
    first === second || neverAll([first, formulas.not(second)])
  return {
    neverHolds,
    alwaysHolds: (formula) => neverHolds(formulas.not(formula)),
    implies,
    same: (first, second) => first === second || (implies(first, second) && implies(second, first)),
  }
}

/** Takes formulas apart into literals and choices. @returns false where two literals contradict */
function assert(
  all: readonly Formula[],
  literals: Map<Atom, boolean>,
  choices: (readonly Formula[])[],
): boolean {
  for (const formula of all) {
    switch (formula.kind) {
      case 'true':
        break
      case 'false':
        return false
      case 'literal':
        if (literals.get(formula.atom) === !formula.holds) return false
        literals.set(formula.atom, formula.holds)
        break
      case 'all':
        if (!assert(formula.parts, literals, choices)) return false
        break
      case 'any':
        choices.push(formula.parts)
        break
    }
  }
  return true
}

/** Choices without what the literals exclude; one that is left with one way is forced. Undefined: none is left. */
function narrow(
  choices: readonly (readonly Formula[])[],
  literals: Literals,
): { readonly open: (readonly Formula[])[]; readonly forced: Formula[] } | undefined {
  const open: (readonly Formula[])[] = []
  const forced: Formula[] = []
  for (const choice of choices) {
    const answer = (part: Formula): boolean | undefined => {
      const found = part.kind === 'literal' ? literals.get(part.atom) : undefined
      return part.kind !== 'literal' || found === undefined ? undefined : found === part.holds
    }
    if (choice.some((part) => answer(part) === true)) continue
    const left = choice.filter((part) => answer(part) !== false)
    const [only] = left
    if (only === undefined) return undefined
    if (left.length === 1) forced.push(only)
    else open.push(left)
  }
  return { open, forced }
}
