import type { Relation } from './relation.ts'
import type { ValueType } from './value-type.ts'

export type Comparison = '=' | '<' | '<=' | '>' | '>='

/** Part of a text: somewhere in it, at its start, at its end. Letter case counts. */
export type TextPart = 'contains' | 'starts' | 'ends'

export type NumberFunction = 'abs' | 'floor' | 'ceil'

export interface ExprOrder {
  readonly of: Expr
  readonly descending: boolean
}

/** A typed SQL expression; how it is written is the dialect's. */
export type Expr =
  | { readonly kind: 'column'; readonly table: string; readonly name: string; readonly type: ValueType }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'integer'; readonly value: number | bigint }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** An ISO instant with its zone. */
  | { readonly kind: 'instant'; readonly iso: string }
  | { readonly kind: 'null'; readonly type: ValueType }
  /** The run's as-of instant, moved by seconds; `run` is the working table that holds it. */
  | { readonly kind: 'asOf'; readonly run: Relation; readonly shift: number }
  | { readonly kind: 'shift'; readonly of: Expr; readonly seconds: number }
  // conversions
  | { readonly kind: 'toText'; readonly of: Expr }
  | { readonly kind: 'tryNumber'; readonly of: Expr }
  | { readonly kind: 'tryTimestamp'; readonly of: Expr }
  | { readonly kind: 'cast'; readonly of: Expr; readonly type: ValueType }
  /** DECIMAL(38, 9), inside sums only. */
  | { readonly kind: 'exact'; readonly of: Expr }
  | { readonly kind: 'lower'; readonly of: Expr }
  // truth
  | {
      readonly kind: 'compare'
      readonly comparison: Comparison
      readonly left: Expr
      readonly right: Expr
    }
  | { readonly kind: 'in'; readonly of: Expr; readonly values: readonly Expr[] }
  | { readonly kind: 'part'; readonly how: TextPart; readonly text: Expr; readonly part: Expr }
  | { readonly kind: 'present' | 'absent'; readonly of: Expr }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expr[] }
  | { readonly kind: 'not'; readonly of: Expr }
  // values
  | { readonly kind: 'coalesce'; readonly parts: readonly Expr[] }
  | { readonly kind: 'when'; readonly condition: Expr; readonly value: Expr; readonly otherwise?: Expr }
  /** Doubles; division by zero is NULL. */
  | {
      readonly kind: 'arithmetic'
      readonly operator: '+' | '-' | '*' | '/'
      readonly left: Expr
      readonly right: Expr
    }
  | { readonly kind: 'negate'; readonly of: Expr }
  | { readonly kind: 'function'; readonly name: NumberFunction; readonly of: Expr }
  /** Of a decimal, halves away from zero. */
  | { readonly kind: 'round'; readonly of: Expr; readonly digits: number }
  /** The least or greatest of those that are not NULL. */
  | { readonly kind: 'least' | 'greatest'; readonly parts: readonly Expr[] }
  | { readonly kind: 'nullIf'; readonly of: Expr; readonly unwanted: Expr }
  // aggregates
  | { readonly kind: 'countRows' }
  | { readonly kind: 'count' | 'countDistinct' | 'sum' | 'min' | 'max'; readonly of: Expr }
  /** Different texts as a JSON list, by code point; no more than `most`, the first of them. */
  | { readonly kind: 'sortedSet'; readonly of: Expr; readonly most: number }
  /** The value of the first row in this order; NULL values are passed over. */
  | { readonly kind: 'firstBy'; readonly of: Expr; readonly order: readonly ExprOrder[] }
  /** The least value that at least this share of the values is not above. */
  | { readonly kind: 'percentile'; readonly of: Expr; readonly share: number }
  // beside other rows
  /** Of the row after this one, or the greatest of all, among rows that agree on `per`. */
  | { readonly kind: 'nextOf'; readonly of: Expr; readonly per: Expr; readonly order: readonly ExprOrder[] }
  | { readonly kind: 'maxOf'; readonly of: Expr; readonly per: Expr }

export type ColumnExpr = Extract<Expr, { kind: 'column' }>

export function and(parts: readonly Expr[]): Expr {
  return combine('and', parts)
}

export function or(parts: readonly Expr[]): Expr {
  return combine('or', parts)
}

/** Flat, without what decides nothing: `true` in a conjunction, `false` in a disjunction. */
function combine(kind: 'and' | 'or', parts: readonly Expr[]): Expr {
  const neutral = kind === 'and'
  const flat = parts
    .flatMap((part) => (part.kind === kind ? part.parts : [part]))
    .filter((part) => !(part.kind === 'boolean' && part.value === neutral))
  const decided = flat.find((part) => part.kind === 'boolean')
  if (decided !== undefined) return decided
  const [only] = flat
  if (only === undefined) return { kind: 'boolean', value: neutral }
  return flat.length === 1 ? only : { kind, parts: flat }
}

/** Negation in which an unknown counts as false first. */
export function not(of: Expr): Expr {
  if (of.kind === 'boolean') return { kind: 'boolean', value: !of.value }
  if (of.kind === 'not' && neverUnknown(of.of)) return of.of
  if (of.kind === 'present') return { kind: 'absent', of: of.of }
  if (of.kind === 'absent') return { kind: 'present', of: of.of }
  return {
    kind: 'not',
    of: neverUnknown(of) ? of : { kind: 'coalesce', parts: [of, { kind: 'boolean', value: false }] },
  }
}

export function compare(comparison: Comparison, left: Expr, right: Expr): Expr {
  return { kind: 'compare', comparison, left, right }
}

/** True where the expression can be seen never to be NULL. */
function neverUnknown(of: Expr): boolean {
  switch (of.kind) {
    case 'text':
    case 'integer':
    case 'number':
    case 'boolean':
    case 'instant':
    case 'asOf':
    case 'present':
    case 'absent':
    case 'countRows':
    case 'count':
    case 'countDistinct':
      return true
    case 'and':
    case 'or':
      return of.parts.every(neverUnknown)
    case 'coalesce':
      return of.parts.some(neverUnknown)
    case 'not':
      return neverUnknown(of.of)
    case 'compare':
      return neverUnknown(of.left) && neverUnknown(of.right)
    default:
      return false
  }
}

export function typeOf(of: Expr): ValueType {
  switch (of.kind) {
    case 'column':
    case 'null':
    case 'cast':
      return of.type
    case 'text':
    case 'toText':
    case 'lower':
      return 'text'
    case 'integer':
    case 'countRows':
    case 'count':
    case 'countDistinct':
      return 'integer'
    case 'number':
    case 'tryNumber':
    case 'exact':
    case 'arithmetic':
    case 'negate':
    case 'function':
    case 'round':
      return 'number'
    case 'instant':
    case 'asOf':
    case 'shift':
    case 'tryTimestamp':
      return 'timestamp'
    case 'boolean':
    case 'compare':
    case 'in':
    case 'part':
    case 'present':
    case 'absent':
    case 'and':
    case 'or':
    case 'not':
      return 'boolean'
    case 'coalesce':
    case 'least':
    case 'greatest':
      return of.parts[0] === undefined ? 'text' : typeOf(of.parts[0])
    case 'when':
      return typeOf(of.value)
    case 'nullIf':
    case 'sum':
    case 'min':
    case 'max':
    case 'firstBy':
    case 'percentile':
    case 'nextOf':
    case 'maxOf':
      return typeOf(of.of)
    case 'sortedSet':
      return 'list'
  }
}
