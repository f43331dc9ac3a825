/** `digits / 10^scale`, exactly. */
export interface Decimal {
  readonly digits: bigint
  readonly scale: number
}

/** A plain decimal, without an exponent. */
export function decimalOf(text: string): Decimal {
  const [whole = '', fraction = ''] = text.split('.')
  return { digits: BigInt(`${whole}${fraction}`.replace(/^\+/, '') || '0'), scale: fraction.length }
}

/** Halves away from zero. @returns undefined where it has more digits than the precision */
export function rounded({ digits, scale }: Decimal, precision: number, to: number): string | undefined {
  const negative = digits < 0n
  const size = negative ? -digits : digits
  let result: bigint
  if (scale <= to) result = size * 10n ** BigInt(to - scale)
  else {
    const by = 10n ** BigInt(scale - to)
    result = (size * 2n + by) / (by * 2n)
  }
  if (result >= 10n ** BigInt(precision)) return undefined
  const text = String(result).padStart(to + 1, '0')
  const written = to === 0 ? text : `${text.slice(0, -to)}.${text.slice(-to)}`
  return negative && result > 0n ? `-${written}` : written
}

/** The decimal of fewest digits that reads back as the double. */
export function shortest(value: number): Decimal {
  const [mantissa = '', exponent = '0'] = `${value}`.split('e')
  const { digits, scale } = decimalOf(mantissa)
  return shifted({ digits, scale }, Number(exponent))
}

/** The decimal that the double is in binary, to the last digit. */
export function binary(value: number): Decimal {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const biased = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xf_ffff_ffff_ffffn
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n)
  const exponent = (biased === 0 ? 1 : biased) - 1075
  const sign = bits >> 63n === 1n ? -1n : 1n
  if (exponent >= 0) return { digits: sign * (mantissa << BigInt(exponent)), scale: 0 }
  return { digits: sign * mantissa * 5n ** BigInt(-exponent), scale: -exponent }
}

function shifted({ digits, scale }: Decimal, exponent: number): Decimal {
  if (exponent <= scale) return { digits, scale: scale - exponent }
  return { digits: digits * 10n ** BigInt(exponent - scale), scale: 0 }
}
