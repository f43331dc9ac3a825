import { distance } from 'fastest-levenshtein'

/**
 * The candidate a writer most likely meant: at most a third of the name's letters differ (one of a short name, at
 * least two from four letters on, never all), letter case aside. Ties go to the first candidate.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase()
  const allowed =
    wanted.length < 4 ? Math.min(1, wanted.length - 1) : Math.max(2, Math.floor(wanted.length / 3))
  let best: string | undefined
  let bestDistance = allowed + 1
  for (const candidate of candidates) {
    if (candidate === name || Math.abs(candidate.length - wanted.length) >= bestDistance) continue
    const found = distance(wanted, candidate.toLowerCase())
    if (found < bestDistance) {
      best = candidate
      bestDistance = found
    }
  }
  return best
}
