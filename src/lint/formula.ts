import type { Subject, ValueTest } from './value-test.ts'

/** What a formula is made of; one with the same key is the same. */
export type Atom =
  /** Of which nothing is known but that it is equal to itself. */
  | { readonly kind: 'free'; readonly key: string }
  | { readonly kind: 'test'; readonly key: string; readonly subject: Subject; readonly test: ValueTest }
  /** At least so many of something (events of a name, linked users, elements) are such; `inner` speaks of one of them. */
  | {
      readonly kind: 'some'
      readonly key: string
      readonly of: string
      readonly least: number
      readonly inner: Formula
    }

/** A truth about one profile, event or value; negations stand at the atoms only. Equal formulas have equal ids. */
export type Formula =
  | { readonly kind: 'true' | 'false'; readonly id: number }
  | { readonly kind: 'literal'; readonly id: number; readonly atom: Atom; readonly holds: boolean }
  | { readonly kind: 'all' | 'any'; readonly id: number; readonly parts: readonly Formula[] }

/** Builds formulas; those of two builders must not meet. */
export interface Formulas {
  readonly yes: Formula
  readonly no: Formula
  free(key: string): Formula
  test(subject: Subject, test: ValueTest): Formula
  /** @param least 0 or less always holds */
  some(of: string, least: number, inner: Formula): Formula
  all(parts: readonly Formula[]): Formula
  any(parts: readonly Formula[]): Formula
  not(of: Formula): Formula
}

export function createFormulas(): Formulas {
  const known = new Map<string, Formula>()
  const opposites = new Map<number, Formula>()
  const intern = (key: string, make: (id: number) => Formula): Formula => {
    const found = known.get(key)
    if (found !== undefined) return found
    const made = make(known.size)
    known.set(key, made)
    return made
  }
  const yes = intern('true', (id) => ({ kind: 'true', id }))
  const no = intern('false', (id) => ({ kind: 'false', id }))
  const literal = (atom: Atom): Formula =>
    intern(`is ${atom.key}`, (id) => ({ kind: 'literal', id, atom, holds: true }))

  const not = (of: Formula): Formula => {
    const found = opposites.get(of.id)
    if (found !== undefined) return found
    const made = opposite(of)
    opposites.set(of.id, made)
    opposites.set(made.id, of)
    return made
  }
  const opposite = (of: Formula): Formula => {
    switch (of.kind) {
      case 'true':
        return no
      case 'false':
        return yes
      case 'literal':
        return intern(`not ${of.atom.key}`, (id) => ({ ...of, id, holds: false }))
      case 'all':
        return join('any', of.parts.map(not))
      case 'any':
        return join('all', of.parts.map(not))
    }
  }
  const join = (kind: 'all' | 'any', parts: readonly Formula[]): Formula => {
    const [neutral, deciding] = kind === 'all' ? [yes, no] : [no, yes]
    const flat = new Map<number, Formula>()
    for (const part of parts) {
      for (const one of part.kind === kind ? part.parts : [part]) {
        if (one === deciding) return deciding
        if (one !== neutral) flat.set(one.id, one)
      }
    }
    const unique = [...flat.values()].sort((left, right) => left.id - right.id)
    if (unique.some((one) => one.kind === 'literal' && flat.has(not(one).id))) return deciding
    const [first] = unique
    if (first === undefined) return neutral
    if (unique.length === 1) return first
    return intern(`${kind} ${unique.map(({ id }) => id).join(' ')}`, (id) => ({ kind, id, parts: unique }))
  }
  return {
    yes,
    no,
    free: (key) => literal({ kind: 'free', key: `free ${key}` }),
    test: (subject, test) =>
      literal({ kind: 'test', key: `test ${subject.key} ${JSON.stringify(test, infinite)}`, subject, test }),
    some(of, least, inner) {
      if (least <= 0) return yes
      if (inner === no) return no
      return literal({ kind: 'some', key: `some ${of} ${least} ${inner.id}`, of, least, inner })
    },
    all: (parts) => join('all', parts),
    any: (parts) => join('any', parts),
    not,
  }
}

/** JSON has no infinity. */
function infinite(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}
