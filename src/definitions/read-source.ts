import type { RawSource } from './definition-shapes.ts'
import type { ColumnRef, Source, TableSource } from './definitions.ts'
import { type Reading, readCarried } from './reading.ts'

type RawTable = Extract<RawSource, { format: 'table' }>

export function readSource(raw: RawSource, { places }: Reading): Source {
  const carried = readCarried(raw, places)
  if (raw.format === 'segment') {
    const { format, schema, database } = raw
    const schemaSpan = places.valueSpan(raw, 'schema')
    return { ...carried, format, ...(database === undefined ? {} : { database }), schema, schemaSpan }
  }
  const column = (container: object, key: string): ColumnRef => ({
    column: String(Reflect.get(container, key)),
    span: places.valueSpan(container, key),
  })
  const parts = raw.table.split('.')
  const [schema = '', table = ''] = parts.slice(-2)
  const database = parts.length === 3 ? parts[0] : undefined
  const identifiers = raw.identifiers ?? {}
  return {
    ...carried,
    format: 'table',
    ...(database === undefined ? {} : { database }),
    schema,
    table,
    tableSpan: places.valueSpan(raw, 'table'),
    type: raw.type,
    ...(raw.event === undefined ? {} : { event: readEvent(raw.event, column) }),
    id: column(raw, 'id'),
    timestamp: column(raw, 'timestamp'),
    ...(raw.loaded_at === undefined ? {} : { loadedAt: column(raw, 'loaded_at') }),
    identifiers: Object.keys(identifiers).map((type) => ({ type, ...column(identifiers, type) })),
    properties: readProperties(raw.properties ?? {}, column),
  }
}

type ReadColumn = (container: object, key: string) => ColumnRef

function readEvent(raw: NonNullable<RawTable['event']>, column: ReadColumn): TableSource['event'] & object {
  return typeof raw === 'string' ? { literal: raw } : column(raw, 'column')
}

/** `{ json: payload }` alone is one JSON column of them all. */
function readProperties(
  raw: Readonly<Record<string, string>>,
  column: ReadColumn,
): TableSource['properties'] {
  const names = Object.keys(raw)
  if (names.length === 1 && names[0] === 'json') return { json: column(raw, 'json') }
  return names.map((property) => ({ property, ...column(raw, property) }))
}
