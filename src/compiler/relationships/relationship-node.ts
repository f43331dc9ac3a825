import type { Entity, IdentifierRule } from '../../definitions/definitions.ts'
import { nearest } from '../../diagnostics/nearest.ts'
import { problem } from '../../diagnostics/problem.ts'
import type { Sql } from '../../dialects/dialect.ts'
import { and, compare, type Expr } from '../../ir/expr.ts'
import type { CompiledNode, NodeColumn } from '../../ir/node.ts'
import type { Relation } from '../../ir/relation.ts'
import type { Join, SelectColumn } from '../../ir/select.ts'
import type { Step } from '../../ir/step.ts'
import type { ValueType } from '../../ir/value-type.ts'
import { plainName, shortName } from '../../sql/names.ts'
import { renderExpr } from '../../sql/render-expr.ts'
import { renderJoin } from '../../sql/render-select.ts'
import { keyColumn, keyType, type ProfileKey, type StagedRelationship } from '../compile-scope.ts'
import { carried } from '../compiled-definition.ts'
import { equal } from '../conditions/read-value.ts'
import { type Context, work } from '../context.ts'
import { header, steps } from '../header.ts'
import { columnSql, textSql } from '../sources/field-sql.ts'
import type { TraitRegistry } from '../trait-registry.ts'
import { selectWithFallback } from '../traits/select-with-fallback.ts'
import { linkJoins, stagedColumn } from './link-joins.ts'
import type { ResolvedJoin, ResolvedRelationship } from './resolve-relationships.ts'

/** The node of an entity that is read: it checks that the primary key tells one row from another. */
export function entityNode(
  context: Context,
  { entity, table, primaryKey }: ResolvedRelationship,
): CompiledNode {
  const { dialect } = context
  const { name } = entity
  const id = textSql(dialect, columnSql(dialect, 'entity', primaryKey))
  const key = dialect.ident(primaryKey.name)
  const check: Step = {
    kind: 'check',
    name: 'one row for each primary key',
    sql: `select\n  ${id} as ${key},\n  count(*) as row_count\nfrom ${dialect.relation(table)} as entity\nwhere ${id} is not null\ngroup by 1\nhaving count(*) > 1\norder by 1`,
    message: `${table.schema}.${table.name} has the same ${primaryKey.name} more than once`,
    hint: `name the column that tells its rows apart as \`primary_key\` of entity \`${name}\`, or read a view with one row for each`,
  }
  return {
    id: `entity.${name}`,
    type: 'entity',
    name,
    ...carried(entity),
    dependsOn: [],
    columns: [],
    steps: [check],
  }
}

/**
 * The node that stages the rows of a relationship: each row of the entity once for every profile it belongs to, with
 * the columns that definitions read.
 */
export function relationshipNode(
  context: Context,
  resolved: ResolvedRelationship,
  rules: readonly IdentifierRule[],
  traits: Pick<TraitRegistry, 'trait' | 'names'>,
): CompiledNode {
  const { dialect, templates } = context
  const { definition, entity, staged, columns, timestamp } = resolved
  const { name, span } = definition
  const alias = plainName(entity.name)
  const rows = shortName(dialect, `${alias}_rows`)
  const joined = joinToProfiles(context, resolved, rows, rules, traits)
  const read: readonly (readonly [Sql, string])[] = [
    ...(joined.joinKey === undefined ? [] : [[joined.joinKey(alias), 'join_key'] as const]),
    ...(timestamp === undefined ? [] : [[columnSql(dialect, alias, timestamp).sql, 'timestamp'] as const]),
    ...columns.map(({ of, column }) => [columnSql(dialect, alias, of).sql, column] as const),
  ]
  const kept = read.map(([, column]) => column).filter((column) => column !== 'join_key')
  const select = templates.render('relationship', {
    rows: dialect.ident(rows),
    id: textSql(dialect, columnSql(dialect, alias, resolved.primaryKey)),
    columns: read.map(([sql, column]) => `,\n${sql} as ${dialect.ident(column)}`).join(''),
    table: dialect.relation(resolved.table),
    alias: dialect.ident(alias),
    // Rows may be reached by way of several rows above.
    distinct: staged.link !== undefined,
    owner: joined.owner
      .map(({ of, name: column }) => {
        const sql = renderExpr(of, dialect)
        return of.kind === 'column' && of.name === column ? sql : `${sql} as ${column}`
      })
      .join(',\n'),
    names: kept.map((column) => `,\n${dialect.ident(rows)}.${dialect.ident(column)}`).join(''),
    joins: joined.joins.map((join) => renderJoin(join, dialect)),
  })
  const origin = { file: span.file, line: span.line }
  const head = header('relationship', name, origin)
  const statements = [
    ...(joined.before === undefined
      ? []
      : dialect.createTableAs(joined.before.relation, joined.before.select)),
    ...dialect.createTableAs(staged.relation, select.trimEnd()),
  ]
  return {
    id: staged.node,
    type: 'relationship',
    name,
    ...carried(definition),
    dependsOn: [...new Set([`entity.${entity.name}`, ...joined.dependsOn])].sort(),
    relation: staged.relation,
    columns: [
      ...ownerColumns(staged.entity),
      { name: 'row_id', type: 'text' },
      ...(timestamp === undefined ? [] : [{ name: 'timestamp', type: 'timestamp' as const }]),
      ...columns.map(({ column, type }) => ({ name: column, type })),
    ],
    steps: steps(name, head, statements),
  }
}

interface Joined {
  /** Whose row it is, by the columns that have it. */
  readonly owner: readonly SelectColumn[]
  readonly joins: readonly Join[]
  readonly dependsOn: readonly string[]
  /** What rows are compared with identifiers by. */
  readonly joinKey?: (alias: string) => Sql
  /** A table to write first. */
  readonly before?: { readonly relation: Relation; readonly select: Sql }
}

function joinToProfiles(
  context: Context,
  resolved: ResolvedRelationship,
  rows: string,
  rules: readonly IdentifierRule[],
  traits: Pick<TraitRegistry, 'trait' | 'names'>,
): Joined {
  const { staged, join } = resolved
  switch (join.kind) {
    case 'external_id':
      return byExternalId(context, staged, join, rows, rules)
    case 'trait':
      return byTrait(context, staged, join, rows, traits)
    case 'columns':
    case 'junction': {
      const { relation, node } = join.parent
      if (staged.link === undefined) throw new Error(`relationship ${staged.name} is joined to no other`)
      return {
        owner: ownedBy(staged.entity, relation.name),
        joins: linkJoins(staged.link, {
          from: { table: rows, is: 'right' },
          to: { item: { kind: 'relation', relation, alias: relation.name }, table: relation.name },
          between: 'links',
        }),
        dependsOn: [node],
        ...(join.kind === 'junction' &&
          staged.link.kind === 'junction' && {
            before: { relation: staged.link.links.relation, select: linksSelect(context, join) },
          }),
      }
    }
  }
}

/** A value of identity, compared as identity compares: trimmed, and normalised as its rule says. */
function byExternalId(
  context: Context,
  { entity }: StagedRelationship,
  { type, joinKey }: Extract<ResolvedJoin, { kind: 'external_id' }>,
  rows: string,
  rules: readonly IdentifierRule[],
): Joined {
  const { dialect } = context
  const lowercase = rules.find((rule) => rule.type === type)?.normalize === 'lowercase'
  const table = entity === 'user' ? 'identifiers' : 'accounts'
  const column = (name: string): Expr => ({ kind: 'column', table, name, type: 'text' })
  const value: Expr = { kind: 'column', table: rows, name: 'join_key', type: 'text' }
  const on =
    entity === 'user'
      ? and([
          compare('=', column('identifier_type'), { kind: 'text', value: type }),
          compare('=', column('identifier_value'), value),
        ])
      : compare('=', column('account_id'), value)
  const found: Join = {
    kind: 'inner',
    item: { kind: 'relation', relation: work(context, table), alias: table },
    on,
  }
  const owned = withOwner(context, entity, table, keyColumn(entity))
  return {
    owner: owned.owner,
    joins: [found, ...owned.joins],
    dependsOn: [entity === 'user' ? 'identity.profiles' : 'identity.accounts'],
    joinKey(alias) {
      const text = dialect.trim(textSql(dialect, columnSql(dialect, alias, joinKey)))
      return lowercase ? dialect.lower(text) : text
    },
  }
}

function byTrait(
  context: Context,
  { name, entity }: StagedRelationship,
  { definition, joinKey }: Extract<ResolvedJoin, { kind: 'trait' }>,
  rows: string,
  traits: Pick<TraitRegistry, 'trait' | 'names'>,
): Joined {
  const { trait, traitSpan, joinKey: ref } = definition
  const found = traits.trait(entity, trait)
  if (found === undefined) {
    const near = nearest(trait, traits.names(entity))
    context.report(problem('PSN3103', { entity, trait, ...(near !== undefined && { near }) }, traitSpan))
    return { owner: [], joins: [], dependsOn: [] }
  }
  const { fallback } = found
  // Whose value is what it falls back to has no row where it is computed.
  const before = fallback && {
    relation: work(context, shortName(context.dialect, `owners_${name}`)),
    select: selectWithFallback(context, entity, { ...found, fallback }, 'trait_value', true),
  }
  const { relation } = before ?? found
  const table = relation.name
  const value = { column: before === undefined ? found.column : 'trait_value', type: found.type }
  const on = equal(stagedColumn(table, value), stagedColumn(rows, joinKey))
  if (on === undefined) {
    const parameters = { left: trait, leftType: found.type, right: ref.column, rightType: joinKey.type }
    context.report(problem('PSN3031', parameters, ref.span))
  }
  const owned =
    before === undefined
      ? withOwner(context, entity, table, found.key)
      : { owner: ownedBy(entity, table), joins: [] }
  return {
    owner: owned.owner,
    joins: [
      {
        kind: 'inner',
        item: { kind: 'relation', relation, alias: table },
        on: on ?? { kind: 'boolean', value: false },
      },
      ...owned.joins,
    ],
    dependsOn: [found.node, entity === 'user' ? 'identity.profiles' : 'identity.accounts'],
    ...(before !== undefined && { before }),
  }
}

/** The profile itself beside a table that has its key. */
function withOwner(
  context: Context,
  entity: Entity,
  table: string,
  key: ProfileKey,
): Pick<Joined, 'owner' | 'joins'> {
  const own: Expr = { kind: 'column', table, name: key, type: keyType(key) }
  if (entity === 'account') return { owner: [{ of: own, name: key }], joins: [] }
  const profile = (name: string, type: ValueType): Expr => ({ kind: 'column', table: 'profiles', name, type })
  const numbered = key === 'profile_number'
  return {
    owner: [
      { of: profile('arrival', 'integer'), name: 'profile_number' },
      { of: profile('known', 'boolean'), name: 'known' },
      { of: profile('segment_id', 'text'), name: 'canonical_segment_id' },
    ],
    joins: [
      {
        kind: 'inner',
        item: { kind: 'relation', relation: work(context, 'profiles'), alias: 'profiles' },
        on: compare('=', numbered ? profile('arrival', 'integer') : profile('segment_id', 'text'), own),
      },
    ],
  }
}

function ownerColumns(entity: Entity): readonly NodeColumn[] {
  return entity === 'account'
    ? [{ name: 'account_id', type: 'text' }]
    : [
        { name: 'profile_number', type: 'integer' },
        { name: 'known', type: 'boolean' },
        { name: 'canonical_segment_id', type: 'text' },
      ]
}

/** As a table has them that says whose its rows are. */
function ownedBy(entity: Entity, table: string): readonly SelectColumn[] {
  return ownerColumns(entity).map(({ name, type }) => ({ of: { kind: 'column', table, name, type }, name }))
}

/** The pairs of a junction, each once. */
function linksSelect(
  { dialect }: Pick<Context, 'dialect'>,
  { table, left, right }: Extract<ResolvedJoin, { kind: 'junction' }>,
): Sql {
  const [leftKey, rightKey] = [left, right].map((column) => columnSql(dialect, 'junction', column).sql)
  return `select distinct\n  ${leftKey} as left_key,\n  ${rightKey} as right_key\nfrom ${dialect.relation(table)} as junction\nwhere ${leftKey} is not null\n  and ${rightKey} is not null`
}
