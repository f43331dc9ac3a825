/** Offsets into the query's text; `end` is past the last character. */
export interface At {
  readonly start: number
  readonly end: number
}

/** The tree of a query, as the grammar of `query.peggy` gives it: what follows what, not yet what it means. */
export type QueryNode =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly QueryNode[]; readonly at: At }
  | {
      readonly kind: 'prefix'
      readonly operator: 'NOT' | 'ANY' | 'ALL'
      readonly operatorAt: At
      readonly node: QueryNode
      readonly at: At
    }
  | { readonly kind: 'group'; readonly node: QueryNode; readonly at: At }
  | {
      readonly kind: 'comparison'
      readonly left: QueryNode
      readonly comparator: Comparator
      readonly right: QueryNode
      readonly at: At
    }
  | Chain
  | { readonly kind: 'list'; readonly items: readonly QueryNode[]; readonly at: At }
  | { readonly kind: 'text'; readonly value: string; readonly at: At }
  | { readonly kind: 'number'; readonly value: number; readonly at: At }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly at: At }
  | { readonly kind: 'duration'; readonly amount: number; readonly seconds: number; readonly at: At }
  /** A bare word that is none of the above. */
  | { readonly kind: 'word'; readonly word: string; readonly at: At }

export interface Comparator {
  readonly written: string
  readonly at: At
}

/** Calls one after the other: `event('Order Completed').within(90 days).count()`. */
export interface Chain {
  readonly kind: 'chain'
  /** One at least. */
  readonly calls: readonly Call[]
  readonly at: At
}

export interface Call {
  readonly name: Name
  readonly arguments: readonly Argument[]
  readonly at: At
}

export interface Name {
  readonly text: string
  readonly at: At
}

/** `property('p') as string`, `parent: 1 hour`. */
export interface Argument {
  readonly label?: Name
  readonly node: QueryNode
  readonly as?: Name
  readonly at: At
}
