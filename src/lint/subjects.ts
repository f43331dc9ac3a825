import type { Formula, Formulas } from './formula.ts'
import type { Part } from './part.ts'

/** How often each thing is asked for. */
type Asked = ReadonlyMap<string, number>

/** What a formula speaks of, at any depth. */
function subjectsOf(formula: Formula, report: (subject: string) => void): void {
  switch (formula.kind) {
    case 'true':
    case 'false':
      return
    case 'literal': {
      const { atom } = formula
      if (atom.kind === 'some') subjectsOf(atom.inner, report)
      report(atom.kind === 'test' ? atom.subject.key : atom.kind === 'some' ? atom.of : atom.key)
      return
    }
    case 'all':
    case 'any':
      for (const part of formula.parts) subjectsOf(part, report)
  }
}

/**
 * Whether a part speaks of nothing that is spoken of anywhere else in the whole, or in `beside`: then what the others
 * say has no bearing on it.
 */
export function findApart(whole: Part, beside: Formula, formulas: Formulas): (part: Part) => boolean {
  const counts = new Map<Part, Asked>()
  const count = (part: Part): Asked => {
    const found = new Map<string, number>()
    const add = (subject: string, times: number): void => {
      found.set(subject, (found.get(subject) ?? 0) + times)
    }
    for (const inner of part.parts) for (const [subject, times] of count(inner)) add(subject, times)
    if (part.join === 'inner' || part.parts.length === 0)
      subjectsOf(part.formula, (subject) => add(subject, 1))
    // The window of an event stands in no part of its own.
    else if (part.list)
      subjectsOf(part.build(part.parts.map(() => formulas.yes)), (subject) => add(subject, 1))
    counts.set(part, found)
    return found
  }
  const all = new Map(count(whole))
  subjectsOf(beside, (subject) => all.set(subject, (all.get(subject) ?? 0) + 1))
  return (part) => [...(counts.get(part) ?? [])].every(([subject, times]) => all.get(subject) === times)
}
