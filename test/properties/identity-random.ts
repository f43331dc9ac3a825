/** Whole numbers from 0 and below n, the same for the same seed. */
export type Random = (n: number) => number

export function seeded(seed: number): Random {
  let state = seed >>> 0
  return (n) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
    const mixed = Math.imul(state ^ (state >>> 13), 0x297a2d39) >>> 0
    return Math.floor((((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32) * n)
  }
}

/** @throws Error if there is nothing to pick from */
export function pick<T>(random: Random, from: readonly T[]): T {
  const picked = from[random(from.length)]
  if (picked === undefined) throw new Error('nothing to pick from')
  return picked
}
