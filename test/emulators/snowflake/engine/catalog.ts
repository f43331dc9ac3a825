import { quoted, shown } from '../binder/names.ts'
import type { SfType } from '../binder/types.ts'
import { invalidIdentifier, missingContainer, missingObject, noDatabase } from '../errors.ts'
import type { Name, Query } from '../language/syntax.ts'

export interface Column {
  readonly name: string
  readonly type: SfType
  readonly notNull: boolean
  /** DuckDB's text of the default. */
  readonly default: string | undefined
}

export interface Table {
  readonly kind: 'table'
  readonly columns: readonly Column[]
  readonly transient: boolean
  readonly physical: string
}

/** A view is bound anew at each use, in the database and schema it was made in. */
export interface View {
  readonly kind: 'view'
  readonly columns: readonly Column[]
  readonly query: Query
  readonly text: string
  readonly home: Home
}

export interface Home {
  readonly database: string | undefined
  readonly schema: string | undefined
}

export interface Schema {
  readonly transient: boolean
  readonly relations: Map<string, Table | View>
}

/** What exists. Snowflake's DDL commits by itself, so that this never rolls back. */
export class Catalog {
  readonly databases = new Map<string, Map<string, Schema>>()
  #made = 0

  addDatabase(name: string): void {
    this.databases.set(name, new Map([['PUBLIC', { transient: false, relations: new Map() }]]))
  }

  /** @returns database, schema and name in full */
  full(name: Name, home: Home): readonly [string, string, string] {
    const [a, b, c] = name
    if (a === undefined || name.length > 3) throw invalidIdentifier(shown(name))
    if (b === undefined) {
      if (home.database === undefined || home.schema === undefined) throw noDatabase()
      return [home.database, home.schema, a]
    }
    if (c === undefined) {
      if (home.database === undefined) throw noDatabase()
      return [home.database, a, b]
    }
    return [a, b, c]
  }

  schema(database: string, name: string): Schema {
    const found = this.databases.get(database)
    if (found === undefined) throw missingObject('Database', shown([database]))
    const schema = found.get(name)
    if (schema === undefined) throw missingObject('Schema', shown([database, name]))
    return schema
  }

  /** @throws SnowflakeError 002003 */
  relation(name: Name, home: Home): Table | View {
    const [database, schema, own] = this.full(name, home)
    const found = this.schema(database, schema).relations.get(own)
    if (found === undefined) throw missingObject('Object', shown(name))
    return found
  }

  find(name: Name, home: Home): Table | View | undefined {
    const [database, schema, own] = this.full(name, home)
    return this.databases.get(database)?.get(schema)?.relations.get(own)
  }

  database(name: string): Map<string, Schema> {
    const found = this.databases.get(name)
    if (found === undefined) throw missingContainer('Database', shown([name]))
    return found
  }

  /** A DuckDB table of its own for each table ever made, so that names can be swapped and replaced freely. */
  newPhysical(name: string): string {
    this.#made += 1
    return quoted(
      `T${this.#made}_${name
        .toUpperCase()
        .replaceAll(/[^A-Z0-9_]/g, '')
        .slice(0, 60)}`,
    )
  }
}
