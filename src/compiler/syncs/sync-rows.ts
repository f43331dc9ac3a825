import type { Entity, Sync } from '../../definitions/definitions.ts'
import { inputKey, type SyncInput } from '../../definitions/mapping.ts'
import { nearest } from '../../diagnostics/nearest.ts'
import { problem } from '../../diagnostics/problem.ts'
import type { Span } from '../../diagnostics/span.ts'
import type { Sql } from '../../dialects/dialect.ts'
import type { CatalogColumn } from '../../ir/catalog.ts'
import type { NodeColumn } from '../../ir/node.ts'
import { type Relation, relation } from '../../ir/relation.ts'
import type { SyncColumn } from '../../ir/sync.ts'
import { type ValueType, valueTypeOf } from '../../ir/value-type.ts'
import { plainName, shortName } from '../../sql/names.ts'
import { keyColumn } from '../compile-scope.ts'
import type { Context } from '../context.ts'

/** Records before they are hashed. */
export interface SyncRows {
  readonly columns: readonly SyncColumn[]
  /** Returns `record_key` and the columns, all as text. */
  readonly select: Sql
  readonly values?: Sql
}

/** What a sync may read of profiles: the public tables, as a run leaves them. */
export interface SyncScope {
  /** Columns of the public wide table that are traits, and names of audiences. */
  traits(entity: Entity): readonly NodeColumn[]
  audiences(entity: Entity): readonly string[]
  readonly identifierTypes: readonly string[]
}

/** The rows that qualified members, as a run leaves them. */
export interface PublishedRows {
  readonly relation: Relation
  readonly relationship: string
  /** Name of the entity. */
  readonly entity: string
  /** `of` is the name in the entity's table. */
  readonly columns: readonly (NodeColumn & { readonly of: string })[]
}

interface Column extends SyncColumn {
  /** The value, in its type. */
  readonly sql: Sql
}

/** Rows of profiles: those of an audience, those that have a trait, or all; of an audience also for each row that qualified them. */
export function profileRows(
  context: Context,
  scope: SyncScope,
  sync: Sync,
  entity: Entity,
  inputs: readonly SyncInput[],
  rows?: PublishedRows,
): SyncRows {
  const { dialect, templates } = context
  const key = keyColumn(entity)
  const table = (name: string): Sql => dialect.relation(relation(context.schema, name))
  const names = namer(context)
  const identifiers: { sql: Sql; name: string }[] = []
  const identifier = (type: string, pick: 'first' | 'last' | 'all', span: Span): Sql => {
    if (entity === 'account' || !scope.identifierTypes.includes(type)) {
      const near = nearest(type, scope.identifierTypes)
      context.report(
        problem('PSN3110', { sync: sync.name, type, entity, ...(near !== undefined && { near }) }, span),
      )
    }
    const name = dialect.ident(names(`${pick}_${plainName(type)}`))
    identifiers.push({ sql: identifierSql(context, type, pick), name })
    return `identifiers.${name}`
  }
  const columns = inputs.map((input): Column => {
    const span = input.span ?? sync.nameSpan
    const named = (prefix: string, type: ValueType, sql: Sql): Column => ({
      name: names(prefix),
      input: inputKey(input),
      type,
      sql,
    })
    switch (input.kind) {
      case 'id':
        return named('id', 'text', `profiles.${key}`)
      case 'identifier':
        return named(
          `identifier_${plainName(input.type)}`,
          input.pick === 'all' ? 'list' : 'text',
          identifier(input.type, input.pick, span),
        )
      case 'trait': {
        const traits = scope.traits(entity)
        const found = traits.find(({ name }) => name === input.name)
        if (found === undefined) reportTrait(context, entity, input.name, traits, span)
        return named(
          `trait_${plainName(input.name)}`,
          found?.type ?? 'text',
          `profiles.${dialect.ident(input.name)}`,
        )
      }
      case 'audience': {
        const audiences = scope.audiences(entity)
        if (!audiences.includes(input.name)) {
          const near = nearest(input.name, audiences)
          context.report(
            problem('PSN2001', { by: `sync \`${sync.name}\``, audience: input.name, near }, span),
          )
        }
        return named(`audience_${plainName(input.name)}`, 'boolean', `profiles.${dialect.ident(input.name)}`)
      }
      case 'column': {
        // One that the entity's table lacks has been reported.
        const found = rows?.columns.find(({ of }) => of === input.name)
        if (found === undefined)
          throw new Error(`sync ${sync.name} maps column ${input.name}, which its profiles do not have`)
        return named(
          `column_${plainName(input.name)}`,
          found.type,
          `member_rows.${dialect.ident(found.name)}`,
        )
      }
    }
  })
  const recordKey = rows
    ? pairKey(context, entity)
    : sync.key?.kind === 'identifier'
      ? identifier(sync.key.type, 'first', sync.key.span)
      : `profiles.${key}`
  return rowsOf(context, columns, (written) =>
    templates.render('sync/profile-rows', {
      profiles: table(entity === 'user' ? 'profile_traits' : 'account_traits'),
      key,
      recordKey,
      columns: written,
      rows: rows && dialect.relation(rows.relation),
      audience: sync.from.kind === 'audience' && { memberships: table('audience_memberships') },
      identifiers: identifiers.length > 0 && { table: table('user_identifiers'), columns: identifiers },
      where: [...(entity === 'user' ? ['profiles.merged_to is null'] : []), ...chosen(context, sync)],
    }),
  )
}

type WrittenColumn = Pick<Column, 'sql' | 'name'>

function rowsOf(
  { dialect }: Context,
  columns: readonly Column[],
  render: (columns: readonly WrittenColumn[]) => Sql,
): SyncRows {
  const select = (asValue: (column: Column) => boolean): Sql => {
    const written = columns.map((column) => ({
      sql: asValue(column) ? column.sql : dialect.toTextOfMany(column.sql, column.type),
      name: dialect.ident(column.name),
    }))
    return render(written).trimEnd()
  }
  const compares = ({ sql, type }: Column): boolean => dialect.differsFromText?.(sql, sql, type) !== undefined
  return {
    columns: columns.map(({ name, input, type }) => ({ name, input, type })),
    select: select(() => false),
    ...(columns.some(compares) && { values: select(compares) }),
  }
}

/** Of a profile and a row. No id of a user has a colon; one of an account may. */
function pairKey({ dialect }: Context, entity: Entity): Sql {
  const row = 'member_rows.row_id'
  return entity === 'user'
    ? `profiles.${keyColumn(entity)} || ':' || ${row}`
    : dialect.rowText(dialect.text(''), [`profiles.${keyColumn(entity)}`, row])
}

function chosen({ dialect }: Context, { from }: Sync): readonly Sql[] {
  switch (from.kind) {
    case 'audience':
      return [`members.audience_key = ${dialect.text(from.audience)}`, 'members.exited_at is null']
    case 'traits': {
      const present = from.traits.map((name) => `profiles.${dialect.ident(name)} is not null`)
      return [present.length === 1 ? (present[0] ?? '') : `(${present.join(' or ')})`]
    }
    case 'profiles':
    case 'table':
    case 'model':
      return []
  }
}

/** Rows of a table or model. */
export function tableRows(
  context: Context,
  sync: Sync,
  from: { readonly relation: Relation; readonly columns: readonly CatalogColumn[] },
  inputs: readonly SyncInput[],
): SyncRows {
  const { dialect, templates } = context
  const names = namer(context)
  const read = (name: string, span: Span): { type: ValueType; sql: Sql } => {
    const found = from.columns.find((column) => column.name === name)
    if (found === undefined) {
      const near = nearest(
        name,
        from.columns.map((column) => column.name),
      )
      context.report(
        problem('PSN3111', { sync: sync.name, column: name, ...(near !== undefined && { near }) }, span),
      )
      return { type: 'text', sql: dialect.nullOf('text') }
    }
    const type = valueTypeOf(found.type)
    return { type, sql: dialect.read(`source_rows.${dialect.ident(name)}`, found.type) }
  }
  const columns = inputs.flatMap((input): Column[] => {
    if (input.kind !== 'column') return []
    return [
      {
        name: names(`column_${plainName(input.name)}`),
        input: inputKey(input),
        ...read(input.name, input.span ?? sync.nameSpan),
      },
    ]
  })
  if (sync.key?.kind !== 'column') throw new Error(`sync ${sync.name} reads rows and has no key`)
  const key = read(sync.key.column, sync.key.span)
  return rowsOf(context, columns, (written) =>
    templates.render('sync/table-rows', {
      table: dialect.relation(from.relation),
      recordKey: dialect.toTextOfMany(key.sql, key.type),
      columns: written,
    }),
  )
}

function identifierSql({ dialect }: Context, type: string, pick: 'first' | 'last' | 'all'): Sql {
  const matches = `user_identifiers.type = ${dialect.text(type)}`
  if (pick === 'all')
    return dialect.jsonSortedSet(`case when ${matches} then user_identifiers.value end`, 'all')
  const descending = pick === 'last'
  return dialect.firstBy(
    'user_identifiers.value',
    'text',
    [
      { sql: 'user_identifiers.seq', type: 'text', descending },
      { sql: 'user_identifiers.value', type: 'text', descending },
    ],
    matches,
  )
}

function reportTrait(
  context: Context,
  entity: Entity,
  trait: string,
  traits: readonly NodeColumn[],
  span: Span,
): void {
  const near = nearest(
    trait,
    traits.map(({ name }) => name),
  )
  context.report(problem('PSN3103', { entity, trait, ...(near !== undefined && { near }) }, span))
}

/** Column names, each given once. */
function namer({ dialect }: Context): (wanted: string) => string {
  const taken = new Set<string>()
  return (wanted) => {
    let name = shortName(dialect, wanted)
    for (let copy = 2; taken.has(name); copy += 1) name = shortName(dialect, `${wanted}_${copy}`)
    taken.add(name)
    return name
  }
}
