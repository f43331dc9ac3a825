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
  /** Of a narrower one. */
  const wider = new Map<Compared, Set<Compared>>()
  let pairs = pairsAtLeast + pairsPerAudience * all.length
  const implies = (one: Compared, other: Compared): boolean =>
    one.audience.entity === other.audience.entity && reasoner.implies(one.formula, other.formula)

  const candidates = sharingSubjects(all)
  const order = new Map(all.map((one, index) => [one, index]))
  for (const one of all) {
    for (const other of candidates(one)) {
      if (pairs-- <= 0) break
      // `one` is the wider.
      if (other === one || !implies(other, one)) continue
      const found = wider.get(other)
      if (found === undefined) wider.set(other, new Set([one]))
      else found.add(one)
    }
  }
  const isSame = (one: Compared, other: Compared): boolean =>
    (wider.get(one)?.has(other) ?? false) && (wider.get(other)?.has(one) ?? false)
  for (const [index, one] of all.entries()) {
    const first = [...(wider.get(one) ?? [])]
      .filter((other) => (order.get(other) ?? 0) < index && isSame(one, other))
      .toSorted((left, right) => (order.get(left) ?? 0) - (order.get(right) ?? 0))
      .at(0)
    if (first === undefined) distinct.push(one)
    else equal.push([first.audience, one.audience])
  }
  const first = new Set(distinct)
  const within = distinct.flatMap((one): readonly (readonly [Audience, readonly Audience[]])[] => {
    const others = [...(wider.get(one) ?? [])].filter((other) => first.has(other))
    const nearest = others
      .filter((other) => !others.some((nearer) => nearer !== other && wider.get(nearer)?.has(other)))
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

/** A condition that must hold: by each of the ways to meet it, what it speaks of. */
type Needed = readonly ReadonlySet<string>[]

/**
 * Those that may be part of an audience: for each condition that must hold for it there must be one there each of
 * whose ways speaks of the same. Found by the condition whose subjects the fewest ask for.
 */
function sharingSubjects(all: readonly Compared[]): (one: Compared) => readonly Compared[] {
  const needs = new Map<Compared, readonly Needed[]>()
  const bySubject = new Map<string, Set<Compared>>()
  for (const one of all) {
    const { formula } = one
    const needed = (formula.kind === 'all' ? formula.parts : [formula]).map((part) =>
      (part.kind === 'any' ? part.parts : [part]).map(subjectsOf),
    )
    needs.set(one, needed)
    for (const subject of needed.flat().flatMap((way) => [...way])) {
      const same = bySubject.get(subject)
      if (same === undefined) bySubject.set(subject, new Set([one]))
      else same.add(one)
    }
  }
  const askers = (subjects: ReadonlySet<string>): number =>
    [...subjects].reduce((sum, subject) => sum + (bySubject.get(subject)?.size ?? 0), 0)
  return (one) => {
    const [rarest, ...others] = (needs.get(one) ?? [])
      .map((ways) => new Set(ways.flatMap((way) => [...way])))
      .map((subjects) => ({ subjects, askers: askers(subjects) }))
      .toSorted((left, right) => left.askers - right.askers)
    if (rarest === undefined) return []
    const found = new Set([...rarest.subjects].flatMap((subject) => [...(bySubject.get(subject) ?? [])]))
    return [...found].filter((other) =>
      [rarest, ...others].every(({ subjects }) =>
        needs.get(other)?.some((ways) => ways.every((way) => meets(way, subjects))),
      ),
    )
  }
}

function meets(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  for (const subject of one) if (other.has(subject)) return true
  return false
}

/** Numbers and other truths follow only from those of their own sign. */
function subjectsOf(formula: Formula): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (one: Formula): void => {
    switch (one.kind) {
      case 'true':
      case 'false':
        return
      case 'literal': {
        const { atom, holds } = one
        found.add(
          atom.kind === 'test' ? atom.subject.key : `${holds} ${atom.kind === 'some' ? atom.of : atom.key}`,
        )
        return
      }
      case 'all':
      case 'any':
        one.parts.forEach(visit)
    }
  }
  visit(formula)
  return found
}
