import { createHash } from 'node:crypto'

/**
 * The name itself where it has no more bytes than may be, else its start and 8 hexadecimal digits of the SHA-1 of all of it.
 * The same name gives the same short name in every project.
 */
export function shortNameOf(maxBytes: number, name: string): string {
  // A character has three bytes at most for each of its code units.
  if (name.length * 3 <= maxBytes || Buffer.byteLength(name) <= maxBytes) return name
  const digest = createHash('sha1').update(name).digest('hex').slice(0, 8)
  const room = maxBytes - digest.length - 1
  let start = ''
  for (const character of name) {
    if (Buffer.byteLength(start + character) > room) break
    start += character
  }
  return `${start}_${digest}`
}
