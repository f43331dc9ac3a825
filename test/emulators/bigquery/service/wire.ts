/**
 * The protobuf wire format, as little of it as the service needs. Messages are not decoded into objects: rows stay the
 * bytes that the service wrote, so that a table is filled, kept and handed back without looking into it.
 */

/** Parts of a message to be joined once. */
export type Parts = readonly Uint8Array[]

export interface Field {
  readonly number: number
  /** Of a varint or fixed field; 0 for others. */
  readonly integer: bigint
  /** Of a length-delimited or fixed64 field; empty for others. */
  readonly bytes: Buffer
}

const nothing = Buffer.alloc(0)

function varint(value: number | bigint): Buffer {
  if (typeof value === 'number' && value >= 0 && value < 128) return oneByte(value)
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Buffer.from(bytes)
}

const singles = Array.from({ length: 128 }, (_, value) => Buffer.from([value]))

function oneByte(value: number): Buffer {
  return singles[value] ?? Buffer.from([value])
}

export function integerField(number: number, value: number | bigint | boolean): Buffer {
  return Buffer.concat([varint(number << 3), varint(typeof value === 'boolean' ? Number(value) : value)])
}

export function doubleField(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return Buffer.concat([varint((number << 3) | 1), bytes])
}

export function bytesField(number: number, value: Uint8Array): Buffer {
  return Buffer.concat([varint((number << 3) | 2), varint(value.length), value])
}

export function textField(number: number, value: string): Buffer {
  return bytesField(number, Buffer.from(value, 'utf8'))
}

/** A message as a field: its parts are joined here and nowhere else. */
export function messageField(number: number, parts: Parts): Buffer {
  let length = 0
  for (const part of parts) length += part.length
  return Buffer.concat([varint((number << 3) | 2), varint(length), ...parts])
}

/** The fields of a message, in order. @throws Error where the bytes are no message */
export function* fieldsOf(message: Buffer): Generator<Field> {
  let at = 0
  const readVarint = (): bigint => {
    let low = 0
    let shift = 0
    // Up to 28 bits by numbers, which is nearly always all of it.
    while (shift < 28) {
      const byte = message[at]
      if (byte === undefined) throw new Error('the message ends within a number')
      at += 1
      low |= (byte & 127) << shift
      if (byte < 128) return BigInt(low)
      shift += 7
    }
    let value = BigInt(low)
    for (let wide = 28n; ; wide += 7n) {
      const byte = message[at]
      if (byte === undefined) throw new Error('the message ends within a number')
      at += 1
      value |= BigInt(byte & 127) << wide
      if (byte < 128) return BigInt.asIntN(64, value)
    }
  }
  while (at < message.length) {
    const tag = Number(readVarint())
    const number = tag >>> 3
    switch (tag & 7) {
      case 0:
        yield { number, integer: readVarint(), bytes: nothing }
        break
      case 1:
        yield { number, integer: message.readBigInt64LE(at), bytes: message.subarray(at, at + 8) }
        at += 8
        break
      case 2: {
        const length = Number(readVarint())
        if (at + length > message.length) throw new Error('the message ends within a field')
        yield { number, integer: 0n, bytes: message.subarray(at, at + length) }
        at += length
        break
      }
      case 5:
        yield { number, integer: BigInt(message.readInt32LE(at)), bytes: message.subarray(at, at + 4) }
        at += 4
        break
      default:
        throw new Error(`no such wire type: ${tag & 7}`)
    }
  }
}

/** The last field of this number; undefined where it is absent. */
function fieldOf(message: Buffer, number: number): Field | undefined {
  let found: Field | undefined
  for (const field of fieldsOf(message)) if (field.number === number) found = field
  return found
}

export function messagesOf(message: Buffer, number: number): readonly Buffer[] {
  const found: Buffer[] = []
  for (const field of fieldsOf(message)) if (field.number === number) found.push(field.bytes)
  return found
}

export function messageOf(message: Buffer, number: number): Buffer | undefined {
  return fieldOf(message, number)?.bytes
}

export function textOf(message: Buffer, number: number): string | undefined {
  return fieldOf(message, number)?.bytes.toString('utf8')
}

export function integerOf(message: Buffer, number: number): number | undefined {
  const field = fieldOf(message, number)
  return field === undefined ? undefined : Number(field.integer)
}

/** A message within messages, by field numbers from the outside in. */
export function messageAt(message: Buffer, path: readonly number[]): Buffer | undefined {
  let at: Buffer | undefined = message
  for (const number of path) at = at === undefined ? undefined : messageOf(at, number)
  return at
}
