import type { Entity } from '../../definitions/definitions.ts'
import { and, compare, type Expr } from '../../ir/expr.ts'
import type { SelectColumn } from '../../ir/select.ts'
import type { ValueType } from '../../ir/value-type.ts'
import { renderSelect } from '../../sql/render-select.ts'
import { keyColumn, type ScopedTrait, type TraitFallback } from '../compile-scope.ts'
import { type Context, work } from '../context.ts'
import { withFallback } from './fallback.ts'

/**
 * All live profiles, or accounts, that have a trait or what it falls back to: their key and the value.
 *
 * @param named what the value is called
 * @param numbered whether users have their number, and whether they are known, before the key
 */
export function selectWithFallback(
  context: Context,
  entity: Entity,
  {
    relation,
    column,
    type,
    fallback,
  }: Pick<ScopedTrait, 'relation' | 'column' | 'type'> & { readonly fallback: TraitFallback },
  named: string,
  numbered = false,
): string {
  const key = keyColumn(entity)
  const user = entity === 'user'
  const base = user ? 'profiles' : 'accounts'
  const of = (table: string, name: string, typed: ValueType): Expr => ({
    kind: 'column',
    table,
    name,
    type: typed,
  })
  const value = withFallback(of('scan', column, type), fallback, of(base, 'known', 'boolean'))
  const live = compare('=', of(base, 'segment_id', 'text'), of(base, key, 'text'))
  const owner: readonly SelectColumn[] =
    user && numbered
      ? [
          { of: of(base, 'arrival', 'integer'), name: 'profile_number' },
          { of: of(base, 'known', 'boolean'), name: 'known' },
        ]
      : []
  return renderSelect(
    {
      columns: [...owner, { of: of(base, key, 'text'), name: key }, { of: value, name: named }],
      from: { kind: 'relation', relation: work(context, base), alias: base },
      joins: [
        {
          kind: 'left',
          item: { kind: 'relation', relation, alias: 'scan' },
          on: user
            ? compare('=', of('scan', 'profile_number', 'integer'), of(base, 'arrival', 'integer'))
            : compare('=', of('scan', key, 'text'), of(base, key, 'text')),
        },
      ],
      where: and([...(user ? [live] : []), { kind: 'present', of: value }]),
    },
    context.dialect,
  )
}
