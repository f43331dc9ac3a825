import type { Sql } from './dialect.ts'

/** Three arguments each: `concat` takes a hundred where it is counted. */
const textsAtOnce = 32

/** The `concat` of a first text and of others, each already told as its length, a colon and itself. */
export function concatenated(first: Sql, texts: readonly Sql[]): Sql {
  return inChunks([first, ...texts], textsAtOnce)
    .map((some) => `concat(\n  ${some.join(',\n  ')}\n)`)
    .join(' || ')
}

/** So many at a time, in their order; the last may be fewer. */
export function inChunks(all: readonly Sql[], size: number): readonly (readonly Sql[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  )
}
