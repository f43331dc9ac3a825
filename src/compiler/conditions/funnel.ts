import type { Count, EventCondition, Then, Window } from '../../definitions/conditions.ts'
import { and, compare, type Expr, not } from '../../ir/expr.ts'
import type { Select } from '../../ir/select.ts'
import { plainName, shortName } from '../../sql/names.ts'
import { decays } from '../scans/aggregate.ts'
import { measureOfCondition, measureType, typesOf } from '../scans/measure.ts'
import { groupedStep, partsOf } from '../scans/parts.ts'
import type { ScanColumn } from '../scans/plan-scans.ts'
import { rowColumns } from '../scans/row-columns.ts'
import { measuredRows, readProperty } from '../scans/scan-rows.ts'
import {
  countsAtAll,
  type EventColumn,
  type EventInScope,
  type EventRows,
  eventColumn,
  eventProperty,
  findEvent,
} from './event-rows.ts'
import { elapsed } from './followed.ts'
import { parentOperands, traitOperands } from './operands.ts'
import { traitsOfProfile } from './read-trait.ts'
import { inSession, sessionLengths, sessionRows } from './sessions.ts'
import type { StatementBuilder } from './statement-builder.ts'
import type { Reference } from './test.ts'
import { compileWhere } from './where.ts'
import { inWindow, windowName } from './window.ts'

const profileKey = 'profile_number'
const matches = 'matches'

/** A step with a row per user profile that has an event that counts, and its column that the condition asks of. */
export interface FunnelCounts {
  readonly step: string
  readonly found: Expr
}

/**
 * How many events of a user are followed as asked, or what these are reduced to. The condition's own count is not part of
 * it, so that conditions that differ only there share the steps.
 */
export function compileFunnel(
  statement: StatementBuilder,
  condition: EventCondition,
  then: Then,
): FunnelCounts {
  const { value } = condition
  const event = findEvent(statement, condition.event, condition.eventSpan)
  const rows = eventRows(statement, event, condition, condition.window)
  const filter = compileWhere(statement, rows, condition.where)
  const timestamp = eventColumn(event, 'timestamp')
  const reduced = value && reducedMeasure(condition)
  // Where events leave the window, what is reduced to 0 then must have seen them.
  const bounds = reduced?.window === undefined ? inWindow(timestamp, condition.window, statement.run) : []
  const counted: Omit<Select, 'columns'> = {
    from: rows.from,
    joins: [...rows.joins, ...filter.joins],
    where: and([
      countsAtAll(event, condition),
      ...bounds,
      ...elapsed(statement, timestamp, then),
      filter.where,
    ]),
  }
  const windowed = bounds.length === 0 ? '_events' : windowName(condition.window)
  const followed = compileSteps(statement, event, `${event.alias}${windowed}`, counted, then, reduced)
  if (reduced === undefined) {
    const step = statement.step(`${followed.name}_counts`, {
      ...followed.select,
      ...countPer(column(followed.parents, profileKey, 'integer')),
    })
    return { step, found: column(step, matches, 'integer') }
  }
  return compileReduced(statement, event, followed, reduced)
}

/** As a scan would measure it; the window is settled before unless what leaves it counts as 0. */
function reducedMeasure(condition: EventCondition): ScanColumn {
  const { window, ...measure } = measureOfCondition(condition, false)
  const column = `${measure.type}_of_${plainName(measure.property?.path ?? '')}`
  const slides = window !== undefined && decays({ type: measure.type, window })
  return { ...measure, column, ...(slides && { window }) }
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

/** Parents that are left: where they stand, and what they must be joined with and asked. */
interface Followed {
  readonly name: string
  readonly parents: string
  readonly select: Pick<Select, 'from' | 'joins' | 'where'>
}

/** Parents as they come, the children that follow each, then the parents that are left. */
function compileSteps(
  statement: StatementBuilder,
  event: EventInScope,
  name: string,
  counted: Omit<Select, 'columns'>,
  then: Then,
  measure: ScanColumn | undefined,
): Followed {
  const readByChild = new Map(
    parentOperands(then.where).map(({ property, span }) => [
      property,
      eventProperty(statement, event, 'property', property, span),
    ]),
  )
  const { property } = measure ?? {}
  const reduced = property && eventProperty(statement, event, 'property', property.path, property.span)
  const sessions = sessionLengths([measure?.window]).map((seconds) => inSession(event.alias, seconds))
  const properties = [...readByChild.values(), reduced]
    .filter((of) => of?.kind === 'column')
    .map((of) => ({ of, name: of.name }))
  const fixed: readonly EventColumn[] = [
    'arrival',
    profileKey,
    'timestamp',
    ...(measure === undefined ? [] : (['event_id', 'source'] as const)),
  ]
  const parents = statement.step(name, {
    columns: [
      ...fixed.map((column) => ({ of: eventColumn(event, column), name: column })),
      ...new Map(properties.map((found) => [found.name, found])).values(),
      ...sessions.map((of) => ({ of, name: of.name })),
    ],
    ...counted,
  })
  const followed = compileFollowed(statement, event, parents, then, (property) => {
    const of = readByChild.get(property)
    return of?.kind === 'column' ? { ...of, table: parents } : undefined
  })
  const enough = compareCount(column(followed, matches, 'integer'), then.count)
  const link = compare('=', column(followed, 'arrival', 'integer'), column(parents, 'arrival', 'integer'))
  return {
    name: `${event.alias}_then_${then.not ? 'not_' : ''}${plainName(then.event)}`,
    parents,
    select: {
      from: { kind: 'step', name: parents },
      joins: [{ kind: 'left', item: { kind: 'step', name: followed }, on: link }],
      where: then.not ? not(enough) : enough,
    },
  }
}

/** What the parents that are left are reduced to. */
function compileReduced(
  statement: StatementBuilder,
  event: EventInScope,
  { name, parents, select }: Followed,
  measure: ScanColumn,
): FunnelCounts {
  const { dialect } = statement.scope
  const left: EventInScope = { ...event, alias: parents }
  const read = readProperty(statement, left, measure)
  const table = shortName(dialect, `${name}_rows`)
  const columns = rowColumns(dialect, table)
  const key = columns.add(profileKey, column(parents, profileKey, 'integer'))
  const rows = measuredRows(statement, left, { columns }, measure, read.value, [])
  const step = statement.step(table, {
    ...select,
    columns: columns.columns,
    joins: [...select.joins, ...read.elements],
  })
  const branch = { table, step, key, columns, elements: [], measured: [{ column: measure, rows }] }
  const part = partsOf(statement, 'user', branch).find((each) => each.columns.length > 0)
  if (part === undefined) throw new Error(`nothing is reduced of ${event.name}`)
  const grouped = groupedStep(statement, 'user', part)
  const type = measureType(measure, typesOf(statement.scope))
  return { step: grouped, found: { kind: 'column', table: grouped, name: measure.column, type } }
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
          compare('=', eventColumn(child, profileKey), parent(profileKey, 'integer')),
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
    where: and([countsAtAll(child, then), filter.where]),
    groupBy: [parent('arrival', 'integer')],
  })
}

function eventRows(
  statement: StatementBuilder,
  event: EventInScope,
  { where }: Pick<EventCondition, 'where'>,
  window?: Window,
): EventRows {
  const lengths = sessionLengths([window])
  const traits = traitsOfProfile(
    statement,
    'user',
    eventColumn(event, 'canonical_segment_id'),
    traitOperands(where),
  )
  return {
    event,
    from:
      lengths.length === 0
        ? { kind: 'relation', relation: event.staged.relation, alias: event.alias }
        : sessionRows(statement, event, lengths).from,
    joins: traits.joins,
    keys: [{ of: eventColumn(event, 'arrival'), name: 'arrival' }],
    reference: (of: Reference) => (of.kind === 'trait' ? traits.read(of.trait, of.span) : undefined),
  }
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
