import type { FilterExpr } from './filter.ts'

/**
 * Whether removals are sent: only what is said of `event` can keep them back. What was delivered goes whatever its fields say, as the
 * filter, or they, may have changed since.
 */
export function sendsRemovals(filter: FilterExpr): boolean {
  const found = onRemoval(filter)
  return found === undefined || found === true
}

type Scalar = string | number | boolean | null

/** The value on a removal, where it hangs on `event` alone. */
function onRemoval(expr: FilterExpr): Scalar | undefined {
  switch (expr.kind) {
    case 'value':
      return expr.value
    case 'event':
      return 'deleted'
    case 'and':
    case 'or': {
      const decisive = expr.kind === 'or'
      const parts = expr.parts.map((part) => onRemoval(part) ?? (part.kind === 'value' ? false : undefined))
      if (parts.includes(decisive)) return decisive
      return parts.includes(undefined) ? undefined : !decisive
    }
    case 'not': {
      const of = onRemoval(expr.of)
      return of === undefined ? undefined : of !== true
    }
    case 'comparison': {
      const left = onRemoval(expr.left)
      const right = onRemoval(expr.right)
      if (left === undefined || right === undefined) return undefined
      if (expr.operator === '=') return left === right
      return expr.operator === '!=' ? left !== right : undefined
    }
    case 'in': {
      const item = onRemoval(expr.item)
      if (item === undefined || expr.list.kind !== 'list') return undefined
      const items = expr.list.items.map(onRemoval)
      if (items.includes(item)) return true
      return items.includes(undefined) ? undefined : false
    }
    case 'input':
    case 'field':
    case 'list':
    case 'call':
      return undefined
  }
}
