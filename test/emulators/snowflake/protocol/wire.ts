import type { SfType } from '../binder/types.ts'
import type { ResultColumn } from '../engine/results.ts'

/** A column as the v1 protocol describes it. */
export function rowType({ name, type, nullable }: ResultColumn): Readonly<Record<string, unknown>> {
  const base = {
    name,
    database: '',
    schema: '',
    table: '',
    nullable,
    collation: null,
    length: null,
    byteLength: null,
    precision: null,
    scale: null,
  }
  switch (type.kind) {
    case 'number':
      return { ...base, type: 'fixed', precision: type.precision, scale: type.scale }
    case 'float':
      return { ...base, type: 'real' }
    case 'text':
      return { ...base, type: 'text', length: type.length, byteLength: Math.min(type.length * 4, 16_777_216) }
    case 'null':
      return { ...base, type: 'text', length: 16_777_216, byteLength: 16_777_216 }
    case 'timestamp_ntz':
    case 'timestamp_ltz':
    case 'timestamp_tz':
      return { ...base, type: type.kind, precision: 0, scale: type.precision }
    case 'time':
      return { ...base, type: 'time', precision: 0, scale: 9 }
    case 'binary':
      return { ...base, type: 'binary', length: 8_388_608, byteLength: 8_388_608 }
    case 'boolean':
    case 'date':
    case 'variant':
    case 'array':
    case 'object':
      return { ...base, type: type.kind }
  }
}

/** A value as text: numbers exact, days since 1970, seconds with nine digits, `1` and `0`. */
export function cell(value: unknown, type: SfType): string | null {
  if (value === null || value === undefined) return null
  switch (type.kind) {
    case 'boolean':
      return value === true ? '1' : '0'
    case 'date':
      return String(Math.round(Date.parse(`${String(value)}T00:00:00Z`) / 86_400_000))
    case 'timestamp_ntz':
    case 'timestamp_ltz':
      return seconds(String(value))
    case 'timestamp_tz':
      // The offset in minutes, moved by 1440; instants are kept in UTC here.
      return `${seconds(String(value))} 1440`
    case 'float':
      return String(value).replace('Infinity', 'inf')
    case 'number':
    case 'text':
    case 'null':
    case 'variant':
    case 'array':
    case 'object':
    case 'time':
    case 'binary':
      return String(value)
  }
}

function seconds(written: string): string {
  const [, date = '', time = '', fraction = ''] =
    /^(\S+) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:\+00)?$/.exec(written) ?? []
  const whole = Date.parse(`${date}T${time}Z`) / 1000
  if (Number.isNaN(whole)) throw new Error(`no timestamp: ${written}`)
  const micros = BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0') || '0')
  const digits = String(micros < 0n ? -micros : micros).padStart(7, '0')
  return `${micros < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}000`
}
