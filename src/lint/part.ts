import type { Span } from '../diagnostics/span.ts'
import type { Formula } from './formula.ts'

/** A part of a definition that a warning can point at. */
export interface Part {
  readonly span: Span
  /** As in the definition: `trait: plan`, `equals`. */
  readonly label: string
  /**
   * How the truth follows from the parts: `inner` ones speak of something else (of one event, one user, one element),
   * and of `not` there is one.
   */
  readonly join: 'all' | 'any' | 'not' | 'inner'
  readonly parts: readonly Part[]
  /** Whether any of the parts may be left out, the last too. */
  readonly list: boolean
  /** The audience that is asked for. */
  readonly audience?: string
  /** The truth, given that of the parts in their order. */
  build(parts: readonly Formula[]): Formula
}

/** The truth of a part where others are taken for something else. */
export function formulaOf(part: Part, instead?: ReadonlyMap<Part, Formula>): Formula {
  return instead?.get(part) ?? part.build(part.parts.map((inner) => formulaOf(inner, instead)))
}
