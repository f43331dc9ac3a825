import type { RelatedRows } from '../../definitions/conditions.ts'
import type { Audience, Entity } from '../../definitions/definitions.ts'
import { type Qualifying, qualifyingRows } from '../../definitions/qualifying-rows.ts'
import { and, compare, type Expr, or, typeOf } from '../../ir/expr.ts'
import type { CompiledNode, NodeColumn } from '../../ir/node.ts'
import { aliasOf, type FromItem, type Join } from '../../ir/select.ts'
import { shortName } from '../../sql/names.ts'
import { renderSelect } from '../../sql/render-select.ts'
import { type CompileScope, keyColumn, type StagedRelationship } from '../compile-scope.ts'
import { carried } from '../compiled-definition.ts'
import { compileCondition } from '../conditions/condition.ts'
import {
  type EventInScope,
  type EventRows,
  eventColumn,
  findRelated,
  rowKeys,
} from '../conditions/event-rows.ts'
import type { Judged } from '../conditions/judged.ts'
import { traitOperands } from '../conditions/operands.ts'
import { traitsOfProfile } from '../conditions/read-trait.ts'
import { rowsBelow } from '../conditions/related.ts'
import { sessionLengths, sessionRows } from '../conditions/sessions.ts'
import { type StatementBuilder, statementBuilder } from '../conditions/statement-builder.ts'
import { compileWhere } from '../conditions/where.ts'
import { rowWindowBounds } from '../conditions/window.ts'
import { header, steps } from '../header.ts'
import { judgesKnownOnly } from '../scans/measure.ts'
import type { MemberRows } from './member-rows.ts'

/** The columns of rows that are asked for, by their names in the entity's table. */
function memberColumns(
  { columns }: Pick<MemberRows, 'columns'>,
  staged: StagedRelationship,
): readonly (NodeColumn & { readonly of: string })[] {
  return Object.entries(staged.columns)
    .filter(([name]) => columns === 'all' || columns.includes(name))
    .map(([of, { column, type }]) => ({ of, name: column, type }))
}

/**
 * The node that finds the rows for which members are in an audience: a row for each member and each row of the relationship
 * that meets one of the audience's conditions on it.
 */
export function compileMemberRows(rows: MemberRows, scope: CompileScope): CompiledNode {
  const { dialect, templates } = scope
  const { name, audience, relationship } = rows
  const { entity, span } = audience
  const statement = statementBuilder(scope)
  const found = findRelated(statement, relationship)
  const staged = scope.relationship(relationship)
  const columns: readonly NodeColumn[] = [
    { name: keyColumn(entity), type: 'text' },
    { name: 'row_id', type: 'text' },
    ...memberColumns(rows, staged).map((column) => ({ name: column.name, type: column.type })),
  ]
  const { from, joins, where } = qualified(statement, rows, found)
  const select = renderSelect(
    {
      columns: columns.map((column) => ({
        of: { kind: 'column', table: found.alias, ...column },
        name: column.name,
      })),
      from,
      joins,
      where,
    },
    dialect,
  )
  const relation = statement.work(shortName(dialect, `audience_${name}`))
  const text = templates.render('member-rows', { steps: statement.steps, select })
  const head = header('member_rows', name, { file: span.file, line: span.line })
  return {
    id: `member_rows.${name}`,
    type: 'member_rows',
    name,
    ...carried(audience),
    description: `Rows of ${relationship} that qualify members of ${audience.name}.`,
    dependsOn: [...statement.reads].sort(),
    relation,
    columns,
    steps: steps(name, head, dialect.createTableAs(relation, text.trimEnd())),
  }
}

interface Qualified {
  readonly from: FromItem
  readonly joins: readonly Join[]
  readonly where: Expr
}

/** Which of the staged rows they are; those further down are found in steps of their own. */
function qualified(statement: StatementBuilder, { audience }: MemberRows, found: EventInScope): Qualified {
  const { entity, match } = audience
  const profile = `${entity}_profiles`
  const judged: Judged = {
    entity,
    key: keyOf(profile, entity),
    profile,
    knownOnly: judgesKnownOnly(audience),
    joins: [],
  }
  const ways = qualifyingRows(match, found.name)
  const own = ownRows(statement, entity, found, ways)
  const filters: Join[] = []
  const where = ways.map((way): Expr => {
    const guards = way.guards.map((guard) => compileCondition(statement, judged, guard))
    const { joins, holds } =
      way.levels.length === 1 ? meets(statement, own, way.levels[0]) : below(statement, entity, way)
    add(filters, joins)
    return and([...guards, holds])
  })
  const joins: Join[] = []
  add(joins, [membersJoin(statement, audience, keyOf(found.alias, entity)), ...own.joins])
  if (ways.some(({ guards }) => guards.length > 0)) {
    statement.read(`profiles.${profile}`)
    const item: FromItem = { kind: 'relation', relation: statement.work(profile), alias: profile }
    add(joins, [
      { kind: 'inner', item, on: compare('=', keyOf(profile, entity), keyOf(found.alias, entity)) },
    ])
  }
  add(joins, [...filters, ...judged.joins])
  return { from: own.from, joins, where: or(where) }
}

/** Rows that belong to profiles themselves, or stand for those further down, which know by themselves whether they qualify. */
function ownRows(
  statement: StatementBuilder,
  entity: Entity,
  event: EventInScope,
  ways: readonly Qualifying[],
): EventRows {
  const tops = ways.flatMap(({ levels }) => (levels.length === 1 ? [levels[0]] : []))
  const lengths = sessionLengths(tops.map(({ window }) => window))
  const references = traitOperands(tops.flatMap(({ where }) => where))
  const traits = traitsOfProfile(statement, entity, keyOf(event.alias, entity), references)
  return {
    event,
    from:
      lengths.length === 0
        ? { kind: 'relation', relation: event.staged.relation, alias: event.alias }
        : sessionRows(statement, event, lengths).from,
    joins: traits.joins,
    keys: rowKeys(event, 'row_id'),
    reference: (of) => (of.kind === 'trait' ? traits.read(of.trait, of.span) : undefined),
  }
}

/** Whether a row is one that counts. */
function meets(
  statement: StatementBuilder,
  rows: EventRows,
  { where, window }: RelatedRows,
): { readonly joins: readonly Join[]; readonly holds: Expr } {
  const filter = compileWhere(statement, rows, where)
  const { lower, upper } = rowWindowBounds(eventColumn(rows.event, 'timestamp'), window, statement.run)
  const bounds = [lower, upper].filter((bound) => bound !== undefined)
  return { joins: filter.joins, holds: and([...bounds, filter.where]) }
}

/** A step with the rows below others that count, each once for a profile, however many rows above it has. */
function below(
  statement: StatementBuilder,
  entity: Entity,
  { levels }: Qualifying,
): { readonly joins: readonly Join[]; readonly holds: Expr } {
  const [top, ...others] = levels
  const first = findRelated(statement, top.relationship)
  let rows = ownRows(statement, entity, first, [{ guards: [], levels: [top] }])
  const parts = [meets(statement, rows, top)]
  for (const level of others) {
    rows = rowsBelow(statement, rows, level.relationship)
    parts.push(meets(statement, rows, level))
  }
  const keys = rowKeys(rows.event, 'row_id')
  const step = statement.step(`${rows.event.alias}_that_qualify`, {
    distinct: true,
    columns: keys,
    from: rows.from,
    joins: [...rows.joins, ...parts.flatMap(({ joins }) => joins)],
    where: and(parts.map(({ holds }) => holds)),
  })
  const own = ({ of, name }: (typeof keys)[number]): Expr => ({
    kind: 'column',
    table: step,
    name,
    type: typeOf(of),
  })
  return {
    joins: [
      {
        kind: 'left',
        item: { kind: 'step', name: step },
        on: and(keys.map((key) => compare('=', own(key), key.of))),
      },
    ],
    holds: { kind: 'present', of: { kind: 'column', table: step, name: 'row_id', type: 'text' } },
  }
}

function membersJoin(statement: StatementBuilder, { name, entity }: Audience, key: Expr): Join {
  const relation = statement.scope.audience(name)?.relation ?? statement.work(`audience_${name}`)
  statement.read(`audience.${name}`)
  const item: FromItem = { kind: 'relation', relation, alias: relation.name }
  return { kind: 'inner', item, on: compare('=', keyOf(relation.name, entity), key) }
}

function keyOf(table: string, entity: Entity): Expr {
  return { kind: 'column', table, name: keyColumn(entity), type: 'text' }
}

/** Each alias once. */
function add(joins: Join[], more: readonly Join[]): void {
  for (const join of more)
    if (!joins.some((known) => aliasOf(known.item) === aliasOf(join.item))) joins.push(join)
}
