import type { IdentifierRule, SegmentSource } from '../../definitions/definitions.ts'
import type { Catalog, CatalogColumn, CatalogTable } from '../../ir/catalog.ts'
import {
  type Call,
  type DeviceGuard,
  type EventNames,
  type Field,
  type IdentifierField,
  type SourceTable,
  snakeCase,
} from './source-table.ts'

const calls: Readonly<Record<string, Call>> = {
  identifies: 'identify',
  tracks: 'track',
  pages: 'page',
  screens: 'screen',
  groups: 'group',
}
/** Segment's own tables that hold no calls, or calls that never concern profiles. */
const notCalls = new Set(['users', 'accounts', 'aliases'])
const reserved = new Set(
  'id user_id anonymous_id group_id previous_id received_at sent_at original_timestamp timestamp uuid uuid_ts loaded_at event event_text segment_id canonical_segment_id merged_to event_source_id'.split(
    ' ',
  ),
)

/**
 * The call tables of a Segment schema (spec 1.2), found in the catalogue: the five call types, and every table of one event.
 * Missing tables and columns are normal; a table without `id` is no call table.
 */
export function segmentTables(
  source: SegmentSource,
  catalog: Catalog,
  rules: readonly IdentifierRule[],
): SourceTable[] {
  return catalog.tables
    .filter(
      ({ relation }) =>
        relation.schema === source.schema &&
        (source.database === undefined || relation.database === source.database),
    )
    .map((table) => segmentTable(source, table, rules))
    .filter((table) => table !== undefined)
}

function segmentTable(
  source: SegmentSource,
  table: CatalogTable,
  rules: readonly IdentifierRule[],
): SourceTable | undefined {
  const name = table.relation.name
  if (notCalls.has(name) || name.endsWith('_view')) return undefined
  const column = (wanted: string): CatalogColumn | undefined =>
    table.columns.find((candidate) => candidate.name === wanted)
  const id = column('id')
  const call = calls[name] ?? ((column('event') ?? column('event_text')) ? 'track' : undefined)
  if (id === undefined || call === undefined) return undefined
  const timestamp = column('timestamp')
  const receivedAt = column('received_at')
  const userId = column('user_id')
  const anonymousId = column('anonymous_id')
  const groupId = call === 'group' ? column('group_id') : undefined
  return {
    source: source.name,
    format: 'segment',
    relation: table.relation,
    call,
    events: eventNames(name, call, column('event_text'), column('event')),
    id,
    ...(timestamp && { timestamp }),
    ...(receivedAt && { receivedAt }),
    ...(userId && { userId }),
    ...(anonymousId && { anonymousId }),
    ...(groupId && { groupId }),
    identifiers: rules.flatMap((rule) => identifierFields(rule, call, column)).concat(externalIds(column)),
    properties: propertiesOf(table, call),
    columns: table.columns,
  }
}

function eventNames(
  table: string,
  call: Call,
  text: CatalogColumn | undefined,
  slug: CatalogColumn | undefined,
): EventNames {
  switch (call) {
    case 'identify':
    case 'group':
    case 'alias':
      return { kind: 'none' }
    case 'page':
      return { kind: 'literal', name: 'Page Viewed' }
    case 'screen':
      return { kind: 'literal', name: 'Screen Viewed' }
    case 'track': {
      const column = text ?? slug
      if (table !== 'tracks') return { kind: 'table', slug: table, ...(column && { column }) }
      return column === undefined ? { kind: 'none' } : { kind: 'column', column }
    }
  }
}

function propertiesOf(table: CatalogTable, call: Call): Map<string, Field> {
  const fields = new Map<string, Field>()
  for (const column of table.columns) {
    if (reserved.has(column.name) || column.name.startsWith('context_') || column.name.startsWith('_'))
      continue
    fields.set(column.name, { kind: 'column', column })
    // Page and screen calls are the events `Page Viewed` and `Screen Viewed` with `page_name` and so on.
    if ((call === 'page' || call === 'screen') && ['name', 'category'].includes(column.name)) {
      fields.set(`${call}_${column.name}`, { kind: 'column', column })
    }
  }
  return fields
}

/** Where spec 2.1 and 2.2 look for an identifier. Locations: 1 top level, 2 traits, 3 properties, 4 context traits, 5 external ids. */
function identifierFields(
  rule: IdentifierRule,
  call: Call,
  column: (name: string) => CatalogColumn | undefined,
): readonly IdentifierField[] {
  const device = deviceFields(rule.type, column)
  if (device !== undefined) return device
  switch (rule.type) {
    case 'user_id':
    case 'anonymous_id':
    case 'group_id':
      return []
    case 'ga_client_id':
      return at(rule.type, column('context_integrations_google_analytics_client_id'), 1)
    default: {
      const key = snakeCase(rule.type)
      const ofCall = call === 'identify' || call === 'group' ? 'traits' : 'properties'
      return [
        ...(rule.locations.includes(ofCall) ? at(rule.type, column(key), ofCall === 'traits' ? 2 : 3) : []),
        ...(rule.locations.includes('context_traits')
          ? at(rule.type, column(`context_traits_${key}`), 4)
          : []),
      ]
    }
  }
}

function deviceFields(
  type: string,
  column: (name: string) => CatalogColumn | undefined,
): readonly IdentifierField[] | undefined {
  const [platform, kind] = type.split('.')
  if ((platform !== 'android' && platform !== 'ios') || kind === undefined) return undefined
  const deviceType = column('context_device_type')
  const tracking = column('context_device_ad_tracking_enabled')
  if (deviceType === undefined) return []
  switch (kind) {
    case 'id':
      return at(type, column('context_device_id'), 1, { platform, deviceType })
    case 'push_token':
      return at(type, column('context_device_token'), 1, { platform, deviceType })
    case 'idfa':
      return tracking === undefined
        ? []
        : at(type, column('context_device_advertising_id'), 1, { platform, deviceType, tracking })
    default:
      return undefined
  }
}

function at(
  type: string,
  column: CatalogColumn | undefined,
  location: number,
  guard?: DeviceGuard,
): readonly IdentifierField[] {
  return column === undefined ? [] : [{ kind: 'column', type, column, location, ...(guard && { guard }) }]
}

function externalIds(column: (name: string) => CatalogColumn | undefined): readonly IdentifierField[] {
  const found = column('context_external_ids')
  return found === undefined ? [] : [{ kind: 'externalIds', column: found }]
}
