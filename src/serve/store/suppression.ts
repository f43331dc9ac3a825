import type { Collection, Identifier, ProfileDocument } from './store.ts'

/**
 * Whoever is suppressed must go at once, yet a publish may be at work for minutes and nothing else can write meanwhile.
 * Therefore both kinds of store take the same three steps:
 *
 * 1. The identifier is remembered as *suppressed* and as *pending*, in a transaction of its own that waits for no publish.
 *    From here on a reader passes over those it belongs to: it looks through the pending ones, of which there are none mostly.
 * 2. Whoever can have the lock of publishers takes the owners out and forgets that it was pending. A publish does so as the
 *    last act of its transaction, once more behind it, and again when it has let go of the lock.
 * 3. A publish passes over documents with a suppressed identifier. One that began before is caught by the second step.
 */
export const collections: readonly Collection[] = ['users', 'accounts']

/** Found whatever its letter case. */
export function folded({ type, value }: Identifier): readonly [type: string, value: string] {
  return [type, value.toLowerCase()]
}

/** What of a document leads to it, as one text that is equal only where all of that is. */
export function leadsOf({ identifiers, formerIds }: ProfileDocument): string {
  return JSON.stringify([identifiers.map(({ type, value }) => [type, value]), formerIds])
}
