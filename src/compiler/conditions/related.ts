import type { PropertyCondition, RelatedRows } from '../../definitions/conditions.ts'
import { and, compare, type Expr, typeOf } from '../../ir/expr.ts'
import type { Join } from '../../ir/select.ts'
import { shortName } from '../../sql/names.ts'
import { eventKey, keyType } from '../compile-scope.ts'
import { linkJoins } from '../relationships/link-joins.ts'
import { type EventRows, eventColumn, findRelated, rowKeys } from './event-rows.ts'
import { compareCount } from './funnel.ts'
import type { StatementBuilder } from './statement-builder.ts'
import type { CompiledWhere } from './where.ts'
import { rowWindowBounds } from './window.ts'

/** Compiles what must hold of rows; see `compileWhere`. */
type CompileWhere = (
  statement: StatementBuilder,
  rows: EventRows,
  conditions: readonly PropertyCondition[],
) => CompiledWhere

/**
 * A step with how many rows of a relationship below each row has, and the truth that there are enough.
 *
 * Rows above stay in reach, since a condition below may compare with their columns.
 */
export function compileRelated(
  statement: StatementBuilder,
  rows: EventRows,
  condition: RelatedRows,
  compileWhere: CompileWhere,
): { readonly join: Join; readonly holds: Expr } {
  const inner = rowsBelow(statement, rows, condition.relationship)
  const { event: below } = inner
  const filter = compileWhere(statement, inner, condition.where)
  const { lower, upper } = rowWindowBounds(eventColumn(below, 'timestamp'), condition.window, statement.run)
  const matches = 'matches'
  const step = statement.step(`${below.alias}_per_${rows.event.alias}`, {
    columns: [
      ...rows.keys,
      // Pairs of rows may be reached by way of several between them.
      { of: { kind: 'countDistinct', of: eventColumn(below, 'event_id') }, name: matches },
    ],
    from: inner.from,
    joins: [...inner.joins, ...filter.joins],
    where: and([...[lower, upper].filter((bound) => bound !== undefined), filter.where]),
    groupBy: rows.keys.map(({ of }) => of),
  })
  const on = and(
    rows.keys.map(({ of, name }) =>
      compare('=', { kind: 'column', table: step, name, type: typeOf(of) }, of),
    ),
  )
  return {
    join: { kind: 'left', item: { kind: 'step', name: step }, on },
    holds: compareCount({ kind: 'column', table: step, name: matches, type: 'integer' }, condition.count),
  }
}

/** The rows of a relationship beside each row above that they belong to. */
export function rowsBelow(statement: StatementBuilder, rows: EventRows, relationship: string): EventRows {
  const { relationship: above } = rows.event
  const below = findRelated(statement, relationship)
  const link = below.relationship?.link
  if (above === undefined || link === undefined)
    throw new Error(`rows of ${relationship} are asked of what has none`)
  const key = eventKey(above.entity)
  const keyOf = (table: string): Expr => ({ kind: 'column', table, name: key, type: keyType(key) })
  const linked = linkJoins(
    link,
    {
      from: { table: rows.event.alias, is: 'left' },
      to: {
        item: { kind: 'relation', relation: below.staged.relation, alias: below.alias },
        table: below.alias,
      },
      between: shortName(statement.scope.dialect, `links_${below.alias}`),
    },
    [compare('=', keyOf(below.alias), keyOf(rows.event.alias))],
  )
  return {
    event: below,
    from: rows.from,
    joins: [...rows.joins, ...linked],
    keys: [...rows.keys, ...rowKeys(below, `${below.alias}_row_id`).slice(1)],
    above: [rows.event, ...(rows.above ?? [])],
    reference: rows.reference,
  }
}
