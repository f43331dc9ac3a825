/** Dates and times of GoogleSQL as the service packs them, from and to text. All arithmetic is on whole microseconds. */

const daysPerMillis = 86_400_000

export function dateText(days: number): string {
  return new Date(days * daysPerMillis).toISOString().slice(0, 10)
}

/** Days since 1970; undefined for what is no date. */
export function parseDate(text: string): number | undefined {
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text.trim())
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number)
  const millis = Date.UTC(year, month - 1, day)
  const date = new Date(millis)
  if (year < 100) date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  return Math.round(date.getTime() / daysPerMillis)
}

export interface TimeOfDay {
  readonly seconds: number
  readonly micros: number
}

/** `12:34:56.789`; undefined for what is no time. */
function parseTime(text: string): TimeOfDay | undefined {
  const match = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6})0*)?)?$/.exec(text)
  if (match === null) return undefined
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(1, 4).map((part) => Number(part ?? 0))
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined
  return { seconds: (hours * 60 + minutes) * 60 + seconds, micros: Number((match[4] ?? '').padEnd(6, '0')) }
}

/** Microseconds since 1970; a text without a zone is UTC. Undefined for what is no timestamp. */
export function parseTimestamp(text: string): bigint | undefined {
  const match =
    /^(\d{4}-\d{1,2}-\d{1,2})(?:[ tT](\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d+)?)?))?\s*(Z|z|UTC|[+-]\d{1,2}(?::?\d{2})?)?$/.exec(
      text.trim(),
    )
  if (match === null) return undefined
  const days = parseDate(match[1] ?? '')
  const time = parseTime(match[2] ?? '00:00:00')
  if (days === undefined || time === undefined) return undefined
  const zone = match[3] ?? 'Z'
  let offset = 0
  if (/^[+-]/.test(zone)) {
    const [, hours = '0', minutes = '0'] = /^.(\d{1,2}):?(\d{2})?$/.exec(zone) ?? []
    offset = (Number(hours) * 60 + Number(minutes)) * (zone.startsWith('-') ? -60 : 60)
  }
  return BigInt(days * 86_400 + time.seconds - offset) * 1_000_000n + BigInt(time.micros)
}

/** Of the packed fields `hour:minute:second`, five, six and six bits. */
function unpackTime(packed: bigint): string {
  const part = (shift: bigint, bits: bigint): string =>
    String((packed >> shift) & ((1n << bits) - 1n)).padStart(2, '0')
  return `${part(12n, 5n)}:${part(6n, 6n)}:${part(0n, 6n)}`
}

function fraction(micros: number): string {
  return micros === 0 ? '' : `.${String(micros).padStart(6, '0')}`
}

export function datetimeText(packed: bigint, nanos: number): string {
  const year = String((packed >> 26n) & 0x3fffn).padStart(4, '0')
  const month = String((packed >> 22n) & 15n).padStart(2, '0')
  const day = String((packed >> 17n) & 31n).padStart(2, '0')
  return `${year}-${month}-${day}T${unpackTime(packed)}${fraction(Math.floor(nanos / 1000))}`
}

export function packDatetime(text: string): { readonly packed: bigint; readonly nanos: number } | undefined {
  const [date = '', time = '00:00:00', ...more] = text.trim().split(/[ tT]/)
  const days = parseDate(date)
  const of = parseTime(time)
  if (days === undefined || of === undefined || more.length > 0) return undefined
  const [year = 0n, month = 0n, day = 0n] = dateText(days).split('-').map(BigInt)
  return {
    packed: (year << 26n) | (month << 22n) | (day << 17n) | packSeconds(of.seconds),
    nanos: of.micros * 1000,
  }
}

function packSeconds(seconds: number): bigint {
  return (
    (BigInt(Math.floor(seconds / 3600)) << 12n) |
    (BigInt(Math.floor(seconds / 60) % 60) << 6n) |
    BigInt(seconds % 60)
  )
}

/** TIME is packed with its nanoseconds in the low 30 bits. */
export function timeText(packed: bigint): string {
  return `${unpackTime(packed >> 30n)}${fraction(Math.floor(Number(packed & 0x3fffffffn) / 1000))}`
}

export function packTime(text: string): bigint | undefined {
  const of = parseTime(text)
  return of === undefined ? undefined : (packSeconds(of.seconds) << 30n) | BigInt(of.micros * 1000)
}

/** Microseconds in eight bytes, days in four, then months above bits for nanoseconds: `Y-M D H:M:S.F`. */
export function intervalText(bytes: Buffer): string {
  const micros = bytes.readBigInt64LE(0)
  const days = bytes.readInt32LE(8)
  const packed = bytes.readUInt32LE(12)
  const months = (packed & 0x80000000 ? -1 : 1) * ((packed >>> 13) & 0x3ffff)
  const years = Math.trunc(Math.abs(months) / 12)
  const size = micros < 0n ? -micros : micros
  const seconds = size / 1_000_000n
  const time = `${seconds / 3600n}:${(seconds / 60n) % 60n}:${seconds % 60n}${fraction(Number(size % 1_000_000n))}`
  return `${months < 0 ? '-' : ''}${years}-${Math.abs(months) % 12} ${days} ${micros < 0n ? '-' : ''}${time}`
}

/** Scaled integers of NUMERIC and BIGNUMERIC: little-endian two's complement of the fewest bytes. */
export function decimalText(bytes: Buffer, scale: number): string {
  let value = 0n
  for (let at = bytes.length - 1; at >= 0; at -= 1) value = (value << 8n) | BigInt(bytes[at] ?? 0)
  value = BigInt.asIntN(bytes.length * 8, value)
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const text = `${digits.slice(0, -scale)}.${digits.slice(-scale)}`.replace(/\.?0+$/, '')
  return value < 0n ? `-${text}` : text
}

export function packDecimal(text: string, scale: number): Buffer | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text.trim())
  if (match === null || (match[2] === '' && (match[3] ?? '') === '')) return undefined
  const exponent = Number(match[4] ?? 0)
  const shift = scale + exponent - (match[3] ?? '').length
  let value = BigInt(`${match[2]}${match[3] ?? ''}`)
  if (shift >= 0) value *= 10n ** BigInt(shift)
  else {
    const divisor = 10n ** BigInt(-shift)
    value = (value + divisor / 2n) / divisor
  }
  if (match[1] === '-') value = -value
  const bytes: number[] = []
  for (let rest = value; ; ) {
    const byte = Number(BigInt.asUintN(8, rest))
    bytes.push(byte)
    rest >>= 8n
    if ((rest === 0n && byte < 128) || (rest === -1n && byte >= 128)) break
  }
  return Buffer.from(bytes)
}
