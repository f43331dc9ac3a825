import { createHash } from 'node:crypto'
import type { Entity, Sync } from '../../definitions/definitions.ts'
import { filterInputs, partsOf } from '../../definitions/filter.ts'
import {
  inputKey,
  inputsOf,
  type MappingValue,
  type SyncInput,
  withAllIdentifiers,
} from '../../definitions/mapping.ts'
import { missingField } from '../../definitions/read-filter.ts'
import { problem } from '../../diagnostics/problem.ts'
import type { CatalogColumn } from '../../ir/catalog.ts'
import type { CompiledNode } from '../../ir/node.ts'
import { type Relation, relation } from '../../ir/relation.ts'
import type { Step } from '../../ir/step.ts'
import type { SyncColumn, SyncRecords } from '../../ir/sync.ts'
import { carried } from '../compiled-definition.ts'
import type { Context } from '../context.ts'
import { header, steps } from '../header.ts'
import { type PublishedRows, profileRows, type SyncScope, tableRows } from './sync-rows.ts'
import { type Planning, syncState } from './sync-state.ts'

/** A sync, compiled: what it reads, and what it makes of each record. */
export interface CompiledSync {
  readonly definition: Sync
  /** Of the profiles it sends; of rows that are none, `user`. */
  readonly entity: Entity
  readonly node: CompiledNode
  readonly records: SyncRecords
  /** Tables that a run makes, with columns that they may not have had before. */
  readonly reads: readonly { readonly relation: Relation; readonly columns: readonly string[] }[]
  /** Of the definition, or every input under its own name. */
  readonly mapping: MappingValue
  /** The same for removals: calls of people go to every id then, whichever were chosen before. */
  readonly removalMapping: MappingValue
  /** What its records are rows of, where they are rows that qualified members. */
  readonly rows?: { readonly relationship: string; readonly entity: string }
}

export interface SyncInputs {
  readonly context: Context
  readonly scope: SyncScope
  /** Where the state of syncs is kept. */
  readonly syncSchema: string
  /** Whether its destination takes calls of people, rather than records. */
  emitsEvents(sync: Sync): boolean
  audienceEntity(name: string): Entity | undefined
  traitEntity(name: string): Entity | undefined
  /** A warehouse table or a model, with the node that makes it. */
  rowsOf(
    sync: Sync,
  ):
    | { readonly relation: Relation; readonly columns: readonly CatalogColumn[]; readonly node?: string }
    | undefined
  /** The rows of members that it sends, where it sends any. */
  memberRows(sync: Sync): PublishedRows | undefined
}

/** Where a problem keeps it from being compiled there is none. */
export function compileSync(input: SyncInputs, sync: Sync): CompiledSync | undefined {
  const { context, scope } = input
  const { from } = sync
  if (from.kind === 'table' || from.kind === 'model') {
    const source = input.rowsOf(sync)
    if (source === undefined) return undefined
    const mapping = sync.mapping ?? named(source.columns.map(({ name }) => [name, { kind: 'column', name }]))
    const rows = tableRows(context, sync, source, allInputs(context, sync, mapping))
    return source.node === undefined
      ? compiled(input, sync, 'user', mapping, rows, [], [])
      : compiled(
          input,
          sync,
          'user',
          mapping,
          rows,
          [source.node],
          [{ relation: source.relation, columns: [] }],
        )
  }
  const entity = entityOf(input, sync)
  if (entity === undefined) return undefined
  const identifiers = (pick: 'first' | 'all') =>
    entity === 'account'
      ? []
      : scope.identifierTypes.map(
          (type) => [type.replaceAll('.', '_'), { kind: 'identifier', type, pick }] as const,
        )
  const traits = (names: readonly string[]) => names.map((name) => [name, { kind: 'trait', name }] as const)
  const id = [entity === 'user' ? 'segment_id' : 'account_id', { kind: 'id' }] as const
  const told =
    from.kind === 'traits'
      ? traits(from.traits)
      : from.kind === 'profiles'
        ? traits(scope.traits(entity).map(({ name }) => name))
        : []
  const member = input.memberRows(sync)
  if (member !== undefined && entity === 'account' && input.emitsEvents(sync))
    context.report(problem('PSN3114', { sync: sync.name }, sync.destinationSpan))
  const columns = (prefix: string) =>
    (member?.columns ?? []).map(({ of }) => [`${prefix}${of}`, { kind: 'column', name: of }] as const)
  const mapping =
    sync.mapping ??
    (input.emitsEvents(sync)
      ? {
          kind: 'object',
          members: {
            ids: named([id, ...identifiers('all')]),
            traits: named(told),
            ...(member !== undefined && { columns: named(columns('')) }),
          },
        }
      : named([
          id,
          ...identifiers('first'),
          ...(from.kind === 'audience'
            ? [[from.audience, { kind: 'audience', name: from.audience }] as const]
            : told),
          ...columns(`${member?.relationship}__`),
        ]))
  const removalMapping = input.emitsEvents(sync) ? withAllIds(mapping) : mapping
  const inputs = allInputs(context, sync, mapping, removalMapping)
  const rows = profileRows(context, scope, sync, entity, inputs, member)
  const table = relation(context.schema, entity === 'user' ? 'profile_traits' : 'account_traits')
  const read = (kinds: readonly SyncInput['kind'][]) =>
    inputs.flatMap((each) => ('name' in each && kinds.includes(each.kind) ? [each.name] : []))
  const sent = new Set(read(['column']))
  const reads = [
    { relation: table, columns: read(['trait', 'audience']) },
    ...(member === undefined
      ? []
      : [
          {
            relation: member.relation,
            columns: member.columns.filter(({ of }) => sent.has(of)).map(({ name }) => name),
          },
        ]),
  ]
  const made = compiled(input, sync, entity, mapping, rows, ['publish.publish'], reads)
  if (member === undefined) return { ...made, removalMapping }
  return { ...made, removalMapping, rows: { relationship: member.relationship, entity: member.entity } }
}

/** Of the mapping and of the filter, each once; what the filter asks of fields that nobody wrote down is checked here. */
function allInputs(
  context: Context,
  { name, filter, mapping: written }: Sync,
  mapping: MappingValue,
  removalMapping = mapping,
): readonly SyncInput[] {
  const inputs = new Map(
    [...inputsOf(mapping), ...inputsOf(removalMapping)].map((input) => [inputKey(input), input]),
  )
  if (filter === undefined) return [...inputs.values()]
  for (const input of filterInputs(filter.expr)) {
    const key = inputKey(input)
    if (!inputs.has(key)) inputs.set(key, { ...input, span: filter.span })
  }
  for (const part of written === undefined ? partsOf(filter.expr) : []) {
    const missing = part.kind === 'field' ? missingField(mapping, part.path) : undefined
    if (missing !== undefined) context.report(problem('PSN2102', { sync: name, ...missing }, filter.span))
  }
  return [...inputs.values()]
}

/** Undefined where it sends users and accounts, which is reported. */
function entityOf(input: SyncInputs, { from, name }: Sync): Entity | undefined {
  if (from.kind === 'audience') return input.audienceEntity(from.audience) ?? 'user'
  if (from.kind !== 'traits') return 'user'
  const entities = new Set(from.traits.map((trait) => input.traitEntity(trait) ?? 'user'))
  if (entities.size > 1) {
    input.context.report(problem('PSN3112', { sync: name }, from.span))
    return undefined
  }
  return entities.has('account') ? 'account' : 'user'
}

function withAllIds(mapping: MappingValue): MappingValue {
  if (mapping.kind !== 'object' || mapping.members.ids === undefined) return mapping
  return { kind: 'object', members: { ...mapping.members, ids: withAllIdentifiers(mapping.members.ids) } }
}

function named(fields: readonly (readonly [string, SyncInput])[]): MappingValue {
  return {
    kind: 'object',
    members: Object.fromEntries(fields.map(([name, input]) => [name, { kind: 'input', input }])),
  }
}

function compiled(
  { context, syncSchema }: SyncInputs,
  sync: Sync,
  entity: Entity,
  mapping: MappingValue,
  rows: ReturnType<typeof tableRows>,
  dependsOn: readonly string[],
  reads: CompiledSync['reads'],
): CompiledSync {
  const { name, span } = sync
  const records: SyncRecords = {
    ...rows,
    mappingDigest: digestOf(mapping, rows.columns, sync.nulls),
    ofPeople: entity === 'user' && sync.from.kind !== 'table' && sync.from.kind !== 'model',
    unsafeKey: sync.key !== undefined,
  }
  const state = syncState(context, { schema: syncSchema, publicSchema: context.schema }, sync, records)
  const origin = { file: span.file, line: span.line }
  return {
    definition: sync,
    entity,
    records,
    reads,
    mapping,
    removalMapping: mapping,
    node: {
      id: `sync.${name}`,
      type: 'sync',
      name,
      ...carried(sync),
      dependsOn,
      relation: state.changes,
      columns: [],
      steps: planSteps(name, header('sync', name, origin), state.plan(records)),
    },
  }
}

function planSteps(name: string, head: string, { statements, unless }: Planning): readonly Step[] {
  const planned = steps(name, head, statements)
  if (unless === undefined) return planned
  const again = steps(name, '', unless.statements)
  const why = 'a key is NULL or there twice'
  return [...planned, { kind: 'branch', name: why, condition: unless.unsound, body: again }]
}

/**
 * Of all that makes a record of texts, without where it is written: the mapping, the types of what it reads, and what becomes of nulls.
 * Short, as warehouses compare what is in a row faster than what is behind it.
 */
function digestOf(mapping: MappingValue, columns: readonly SyncColumn[], nulls: Sync['nulls']): string {
  const types = columns.map(({ input, type }) => [input, type])
  const said = JSON.stringify([mapping, types, nulls], (key, value: unknown) =>
    key === 'span' ? undefined : value,
  )
  return createHash('sha256').update(said).digest('hex').slice(0, 12)
}
