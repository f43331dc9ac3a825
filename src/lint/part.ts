import type { Span } from '../diagnostics/span.ts'
import type { Formula } from './formula.ts'

interface PartInput {
  readonly span: Span
  /** As in the definition: `trait: plan`, `equals`. */
  readonly label: string
  /**
   * How the truth follows from the parts: `inner` ones speak of something else (of one event, one user, one element),
   * and of `not` there is one.
   */
  readonly join: 'all' | 'any' | 'not' | 'inner'
  readonly parts: readonly Part[]
  /** Whether the last of the parts may be left out too. */
  readonly list?: boolean
  /** The audience that is asked for. */
  readonly audience?: string
  /** The truth, given that of the parts in their order. */
  build(parts: readonly Formula[]): Formula
}

/** A part of a definition that a warning can point at. */
export interface Part extends PartInput {
  readonly formula: Formula
}

export function createPart(input: PartInput): Part {
  return { ...input, formula: input.build(input.parts.map(({ formula }) => formula)) }
}

/** The truth of a part where others are taken for something else. */
export function formulaWith(part: Part, instead: ReadonlyMap<Part, Formula>): Formula {
  const found = instead.get(part)
  if (found !== undefined || part.parts.length === 0) return found ?? part.formula
  const parts = part.parts.map((inner) => formulaWith(inner, instead))
  return parts.every((formula, index) => formula === part.parts[index]?.formula)
    ? part.formula
    : part.build(parts)
}
