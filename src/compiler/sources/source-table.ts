import { type Problem, problem } from '../../diagnostics/problem.ts'
import type { Span } from '../../diagnostics/span.ts'
import type { CatalogColumn } from '../../ir/catalog.ts'
import { type Relation, relationKey } from '../../ir/relation.ts'
import { valueTypeOf } from '../../ir/value-type.ts'

/** An alias call is shown and nothing else. */
export type Call = 'identify' | 'track' | 'page' | 'screen' | 'group' | 'alias'

/** Where a property of an event is: a column, or a member of a JSON column. */
export type Field =
  | { readonly kind: 'column'; readonly column: CatalogColumn }
  | { readonly kind: 'member'; readonly column: CatalogColumn; readonly path: readonly string[] }

/** Device identifiers hold only for their platform, advertising ids only while tracking is allowed. */
export interface DeviceGuard {
  readonly platform: 'android' | 'ios'
  readonly deviceType: CatalogColumn
  /** Absent: not asked. */
  readonly tracking?: CatalogColumn
}

/** Where an identifier is on the rows of a table. */
export type IdentifierField =
  | {
      readonly kind: 'column'
      readonly type: string
      readonly column: CatalogColumn
      readonly location: number
      readonly guard?: DeviceGuard
    }
  /** `context.externalIds`: a JSON array of objects with id, type, collection and encoding. */
  | { readonly kind: 'externalIds'; readonly column: CatalogColumn }

/** Which events a table holds. */
export type EventNames =
  /** identify and group calls have no name. */
  | { readonly kind: 'none' }
  | { readonly kind: 'literal'; readonly name: string }
  /** The name is in a column. */
  | { readonly kind: 'column'; readonly column: CatalogColumn }
  /** A Segment table of one event: its slug is the table's name, the original name may be in a column. */
  | { readonly kind: 'table'; readonly slug: string; readonly column?: CatalogColumn }

/** One warehouse table whose rows are calls, however its source is formatted. */
export interface SourceTable {
  readonly source: string
  readonly format: 'segment' | 'table'
  readonly relation: Relation
  readonly call: Call
  readonly events: EventNames
  readonly id: CatalogColumn
  readonly timestamp?: CatalogColumn
  readonly receivedAt?: CatalogColumn
  readonly userId?: CatalogColumn
  readonly anonymousId?: CatalogColumn
  readonly groupId?: CatalogColumn
  /** Besides user_id and anonymous_id. */
  readonly identifiers: readonly IdentifierField[]
  /** Properties, or traits for identify and group, that exist as such: name → where. */
  readonly properties: ReadonlyMap<string, Field>
  /** Set where every property is a member of one JSON column. */
  readonly json?: CatalogColumn
  readonly columns: readonly CatalogColumn[]
}

/** `camelCase`, spaces and dots as Segment's warehouse writes column and table names. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase()
}

/** The field a property path names; `.$` at its end speaks of the elements of the same field. */
export function fieldOf(table: SourceTable, path: string): Field | undefined {
  const whole = path.replace(/(\.\$)+$/, '')
  if (table.json !== undefined) return { kind: 'member', column: table.json, path: whole.split('.') }
  const plain = snakeCase(whole)
  const exact = table.properties.get(whole) ?? table.properties.get(plain)
  // A mapped property may be called `fullName`, and is asked for as `full_name`.
  return exact ?? [...table.properties].find(([name]) => snakeCase(name) === plain)?.[1]
}

/** A column of the call's context: `page.url` is `context_page_url`. */
export function contextFieldOf(table: SourceTable, path: string): Field | undefined {
  const name = `context_${snakeCase(path.replace(/(\.\$)+$/, ''))}`
  const column = table.columns.find((candidate) => candidate.name === name)
  return column === undefined ? undefined : { kind: 'column', column }
}

/** A column that is to hold instants must be of a type that does: what text holds shows only row by row. */
export function timeProblems(
  table: Relation,
  column: CatalogColumn | undefined,
  span: Span,
): readonly Problem[] {
  if (column === undefined || valueTypeOf(column.type) === 'timestamp') return []
  return [problem('PSN3004', { table: relationKey(table), column: column.name, found: column.type }, span)]
}
