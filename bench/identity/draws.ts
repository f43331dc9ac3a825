import type { Sql } from '../../src/dialects/dialect.ts'

/** Draws as DuckDB SQL: the same for the same row, tag and seed, however many threads there are. */
export interface Draws {
  /** Orders rows at random. */
  key(row: Sql, tag: string): Sql
  /** A whole number from 0, below `n`. */
  below(n: Sql | number, row: Sql, tag: string): Sql
  /** Whether it falls within so many of a hundred. */
  percent(share: number, row: Sql, tag: string): Sql
  /** A double from 0, below 1. */
  unit(row: Sql, tag: string): Sql
}

export function draws(seed: number): Draws {
  // Hashes of one row under two tags differ by a constant and are far from independent; hashed again they are.
  const key: Draws['key'] = (row, tag) => `hash(hash(${row}, '${tag}', ${seed}))`
  return {
    key,
    below: (n, row, tag) => `cast(${key(row, tag)} % (${n}) as bigint)`,
    percent: (share, row, tag) => `${key(row, tag)} % 100 < ${share}`,
    unit: (row, tag) => `(${key(row, tag)} / 18446744073709551616e0)`,
  }
}
