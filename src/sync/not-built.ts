import type { CompiledSync } from '../compiler/syncs/compile-sync.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Catalog } from '../ir/catalog.ts'
import { relationKey } from '../ir/relation.ts'
import { shortName } from '../sql/names.ts'

/** PSN6007 where a table that a run makes is not there, or not as it is defined now. */
export function notBuilt(
  { definition, reads }: Pick<CompiledSync, 'definition' | 'reads'>,
  { tables }: Catalog,
  dialect: Pick<Dialect, 'maxIdentifierBytes'>,
): Problem | undefined {
  const built = new Map(tables.map(({ relation, columns }) => [relationKey(relation), columns]))
  const sync = definition.name
  for (const { relation, columns } of reads) {
    const table = relationKey(relation)
    const there = built.get(table)
    if (there === undefined) return problem('PSN6007', { sync, table }, definition.nameSpan)
    const names = new Set(there.map(({ name }) => name))
    const column = columns.find((name) => !names.has(shortName(dialect, name)))
    if (column !== undefined) return problem('PSN6007', { sync, table, column }, definition.nameSpan)
  }
  return undefined
}
