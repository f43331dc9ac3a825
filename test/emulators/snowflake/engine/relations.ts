import { Binder } from '../binder/binder.ts'
import { literal, quoted, shown } from '../binder/names.ts'
import type { Surroundings } from '../binder/queries.ts'
import { dataTypeName, integer, physicalType, type SfType, text } from '../binder/types.ts'
import { missingObject, SnowflakeError } from '../errors.ts'
import type { Name } from '../language/syntax.ts'
import type { Home, Table, View } from './catalog.ts'
import type { Engine, Running } from './engine.ts'

/** Temporary tables hide others of their name. */
export function findRelation(
  name: Name,
  { session }: Pick<Running, 'session'>,
  engine: Engine,
): Table | View {
  const full = engine.catalog.full(name, session.home)
  return session.temporary.get(full.join('.')) ?? engine.catalog.relation(name, session.home)
}

export function surroundings(running: Running, engine: Engine, home: Home): Surroundings {
  const { session, binds, now } = running
  const info: Readonly<Record<string, string | undefined>> = {
    CURRENT_DATABASE: home.database,
    CURRENT_SCHEMA: home.schema,
    CURRENT_ROLE: session.role,
    CURRENT_WAREHOUSE: session.warehouse,
    CURRENT_USER: session.user,
    CURRENT_SESSION: String(session.id),
    CURRENT_VERSION: '9.99.0',
    CURRENT_ACCOUNT: 'SIMULATED',
    CURRENT_REGION: 'SIMULATED',
  }
  return {
    now: `CAST(${literal(now)} AS TIMESTAMPTZ)`,
    session: session.parameters,
    bindValue: (key) => binds.value(key),
    info: (name) => (name in info ? (info[name] ?? '') : undefined),
    relation(name) {
      const full = engine.catalog.full(name, home)
      if (full[1] === 'INFORMATION_SCHEMA') return informationSchema(full[0], full[2], engine)
      const found = session.temporary.get(full.join('.')) ?? engine.catalog.relation(name, home)
      switch (found.kind) {
        case 'table':
          return {
            sql: found.physical,
            name: full,
            columns: found.columns.map((column) => ({ ...column, sql: quoted(column.name) })),
          }
        case 'view':
          return { ...viewSql(found, full, running, engine), name: full }
      }
    },
  }
}

/** @throws SnowflakeError 002057 where the tables under the view have changed its columns */
function viewSql(
  view: View,
  name: Name,
  running: Running,
  engine: Engine,
): { sql: string; columns: readonly { name: string; type: SfType; sql: string }[] } {
  const bound = new Binder(surroundings(running, engine, view.home)).query(view.query)
  if (bound.columns.length !== view.columns.length) {
    throw new SnowflakeError(
      '002057',
      '42601',
      `SQL compilation error:\nView definition for '${shown(name)}' declared ${view.columns.length} column(s), but view query produces ${bound.columns.length} column(s).`,
    )
  }
  const columns = bound.columns.map((column, index) => ({
    name: view.columns[index]?.name ?? column.name,
    type: column.type,
    sql: column.sql,
  }))
  return { sql: `(${bound.sql})`, columns }
}

/** Tables, columns and schemas of a database, as far as queries here ask for them. */
function informationSchema(
  database: string,
  view: string,
  engine: Engine,
): ReturnType<Surroundings['relation']> {
  const schemas = [...engine.catalog.database(database)]
  const relations = schemas.flatMap(([schema, { relations: all }]) =>
    [...all].map(([name, of]) => ({ schema, name, of })),
  )
  const name = [database, 'INFORMATION_SCHEMA', view]
  switch (view) {
    case 'SCHEMATA':
      return inlined(
        name,
        [
          ['CATALOG_NAME', text],
          ['SCHEMA_NAME', text],
        ],
        [...schemas.map(([schema]) => [database, schema]), [database, 'INFORMATION_SCHEMA']],
      )
    case 'TABLES':
      return inlined(
        name,
        [
          ['TABLE_CATALOG', text],
          ['TABLE_SCHEMA', text],
          ['TABLE_NAME', text],
          ['TABLE_TYPE', text],
          ['IS_TRANSIENT', text],
        ],
        relations.map(({ schema, name: table, of }) => [
          database,
          schema,
          table,
          of.kind === 'view' ? 'VIEW' : 'BASE TABLE',
          of.kind === 'view' ? null : of.transient ? 'YES' : 'NO',
        ]),
      )
    case 'VIEWS':
      return inlined(
        name,
        [
          ['TABLE_CATALOG', text],
          ['TABLE_SCHEMA', text],
          ['TABLE_NAME', text],
        ],
        relations
          .filter(({ of }) => of.kind === 'view')
          .map(({ schema, name: table }) => [database, schema, table]),
      )
    case 'COLUMNS':
      return inlined(
        name,
        [
          ['TABLE_CATALOG', text],
          ['TABLE_SCHEMA', text],
          ['TABLE_NAME', text],
          ['COLUMN_NAME', text],
          ['ORDINAL_POSITION', integer],
          ['IS_NULLABLE', text],
          ['DATA_TYPE', text],
          ['CHARACTER_MAXIMUM_LENGTH', integer],
          ['NUMERIC_PRECISION', integer],
          ['NUMERIC_SCALE', integer],
          ['DATETIME_PRECISION', integer],
        ],
        relations.flatMap(({ schema, name: table, of }) =>
          of.columns.map((column, index) => [
            database,
            schema,
            table,
            column.name,
            String(index + 1),
            column.notNull ? 'NO' : 'YES',
            dataTypeName(column.type),
            ...measures(column.type),
          ]),
        ),
      )
    default:
      throw missingObject('Object', shown(name))
  }
}

/** Length of text, precision and scale of numbers, digits of timestamps. */
function measures(type: SfType): readonly (string | null)[] {
  switch (type.kind) {
    case 'text':
      return [String(type.length), null, null, null]
    case 'number':
      return [null, String(type.precision), String(type.scale), null]
    case 'timestamp_ntz':
    case 'timestamp_ltz':
    case 'timestamp_tz':
      return [null, null, null, String(type.precision)]
    default:
      return [null, null, null, null]
  }
}

function inlined(
  name: Name,
  columns: readonly (readonly [string, SfType])[],
  rows: readonly (readonly (string | null)[])[],
): ReturnType<Surroundings['relation']> {
  const types = columns.map(([, type]) => physicalType(type))
  const values = rows.map(
    (row) =>
      `(${row.map((value, index) => `CAST(${value === null ? 'NULL' : literal(value)} AS ${types[index]})`).join(', ')})`,
  )
  const nothing = `(${types.map((type) => `CAST(NULL AS ${type})`).join(', ')})`
  const names = columns.map(([column]) => quoted(column))
  const sql = `(SELECT * FROM (VALUES ${values.length === 0 ? nothing : values.join(', ')}) AS i(${names.join(', ')})${values.length === 0 ? ' WHERE FALSE' : ''})`
  return {
    sql,
    name,
    columns: columns.map(([column, type]) => ({ name: column, type, sql: quoted(column) })),
  }
}
