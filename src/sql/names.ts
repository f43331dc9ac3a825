import { createHash } from 'node:crypto'
import type { Dialect } from '../dialects/dialect.ts'

/**
 * The name itself where the warehouse can hold it, else its start and 8 hexadecimal digits of the SHA-1 of all of it.
 * The same name gives the same short name in every project.
 */
export function shortName(dialect: Pick<Dialect, 'maxIdentifierBytes'>, name: string): string {
  if (Buffer.byteLength(name) <= dialect.maxIdentifierBytes) return name
  const digest = createHash('sha1').update(name).digest('hex').slice(0, 8)
  const room = dialect.maxIdentifierBytes - digest.length - 1
  let start = ''
  for (const character of name) {
    if (Buffer.byteLength(start + character) > room) break
    start += character
  }
  return `${start}_${digest}`
}

/** A plain lower-case SQL name made of a free text, for aliases and CTEs: `Order Completed` → `order_completed`. */
export function plainName(text: string): string {
  const plain = text
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
  return /^[a-z]/.test(plain) ? plain : `event${plain === '' ? '' : `_${plain}`}`
}
