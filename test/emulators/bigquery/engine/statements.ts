import type { Token } from './lexer.ts'

/** A statement cut into what the engine has to know of it; positions are of its own text. */
export type Statement = Common &
  (
    | { readonly kind: 'query' }
    | Change['insert' | 'update' | 'delete' | 'merge' | 'truncate']
    | {
        readonly kind: 'createTable'
        readonly target: Path
        readonly temporary: boolean
        readonly orReplace: boolean
        readonly ifNotExists: boolean
        readonly partitionBy: string
        readonly clusterBy: string
        /** Where the select starts; undefined for a table of columns only. */
        readonly select: number | undefined
        /** `like`, `copy`, `clone` and what else makes a table. */
        readonly from: string
        readonly options: ReadonlyMap<string, string>
      }
    | {
        readonly kind: 'createView'
        readonly target: Path
        readonly orReplace: boolean
        readonly ifNotExists: boolean
        readonly materialized: boolean
        readonly select: number
        readonly options: ReadonlyMap<string, string>
      }
    | {
        readonly kind: 'drop'
        readonly what: 'TABLE' | 'VIEW'
        readonly target: Path
        readonly ifExists: boolean
      }
    | {
        readonly kind: 'alter'
        readonly what: 'TABLE' | 'VIEW'
        readonly target: Path
        readonly ifExists: boolean
        readonly actions: readonly AlterAction[]
      }
    | {
        readonly kind: 'createSchema'
        readonly target: Path
        readonly ifNotExists: boolean
        readonly options: ReadonlyMap<string, string>
      }
    | {
        readonly kind: 'dropSchema'
        readonly target: Path
        readonly ifExists: boolean
        readonly cascade: boolean
      }
    | { readonly kind: 'begin' | 'commit' | 'rollback' }
    | { readonly kind: 'other'; readonly what: string }
  )

/** A statement of one kind, or of some. */
export type StatementOf<K extends Statement['kind']> = Extract<Statement, { readonly kind: K }>

type Change = {
  readonly [K in 'insert' | 'update' | 'delete' | 'merge' | 'truncate']: {
    readonly kind: K
    readonly target: Path
  }
}

interface Common {
  readonly sql: string
  readonly tokens: readonly Token[]
}

/** A path as written, and where it stands. */
export interface Path {
  readonly segments: readonly string[]
  readonly start: number
  readonly end: number
  /** The token after it. */
  readonly next: number
}

export type AlterAction =
  | {
      readonly kind: 'addColumn'
      readonly name: string
      readonly ifNotExists: boolean
      readonly definition: string
    }
  | { readonly kind: 'dropColumn'; readonly name: string; readonly ifExists: boolean }
  | { readonly kind: 'renameColumn'; readonly name: string; readonly to: string; readonly ifExists: boolean }
  | { readonly kind: 'renameTo'; readonly to: Path }
  | { readonly kind: 'setType'; readonly name: string; readonly type: string; readonly ifExists: boolean }
  | { readonly kind: 'dropNotNull'; readonly name: string; readonly ifExists: boolean }
  | {
      readonly kind: 'setColumnOptions'
      readonly name: string
      readonly options: ReadonlyMap<string, string>
    }
  | { readonly kind: 'setOptions'; readonly options: ReadonlyMap<string, string> }
  | { readonly kind: 'other'; readonly what: string }
