/** A stream of pseudo-random values; the same seed and key give the same stream on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  unit(): number
  /** 32 uniform bits. */
  bits(): number
  chance(probability: number): boolean
  /** Both ends included. */
  integer(low: number, high: number): number
  pick<T>(items: readonly T[]): T
  /** How often something succeeds before it fails. */
  geometric(success: number, most: number): number
  exponential(mean: number): number
  /** Around `median`; about two thirds within a factor of e^spread. */
  logNormal(median: number, spread: number): number
}

/** The sfc32 generator (Chris Doty-Humphrey, PractRand), one independent stream for each pair of seed and key. */
export function seededRandom(seed: number, key: number): Random {
  let a = seed | 0
  let b = key | 0
  let c = 0x9e3779b9 | 0
  let counter = 1

  const bits = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  // Neighbouring seeds look alike until the state is mixed.
  for (let round = 0; round < 15; round++) bits()

  const unit = (): number => bits() / 2 ** 32
  const integer = (low: number, high: number): number => low + Math.floor(unit() * (high - low + 1))
  return {
    unit,
    bits,
    integer,
    chance: (probability) => unit() < probability,
    pick(items) {
      const item = items[Math.floor(unit() * items.length)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    geometric(success, most) {
      let count = 0
      while (count < most && unit() < success) count++
      return count
    },
    exponential: (mean) => -Math.log(1 - unit()) * mean,
    logNormal(median, spread) {
      // Box and Muller; 1 - unit() keeps the logarithm finite.
      const normal = Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit())
      return median * Math.exp(spread * normal)
    },
  }
}

/** A version 4 UUID in lower case. */
export function uuid(random: Random): string {
  const hex = [random.bits(), random.bits(), random.bits(), random.bits()]
    .map((word) => word.toString(16).padStart(8, '0'))
    .join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}
