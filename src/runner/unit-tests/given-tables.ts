import type { Value } from '../../adapters/adapter.ts'
import { snakeCase } from '../../compiler/sources/source-table.ts'
import type { Definitions, Source, TableSource, UnitTest } from '../../definitions/definitions.ts'
import { nearest } from '../../diagnostics/nearest.ts'
import { type Problem, problem } from '../../diagnostics/problem.ts'
import { type Relation, relation } from '../../ir/relation.ts'
import { columnValue, type GivenColumn, typeOfValues } from './given-column.ts'
import type { RowTable } from './given-rows.ts'

/** A source table a unit test fills. */
export interface GivenTable {
  /** Absent for rows of an entity. */
  readonly source?: string
  readonly relation: Relation
  readonly columns: readonly GivenColumn[]
  readonly rows: readonly (readonly Value[])[]
}

type RawRow = Readonly<Record<string, unknown>>

interface RawTable {
  readonly source: Source
  readonly table: string
  readonly rows: readonly RawRow[]
}

/** Tables of a Segment schema that are not one event's. */
const callTables: ReadonlySet<string> = new Set([
  'identifies',
  'users',
  'tracks',
  'pages',
  'screens',
  'groups',
  'accounts',
  'aliases',
])

/**
 * The tables of a unit test's `given`, with what rows of a source always have filled in: `id` by row number,
 * `received_at` and `timestamp` from each other or in the order given within the day before `as_of`, and for event
 * tables their rows in `tracks`, unless the test gives those itself.
 *
 * @param schemaOf where a source's tables are made
 * @param names of events by their table; others are named as their table in title case
 * @param others tables of no source, which are given elsewhere
 */
export function givenTables(
  test: UnitTest,
  sources: readonly Source[],
  schemaOf: (source: Source) => string,
  names: EventNames = new Map(),
  others: readonly Pick<RowTable, 'keys'>[] = [],
): { readonly tables: readonly GivenTable[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const raw: RawTable[] = []
  for (const [key, rows] of Object.entries(test.given)) {
    if (others.some(({ keys }) => keys.includes(key))) continue
    const found = findTable(key, sources)
    if (found !== undefined)
      raw.push({ ...found, rows: withDefaults(found.source, found.table, rows, test.asOf, names) })
    else {
      const near = nearest(key, [...knownTables(sources), ...others.flatMap(({ keys }) => keys)])
      problems.push(problem('PSN5012', { test: test.name, table: key, ...(near ? { near } : {}) }, test.span))
    }
  }
  const tables: GivenTable[] = []
  for (const { source, table, rows } of [...raw, ...impliedTracks(raw)]) {
    const columns: GivenColumn[] = []
    for (const name of columnNames(source, rows)) {
      const type = typeOfValues(rows.map((row) => row[name]))
      if (type !== undefined) columns.push({ name, type: emptyType(name, type, rows) })
      else {
        const place = `${source.name}.${table}`
        problems.push(problem('PSN5017', { test: test.name, column: name, table: place }, test.span))
      }
    }
    tables.push({
      source: source.name,
      relation: relation(schemaOf(source), table),
      columns,
      rows: rows.map((row) => columns.map(({ name, type }) => columnValue(row[name], type))),
    })
  }
  return { tables, problems }
}

/** `web.tracks` by the source's name, or by its schema. */
function findTable(key: string, sources: readonly Source[]): Omit<RawTable, 'rows'> | undefined {
  const dot = key.indexOf('.')
  const [first, table] = dot === -1 ? [key, ''] : [key.slice(0, dot), key.slice(dot + 1)]
  const source =
    sources.find((each) => each.name === first) ??
    sources.find((each) => each.schema === first && (each.format === 'segment' || each.table === table))
  if (source === undefined) return undefined
  if (source.format === 'segment') return table === '' ? undefined : { source, table }
  return table === '' || table === source.table ? { source, table: source.table } : undefined
}

function knownTables(sources: readonly Source[]): string[] {
  return sources.flatMap((source) =>
    source.format === 'segment'
      ? [...callTables].map((table) => `${source.name}.${table}`)
      : [`${source.name}.${source.table}`],
  )
}

function withDefaults(
  source: Source,
  table: string,
  rows: readonly RawRow[],
  asOf: string,
  names: EventNames,
): readonly RawRow[] {
  const dayBefore = Date.parse(asOf) - 86_400_000
  const { id, timestamp, receivedAt } = usualColumns(source)
  return rows.map((row, index) => {
    const given = row[timestamp] ?? (receivedAt === undefined ? undefined : row[receivedAt])
    const at = given ?? new Date(dayBefore + index * 1000).toISOString()
    const usual: Record<string, unknown> = { [id]: `${table}-${index + 1}`, [timestamp]: at }
    if (receivedAt !== undefined) usual[receivedAt] = at
    if (source.format === 'segment') {
      usual.user_id = null
      usual.anonymous_id = null
      if (!callTables.has(table))
        Object.assign(usual, { event: table, event_text: names.get(table) ?? titleOf(table) })
    }
    return { ...usual, ...row }
  })
}

function usualColumns(source: Source): { id: string; timestamp: string; receivedAt?: string } {
  if (source.format === 'segment') return { id: 'id', timestamp: 'timestamp', receivedAt: 'received_at' }
  const { id, timestamp, loadedAt } = source
  return {
    id: id.column,
    timestamp: timestamp.column,
    ...(loadedAt === undefined ? {} : { receivedAt: loadedAt.column }),
  }
}

/** Segment table → the event's name as some definition writes it. */
export type EventNames = ReadonlyMap<string, string>

export function eventNamesOf(definitions: Pick<Definitions, 'traits' | 'audiences'>): EventNames {
  const names = new Map<string, string>()
  // Conditions nest, and `event` means the same wherever it stands.
  JSON.stringify([definitions.traits, definitions.audiences], (key, value: unknown) => {
    if (key === 'event' && typeof value === 'string') names.set(snakeCase(value), value)
    return value
  })
  return names
}

/** `order_completed` → `Order Completed`, as events are usually named. */
function titleOf(slug: string): string {
  return slug
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(' ')
}

function impliedTracks(raw: readonly RawTable[]): readonly RawTable[] {
  const sources = new Set(raw.map(({ source }) => source).filter(({ format }) => format === 'segment'))
  return [...sources].flatMap((source) => {
    const own = raw.filter((table) => table.source === source)
    if (own.some(({ table }) => table === 'tracks')) return []
    const rows = own.filter(({ table }) => !callTables.has(table)).flatMap((table) => table.rows.map(trackOf))
    return rows.length === 0 ? [] : [{ source, table: 'tracks', rows }]
  })
}

/** What `tracks` has of an event: everything but its properties. */
function trackOf(row: RawRow): RawRow {
  const kept = ['id', 'timestamp', 'received_at', 'user_id', 'anonymous_id', 'event', 'event_text']
  return Object.fromEntries(
    Object.entries(row).filter(([name]) => kept.includes(name) || name.startsWith('context_')),
  )
}

/** Every column that a row names, and for a table source every column it maps. */
function columnNames(source: Source, rows: readonly RawRow[]): readonly string[] {
  const mapped = source.format === 'table' ? mappedColumns(source) : Object.values(usualColumns(source))
  const names = [...mapped, ...(source.format === 'segment' ? ['user_id', 'anonymous_id'] : [])]
  return [...new Set([...names, ...rows.flatMap((row) => Object.keys(row))])]
}

function mappedColumns(source: TableSource): readonly string[] {
  const { id, timestamp, loadedAt, event, identifiers, properties } = source
  return [
    id.column,
    timestamp.column,
    ...(loadedAt === undefined ? [] : [loadedAt.column]),
    ...(event !== undefined && 'column' in event ? [event.column] : []),
    ...identifiers.map(({ column }) => column),
    ...('json' in properties ? [properties.json.column] : properties.map(({ column }) => column)),
  ]
}

/** A time column of a table without rows is a time column still. */
function emptyType(name: string, type: GivenColumn['type'], rows: readonly RawRow[]): GivenColumn['type'] {
  return rows.length === 0 && ['timestamp', 'received_at'].includes(name) ? 'timestamp' : type
}
