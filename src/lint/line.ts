/** A set of numbers that changes only at its `ends`, and whether a value must lie in it or outside. */
export interface OnLine {
  readonly ends: readonly number[]
  readonly has: (value: number) => boolean
  readonly holds: boolean
}

/** Whether one number meets all; tried are every end and a number between and beyond them. */
export function lineHasValue(all: readonly OnLine[], integers: boolean): boolean {
  if (all.length === 0) return true
  const ends = [...new Set(all.flatMap((one) => one.ends))].filter(Number.isFinite).sort((a, b) => a - b)
  const meets = (value: number): boolean => all.every(({ has, holds }) => has(value) === holds)
  return candidates(ends, integers).some(meets)
}

function candidates(ends: readonly number[], integers: boolean): readonly number[] {
  const [first = 0] = ends
  const last = ends.at(-1) ?? 0
  if (integers) {
    const near = ends.flatMap((end) => [
      Math.floor(end) - 1,
      Math.floor(end),
      Math.ceil(end),
      Math.ceil(end) + 1,
    ])
    return near.length === 0 ? [0] : near
  }
  const between = ends.slice(1).map((end, index) => ((ends[index] ?? end) + end) / 2)
  return [...ends, ...between, first - 1 - Math.abs(first), last + 1 + Math.abs(last)]
}
