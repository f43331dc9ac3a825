import type { Audience } from '../definitions/definitions.ts'
import { visitAudience } from '../definitions/visit-conditions.ts'
import type { Formula } from './formula.ts'
import type { Reasoner } from './reasoner.ts'

export interface Compared {
  readonly audience: Audience
  readonly formula: Formula
}

export interface Relations {
  /** The second says the same as the first, which is defined before it. */
  readonly equal: readonly (readonly [first: Audience, second: Audience])[]
  /** Every member of the first is one of the others, none of which is part of another of them. */
  readonly within: readonly (readonly [audience: Audience, others: readonly Audience[]])[]
}

/** Pairs looked at, by the number of audiences and beside it: more than that share what they ask in the largest projects. */
const pairsPerAudience = 30
const pairsAtLeast = 10_000

/**
 * Which audiences of one entity say the same, and which are surely part of another. One that names the other, itself
 * or by way of others, is part of it as its author meant.
 *
 * @param all neither empty nor everyone, in the order of the definitions
 */
export function compareAudiences(all: readonly Compared[], reasoner: Reasoner): Relations {
  const names = namesReached(all.map(({ audience }) => audience))
  const equal: [Audience, Audience][] = []
  const distinct: Compared[] = []
  const wider = new Map<Compared, Compared[]>()
  let pairs = pairsAtLeast + pairsPerAudience * all.length
  const implies = (one: Compared, other: Compared): boolean =>
    one.audience.entity === other.audience.entity && reasoner.implies(one.formula, other.formula)

  const candidates = sharingSubjects(all)
  const order = new Map(all.map((one, index) => [one, index]))
  const same = new Map<Compared, Compared>()
  for (const one of all) {
    for (const other of candidates(one)) {
      if (pairs-- <= 0) break
      // `one` is the wider.
      if (other === one || !implies(other, one)) continue
      wider.set(other, [...(wider.get(other) ?? []), one])
    }
  }
  for (const one of all) {
    const first = (wider.get(one) ?? [])
      .filter((other) => wider.get(other)?.includes(one) && (order.get(other) ?? 0) < (order.get(one) ?? 0))
      .at(0)
    if (first === undefined) distinct.push(one)
    else {
      same.set(one, first)
      equal.push([first.audience, one.audience])
    }
  }
  const within = distinct.flatMap((one): readonly (readonly [Audience, readonly Audience[]])[] => {
    const others = (wider.get(one) ?? []).filter((other) => !same.has(other))
    const nearest = others
      .filter((other) => !others.some((nearer) => nearer !== other && wider.get(nearer)?.includes(other)))
      .filter((other) => !isNamed(names, one.audience, other.audience))
    return nearest.length === 0 ? [] : [[one.audience, nearest.map(({ audience }) => audience)]]
  })
  return { equal, within }
}

function isNamed(names: ReadonlyMap<string, ReadonlySet<string>>, one: Audience, other: Audience): boolean {
  return (names.get(one.name)?.has(other.name) ?? false) || (names.get(other.name)?.has(one.name) ?? false)
}

/** By audience, all that it names and that those name. */
function namesReached(audiences: readonly Audience[]): ReadonlyMap<string, ReadonlySet<string>> {
  const direct = new Map(
    audiences.map((audience) => {
      const names: string[] = []
      visitAudience(audience, { audience: (name) => names.push(name) })
      return [audience.name, names]
    }),
  )
  const reached = new Map<string, Set<string>>()
  const reach = (name: string): ReadonlySet<string> => {
    const found = reached.get(name)
    if (found !== undefined) return found
    const own = new Set<string>()
    reached.set(name, own)
    for (const other of direct.get(name) ?? []) {
      own.add(other)
      for (const further of reach(other)) own.add(further)
    }
    return own
  }
  for (const { name } of audiences) reach(name)
  return reached
}

/**
 * Those that may be part of an audience: each condition that must hold for it needs a condition on the same thing
 * there. Found by the condition whose things the fewest ask for.
 */
function sharingSubjects(all: readonly Compared[]): (one: Compared) => readonly Compared[] {
  const bySubject = new Map<string, Compared[]>()
  const subjects = new Map(all.map((one) => [one, subjectsOf(one.formula)]))
  for (const [one, own] of subjects) {
    for (const subject of own) bySubject.set(subject, [...(bySubject.get(subject) ?? []), one])
  }
  return ({ formula }) => {
    const needed = (formula.kind === 'all' ? formula.parts : [formula]).map(subjectsOf)
    const found = needed
      .map((of) => [...new Set([...of].flatMap((subject) => bySubject.get(subject) ?? []))])
      .toSorted((left, right) => left.length - right.length)
      .at(0)
    return (found ?? []).filter((other) =>
      needed.every((of) => [...of].some((subject) => subjects.get(other)?.has(subject))),
    )
  }
}

function subjectsOf(formula: Formula): ReadonlySet<string> {
  switch (formula.kind) {
    case 'true':
    case 'false':
      return new Set()
    case 'literal': {
      const { atom } = formula
      return new Set([atom.kind === 'test' ? atom.subject.key : atom.kind === 'some' ? atom.of : atom.key])
    }
    case 'all':
    case 'any':
      return new Set(formula.parts.flatMap((part) => [...subjectsOf(part)]))
  }
}
