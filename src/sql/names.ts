import type { Dialect } from '../dialects/dialect.ts'
import { shortNameOf } from '../dialects/short-name.ts'

/** The name as the warehouse holds it: what is too long is shortened, as {@link Dialect.ident} writes it too. */
export function shortName(dialect: Pick<Dialect, 'maxIdentifierBytes'>, name: string): string {
  return shortNameOf(dialect.maxIdentifierBytes, name)
}

/** A plain lower-case SQL name made of a free text, for aliases and CTEs: `Order Completed` → `order_completed`. */
export function plainName(text: string): string {
  const plain = text
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
  return /^[a-z]/.test(plain) ? plain : `event${plain === '' ? '' : `_${plain}`}`
}
