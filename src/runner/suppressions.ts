import { createHash, randomUUID } from 'node:crypto'
import type { Adapter } from '../adapters/adapter.ts'
import type { IdentifierRule } from '../definitions/definitions.ts'
import type { Dialect, Sql } from '../dialects/dialect.ts'
import { suppressionsRelation, suppressionsTable } from '../identity/suppressions.ts'
import { relation } from '../ir/relation.ts'

export interface NamedIdentifier {
  readonly type: string
  readonly value: string
}

/** An identifier of the warehouse, and the profile it was first given to. */
export interface OwnedIdentifier extends NamedIdentifier {
  readonly segmentId: string
  /** What that profile is now. */
  readonly canonicalId: string
}

export interface SuppressionPlace {
  readonly adapter: Adapter
  readonly schema: string
  readonly workSchema: string
}

/** The value as identity has it. */
export function normalized(
  { type, value }: NamedIdentifier,
  rules: readonly IdentifierRule[],
): NamedIdentifier {
  const rule = rules.find((each) => each.type === type)
  const trimmed = value.trim()
  return { type, value: rule?.normalize === 'lowercase' ? trimmed.toLowerCase() : trimmed }
}

/**
 * All identifiers of the profiles that have one.
 *
 * @param exactly whether letter case tells values apart
 * @throws {WarehouseError}
 */
export async function ownedWith(
  { adapter, workSchema }: SuppressionPlace,
  { type, value }: NamedIdentifier,
  exactly: boolean,
): Promise<readonly OwnedIdentifier[]> {
  const { tables } = await adapter.catalog([workSchema])
  if (!tables.some((table) => table.relation.name === 'identifiers')) return []
  const { dialect } = adapter
  const identifiers = dialect.relation(relation(workSchema, 'identifiers'))
  const folded = (sql: Sql): Sql => (exactly ? sql : dialect.lower(sql))
  const rows = await adapter.query(
    [
      'select',
      '  identifiers.identifier_type,',
      '  identifiers.identifier_value,',
      '  identifiers.segment_id,',
      '  identifiers.canonical_segment_id',
      `from ${identifiers} as identifiers`,
      'where identifiers.canonical_segment_id in (',
      '  select named.canonical_segment_id',
      `  from ${identifiers} as named`,
      `  where named.identifier_type = ${dialect.text(type)}`,
      `    and ${folded('named.identifier_value')} = ${folded(dialect.text(value))}`,
      ')',
      'order by identifiers.identifier_type, identifiers.identifier_value',
    ].join('\n'),
  )
  return rows.map((row) => ({
    type: String(row.identifier_type),
    value: String(row.identifier_value),
    segmentId: String(row.segment_id),
    canonicalId: String(row.canonical_segment_id),
  }))
}

/**
 * Writes down that these identifiers are not to be followed: one suppression, a row each. Those of which that is known
 * already go on as they are; what is forgotten replaces what was only suppressed.
 *
 * @throws {WarehouseError}
 */
export async function suppress(
  place: SuppressionPlace,
  identifiers: readonly (NamedIdentifier & { readonly segmentId?: string })[],
  forgotten: boolean,
  now = new Date().toISOString(),
): Promise<void> {
  const { adapter } = place
  const { dialect } = adapter
  const table = await prepared(place)
  const known = await adapter.query(
    `select suppressions.identifier_hash\nfrom ${table} as suppressions\nwhere suppressions.ended_at is null${forgotten ? '\n  and suppressions.forgotten' : ''}`,
  )
  const hashes = new Set(known.map((row) => String(row.identifier_hash)))
  const added = identifiers.filter((identifier) => !hashes.has(hashOf(identifier)))
  if (added.length === 0) return
  const id = randomUUID()
  const rows = added.map((identifier) =>
    [
      dialect.text(id),
      dialect.text(identifier.type),
      dialect.text(identifier.value),
      dialect.text(hashOf(identifier)),
      identifier.segmentId === undefined ? dialect.nullOf('text') : dialect.text(identifier.segmentId),
      dialect.boolean(forgotten),
      dialect.timestamp(now),
      dialect.nullOf('timestamp'),
      dialect.nullOf('timestamp'),
    ].join(', '),
  )
  const names = suppressionsTable.columns.map(({ name }) => name)
  const replaced = added.map((identifier) => dialect.text(hashOf(identifier)))
  await adapter.transaction([
    ...(forgotten
      ? [`delete from ${table}\nwhere not forgotten\n  and identifier_hash in (${replaced.join(', ')})`]
      : []),
    `insert into ${table} (${names.join(', ')})\nvalues\n  ${rows.map((row) => `(${row})`).join(',\n  ')}`,
  ])
}

/**
 * Ends what was begun with an identifier, or with another of the same profile.
 *
 * @returns whether there was anything to end
 * @throws {WarehouseError}
 */
export async function unsuppress(
  place: SuppressionPlace,
  identifier: NamedIdentifier,
  now = new Date().toISOString(),
): Promise<boolean> {
  const { adapter } = place
  const { dialect } = adapter
  const table = await prepared(place)
  const rows = await adapter.query(
    [
      'select distinct suppressions.suppression_id',
      `from ${table} as suppressions`,
      'where suppressions.ended_at is null',
      `  and suppressions.type = ${dialect.text(identifier.type)}`,
      `  and (${isIt(dialect, identifier)})`,
    ].join('\n'),
  )
  if (rows.length === 0) return false
  const ids = rows.map((row) => dialect.text(String(row.suppression_id)))
  await adapter.transaction([
    `update ${table}\nset ended_at = ${dialect.timestamp(now)}\nwhere ended_at is null\n  and suppression_id in (${ids.join(', ')})`,
  ])
  return true
}

function isIt(dialect: Dialect, identifier: NamedIdentifier): Sql {
  const value = dialect.lower('suppressions.value')
  return [
    `suppressions.identifier_hash = ${dialect.text(hashOf(identifier))}`,
    `${value} = ${dialect.lower(dialect.text(identifier.value))}`,
  ].join(' or ')
}

async function prepared({ adapter, schema }: SuppressionPlace): Promise<Sql> {
  const { dialect } = adapter
  const target = suppressionsRelation(schema)
  for (const sql of [
    ...dialect.createSchema(schema),
    ...dialect.createTableIfMissing(target, suppressionsTable.columns),
  ])
    await adapter.execute(sql)
  return dialect.relation(target)
}

function hashOf({ type, value }: NamedIdentifier): string {
  return createHash('md5').update(`${type}:${value}`).digest('hex')
}
