import type { ColumnRef, IdentifierRule, TableSource } from '../../definitions/definitions.ts'
import { nearest } from '../../diagnostics/nearest.ts'
import { type Problem, problem } from '../../diagnostics/problem.ts'
import type { Catalog, CatalogColumn } from '../../ir/catalog.ts'
import { type EventNames, type Field, type SourceTable, timeProblems } from './source-table.ts'

/** The one call table of a source whose columns are mapped; a missing table or column is a problem. */
export function tableTable(
  source: TableSource,
  catalog: Catalog,
  rules: readonly IdentifierRule[],
  report: (found: Problem) => void,
): SourceTable | undefined {
  const table = catalog.tables.find(
    ({ relation }) =>
      relation.name === source.table &&
      relation.schema === source.schema &&
      (source.database === undefined || relation.database === source.database),
  )
  if (table === undefined) {
    const known = catalog.tables.map(({ relation }) => `${relation.schema}.${relation.name}`)
    const wanted = `${source.schema}.${source.table}`
    const near = nearest(wanted, known)
    report(
      problem('PSN3002', { source: source.name, table: wanted, ...(near && { near }) }, source.tableSpan),
    )
    return undefined
  }
  const names = table.columns.map((column) => column.name)
  const column = (ref: ColumnRef): CatalogColumn | undefined => {
    const found = table.columns.find((candidate) => candidate.name === ref.column)
    if (found === undefined) {
      const near = nearest(ref.column, names)
      report(
        problem(
          'PSN3003',
          { table: `${source.schema}.${source.table}`, column: ref.column, ...(near && { near }) },
          ref.span,
        ),
      )
    }
    return found
  }
  const id = column(source.id)
  const timestamp = column(source.timestamp)
  const receivedAt = source.loadedAt === undefined ? undefined : column(source.loadedAt)
  timeProblems(table.relation, timestamp, source.timestamp.span).forEach(report)
  if (source.loadedAt !== undefined) {
    timeProblems(table.relation, receivedAt, source.loadedAt.span).forEach(report)
  }
  const mapped = source.identifiers.map((ref) => ({ type: ref.type, column: column(ref) }))
  const of = (type: string): CatalogColumn | undefined => mapped.find((field) => field.type === type)?.column
  const userId = of('user_id')
  const anonymousId = of('anonymous_id')
  const groupId = of('group_id')
  const json = 'json' in source.properties ? column(source.properties.json) : undefined
  const events = eventNames(source, column)
  if (id === undefined || timestamp === undefined || events === undefined) return undefined
  return {
    source: source.name,
    format: 'table',
    relation: table.relation,
    call: source.type,
    events,
    id,
    timestamp,
    ...(receivedAt && { receivedAt }),
    ...(userId && { userId }),
    ...(anonymousId && { anonymousId }),
    ...(groupId && { groupId }),
    identifiers: mapped.flatMap(({ type, column: found }) =>
      found === undefined ||
      !rules.some((rule) => rule.type === type) ||
      ['user_id', 'anonymous_id', 'group_id'].includes(type)
        ? []
        : [{ kind: 'column' as const, type, column: found, location: 2 }],
    ),
    properties: 'json' in source.properties ? new Map() : propertiesOf(source.properties, column),
    ...(json && { json }),
    columns: table.columns,
  }
}

function propertiesOf(
  mapped: readonly (ColumnRef & { readonly property: string })[],
  column: (ref: ColumnRef) => CatalogColumn | undefined,
): Map<string, Field> {
  const fields = new Map<string, Field>()
  for (const ref of mapped) {
    const found = column(ref)
    if (found !== undefined) fields.set(ref.property, { kind: 'column', column: found })
  }
  return fields
}

function eventNames(
  source: TableSource,
  column: (ref: ColumnRef) => CatalogColumn | undefined,
): EventNames | undefined {
  switch (source.type) {
    case 'identify':
    case 'group':
      return { kind: 'none' }
    case 'page':
      return { kind: 'literal', name: 'Page Viewed' }
    case 'screen':
      return { kind: 'literal', name: 'Screen Viewed' }
    case 'track': {
      if (source.event === undefined) return { kind: 'none' }
      if ('literal' in source.event) return { kind: 'literal', name: source.event.literal }
      const found = column(source.event)
      return found === undefined ? undefined : { kind: 'column', column: found }
    }
  }
}
