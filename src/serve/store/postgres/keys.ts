import { hash } from 'node:crypto'
import type { Collection, Identifier } from '../store.ts'
import { folded } from '../suppression.ts'

/**
 * Everything is found by a hash: an index takes no text beyond 2,700 bytes, and PostgreSQL no text with a zero in it. Of 128
 * bits: two of a billion are equal once in 10^20.
 */
export function profileKey(collection: Collection, id: string): Buffer {
  return hashOf('id', collection, id)
}

/** Whatever the collection and the letter case. */
export function identifierKey(identifier: Identifier): Buffer {
  return hashOf('identifier', ...folded(identifier))
}

/** Only as it is written. */
export function exactKey({ type, value }: Identifier): Buffer {
  return hashOf('exactly', type, value)
}

export function hashOf(...words: readonly string[]): Buffer {
  return hash('sha256', JSON.stringify(words), 'buffer').subarray(0, 16)
}
