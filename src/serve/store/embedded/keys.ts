import { createHash } from 'node:crypto'
import type { Collection, Identifier, Part } from '../store.ts'
import { folded } from '../suppression.ts'

/** The first byte of a key. */
const kinds = { profile: 1, identifier: 2, formerId: 3, word: 4 } as const
type Kind = keyof typeof kinds

const collectionBytes: Readonly<Record<Collection, number>> = { users: 0x10, accounts: 0x20 }
const hashedByte = 0x80

/** LMDB takes keys, and values that are sorted below a key, of up to 1,978 bytes; shorter ones make a lower tree. */
const maxBytes = 400

/** The last byte of a key of a part. `leads`: what leads to the profile. */
const partBytes: Readonly<Record<Part | 'leads', number>> = {
  leads: 1,
  traits: 2,
  trait_sources: 3,
  external_ids: 4,
  events: 5,
  metadata: 6,
  links: 7,
  trait_classes: 8,
}

/** Also what stands below a lookup. */
export function profileKey(collection: Collection, id: string): Buffer {
  return keyOf('profile', collectionBytes[collection], [id])
}

export function partKey(profile: Buffer, part: Part | 'leads'): Buffer {
  const key = Buffer.allocUnsafe(profile.length + 1)
  profile.copy(key)
  key[profile.length] = partBytes[part]
  return key
}

export function identifierKey(collection: Collection, identifier: Identifier): Buffer {
  return keyOf('identifier', collectionBytes[collection], folded(identifier))
}

export function formerIdKey(collection: Collection, id: string): Buffer {
  return keyOf('formerId', collectionBytes[collection], [id])
}

/** Of what is about no collection. */
export function wordKey(...words: readonly string[]): Buffer {
  return keyOf('word', 0, words)
}

/** Of an identifier in any collection. */
export function suppressionKey(identifier: Identifier): Buffer {
  return wordKey(...folded(identifier))
}

/** The word that a key of one is of; undefined where it is a hash. */
export function textOfKey(key: Buffer): string | undefined {
  return ((key[0] ?? 0) & hashedByte) === 0 ? key.toString('utf8', 1) : undefined
}

export function isOf(collection: Collection, profile: Buffer): boolean {
  return ((profile[0] ?? 0) & collectionBytes[collection]) !== 0
}

/**
 * Text as it is, so that profiles written in the order of their ids go to the end of the tree, page after page. A hash where
 * it is long, holds what parts words, or is no Unicode, which UTF-8 would make equal to another text.
 */
function keyOf(kind: Kind, collection: number, words: readonly string[]): Buffer {
  const first = kinds[kind] | collection
  const text = words.join('\0')
  if (text.length <= maxBytes && !/\p{Surrogate}/u.test(text) && isParted(text, words.length)) {
    const key = Buffer.from(` ${text}`)
    key[0] = first
    if (key.length <= maxBytes) return key
  }
  const hash = createHash('sha256').update(JSON.stringify(words)).digest()
  return Buffer.concat([Buffer.of(first | hashedByte), hash])
}

function isParted(text: string, words: number): boolean {
  let parts = 1
  for (let at = text.indexOf('\0'); at !== -1; at = text.indexOf('\0', at + 1)) parts += 1
  return parts === words
}
