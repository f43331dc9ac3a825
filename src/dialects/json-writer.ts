import type { JsonWriter, Sql } from './dialect.ts'
import { inChunks } from './row-text.ts'

/** Fewer than a hundred: Postgres counts arguments. */
const argumentsAtOnce = 96

/** What DuckDB and Postgres write alike. */
export function jsonWriter(literal: (value: string) => Sql): JsonWriter {
  const joinedWithoutNulls = (between: string, texts: readonly Sql[]): Sql => {
    const separator = literal(between)
    const some = inChunks(texts, argumentsAtOnce).map(
      (chunk) => `concat_ws(${[separator, ...chunk].join(', ')})`,
    )
    const [only = "''"] = some
    if (some.length <= 1) return only
    return joinedWithoutNulls(
      between,
      some.map((chunk) => `nullif(${chunk}, '')`),
    )
  }
  return {
    text: (sql) => `cast(to_json(${sql}) as text)`,
    concat: (texts) =>
      inChunks(texts, argumentsAtOnce)
        .map((chunk) => `concat(\n  ${chunk.join(',\n  ')}\n)`)
        .join(' || '),
    joinedWithoutNulls,
    joined: (sql, between, order) => `string_agg(${sql}, ${literal(between)} order by ${order})`,
  }
}
