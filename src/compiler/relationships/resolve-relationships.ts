import type {
  ColumnRef,
  Definitions,
  Relationship,
  RelationshipJoin,
  WarehouseEntity,
} from '../../definitions/definitions.ts'
import { ownersOf, pathOf } from '../../definitions/relationship-tree.ts'
import { nearest } from '../../diagnostics/nearest.ts'
import { type Problem, problem } from '../../diagnostics/problem.ts'
import type { Dialect } from '../../dialects/dialect.ts'
import type { Catalog, CatalogColumn, CatalogTable } from '../../ir/catalog.ts'
import type { Expr } from '../../ir/expr.ts'
import type { Relation } from '../../ir/relation.ts'
import { valueTypeOf } from '../../ir/value-type.ts'
import { shortName } from '../../sql/names.ts'
import { rowsRead } from '../audiences/member-rows.ts'
import { keyColumn, type RowLink, type StagedProperty, type StagedRelationship } from '../compile-scope.ts'
import { equal } from '../conditions/read-value.ts'
import { work } from '../context.ts'
import { timeProblems } from '../sources/source-table.ts'
import { type ColumnRead, collectRowNeeds } from './collect-row-needs.ts'

/** A relationship held against the catalogue, and what its node is made of. */
export interface ResolvedRelationship {
  readonly definition: Relationship
  readonly entity: WarehouseEntity
  readonly staged: StagedRelationship
  readonly table: Relation
  readonly primaryKey: CatalogColumn
  readonly timestamp?: CatalogColumn
  /** What is read of the table, in the order of its columns. */
  readonly columns: readonly (StagedProperty & { readonly of: CatalogColumn })[]
  readonly join: ResolvedJoin
}

export type ResolvedJoin =
  | { readonly kind: 'external_id'; readonly type: string; readonly joinKey: CatalogColumn }
  | {
      readonly kind: 'trait'
      readonly definition: Extract<RelationshipJoin, { kind: 'trait' }>
      readonly joinKey: StagedProperty
    }
  | { readonly kind: 'columns'; readonly parent: StagedRelationship }
  | {
      readonly kind: 'junction'
      readonly parent: StagedRelationship
      readonly table: Relation
      readonly left: CatalogColumn
      readonly right: CatalogColumn
    }

interface Needs {
  readonly dialect: Dialect
  readonly workSchema: string
  report(found: Problem): void
}

/**
 * The relationships that definitions read, and those above them, a parent before its children. Of the others only
 * tables and columns are checked.
 */
export function resolveRelationships(
  { dialect, workSchema, report }: Needs,
  definitions: Pick<Definitions, 'entities' | 'relationships' | 'traits' | 'audiences' | 'syncs'>,
  catalog: Catalog,
): readonly ResolvedRelationship[] {
  const { relationships } = definitions
  const byName = new Map(relationships.map((each) => [each.name, each]))
  const entities = new Map(definitions.entities.map((each) => [each.name, each]))
  const owners = ownersOf(relationships)
  const needs = collectRowNeeds(definitions)
  const whole = new Map(
    definitions.syncs.flatMap((sync) => {
      const { relationship = '', all } = rowsRead(sync) ?? {}
      return all === undefined ? [] : [[relationship, all] as const]
    }),
  )
  const used = new Set(
    [...needs.keys()].flatMap((name) => {
      const found = byName.get(name)
      return found === undefined ? [] : pathOf(found, byName).map((each) => each.name)
    }),
  )
  const tables = new Map(
    definitions.entities.map((entity) => [
      entity.name,
      findTable(entity, `entity \`${entity.name}\``, catalog, report),
    ]),
  )
  const resolved = new Map<string, ResolvedRelationship>()
  const inOrder = [...relationships].sort(
    (a, b) => pathOf(a, byName).length - pathOf(b, byName).length || (a.name < b.name ? -1 : 1),
  )
  for (const entity of definitions.entities) {
    const table = tables.get(entity.name)
    if (table === undefined) continue
    const column = columnsOf(table, report)
    column(entity.primaryKey)
    if (entity.timestamp === undefined) continue
    timeProblems(table.relation, column(entity.timestamp), entity.timestamp.span).forEach(report)
  }
  for (const definition of inOrder) {
    const entity = entities.get(definition.entity)
    const table = entity && tables.get(entity.name)
    const parent = definition.parent && resolved.get(definition.parent.name)
    if (entity === undefined || table === undefined) continue
    if (definition.parent !== undefined && parent === undefined) continue
    const span = whole.get(definition.name)
    const reads: readonly ColumnRead[] = [
      ...(span === undefined ? [] : table.columns.map(({ name }) => ({ column: name, span }))),
      ...(needs.get(definition.name) ?? []),
      ...ownColumns(definition.join),
      ...relationships.flatMap(({ parent: above, join }) =>
        above?.name === definition.name ? leftColumn(join) : [],
      ),
    ]
    const column = columnsOf(table, report)
    if (definition.join.kind === 'external_id') column(definition.join.joinKey)
    const columns = stagedColumns(table, reads, column)
    const owner = owners.get(definition.name) ?? 'user'
    const primaryKey = table.columns.find(({ name }) => name === entity.primaryKey.column)
    const timestamp = table.columns.find(({ name }) => name === entity.timestamp?.column)
    const link =
      parent && linkOf(definition, parent.staged, columns, { dialect, workSchema, catalog, report })
    const staged: StagedRelationship = {
      name: definition.name,
      node: `relationship.${definition.name}`,
      relation: work({ workSchema }, shortName(dialect, `relationship_${definition.name}`)),
      entity: owner,
      timed: timestamp !== undefined,
      columns: Object.fromEntries(
        columns.map(({ of, column: name, type }) => [of.name, { column: name, type }]),
      ),
      ...(link !== undefined && { link: link.link }),
    }
    const join = joinOf(definition.join, parent?.staged, columns, link?.junction, table)
    if (primaryKey === undefined || join === undefined) continue
    resolved.set(definition.name, {
      definition,
      entity,
      staged,
      table: table.relation,
      primaryKey,
      ...(timestamp !== undefined && { timestamp }),
      columns,
      join,
    })
  }
  return [...resolved.values()].filter(({ definition }) => used.has(definition.name))
}

function findTable(
  {
    database,
    schema,
    table,
    tableSpan,
  }: Pick<WarehouseEntity, 'database' | 'schema' | 'table' | 'tableSpan'>,
  by: string,
  catalog: Catalog,
  report: (found: Problem) => void,
): CatalogTable | undefined {
  const found = catalog.tables.find(
    ({ relation }) =>
      relation.name === table &&
      relation.schema === schema &&
      (database === undefined || relation.database === database),
  )
  if (found === undefined) {
    const wanted = `${schema}.${table}`
    const known = catalog.tables.map(({ relation }) => `${relation.schema}.${relation.name}`)
    const near = nearest(wanted, known)
    report(problem('PSN3030', { by, table: wanted, ...(near !== undefined && { near }) }, tableSpan))
  }
  return found
}

type FindColumn = (ref: ColumnRef) => CatalogColumn | undefined

/** Each unknown column is reported where it is named. */
function columnsOf({ relation, columns }: CatalogTable, report: (found: Problem) => void): FindColumn {
  return (ref) => {
    const found = columns.find(({ name }) => name === ref.column)
    if (found === undefined) {
      const near = nearest(
        ref.column,
        columns.map(({ name }) => name),
      )
      const table = `${relation.schema}.${relation.name}`
      report(problem('PSN3003', { table, column: ref.column, ...(near !== undefined && { near }) }, ref.span))
    }
    return found
  }
}

/** Columns that every staged relationship has, or may have. */
const fixed: ReadonlySet<string> = new Set([
  'profile_number',
  'known',
  keyColumn('user'),
  keyColumn('account'),
  'row_id',
  'timestamp',
  'join_key',
])

function stagedColumns(
  table: CatalogTable,
  reads: readonly ColumnRead[],
  column: FindColumn,
): ResolvedRelationship['columns'] {
  const wanted = new Set(reads.map((read) => column(read)?.name))
  return table.columns
    .filter(({ name }) => wanted.has(name))
    .map((of) => ({
      of,
      column: fixed.has(of.name.toLowerCase()) ? `${of.name}_column` : of.name,
      type: valueTypeOf(of.type),
    }))
}

/** Columns of a relationship's own entity that its join reads as values; an external id is compared as text. */
function ownColumns(join: RelationshipJoin): readonly ColumnRef[] {
  switch (join.kind) {
    case 'external_id':
      return []
    case 'trait':
      return [join.joinKey]
    case 'columns':
      return [join.right]
    case 'junction':
      return [join.right.column]
  }
}

/** And of the entity above. */
function leftColumn(join: RelationshipJoin): readonly ColumnRef[] {
  switch (join.kind) {
    case 'external_id':
    case 'trait':
      return []
    case 'columns':
      return [join.left]
    case 'junction':
      return [join.left.column]
  }
}

interface LinkNeeds extends Needs {
  readonly catalog: Catalog
}

/** How rows are found from those above, where both have the columns. */
function linkOf(
  { name, join }: Relationship,
  parent: StagedRelationship,
  columns: ResolvedRelationship['columns'],
  { dialect, workSchema, catalog, report }: LinkNeeds,
):
  | {
      readonly link: RowLink
      readonly junction?: {
        readonly table: Relation
        readonly left: CatalogColumn
        readonly right: CatalogColumn
      }
    }
  | undefined {
  const own = (ref: ColumnRef): StagedProperty | undefined => columns.find(({ of }) => of.name === ref.column)
  const checked = (
    left: StagedProperty,
    right: StagedProperty,
    names: readonly [string, string],
    ref: ColumnRef,
  ): void => {
    if (equal(columnOf(left), columnOf(right)) !== undefined) return
    const [leftName, rightName] = names
    const parameters = { left: leftName, leftType: left.type, right: rightName, rightType: right.type }
    report(problem('PSN3031', parameters, ref.span))
  }
  switch (join.kind) {
    case 'external_id':
    case 'trait':
      return undefined
    case 'columns': {
      const left = parent.columns[join.left.column]
      const right = own(join.right)
      if (left === undefined || right === undefined) return undefined
      checked(left, right, [join.left.column, join.right.column], join.right)
      return { link: { kind: 'columns', left, right } }
    }
    case 'junction': {
      const table = findTable(join, `relationship \`${name}\``, catalog, report)
      if (table === undefined) return undefined
      const column = columnsOf(table, report)
      const [leftKey, rightKey] = [column(join.left.junction), column(join.right.junction)]
      const left = parent.columns[join.left.column.column]
      const right = own(join.right.column)
      if (left === undefined || right === undefined || leftKey === undefined || rightKey === undefined)
        return undefined
      const links = {
        // `relationship_<name>_links` would be the rows of one that is called so.
        relation: work({ workSchema }, shortName(dialect, `links_${name}`)),
        left: { column: 'left_key', type: valueTypeOf(leftKey.type) },
        right: { column: 'right_key', type: valueTypeOf(rightKey.type) },
      }
      checked(left, links.left, [join.left.column.column, leftKey.name], join.left.junction)
      checked(links.right, right, [rightKey.name, join.right.column.column], join.right.column)
      return {
        link: { kind: 'junction', left, right, links },
        junction: { table: table.relation, left: leftKey, right: rightKey },
      }
    }
  }
}

function joinOf(
  join: RelationshipJoin,
  parent: StagedRelationship | undefined,
  columns: ResolvedRelationship['columns'],
  junction:
    | { readonly table: Relation; readonly left: CatalogColumn; readonly right: CatalogColumn }
    | undefined,
  table: CatalogTable,
): ResolvedJoin | undefined {
  switch (join.kind) {
    case 'external_id': {
      const joinKey = table.columns.find(({ name }) => name === join.joinKey.column)
      return joinKey && { kind: 'external_id', type: join.type, joinKey }
    }
    case 'trait': {
      const joinKey = columns.find(({ of }) => of.name === join.joinKey.column)
      return joinKey && { kind: 'trait', definition: join, joinKey }
    }
    case 'columns':
      return parent && { kind: 'columns', parent }
    case 'junction':
      return parent && junction && { kind: 'junction', parent, ...junction }
  }
}

function columnOf({ column, type }: StagedProperty): Expr {
  return { kind: 'column', table: '', name: column, type }
}

/** @throws Error for one that no definition reads */
export function relationshipsByName(
  resolved: readonly ResolvedRelationship[],
): (name: string) => StagedRelationship {
  const byName = new Map(resolved.map(({ staged }) => [staged.name, staged]))
  return (name) => {
    const found = byName.get(name)
    if (found === undefined) throw new Error(`relationship ${name} is not staged`)
    return found
  }
}
