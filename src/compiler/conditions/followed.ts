import type { Followed, PropertyCondition, Then } from '../../definitions/conditions.ts'
import { and, compare, type Expr, not, typeOf } from '../../ir/expr.ts'
import { aliasOf, type Join, type SelectColumn } from '../../ir/select.ts'
import { shortName } from '../../sql/names.ts'
import {
  countsAtAll,
  type EventInScope,
  type EventRows,
  eventColumn,
  eventProperty,
  findEvent,
} from './event-rows.ts'
import { compareCount } from './funnel.ts'
import type { StatementBuilder } from './statement-builder.ts'
import type { CompiledWhere } from './where.ts'

/** Compiles what must hold of events; see `compileWhere`. */
type CompileWhere = (
  statement: StatementBuilder,
  rows: EventRows,
  conditions: readonly PropertyCondition[],
) => CompiledWhere

/**
 * A step with how many events follow each event, and the truth that there are enough, or that there are not.
 *
 * Those that follow are of the same profile, also where the events of an account are judged.
 */
export function compileFollowed(
  statement: StatementBuilder,
  rows: EventRows,
  condition: Followed,
  compileWhere: CompileWhere,
): { readonly join: Join; readonly holds: Expr } {
  const { event: parent } = rows
  const child = apart(statement, findEvent(statement, condition.event, condition.eventSpan), rows)
  const start = eventColumn(parent, 'timestamp')
  const timestamp = eventColumn(child, 'timestamp')
  const inner: EventRows = {
    event: child,
    from: rows.from,
    joins: [
      ...rows.joins,
      {
        kind: 'inner',
        item: { kind: 'relation', relation: child.staged.relation, alias: child.alias },
        on: and([
          compare('=', eventColumn(child, 'profile_number'), eventColumn(parent, 'profile_number')),
          compare('>', timestamp, start),
          compare('<=', timestamp, { kind: 'shift', of: start, seconds: condition.withinSeconds }),
        ]),
      },
    ],
    keys: [...rows.keys, { of: eventColumn(child, 'arrival'), name: `${child.alias}_arrival` }],
    reference: (of) =>
      of.kind === 'parent'
        ? eventProperty(statement, parent, 'property', of.property, of.span)
        : rows.reference(of),
  }
  const filter = compileWhere(statement, inner, condition.where)
  const matches = 'matches'
  const step = statement.step(`${child.alias}_after_${parent.alias}`, {
    columns: [...rows.keys, { of: { kind: 'countRows' }, name: matches }],
    from: inner.from,
    joins: [...inner.joins, ...filter.joins],
    where: and([countsAtAll(child, condition), filter.where]),
    groupBy: rows.keys.map(({ of }) => of),
  })
  const enough = compareCount(
    { kind: 'column', table: step, name: matches, type: 'integer' },
    condition.count,
  )
  return {
    join: { kind: 'left', item: { kind: 'step', name: step }, on: sameRow(step, rows.keys) },
    holds: and([
      ...elapsed(statement, eventColumn(parent, 'timestamp'), condition),
      condition.not ? not(enough) : enough,
    ]),
  }
}

/** A parent is judged once all that may follow it could have been seen. */
export function elapsed(
  statement: StatementBuilder,
  timestamp: Expr,
  then: Pick<Then, 'requireWindowElapsed' | 'withinSeconds'>,
): readonly Expr[] {
  if (!then.requireWindowElapsed) return []
  return [compare('<=', timestamp, { kind: 'asOf', run: statement.run, shift: -then.withinSeconds })]
}

/** Under a name that nothing beside it has: an event may follow one of its own kind. */
function apart(statement: StatementBuilder, event: EventInScope, { from, joins }: EventRows): EventInScope {
  const { dialect } = statement.scope
  const taken = new Set([aliasOf(from), ...joins.map(({ item }) => aliasOf(item))])
  let { alias } = event
  for (let copy = 1; taken.has(alias); copy += 1)
    alias = shortName(dialect, `next_${copy === 1 ? '' : `${copy}_`}${event.alias}`)
  return { ...event, alias }
}

function sameRow(step: string, keys: readonly SelectColumn[]): Expr {
  return and(
    keys.map(({ of, name }) => compare('=', { kind: 'column', table: step, name, type: typeOf(of) }, of)),
  )
}
