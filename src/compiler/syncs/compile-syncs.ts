import { type Config, syncSchemaOf } from '../../config/config.ts'
import { memberRowsName } from '../../definitions/check-names.ts'
import type { Definitions, Entity, Sync } from '../../definitions/definitions.ts'
import { nearest } from '../../diagnostics/nearest.ts'
import { problem } from '../../diagnostics/problem.ts'
import { duckdb } from '../../dialects/duckdb.ts'
import type { Catalog, CatalogColumn } from '../../ir/catalog.ts'
import type { CompiledNode, NodeColumn } from '../../ir/node.ts'
import { relation, relationKey } from '../../ir/relation.ts'
import type { ColumnType, ValueType } from '../../ir/value-type.ts'
import { checkStatements } from '../check-functions.ts'
import type { Context } from '../context.ts'
import type { WideProfiles } from '../profiles/wide-profiles.ts'
import type { ResolvedRelationship } from '../relationships/resolve-relationships.ts'
import type { TraitRegistry } from '../trait-registry.ts'
import { type CompiledSync, compileSync, type SyncInputs } from './compile-sync.ts'
import { syncState } from './sync-state.ts'
import { syncStatements } from './sync-statements.ts'
import { writtenRecords, writtenStatements } from './written-records.ts'

export interface SyncsInput {
  readonly config: Pick<Config, 'target'>
  readonly definitions: Definitions
  readonly catalog: Catalog
  /** Of models, among others. */
  readonly nodes: readonly CompiledNode[]
  readonly relationships: readonly ResolvedRelationship[]
  readonly wide: Readonly<Record<Entity, WideProfiles>>
  readonly registry: TraitRegistry
}

export function compileSyncs(context: Context, input: SyncsInput): readonly CompiledSync[] {
  const { definitions, registry } = input
  const audiences = (entity: Entity): readonly string[] =>
    definitions.audiences.filter((audience) => audience.entity === entity).map(({ name }) => name)
  const inputs: SyncInputs = {
    context,
    syncSchema: syncSchemaOf(input.config.target),
    scope: {
      // An audience hides a custom trait of its name.
      traits: (entity): readonly NodeColumn[] =>
        input.wide[entity].traits.filter(({ name }) => !audiences(entity).includes(name)),
      audiences,
      identifierTypes: definitions.identity.identifiers
        .map(({ type }) => type)
        .filter((type) => type !== 'group_id'),
    },
    emitsEvents: ({ destination }) =>
      definitions.destinations.some(({ name, type }) => name === destination && type === 'segment'),
    audienceEntity: (name) => definitions.audiences.find((audience) => audience.name === name)?.entity,
    traitEntity: (name) =>
      registry.trait('user', name) === undefined && registry.trait('account', name) !== undefined
        ? 'account'
        : 'user',
    rowsOf: (sync) => rowsOf(context, input, sync),
    memberRows: (sync) => memberRowsOf(context, input, sync),
  }
  const syncs = definitions.syncs.flatMap((sync) => compileSync(inputs, sync) ?? [])
  for (const sync of syncs) checkSync(context, input.config, sync)
  return syncs
}

/** All that a sync sends, though most of it is written when it goes. */
function checkSync(context: Context, { target }: Pick<Config, 'target'>, sync: CompiledSync): void {
  const { definition, node, records } = sync
  const dialect = target.syncState === undefined ? context.dialect : duckdb
  const schemas = { schema: syncSchemaOf(target), publicSchema: context.schema }
  const state = syncState({ dialect, templates: context.templates }, schemas, definition, records)
  checkStatements(context, node, [records.select])
  const read = dialect === context.dialect ? records : { select: state.selectLoaded }
  const written = writtenRecords({ dialect, templates: context.templates }, sync, state.changes)
  checkStatements({ ...context, dialect }, node, [
    ...syncStatements(state, read),
    ...(written === undefined ? [] : writtenStatements(written)),
  ])
}

function rowsOf(context: Context, input: SyncsInput, sync: Sync): ReturnType<SyncInputs['rowsOf']> {
  const { from } = sync
  if (from.kind === 'model') {
    // A model that is not there has a problem of its own.
    const node = input.nodes.find(({ id }) => id === `model.${from.model}`)
    if (node?.relation === undefined) return undefined
    return { relation: node.relation, columns: node.columns.map(catalogColumn), node: node.id }
  }
  if (from.kind !== 'table') return undefined
  const { tables } = input.catalog
  const found = tables.find(
    ({ relation }) =>
      relationKey({ schema: relation.schema, name: relation.name }) ===
      from.table.split('.').slice(-2).join('.'),
  )
  if (found !== undefined) return found
  const near = nearest(
    from.table,
    tables.map(({ relation }) => `${relation.schema}.${relation.name}`),
  )
  context.report(
    problem(
      'PSN3113',
      { sync: sync.name, table: from.table, ...(near !== undefined && { near }) },
      from.span,
    ),
  )
  return undefined
}

function memberRowsOf(
  { schema }: Context,
  { nodes, relationships }: SyncsInput,
  { from }: Sync,
): ReturnType<SyncInputs['memberRows']> {
  if (from.kind !== 'audience' || from.rows === undefined) return undefined
  const { relationship } = from.rows
  const name = memberRowsName(from.audience, relationship)
  const node = nodes.find(({ id }) => id === `member_rows.${name}`)
  const resolved = relationships.find(({ definition }) => definition.name === relationship)
  if (node?.relation === undefined || resolved === undefined) return undefined
  const published = new Set(node.columns.map((column) => column.name))
  return {
    relation: relation(schema, node.relation.name),
    relationship,
    entity: resolved.entity.name,
    // Without those that other definitions read of the same rows.
    columns: resolved.columns
      .filter(({ column }) => published.has(column))
      .map(({ of, column, type }) => ({ of: of.name, name: column, type })),
  }
}

function catalogColumn({ name, type }: NodeColumn): CatalogColumn {
  return { name, type: columnTypes[type] }
}

const columnTypes: Readonly<Record<ValueType, ColumnType>> = {
  text: 'text',
  integer: 'integer',
  number: 'float',
  boolean: 'boolean',
  timestamp: 'timestamp',
  list: 'text',
}
