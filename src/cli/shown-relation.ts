import type { Adapter } from '../adapters/adapter.ts'
import type { Manifest } from '../compiler/manifest.ts'
import type { Config } from '../config/config.ts'
import type { Definitions, Entity } from '../definitions/definitions.ts'
import { nearest } from '../diagnostics/nearest.ts'
import { ProblemError, problem } from '../diagnostics/problem.ts'
import type { Catalog, CatalogTable } from '../ir/catalog.ts'
import type { CompiledNode, Preview } from '../ir/node.ts'
import { relationKey } from '../ir/relation.ts'
import { shortName } from '../sql/names.ts'
import { traitTables } from './summary.ts'

export interface Compiled {
  readonly manifest: Manifest
  readonly definitions: Definitions
}

/** What a name is shown by. */
export interface Shown {
  readonly select: string
  /** Set where rows are shown that are not built yet, of the node of this name. */
  readonly preview?: Preview & { readonly name: string }
}

/**
 * The select that shows what a name stands for: a public table, a trait's values, the rows of a SQL trait as they are now,
 * an audience's members, a model's or another node's working table, or any table as `schema.table`.
 *
 * @param compiled asked only where no public table has that name
 * @throws {ProblemError} PSN5011 no such name, PSN5013 not built yet
 */
export async function selectOf(
  name: string,
  config: Config,
  adapter: Adapter,
  compiled: () => Promise<Compiled>,
): Promise<Shown> {
  const { schema, workSchema } = config.target
  const dot = name.indexOf('.')
  const named = dot > 0 ? [name.slice(0, dot)] : []
  const catalog = await adapter.catalog([...new Set([schema, workSchema, ...named])])
  const table =
    findTable(catalog, schema, name) ??
    (dot > 0 ? findTable(catalog, name.slice(0, dot), name.slice(dot + 1)) : undefined)
  if (table !== undefined) return { select: rowsOf(adapter, table) }

  const { manifest, definitions } = await compiled()
  const { nodes } = manifest
  const node =
    nodes.find((each) => each.id === name) ??
    nodes.find((each) => each.name === name && each.type !== 'source' && each.type !== 'rows')
  if (node?.preview !== undefined) return previewOf(node, node.preview, catalog)
  if (node !== undefined) return { select: nodeRows(node, definitions, config, adapter, catalog) }
  const working = findTable(catalog, workSchema, name)
  if (working !== undefined) return { select: rowsOf(adapter, working) }
  const known = [
    ...catalog.tables.map((each) => each.relation.name),
    ...nodes.flatMap((each) => [each.name, each.id]),
  ]
  const near = nearest(name, known)
  throw new ProblemError([problem('PSN5011', { name, ...(near === undefined ? {} : { near }) })])
}

function findTable(catalog: Catalog, schema: string, name: string): CatalogTable | undefined {
  return catalog.tables.find((table) => table.relation.schema === schema && table.relation.name === name)
}

function previewOf(node: CompiledNode, preview: Preview, catalog: Catalog): Shown {
  const missing = preview.reads.find(({ schema, name }) => findTable(catalog, schema, name) === undefined)
  if (missing !== undefined) throw new ProblemError([problem('PSN5013', { table: relationKey(missing) })])
  return { select: preview.select, preview: { ...preview, name: node.name } }
}

/** Ordered by the first column, so that the rows shown are the same each time. */
function rowsOf(adapter: Adapter, table: CatalogTable): string {
  return `select * from ${adapter.dialect.relation(table.relation)} order by 1`
}

function nodeRows(
  node: CompiledNode,
  definitions: Definitions,
  config: Config,
  adapter: Adapter,
  catalog: Catalog,
): string {
  const { schema, workSchema } = config.target
  if (node.type === 'audience') {
    const view = findTable(catalog, schema, `audience_${node.name}`)
    if (view !== undefined) return rowsOf(adapter, view)
    throw new ProblemError([problem('PSN5013', { table: `${schema}.audience_${node.name}` })])
  }
  if (node.type === 'trait') {
    const entity = definitions.traits.find((trait) => trait.name === node.name)?.entity ?? 'user'
    return traitRows(node, entity, config, adapter, catalog)
  }
  const wanted = node.relation
  if (wanted === undefined) throw new ProblemError([problem('PSN5018', { node: node.id, tables: [] })])
  const table = findTable(catalog, wanted.schema, wanted.name) ?? findTable(catalog, workSchema, wanted.name)
  if (table !== undefined) return rowsOf(adapter, table)
  throw new ProblemError([problem('PSN5013', { table: `${wanted.schema}.${wanted.name}` })])
}

/** Profiles with a value, from what was published. */
function traitRows(
  node: CompiledNode,
  entity: Entity,
  config: Config,
  adapter: Adapter,
  catalog: Catalog,
): string {
  const { dialect } = adapter
  const { table, key } = traitTables[entity]
  const names = node.columns.map((column) => column.name)
  const published = findTable(catalog, config.target.schema, table)
  const columns = names.filter((name) => name !== key)
  const there = new Set(published?.columns.map((column) => column.name))
  if (
    published === undefined ||
    columns.length === 0 ||
    !columns.every((name) => there.has(shortName(dialect, name)))
  ) {
    throw new ProblemError([problem('PSN5013', { table: node.id })])
  }
  const list = columns.map((name) => dialect.ident(name))
  return [
    `select ${[key, ...list].join(', ')}`,
    `from ${dialect.relation(published.relation)}`,
    `where ${list.map((name) => `${name} is not null`).join(' or ')}`,
    'order by 1',
  ].join('\n')
}
