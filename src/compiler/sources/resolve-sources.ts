import type { IdentifierRule, Source } from '../../definitions/definitions.ts'
import { nearest } from '../../diagnostics/nearest.ts'
import { type Problem, problem } from '../../diagnostics/problem.ts'
import type { Catalog } from '../../ir/catalog.ts'
import { segmentTables } from './segment-tables.ts'
import { type SourceTable, timeProblems } from './source-table.ts'
import { tableTable } from './table-tables.ts'

/** The call tables of all sources, in the order of the definitions and then of the catalogue. */
export function resolveSources(
  sources: readonly Source[],
  catalog: Catalog,
  rules: readonly IdentifierRule[],
  report: (found: Problem) => void,
): readonly SourceTable[] {
  return sources.flatMap((source): readonly SourceTable[] => {
    if (source.format === 'table') {
      const table = tableTable(source, catalog, rules, report)
      return table === undefined ? [] : [table]
    }
    const tables = segmentTables(source, catalog, rules)
    if (tables.length === 0) {
      const near = nearest(source.schema, [...new Set(catalog.tables.map(({ relation }) => relation.schema))])
      report(
        problem(
          'PSN3001',
          { source: source.name, schema: source.schema, ...(near && { near }) },
          source.schemaSpan,
        ),
      )
    }
    for (const { relation, timestamp, receivedAt } of tables) {
      timeProblems(relation, timestamp, source.schemaSpan).forEach(report)
      timeProblems(relation, receivedAt, source.schemaSpan).forEach(report)
    }
    return tables
  })
}
