import { memberRowsName } from '../../definitions/check-names.ts'
import type { Audience, Definitions, Sync } from '../../definitions/definitions.ts'
import { filterInputs } from '../../definitions/filter.ts'
import { inputsOf } from '../../definitions/mapping.ts'
import type { Span } from '../../diagnostics/span.ts'
import type { ColumnRead } from '../relationships/collect-row-needs.ts'

/** Rows that qualified the members of an audience, which some sync sends. */
export interface MemberRows {
  /** Of both. */
  readonly name: string
  readonly audience: Audience
  readonly relationship: string
  /** Names in the entity's table, sorted; or all of them. */
  readonly columns: readonly string[] | 'all'
}

/** What one sync reads of the rows it sends. */
export interface RowsRead {
  readonly relationship: string
  readonly columns: readonly ColumnRead[]
  /** Where all columns are asked for. */
  readonly all?: Span
}

/** Undefined for a sync of something else. */
export function rowsRead({ from, mapping, filter }: Sync): RowsRead | undefined {
  if (from.kind !== 'audience' || from.rows === undefined) return undefined
  const { relationship, span } = from.rows
  const inputs = [
    ...(mapping === undefined ? [] : inputsOf(mapping)),
    ...(filter === undefined ? [] : filterInputs(filter.expr)),
  ]
  const columns = inputs.flatMap((input): ColumnRead[] =>
    input.kind === 'column' ? [{ column: input.name, span: input.span ?? filter?.span ?? span }] : [],
  )
  return { relationship, columns, ...(mapping === undefined && { all: span }) }
}

/** Each audience and relationship once, by name. */
export function memberRows({
  audiences,
  syncs,
}: Pick<Definitions, 'audiences' | 'syncs'>): readonly MemberRows[] {
  const found = new Map<string, MemberRows>()
  for (const sync of syncs) {
    const { from } = sync
    const read = rowsRead(sync)
    const audience = from.kind === 'audience' && audiences.find(({ name }) => name === from.audience)
    if (read === undefined || !audience) continue
    const name = memberRowsName(audience.name, read.relationship)
    const before = found.get(name)?.columns ?? []
    const columns =
      before === 'all' || read.all !== undefined
        ? 'all'
        : [...new Set([...before, ...read.columns.map(({ column }) => column)])].sort()
    found.set(name, { name, audience, relationship: read.relationship, columns })
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}
