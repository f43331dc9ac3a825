import { problem } from '../../diagnostics/problem.ts'
import { and, compare, type Expr, typeOf } from '../../ir/expr.ts'
import { aliasOf, type FromItem, type Join } from '../../ir/select.ts'
import { plainName, shortName } from '../../sql/names.ts'
import { eventKey, type ProfileKey } from '../compile-scope.ts'
import {
  asksElements,
  countsAtAll,
  type EventInScope,
  type EventRows,
  eventColumn,
  eventProperty,
  findEvent,
  findRelated,
  rowKeys,
  wholePath,
} from '../conditions/event-rows.ts'
import { traitOperands } from '../conditions/operands.ts'
import { traitsAsComputed } from '../conditions/read-trait.ts'
import { asText } from '../conditions/read-value.ts'
import { sessionLengths, sessionRows } from '../conditions/sessions.ts'
import type { StatementBuilder } from '../conditions/statement-builder.ts'
import { compileWhere } from '../conditions/where.ts'
import { rowWindowBounds, windowBounds, windowName } from '../conditions/window.ts'
import { decays, type MeasuredRows, readValue } from './aggregate.ts'
import type { Measure } from './measure.ts'
import type { Scan, ScanColumn } from './plan-scans.ts'
import { type RowColumns, rowColumns } from './row-columns.ts'

/** Rows of one shape that measures are aggregated from: of the event itself, or of the elements of one of its arrays. */
export interface Branch {
  /** What the step that holds them is called where they are read. */
  readonly table: string
  /** The step itself, where another one of the same rows stands in for it. */
  readonly step?: string
  /** Its column with whose row it is. */
  readonly key: Expr
  /** Where only some measures are of known users: its column with whether the row is of one. */
  readonly known?: Expr
  readonly columns: RowColumns
  readonly elements: readonly Join[]
  readonly measured: MeasuredColumn[]
}

export interface MeasuredColumn {
  readonly column: ScanColumn
  readonly rows: MeasuredRows
}

/**
 * Writes the steps that read the event once per shape: whose row it is, each value, and each question to the row as a
 * column, the same question once.
 *
 * @returns the shapes; rows of the event itself come first where any measure asks for them
 */
export function scanRows(statement: StatementBuilder, scan: Scan): readonly Branch[] {
  const { dialect } = statement.scope
  const all: readonly Measure[] = [...scan.columns, ...scan.repeated]
  const [first] = all
  if (first === undefined) throw new Error(`scan ${scan.name} measures nothing`)
  const event = findRows(statement, scan, first)
  const owner = ownerOf(statement, event, scan, all)
  const isKnown = eventColumn(event, 'known')
  const traits = traitsAsComputed(
    statement,
    scan.entity,
    owner.keyOf,
    traitOperands(all.flatMap(({ where }) => where)),
    isKnown,
  )
  const actors = all.flatMap(({ userTrait }) => userTrait ?? [])
  const ofActor = traitsAsComputed(statement, 'user', userKey(event), actors, isKnown)
  const readUserTrait = ({ userTrait }: Measure): ReadValue | undefined => {
    if (userTrait === undefined) return undefined
    const value = ofActor.read(userTrait.trait, userTrait.span)
    return { value: value ?? { kind: 'null', type: 'text' }, path: '', elements: [] }
  }
  const rows: EventRows = {
    event,
    from: owner.from,
    joins: [...owner.joins, ...traits.joins, ...ofActor.joins],
    keys:
      event.relationship === undefined
        ? [
            { of: eventColumn(event, 'arrival'), name: 'arrival' },
            ...(scan.entity === 'account' ? [{ of: owner.keyOf('account_id'), name: 'account_id' }] : []),
          ]
        : rowKeys(event, 'row_id'),
    reference: (of) => (of.kind === 'trait' ? traits.read(of.trait, of.span) : undefined),
  }
  const branches = new Map<string, Branch>()
  const branchOf = (path: string, elements: readonly Join[]): Branch => {
    const known = branches.get(path)
    if (known !== undefined) return known
    const table = shortName(dialect, `${event.alias}_${path === '' ? 'rows' : `${plainName(path)}_rows`}`)
    const columns = rowColumns(dialect, table)
    const key = columns.add(eventKey(scan.entity), owner.keyOf(eventKey(scan.entity)))
    const branch: Branch = {
      table,
      columns,
      key,
      ...(owner.known !== undefined && { known: columns.add('known', owner.known) }),
      elements,
      measured: [],
    }
    branches.set(path, branch)
    return branch
  }
  const filterJoins = new Map<string, Join>()
  for (const measure of scan.columns) {
    findRows(statement, scan, measure)
    const value = readUserTrait(measure) ?? (measure.property && readProperty(statement, event, measure))
    const filter = compileWhere(statement, rows, measure.where)
    for (const join of filter.joins) filterJoins.set(aliasOf(join.item), join)
    const branch = branchOf(value?.path ?? '', value?.elements ?? [])
    branch.measured.push({
      column: measure,
      rows: measuredRows(statement, event, branch, measure, value?.value, [
        branch.columns.add(`counts_for_${measure.column}`, and([countsAtAll(event, measure), filter.where])),
      ]),
    })
  }
  // Every profile of any shape must have a row in the first.
  if (branches.size > 1) branchOf('', [])
  // What their authors would have to be warned of has been said of none of them yet.
  for (const measure of scan.repeated) {
    findRows(statement, scan, measure)
    compileWhere(statement, rows, measure.where)
  }
  const ordered = [...branches]
    .sort(([a], [b]) => Number(b === '') - Number(a === ''))
    .map(([, each]) => each)
  for (const branch of ordered) {
    statement.step(branch.table, {
      columns: branch.columns.columns,
      from: rows.from,
      joins: [...rows.joins, ...filterJoins.values(), ...branch.elements],
      ...(owner.where !== undefined && { where: owner.where }),
    })
  }
  return ordered
}

/** The rows of a scan; said once for each measure, whose author may have to be warned. */
function findRows(
  statement: StatementBuilder,
  { event, ofRows }: Scan,
  { eventSpan }: Pick<Measure, 'eventSpan'>,
): EventInScope {
  return ofRows ? findRelated(statement, event) : findEvent(statement, event, eventSpan)
}

/** What the aggregate asks of a row, as columns of its step. */
export function measuredRows(
  statement: StatementBuilder,
  event: EventInScope,
  { columns }: Pick<Branch, 'columns'>,
  measure: ScanColumn,
  property: Expr | undefined,
  conditions: readonly Expr[],
): MeasuredRows {
  const timestamp = eventColumn(event, 'timestamp')
  const boundsOf = measure.ofRows ? rowWindowBounds : windowBounds
  const { lower, upper } = boundsOf(timestamp, measure.window, statement.run)
  const bounds = (of: readonly (Expr | undefined)[]): Expr => and(of.filter((bound) => bound !== undefined))
  const name = windowName(measure.window)
    .replace(/^_(?=\d)/, 'from_')
    .replace(/^_/, '')
  const whole = bounds([lower, upper])
  // An event that has left its window still tells that the profile once had a value; who counts events does not ask.
  const onlyCounted = measure.audience !== undefined && measure.type === 'count'
  const slides = !onlyCounted && decays(measure) && lower !== undefined
  const counts = and([
    ...conditions,
    slides ? columns.add(`old_enough_for_${name}`, bounds([upper])) : columns.add(name, whole),
  ])
  const inTime = measure.type === 'first' || measure.type === 'last'
  const ordering = (column: 'timestamp' | 'event_id' | 'source'): Expr => {
    const of = eventColumn(event, column)
    return inTime ? columns.add(column, of) : of
  }
  return {
    ...(property !== undefined && {
      value: columns.add(valueName(measure), readValue(measure, property)),
    }),
    counts,
    zeroIsNull: !onlyCounted,
    ...(slides && { inWindow: columns.add(name, whole) }),
    timestamp: ordering('timestamp'),
    eventId: ordering('event_id'),
    source: ordering('source'),
  }
}

function valueName({ type, property, userTrait, asText: ofText }: Measure): string {
  const name = plainName(userTrait?.trait ?? wholePath(property?.path ?? 'value'))
  if (type === 'sum' || type === 'avg') return `${name}_exact`
  return ofText ? `${name}_text` : name
}

interface ReadValue {
  readonly value: Expr
  /** Of the array whose elements are the values; else empty. */
  readonly path: string
  readonly elements: readonly Join[]
}

/** The value of the measure's property on an event, or on each element where the path ends in `.$`. */
export function readProperty(
  statement: StatementBuilder,
  event: EventInScope,
  measure: ScanColumn,
): ReadValue {
  const { path, span } = measure.property ?? { path: '', span: measure.eventSpan }
  const whole = eventProperty(statement, event, 'property', path, span) ?? {
    kind: 'null' as const,
    type: 'text' as const,
  }
  const type = typeOf(whole)
  if (aggregatesNumbers(measure) && !asksElements(path) && (type === 'boolean' || type === 'timestamp'))
    statement.report(problem('PSN3105', { trait: measure.column, path, type }, span))
  if (!asksElements(path)) return { value: whole, path: '', elements: [] }
  return {
    value: { kind: 'column', table: 'items', name: 'element', type: 'text' },
    path: wholePath(path),
    elements: [{ kind: 'cross', item: { kind: 'elements', of: asText(whole), alias: 'items' } }],
  }
}

/** Their result is a number whatever the property. */
function aggregatesNumbers({ type, asText: ofText }: Measure): boolean {
  return ['sum', 'avg', 'min', 'max', 'median', 'percentile'].includes(type) && !ofText
}

interface Owner {
  readonly from: FromItem
  /** By the column that a table has for whose row it is. */
  keyOf(column: ProfileKey): Expr
  readonly joins: readonly Join[]
  /** Where only some measures are of known users: whether the row is one of them. */
  readonly known?: Expr
  /** Where all are. */
  readonly where?: Expr
}

/** Whose event it is: a user's, or each account's that the user is linked to. */
function ownerOf(
  statement: StatementBuilder,
  event: EventInScope,
  { entity }: Scan,
  measures: readonly Measure[],
): Owner {
  const lengths = sessionLengths(measures.map(({ window }) => window))
  const events: FromItem = { kind: 'relation', relation: event.staged.relation, alias: event.alias }
  if (entity === 'account' && event.relationship !== undefined) {
    const own = (name: string): Expr => ({ kind: 'column', table: event.alias, name, type: 'text' })
    const from = lengths.length === 0 ? events : sessionRows(statement, event, lengths).from
    return { from, keyOf: own, joins: [] }
  }
  if (entity === 'account') {
    statement.read('identity.accounts')
    const linked = (name: string): Expr => ({ kind: 'column', table: 'account_users', name, type: 'text' })
    const users: Join = {
      kind: 'inner',
      item: { kind: 'relation', relation: statement.work('account_users'), alias: 'account_users' },
      on: compare('=', linked('canonical_segment_id'), eventColumn(event, 'canonical_segment_id')),
    }
    if (lengths.length === 0) return { from: events, keyOf: linked, joins: [users] }
    const { from, account } = sessionRows(statement, event, lengths, {
      key: linked('account_id'),
      join: users,
    })
    return { from, keyOf: () => account, joins: [] }
  }
  const from = lengths.length === 0 ? events : sessionRows(statement, event, lengths).from
  const keyOf = userKey(event)
  const known = eventColumn(event, 'known')
  if (measures.every(({ knownOnly }) => knownOnly)) return { from, keyOf, joins: [], where: known }
  return { from, keyOf, joins: [], ...(measures.some(({ knownOnly }) => knownOnly) && { known }) }
}

function userKey(event: EventInScope): (column: ProfileKey) => Expr {
  return (column) => eventColumn(event, column === 'profile_number' ? column : 'canonical_segment_id')
}
