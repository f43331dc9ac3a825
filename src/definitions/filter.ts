import { inputKey, type SyncInput } from './mapping.ts'

/** What happens to a record, as filters call it. */
export type FilterEvent = 'new' | 'updated' | 'deleted'

/** What a filter asks of a record. */
export type FilterExpr =
  | { readonly kind: 'value'; readonly value: string | number | boolean | null }
  | { readonly kind: 'event' }
  /** Read whether or not it is mapped. */
  | { readonly kind: 'input'; readonly input: SyncInput }
  /** Of what the mapping gives; names of members below each other. */
  | { readonly kind: 'field'; readonly path: readonly string[] }
  | { readonly kind: 'list'; readonly items: readonly FilterExpr[] }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly FilterExpr[] }
  | { readonly kind: 'not'; readonly of: FilterExpr }
  | {
      readonly kind: 'comparison'
      readonly operator: '=' | '!=' | '<' | '<=' | '>' | '>='
      readonly left: FilterExpr
      readonly right: FilterExpr
    }
  | { readonly kind: 'in'; readonly item: FilterExpr; readonly list: FilterExpr }
  | { readonly kind: 'call'; readonly name: FilterFunction; readonly arguments: readonly FilterExpr[] }

/** With the number of their arguments. */
export const filterFunctions = {
  contains: 2,
  match: 2,
  length: 1,
  lowercase: 1,
  uppercase: 1,
  snakecase: 1,
  kebabcase: 1,
  titlecase: 1,
  typeof: 1,
  bool: 1,
  string: 1,
  number: 1,
} as const

export type FilterFunction = keyof typeof filterFunctions

export const filterEvents: readonly FilterEvent[] = ['new', 'updated', 'deleted']

/** Every part of an expression, itself included. */
export function* partsOf(expr: FilterExpr): Generator<FilterExpr> {
  yield expr
  switch (expr.kind) {
    case 'value':
    case 'event':
    case 'input':
    case 'field':
      return
    case 'list':
      for (const item of expr.items) yield* partsOf(item)
      return
    case 'and':
    case 'or':
      for (const part of expr.parts) yield* partsOf(part)
      return
    case 'not':
      yield* partsOf(expr.of)
      return
    case 'comparison':
      yield* partsOf(expr.left)
      yield* partsOf(expr.right)
      return
    case 'in':
      yield* partsOf(expr.item)
      yield* partsOf(expr.list)
      return
    case 'call':
      for (const argument of expr.arguments) yield* partsOf(argument)
  }
}

/** Inputs that a filter reads itself, each once. */
export function filterInputs(filter: FilterExpr): readonly SyncInput[] {
  const found = new Map<string, SyncInput>()
  for (const part of partsOf(filter)) if (part.kind === 'input') found.set(inputKey(part.input), part.input)
  return [...found.values()]
}
