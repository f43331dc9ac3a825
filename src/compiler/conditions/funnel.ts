import type { Count, EventCondition, Then } from '../../definitions/conditions.ts'
import { and, compare, type Expr, not } from '../../ir/expr.ts'
import type { Select } from '../../ir/select.ts'
import { plainName, shortName } from '../../sql/names.ts'
import { type EventInScope, type EventRows, eventColumn, eventProperty, findEvent } from './event-rows.ts'
import { parentOperands, traitOperands } from './operands.ts'
import { traitsOfProfile } from './read-trait.ts'
import type { StatementBuilder } from './statement-builder.ts'
import type { Reference } from './test.ts'
import { compileWhere } from './where.ts'
import { inWindow, windowName } from './window.ts'

const profileKey = 'canonical_segment_id'
const matches = 'matches'

/**
 * A step with a row per user profile that has an event that is followed as asked: `canonical_segment_id, matches`.
 * The condition's own count is not part of it, so that conditions that differ only there share the step.
 *
 * @returns the step's name
 */
export function compileFunnel(statement: StatementBuilder, condition: EventCondition, then: Then): string {
  const event = findEvent(statement, condition.event, condition.eventSpan)
  const rows = eventRows(statement, event, condition)
  const filter = compileWhere(statement, rows, condition.where)
  const timestamp = eventColumn(event, 'timestamp')
  const counted: Omit<Select, 'columns'> = {
    from: rows.from,
    joins: [...rows.joins, ...filter.joins],
    where: and([
      ...inWindow(timestamp, condition.window, statement.run),
      ...elapsed(statement, timestamp, then),
      filter.where,
    ]),
  }
  const name = `${event.alias}${condition.window === undefined ? '_events' : windowName(condition.window)}`
  return compileSteps(statement, event, name, counted, then)
}

/** The column of a step that {@link compileFunnel} wrote. */
export function matchesOf(step: string): Expr {
  return column(step, matches, 'integer')
}

/** How often something was found, compared; NULL is 0. */
export function compareCount(found: Expr, count: Count): Expr {
  const value: Expr = { kind: 'integer', value: count.value }
  const orNone: Expr = { kind: 'coalesce', parts: [found, { kind: 'integer', value: 0 }] }
  const counted = count.comparison !== 'at_most' && count.value > 0 ? found : orNone
  switch (count.comparison) {
    case 'at_least':
      return compare('>=', counted, value)
    case 'exactly':
      return compare('=', counted, value)
    case 'at_most':
      return compare('<=', counted, value)
  }
}

/** Parents as they come, the children that follow each, then the parents that are left. */
function compileSteps(
  statement: StatementBuilder,
  event: EventInScope,
  name: string,
  counted: Omit<Select, 'columns'>,
  then: Then,
): string {
  const properties = new Map(
    parentOperands(then.where).map(({ property, span }) => [
      property,
      eventProperty(statement, event, 'property', property, span),
    ]),
  )
  const propertyColumns = [...properties.values()]
    .filter((of) => of?.kind === 'column')
    .map((of) => ({ of, name: of.name }))
  const fixed = (['arrival', profileKey, 'timestamp'] as const).map((column) => ({
    of: eventColumn(event, column),
    name: column,
  }))
  const parents = statement.step(name, {
    columns: [...fixed, ...new Map(propertyColumns.map((found) => [found.name, found])).values()],
    ...counted,
  })
  const followed = compileFollowed(statement, event, parents, then, (property) => {
    const of = properties.get(property)
    return of?.kind === 'column' ? { ...of, table: parents } : undefined
  })
  const enough = compareCount(matchesOf(followed), then.count)
  const link = compare('=', column(followed, 'arrival', 'integer'), column(parents, 'arrival', 'integer'))
  return statement.step(`${event.alias}_then_${then.not ? 'not_' : ''}${plainName(then.event)}_counts`, {
    from: { kind: 'step', name: parents },
    joins: [{ kind: 'left', item: { kind: 'step', name: followed }, on: link }],
    where: then.not ? not(enough) : enough,
    ...countPer(column(parents, profileKey, 'text')),
  })
}

/** Per parent that has any: how many children follow it in time, `arrival` being the parent's. */
function compileFollowed(
  statement: StatementBuilder,
  parentEvent: EventInScope,
  parents: string,
  then: Then,
  parentProperty: (property: string) => Expr | undefined,
): string {
  const found = findEvent(statement, then.event, then.eventSpan)
  const child =
    found.alias === parents
      ? { ...found, alias: shortName(statement.scope.dialect, `next_${found.alias}`) }
      : found
  const parent = (name: string, type: 'integer' | 'text' | 'timestamp'): Expr => column(parents, name, type)
  const start = parent('timestamp', 'timestamp')
  const timestamp = eventColumn(child, 'timestamp')
  const base = eventRows(statement, child, then)
  const rows: EventRows = {
    ...base,
    from: { kind: 'step', name: parents },
    joins: [
      {
        kind: 'inner',
        item: base.from,
        on: and([
          compare('=', eventColumn(child, profileKey), parent(profileKey, 'text')),
          compare('>', timestamp, start),
          compare('<=', timestamp, { kind: 'shift', of: start, seconds: then.withinSeconds }),
        ]),
      },
      ...base.joins,
    ],
    keys: [{ of: parent('arrival', 'integer'), name: 'parent_arrival' }, ...base.keys],
    reference: (of) => (of.kind === 'parent' ? parentProperty(of.property) : base.reference(of)),
  }
  const filter = compileWhere(statement, rows, then.where)
  return statement.step(`${child.alias}_after_${parentEvent.alias}`, {
    columns: [
      { of: parent('arrival', 'integer'), name: 'arrival' },
      { of: { kind: 'countRows' }, name: matches },
    ],
    from: rows.from,
    joins: [...rows.joins, ...filter.joins],
    where: filter.where,
    groupBy: [parent('arrival', 'integer')],
  })
}

function eventRows(
  statement: StatementBuilder,
  event: EventInScope,
  { where }: Pick<EventCondition, 'where'>,
): EventRows {
  const traits = traitsOfProfile(statement, 'user', eventColumn(event, profileKey), traitOperands(where))
  return {
    event,
    from: { kind: 'relation', relation: event.staged.relation, alias: event.alias },
    joins: traits.joins,
    keys: [{ of: eventColumn(event, 'arrival'), name: 'arrival' }],
    reference: (of: Reference) => (of.kind === 'trait' ? traits.read(of.trait, of.span) : undefined),
  }
}

/** A parent is judged once all that may follow it could have been seen. */
function elapsed(statement: StatementBuilder, timestamp: Expr, then: Then): readonly Expr[] {
  if (!then.requireWindowElapsed) return []
  return [compare('<=', timestamp, { kind: 'asOf', run: statement.run, shift: -then.withinSeconds })]
}

function countPer(key: Expr): Pick<Select, 'columns' | 'groupBy'> {
  return {
    columns: [
      { of: key, name: profileKey },
      { of: { kind: 'countRows' }, name: matches },
    ],
    groupBy: [key],
  }
}

function column(table: string, name: string, type: 'integer' | 'text' | 'timestamp'): Expr {
  return { kind: 'column', table, name, type }
}
