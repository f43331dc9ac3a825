import { type Problem, problem } from '../diagnostics/problem.ts'
import type { Definitions } from './definitions.ts'

/** What warehouses parse with their usual settings is about twice that, and so is what we can walk. */
const deepest = 500

/** Conditions and formulas whose parts are nested deeper than warehouses read. */
export function checkDepth({
  traits,
  audiences,
}: Pick<Definitions, 'traits' | 'audiences'>): readonly Problem[] {
  const kinds = [
    ['trait', traits],
    ['audience', audiences],
  ] as const
  return kinds.flatMap(([kind, definitions]) =>
    definitions
      .filter((definition) => isDeeper(definition, deepest))
      .map(({ name, nameSpan }) => problem('PSN2048', { kind, name, deepest }, nameSpan)),
  )
}

/** Level by level, since what is too deep for others is too deep for recursion here. */
function isDeeper(value: unknown, levels: number): boolean {
  let level: readonly unknown[] = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > levels) return true
    level = level.flatMap((each) =>
      typeof each === 'object' && each !== null
        ? Object.values(each).filter((inner) => typeof inner === 'object')
        : [],
    )
  }
  return false
}
