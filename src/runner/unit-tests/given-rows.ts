import { collectRowNeeds } from '../../compiler/relationships/collect-row-needs.ts'
import type { ColumnRef, Definitions, RelationshipJoin, UnitTest } from '../../definitions/definitions.ts'
import { type Problem, problem } from '../../diagnostics/problem.ts'
import { relation } from '../../ir/relation.ts'
import { columnValue, type GivenColumn, typeOfValues } from './given-column.ts'
import type { GivenTable } from './given-tables.ts'

/** A table of an entity, or of a junction, and what definitions read of it. */
export interface RowTable {
  /** How a test may name it: `shop.carts`, or by its entity. */
  readonly keys: readonly string[]
  readonly schema: string
  readonly table: string
  /** As they are where no row has a value of them. */
  readonly columns: readonly GivenColumn[]
  readonly primaryKey?: string
}

type Related = Pick<Definitions, 'entities' | 'relationships' | 'traits' | 'audiences' | 'syncs'>

export function rowTables(definitions: Related): readonly RowTable[] {
  const { entities, relationships } = definitions
  const needs = collectRowNeeds(definitions)
  const text = (refs: readonly Pick<ColumnRef, 'column'>[]): readonly GivenColumn[] =>
    refs.map(({ column }) => ({ name: column, type: 'text' }))
  const tables = entities.map(({ name, schema, table, primaryKey, timestamp }): RowTable => {
    const own = relationships.filter(({ entity }) => entity === name)
    const below = relationships.filter(({ parent }) => own.some((each) => each.name === parent?.name))
    const columns: readonly GivenColumn[] = [
      { name: primaryKey.column, type: 'text' },
      ...(timestamp === undefined ? [] : [{ name: timestamp.column, type: 'timestamp' as const }]),
      ...text(own.flatMap(({ join }) => joinColumns(join).own)),
      ...text(below.flatMap(({ join }) => joinColumns(join).above)),
      ...text(own.flatMap((each) => needs.get(each.name) ?? [])),
    ]
    return {
      keys: [name, `${schema}.${table}`],
      schema,
      table,
      columns: distinct(columns),
      primaryKey: primaryKey.column,
    }
  })
  const junctions = relationships.flatMap(({ join }): readonly RowTable[] =>
    join.kind === 'junction'
      ? [
          {
            keys: [`${join.schema}.${join.table}`],
            schema: join.schema,
            table: join.table,
            columns: distinct(text([join.left.junction, join.right.junction])),
          },
        ]
      : [],
  )
  return [...tables, ...junctions].filter(
    ({ keys }, index, all) => all.findIndex((each) => each.keys.at(-1) === keys.at(-1)) === index,
  )
}

function joinColumns(join: RelationshipJoin): {
  readonly own: readonly ColumnRef[]
  readonly above: readonly ColumnRef[]
} {
  switch (join.kind) {
    case 'external_id':
    case 'trait':
      return { own: [join.joinKey], above: [] }
    case 'columns':
      return { own: [join.right], above: [join.left] }
    case 'junction':
      return { own: [join.right.column], above: [join.left.column] }
  }
}

function distinct(columns: readonly GivenColumn[]): readonly GivenColumn[] {
  return columns.filter(({ name }, index) => columns.findIndex((each) => each.name === name) === index)
}

/** The tables with the rows that a test gives of them; empty where it gives none. Primary keys left out are filled in. */
export function givenRows(
  test: UnitTest,
  tables: readonly RowTable[],
  schemaOf: (schema: string) => string,
): { readonly tables: readonly GivenTable[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const filled = tables.map((table): GivenTable => {
    const { keys, primaryKey } = table
    const rows = keys
      .flatMap((key) => test.given[key] ?? [])
      .map((row, index) =>
        primaryKey === undefined ? row : { [primaryKey]: `${table.table}-${index + 1}`, ...row },
      )
    const names = new Set([...table.columns.map(({ name }) => name), ...rows.flatMap(Object.keys)])
    const columns = [...names].flatMap((name): readonly GivenColumn[] => {
      const values = rows.map((row) => row[name])
      const type = values.some((value) => value !== null && value !== undefined)
        ? typeOfValues(values)
        : (table.columns.find((column) => column.name === name)?.type ?? 'text')
      if (type !== undefined) return [{ name, type }]
      const place = `${table.schema}.${table.table}`
      problems.push(problem('PSN5017', { test: test.name, column: name, table: place }, test.span))
      return []
    })
    return {
      relation: relation(schemaOf(table.schema), table.table),
      columns,
      rows: rows.map((row) => columns.map(({ name, type }) => columnValue(row[name], type))),
    }
  })
  return { tables: filled, problems }
}
