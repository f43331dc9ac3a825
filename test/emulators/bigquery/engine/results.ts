import type { Rows } from './analysis.ts'
import type { Address } from './database.ts'
import type { Statement } from './statements.ts'

/** What a statement has done. */
export interface Result {
  /** As `statistics.query.statementType`. */
  readonly type: string
  readonly sql: string
  readonly rows?: Rows
  readonly affected?: { readonly inserted: number; readonly updated: number; readonly deleted: number }
  readonly target?: Address
  readonly bytesRead: number
}

export function done(type: string, statement: Statement): Result {
  return { type, sql: statement.sql, bytesRead: 0 }
}

/** As the API names the kind of a statement. */
export function typeOf(statement: Statement): string {
  switch (statement.kind) {
    case 'query':
      return 'SELECT'
    case 'createTable':
      return statement.select === undefined ? 'CREATE_TABLE' : 'CREATE_TABLE_AS_SELECT'
    case 'createView':
      return 'CREATE_VIEW'
    case 'createSchema':
      return 'CREATE_SCHEMA'
    case 'dropSchema':
      return 'DROP_SCHEMA'
    case 'drop':
    case 'alter':
      return `${statement.kind.toUpperCase()}_${statement.what}`
    case 'truncate':
      return 'TRUNCATE_TABLE'
    default:
      return statement.kind.toUpperCase()
  }
}
