import type { Sql } from './dialect.ts'

/** Three arguments each: `concat` takes a hundred where it is counted. */
const textsAtOnce = 32

/** The `concat` of a first text and of others, each already told as its length, a colon and itself. */
export function concatenated(first: Sql, texts: readonly Sql[]): Sql {
  const parts = [first, ...texts]
  return Array.from({ length: Math.ceil(parts.length / textsAtOnce) }, (_, index) => {
    const some = parts.slice(index * textsAtOnce, (index + 1) * textsAtOnce)
    return `concat(\n  ${some.join(',\n  ')}\n)`
  }).join(' || ')
}
