import { distance } from 'fastest-levenshtein'

/**
 * The candidate a writer most likely meant: at most a third of the name's letters differ, one at least but never all,
 * letter case aside; letters in another order count as one. Ties go to the first candidate.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase()
  const allowed = Math.min(wanted.length - 1, Math.max(1, Math.floor(wanted.length / 3)))
  let best: string | undefined
  let bestDistance = allowed + 1
  for (const candidate of candidates) {
    // Lengths that differ by more than the distance allowed need no measuring.
    if (candidate === name || Math.abs(candidate.length - wanted.length) >= bestDistance) continue
    const found = differences(wanted, candidate.toLowerCase())
    if (found < bestDistance) {
      best = candidate
      bestDistance = found
    }
  }
  return best
}

function differences(left: string, right: string): number {
  const found = distance(left, right)
  return found === 2 && sorted(left) === sorted(right) ? 1 : found
}

function sorted(text: string): string {
  return [...text].toSorted().join('')
}
