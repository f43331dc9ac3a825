import { nearest } from '../../diagnostics/nearest.ts'
import { problem } from '../../diagnostics/problem.ts'
import type { Span } from '../../diagnostics/span.ts'
import { and, type ColumnExpr, compare, type Expr, not } from '../../ir/expr.ts'
import type { FromItem, Join, SelectColumn } from '../../ir/select.ts'
import { plainName, shortName } from '../../sql/names.ts'
import { eventKey, keyType, type StagedEvent, type StagedRelationship } from '../compile-scope.ts'
import type { Measure } from '../scans/measure.ts'
import { instant } from './read-value.ts'
import type { StatementBuilder } from './statement-builder.ts'
import type { Reference } from './test.ts'

/** Rows of a staged event while it is decided which of them count. */
export interface EventRows {
  readonly event: EventInScope
  readonly from: FromItem
  readonly joins: readonly Join[]
  /** Together they tell one row from another. */
  readonly keys: readonly SelectColumn[]
  /** Rows of relationships above that stand beside it, the nearest first. */
  readonly above?: readonly EventInScope[]
  reference(of: Reference): Expr | undefined
}

/** A staged event under an alias, or the rows of a relationship. */
export interface EventInScope {
  readonly name: string
  readonly staged: StagedEvent
  readonly alias: string
  readonly relationship?: StagedRelationship
}

/** Names that stand beside an event in one statement. */
const taken =
  /^((user|account)_(profiles|users|custom_traits)|profiles|accounts|items|run)$|^(trait|scan|links|audience)_/

/** Finds the event, and warns where no source has it. */
export function findEvent(statement: StatementBuilder, name: string, span: Span): EventInScope {
  const staged = statement.scope.event(name)
  statement.read(staged.node)
  if (!staged.known) {
    const near = nearest(name, statement.scope.eventNames)
    statement.report(problem('PSN3100', { event: name, ...(near !== undefined && { near }) }, span))
  }
  const plain = plainName(name)
  const alias = shortName(statement.scope.dialect, taken.test(plain) ? `event_${plain}` : plain)
  return { name, staged, alias }
}

const fixedTypes = {
  arrival: 'integer',
  event_id: 'text',
  source: 'text',
  timestamp: 'timestamp',
  profile_number: 'integer',
  known: 'boolean',
  canonical_segment_id: 'text',
} as const

/** What every staged event has. */
export type EventColumn = keyof typeof fixedTypes

export function eventColumn(event: EventInScope, name: EventColumn): ColumnExpr {
  if (event.relationship !== undefined) return relatedColumn(event.alias, name)
  return { kind: 'column', table: event.alias, name, type: fixedTypes[name] }
}

/** Where events of some sources, or of before a definition was made, do not count; literally true where all do. */
export function countsAtAll(
  event: EventInScope,
  { excludeSources: sources = [], historySince: since }: Pick<Measure, 'excludeSources' | 'historySince'>,
): Expr {
  const values = sources.map((value): Expr => ({ kind: 'text', value }))
  return and([
    ...(values.length === 0 ? [] : [not({ kind: 'in', of: eventColumn(event, 'source'), values })]),
    ...(since === undefined ? [] : [compare('>=', eventColumn(event, 'timestamp'), instant(since))]),
  ])
}

/** Rows of a relationship, which are asked as the events of a name are. */
export function findRelated(statement: StatementBuilder, name: string): EventInScope {
  const relationship = statement.scope.relationship(name)
  statement.read(relationship.node)
  const plain = plainName(name)
  const alias = shortName(statement.scope.dialect, taken.test(plain) ? `related_${plain}` : plain)
  return { name, staged: rowsAsEvents(relationship), alias, relationship }
}

export function rowsAsEvents(relationship: StagedRelationship): StagedEvent {
  const { node, relation, columns } = relationship
  return {
    node,
    relation,
    known: true,
    property: (path) => columns[path],
    context: () => undefined,
    propertyPaths: Object.keys(columns),
    contextPaths: [],
  }
}

/** A column of the entity's table. What the table lacks has been reported. */
export function rowColumn({ alias, relationship }: EventInScope, column: string): Expr | undefined {
  const found = relationship?.columns[column]
  return found && { kind: 'column', table: alias, name: found.column, type: found.type }
}

/** Together they tell one row of a relationship from another. */
export function rowKeys({ alias, relationship }: EventInScope, name: string): readonly SelectColumn[] {
  const key = eventKey(relationship?.entity ?? 'user')
  return [
    { of: { kind: 'column', table: alias, name: key, type: keyType(key) }, name: key },
    { of: { kind: 'column', table: alias, name: 'row_id', type: 'text' }, name },
  ]
}

/** Rows have no source, and are told apart by their primary key. */
function relatedColumn(table: string, name: EventColumn): ColumnExpr {
  switch (name) {
    case 'arrival':
    case 'event_id':
    case 'source':
      return { kind: 'column', table, name: 'row_id', type: 'text' }
    case 'timestamp':
    case 'profile_number':
    case 'known':
    case 'canonical_segment_id':
      return { kind: 'column', table, name, type: fixedTypes[name] }
  }
}

/** The column of a property, as a whole where the path ends in `.$`. Warns where no source has it. */
export function eventProperty(
  statement: StatementBuilder,
  event: EventInScope,
  kind: 'property' | 'context',
  path: string,
  span: Span,
): Expr | undefined {
  const whole = wholePath(path)
  const found = kind === 'property' ? event.staged.property(whole) : event.staged.context(whole)
  if (found !== undefined) return { kind: 'column', table: event.alias, name: found.column, type: found.type }
  // Without the event every path is unknown, and a column that a table lacks is an error of its own.
  if (event.staged.known && event.relationship === undefined) {
    const paths = kind === 'property' ? event.staged.propertyPaths : event.staged.contextPaths
    const near = nearest(whole, paths)
    const parameters = { event: event.name, path: whole, ...(near !== undefined && { near }) }
    statement.report(problem(kind === 'property' ? 'PSN3101' : 'PSN3102', parameters, span))
  }
  return undefined
}

export function asksElements(path: string): boolean {
  return path.endsWith('.$')
}

export function wholePath(path: string): string {
  return asksElements(path) ? path.slice(0, -2) : path
}
