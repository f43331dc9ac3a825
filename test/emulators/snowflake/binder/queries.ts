import type { Name } from '../language/syntax.ts'
import type { SfType, Typed } from './types.ts'

export interface OutputColumn {
  readonly name: string
  readonly type: SfType
  /** The column in DuckDB, already quoted. */
  readonly sql: string
  /** Whether the name was only made up from the text of the expression. */
  readonly unnamed: boolean
}

export interface BoundQuery {
  readonly sql: string
  readonly columns: readonly OutputColumn[]
}

export interface Surroundings {
  /** A table or view by its name, as something that can stand in FROM. */
  relation(name: Name): {
    readonly sql: string
    readonly name: Name
    readonly columns: readonly { readonly name: string; readonly type: SfType; readonly sql: string }[]
  }
  bindValue(key: string): Typed
  readonly now: string
  readonly session: ReadonlyMap<string, string>
  info(name: string): string | undefined
}

export type Ctes = ReadonlyMap<string, { readonly sql: string; readonly columns: readonly OutputColumn[] }>
