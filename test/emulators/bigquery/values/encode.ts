import { rowField } from '../engine/tables.ts'
import { isList, isObject, type Json } from '../json.ts'
import { bytesField, doubleField, integerField, messageField, textField } from '../service/wire.ts'
import { packDatetime, packDecimal, packTime, parseDate, parseTimestamp } from './civil.ts'
import type { Column, Type } from './types.ts'

/** A value of a load, an insert or a parameter that its column cannot hold. */
export class BadValue extends Error {}

const nullValue = Buffer.alloc(0)

/** A JSON value as a `ValueProto`. @throws BadValue */
export function encodeValue(value: Json | undefined, type: Type, where: string): Buffer {
  if (type.kind === 'ARRAY') {
    if (value === null || value === undefined) return messageField(13, [])
    if (!isList(value)) throw new BadValue(`Array specified for non-repeated field: ${where}.`)
    const elements = value.map((element) => {
      if (element === null)
        throw new BadValue(`Only optional fields can be set to NULL. Field: ${where}; Value: NULL`)
      return messageField(1, [encodeValue(element, type.element, where)])
    })
    return messageField(13, elements)
  }
  if (value === null || value === undefined) return nullValue
  if (type.kind === 'STRUCT') {
    if (!isObject(value)) throw new BadValue(`This field: ${where} is not a record.`)
    refuseUnknown(value, type.fields, `${where}.`)
    return messageField(
      14,
      type.fields.map((field) =>
        messageField(1, [encodeValue(value[field.name], field.type, `${where}.${field.name}`)]),
      ),
    )
  }
  if (type.kind === 'JSON') {
    return textField(23, typeof value === 'string' ? value : JSON.stringify(value))
  }
  if (typeof value === 'object') throw new BadValue(`This field: ${where} is not a record.`)
  return encodeScalar(value, type.kind, where)
}

function encodeScalar(
  value: string | number | boolean,
  kind: Exclude<Type['kind'], 'ARRAY' | 'STRUCT' | 'JSON'>,
  where: string,
): Buffer {
  const text = String(value)
  const bad = (what: string): BadValue =>
    new BadValue(`Could not convert value to ${what}. Field: ${where}; Value: ${text}`)
  switch (kind) {
    case 'INT64': {
      if (!/^[+-]?\d+$/.test(text.trim())) throw bad('integer')
      const integer = BigInt(text.trim())
      if (BigInt.asIntN(64, integer) !== integer) throw bad('integer')
      return integerField(2, integer)
    }
    case 'FLOAT64': {
      const number = /^[+-]?(inf|infinity|nan)$/i.test(text)
        ? text.toLowerCase().endsWith('nan')
          ? Number.NaN
          : text.startsWith('-')
            ? -Infinity
            : Infinity
        : Number(text)
      if (text.trim() === '' || (Number.isNaN(number) && !/nan$/i.test(text))) throw bad('double')
      return doubleField(7, number)
    }
    case 'BOOL': {
      if (!/^(true|false|t|f|yes|no|y|n|1|0)$/i.test(text)) throw bad('boolean')
      return integerField(5, /^(true|t|yes|y|1)$/i.test(text))
    }
    case 'STRING':
      return textField(8, text)
    case 'BYTES':
      if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) throw bad('bytes')
      return bytesField(9, Buffer.from(text, 'base64'))
    case 'DATE': {
      const days = parseDate(text)
      if (days === undefined) throw bad('date')
      return integerField(10, days)
    }
    case 'TIMESTAMP': {
      // A bare number is seconds since 1970, whatever its size.
      const micros = /^[+-]?[\d.]+(?:[eE][+-]?\d+)?$/.test(text)
        ? BigInt(Math.round(Number(text) * 1e6))
        : parseTimestamp(text)
      if (micros === undefined) throw bad('timestamp')
      return timestampValue(micros)
    }
    case 'DATETIME': {
      const packed = packDatetime(text)
      if (packed === undefined) throw bad('datetime')
      return messageField(17, [integerField(1, packed.packed), integerField(2, packed.nanos)])
    }
    case 'TIME': {
      const packed = packTime(text)
      if (packed === undefined) throw bad('time')
      return integerField(18, packed)
    }
    case 'NUMERIC':
    case 'BIGNUMERIC': {
      const bytes = packDecimal(text, kind === 'NUMERIC' ? 9 : 38)
      if (bytes === undefined || bytes.length > (kind === 'NUMERIC' ? 16 : 32)) throw bad(kind.toLowerCase())
      return bytesField(kind === 'NUMERIC' ? 20 : 21, bytes)
    }
    case 'GEOGRAPHY':
    case 'INTERVAL':
      throw new BadValue(`the emulator cannot take values of type ${kind}. Field: ${where}`)
  }
}

export function timestampValue(micros: bigint): Buffer {
  const rest = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const seconds = (micros - rest) / 1_000_000n
  return messageField(16, [integerField(1, seconds), integerField(2, rest * 1000n)])
}

export const textValue = (value: string | null): Buffer => (value === null ? nullValue : textField(8, value))

export const integerValue = (value: number | bigint): Buffer => integerField(2, value)

/** A JSON object as a row, as loads and `insertAll` read it. @throws BadValue */
export function encodeObject(of: Json, columns: readonly Column[], ignoreUnknown: boolean): Buffer {
  if (!isObject(of)) throw new BadValue('JSON parsing error: the row is not an object.')
  if (!ignoreUnknown) refuseUnknown(of, columns, '')
  // Column names are matched whatever their case.
  const byName = new Map(Object.entries(of).map(([name, value]) => [name.toLowerCase(), value]))
  return rowField(
    columns.map((each) => {
      const value = byName.get(each.name.toLowerCase())
      if (each.required && (value === null || value === undefined)) {
        throw new BadValue(`Missing required field: ${each.name}.`)
      }
      return encodeValue(value, each.type, each.name)
    }),
  )
}

function refuseUnknown(
  of: { readonly [name: string]: Json },
  known: readonly { readonly name: string }[],
  path: string,
): void {
  const names = new Set(known.map(({ name }) => name.toLowerCase()))
  const unknown = Object.keys(of).find((name) => !names.has(name.toLowerCase()))
  if (unknown !== undefined) throw new BadValue(`No such field: ${path}${unknown}.`)
}
