import type { Audience } from '../../definitions/definitions.ts'
import type { Sql } from '../../dialects/dialect.ts'
import type { CatalogColumn } from '../../ir/catalog.ts'
import type { NodeColumn } from '../../ir/node.ts'
import type { ValueType } from '../../ir/value-type.ts'
import { shortName } from '../../sql/names.ts'
import type { ScopedTrait } from '../compile-scope.ts'
import type { Context } from '../context.ts'

/** What the public wide table of an entity shows. */
export interface ServedTraits {
  readonly columns: readonly NodeColumn[]
  readonly computed: readonly ScopedTrait[]
  readonly audiences: readonly Audience[]
}

/** A column of it: whether calls brought it, a definition computes it, or it says who is in an audience. */
export interface ServedColumn {
  readonly name: string
  readonly type: ValueType
  readonly class: 'trait' | 'computed_trait' | 'audience'
}

/** @param published columns of the public table: those that the next run brings are not there yet */
export function servedTraits(
  { dialect }: Context,
  traits: ServedTraits,
  published: readonly CatalogColumn[],
): readonly ServedColumn[] {
  const there = new Set(published.map(({ name }) => name))
  const computed = new Set(traits.computed.map(({ column }) => column))
  return [
    ...traits.columns.map(
      ({ name, type }): ServedColumn => ({
        name,
        type,
        class: computed.has(name) ? 'computed_trait' : 'trait',
      }),
    ),
    ...traits.audiences.map(({ name }): ServedColumn => ({ name, type: 'boolean', class: 'audience' })),
  ].filter(({ name }) => there.has(shortName(dialect, name)))
}

/** All of them as one text, in their order; `readRowText` takes it apart. */
export function traitsText({ dialect }: Context, table: Sql, columns: readonly ServedColumn[]): Sql {
  return dialect.rowText(
    dialect.text(''),
    columns.map(({ name, type }) => dialect.toText(`${table}.${dialect.ident(name)}`, type)),
  )
}
