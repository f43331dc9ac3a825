import type { At } from './syntax.ts'

/** The tree of a filter, as the grammar of `fql.peggy` gives it. */
export type FqlNode =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly FqlNode[]; readonly at: At }
  | { readonly kind: 'not'; readonly of: FqlNode; readonly at: At }
  | {
      readonly kind: 'comparison'
      readonly operator: FqlOperator
      readonly left: FqlNode
      readonly right: FqlNode
      readonly at: At
    }
  | { readonly kind: 'in'; readonly item: FqlNode; readonly list: FqlNode; readonly at: At }
  | { readonly kind: 'list'; readonly items: readonly FqlNode[]; readonly at: At }
  | {
      readonly kind: 'call'
      readonly name: { readonly text: string; readonly at: At }
      readonly arguments: readonly FqlNode[]
      readonly at: At
    }
  | { readonly kind: 'path'; readonly path: readonly string[]; readonly at: At }
  | { readonly kind: 'value'; readonly value: string | number | boolean | null; readonly at: At }

export type FqlOperator = '=' | '!=' | '<' | '<=' | '>' | '>='
