import { createHash } from 'node:crypto'
import type { Definitions } from './definitions.ts'

/** Neither where something is written nor what is said about it changes what a run computes. */
const silent: ReadonlySet<string> = new Set(['description', 'owner', 'tags', 'meta', 'file'])

/** Of everything a run computes from, in 16 hexadecimal digits; the same on every target. */
export function hashOfDefinitions(definitions: Definitions): string {
  const { sources, identity, entities, relationships, traits, audiences, models } = definitions
  const computed = { sources, identity, entities, relationships, traits, audiences, models }
  const text = JSON.stringify(computed, (key, value: unknown) => {
    if (silent.has(key) || key === 'span' || key.endsWith('Span')) return undefined
    return value instanceof Map ? [...value] : value
  })
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
