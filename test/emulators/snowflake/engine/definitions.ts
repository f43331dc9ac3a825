import { Binder } from '../binder/binder.ts'
import { castTo } from '../binder/casts.ts'
import { quoted, shown } from '../binder/names.ts'
import { Scope } from '../binder/scope.ts'
import { physicalType, type SfType, type Typed, text, typeOf, typeText } from '../binder/types.ts'
import { invalidIdentifier, missingObject, notModelled, objectExists, SnowflakeError } from '../errors.ts'
import type { Alter, ColumnDefinition, Name, Statement } from '../language/syntax.ts'
import type { Column, Schema, Table } from './catalog.ts'
import type { Engine, Running } from './engine.ts'
import { findRelation, surroundings } from './relations.ts'
import { type Result, status } from './results.ts'

export function schemaName(name: Name, { session }: Running): readonly [string, string] {
  const [first = '', second] = name
  if (second !== undefined) return [first, second]
  if (session.database === undefined)
    throw new SnowflakeError(
      '090105',
      '22000',
      "Cannot perform CREATE SCHEMA. This session does not have a current database. Call 'USE DATABASE', or use a qualified name.",
    )
  return [session.database, first]
}

/** A table that can be written; a view cannot. */
export function tableOf(name: Name, running: Running, engine: Engine): Table {
  const found = findRelation(name, running, engine)
  if (found.kind === 'view') throw notModelled(`writing to the view ${shown(name)}`)
  return found
}

function place(
  name: Name,
  running: Running,
  engine: Engine,
): { schema: Schema; full: readonly [string, string, string] } {
  const full = engine.catalog.full(name, running.session.home)
  return { schema: engine.catalog.schema(full[0], full[1]), full }
}

export async function createTable(
  statement: Statement & { kind: 'createTable' },
  running: Running,
  engine: Engine,
): Promise<Result> {
  const { how } = statement
  const { schema, full } = place(statement.name, running, engine)
  const [, , name] = full
  const existing = schema.relations.get(name)
  if (existing !== undefined && !how.temporary) {
    if (existing.kind === 'view') throw objectExists(name)
    if (how.ifNotExists) return status(`${name} already exists, statement succeeded.`)
    if (!how.replace) throw objectExists(name)
  }
  const { columns, rows } = tableDefinition(statement, running, engine)
  const repeated = columns.find(
    (column, index) => columns.findIndex((other) => other.name === column.name) !== index,
  )
  if (repeated !== undefined)
    throw new SnowflakeError(
      '002025',
      '42S21',
      `SQL compilation error:\nduplicate column name '${repeated.name}'`,
    )
  const physical = engine.catalog.newPhysical(name)
  const { connection } = running.session
  await connection.run(`CREATE TABLE ${physical} (${columns.map(columnSql).join(', ')})`)
  try {
    if (rows !== undefined) await connection.run(`INSERT INTO ${physical} ${rows}`)
  } catch (error) {
    await connection.run(`DROP TABLE ${physical}`)
    throw error
  }
  const table: Table = { kind: 'table', columns, transient: how.transient, physical }
  if (how.temporary) running.session.temporary.set(full.join('.'), table)
  else {
    schema.relations.set(name, table)
    if (existing?.kind === 'table') await connection.run(`DROP TABLE ${existing.physical}`)
  }
  return status(`Table ${name} successfully created.`)
}

function columnSql(column: Column): string {
  const fallback = column.default === undefined ? '' : ` DEFAULT ${column.default}`
  return `${quoted(column.name)} ${physicalType(column.type)}${column.notNull ? ' NOT NULL' : ''}${fallback}`
}

function tableDefinition(
  statement: Statement & { kind: 'createTable' },
  running: Running,
  engine: Engine,
): { columns: readonly Column[]; rows: string | undefined } {
  const { session } = running
  if (statement.like !== undefined) {
    const source = tableOf(statement.like, running, engine)
    return { columns: source.columns, rows: statement.clone ? `SELECT * FROM ${source.physical}` : undefined }
  }
  const declared = statement.columns.map((column) => columnOf(column, running, engine))
  if (statement.as === undefined) return { columns: declared, rows: undefined }
  const bound = new Binder(surroundings(running, engine, session.home)).query(statement.as)
  const unnamed = bound.columns.find((column) => column.unnamed)
  if (declared.length === 0 && unnamed !== undefined) {
    throw new SnowflakeError(
      '002022',
      '42601',
      `SQL compilation error:\nMissing column specification for ${unnamed.name}`,
    )
  }
  if (declared.length > 0 && declared.length !== bound.columns.length)
    throw notModelled('CREATE TABLE AS with another number of columns')
  const columns = bound.columns.map((column, index): Column => {
    const wanted = declared[index]
    if (wanted !== undefined) return wanted
    return {
      name: column.name,
      type: column.type.kind === 'null' ? text : column.type,
      notNull: false,
      default: undefined,
    }
  })
  const values = bound.columns.map((column, index) =>
    assigned({ sql: column.sql, type: column.type }, columns[index]?.type ?? column.type),
  )
  return { columns, rows: `SELECT ${values.join(', ')} FROM (${bound.sql}) AS made` }
}

function columnOf(definition: ColumnDefinition, running: Running, engine: Engine): Column {
  const type = typeOf(definition.type)
  const binder = new Binder(surroundings(running, engine, running.session.home))
  const value =
    definition.default === undefined ? undefined : binder.expr(definition.default, new Scope([]), new Map())
  return {
    name: definition.name,
    type,
    notNull: definition.notNull,
    default: value === undefined ? undefined : `(${assigned(value, type)})`,
  }
}

/**
 * A value as it goes into a column. Text may become any scalar there, as Snowflake's table of coercions has it; a FLOAT
 * does not silently lose its fraction, which Snowflake would allow.
 */
export function assigned(value: Typed, type: SfType): string {
  const from = value.type.kind
  const fine =
    from === type.kind ||
    from === 'null' ||
    (from === 'number' && (type.kind === 'float' || type.kind === 'text')) ||
    (from === 'date' && type.kind === 'timestamp_ntz') ||
    (from === 'text' &&
      ['number', 'float', 'boolean', 'date', 'timestamp_ntz', 'timestamp_ltz', 'timestamp_tz'].includes(
        type.kind,
      )) ||
    (['array', 'object'].includes(from) && type.kind === 'variant')
  if (!fine) {
    throw new SnowflakeError(
      '002023',
      '22000',
      `SQL compilation error:\nExpression type does not match column data type, expecting ${typeText(type)} but got ${typeText(value.type)} for column`,
    )
  }
  return castTo(value, type).sql
}

export async function createView(
  statement: Statement & { kind: 'createView' },
  running: Running,
  engine: Engine,
): Promise<Result> {
  const { how, as } = statement
  const { schema, full } = place(statement.name, running, engine)
  const [database, schemaOf, name] = full
  const existing = schema.relations.get(name)
  if (existing !== undefined) {
    if (existing.kind === 'table') throw objectExists(name)
    if (how.ifNotExists) return status(`${name} already exists, statement succeeded.`)
    if (!how.replace) throw objectExists(name)
  }
  if (how.temporary || how.transient) throw notModelled('temporary views')
  const home = { database, schema: schemaOf }
  const bound = new Binder(surroundings(running, engine, home)).query(as)
  await running.session.connection.prepare(bound.sql)
  const unnamed = bound.columns.find((column) => column.unnamed)
  if (statement.columns.length === 0 && unnamed !== undefined) {
    throw new SnowflakeError(
      '002022',
      '42601',
      `SQL compilation error:\nMissing column specification for ${unnamed.name}`,
    )
  }
  if (statement.columns.length > 0 && statement.columns.length !== bound.columns.length)
    throw notModelled('a view with another number of columns')
  const columns = bound.columns.map(
    (column, index): Column => ({
      name: statement.columns[index] ?? column.name,
      type: column.type,
      notNull: false,
      default: undefined,
    }),
  )
  if (new Set(columns.map((column) => column.name)).size < columns.length)
    throw new SnowflakeError('002025', '42S21', 'SQL compilation error:\nduplicate column name in a view')
  schema.relations.set(name, { kind: 'view', columns, query: as, text: statement.text, home })
  return status(`View ${name} successfully created.`)
}

export async function drop(
  statement: Statement & { kind: 'drop' },
  running: Running,
  engine: Engine,
): Promise<Result> {
  const { session } = running
  if (statement.what === 'SCHEMA') {
    const [database, name] = schemaName(statement.name, running)
    const schemas = engine.catalog.database(database)
    const schema = schemas.get(name)
    if (schema === undefined) {
      if (!statement.ifExists) throw missingObject('Schema', shown([database, name]))
      return status('Drop statement executed successfully.')
    }
    for (const relation of schema.relations.values()) {
      if (relation.kind === 'table') await session.connection.run(`DROP TABLE ${relation.physical}`)
    }
    schemas.delete(name)
    if (session.database === database && session.schema === name) session.schema = undefined
    return status(`${name} successfully dropped.`)
  }
  const full = engine.catalog.full(statement.name, session.home)
  const temporary = session.temporary.get(full.join('.'))
  if (temporary !== undefined && statement.what === 'TABLE') {
    session.temporary.delete(full.join('.'))
    await session.connection.run(`DROP TABLE ${temporary.physical}`)
    return status(`${full[2]} successfully dropped.`)
  }
  const found = engine.catalog.find(statement.name, session.home)
  if (found === undefined) {
    if (!statement.ifExists)
      throw missingObject(statement.what === 'TABLE' ? 'Table' : 'View', shown(statement.name))
    return status('Drop statement executed successfully.')
  }
  if ((found.kind === 'table') !== (statement.what === 'TABLE')) {
    throw new SnowflakeError(
      '002003',
      '02000',
      `SQL compilation error:\nObject found is of type '${found.kind.toUpperCase()}', not specified type '${statement.what}'.`,
    )
  }
  engine.catalog.schema(full[0], full[1]).relations.delete(full[2])
  if (found.kind === 'table') await session.connection.run(`DROP TABLE ${found.physical}`)
  return status(`${full[2]} successfully dropped.`)
}

export async function alterTable(
  statement: Statement & { kind: 'alterTable' },
  running: Running,
  engine: Engine,
): Promise<Result> {
  const done = status('Statement executed successfully.')
  const { session } = running
  const existing = engine.catalog.find(statement.name, session.home)
  if (existing === undefined && statement.ifExists) return done
  const { schema, full } = place(statement.name, running, engine)
  const table = tableOf(statement.name, running, engine)
  const { action } = statement
  switch (action.kind) {
    case 'note':
      return done
    case 'rename': {
      const target = place(action.to, running, engine)
      if (target.schema.relations.has(target.full[2])) throw objectExists(target.full[2])
      schema.relations.delete(full[2])
      target.schema.relations.set(target.full[2], table)
      return done
    }
    case 'swap': {
      const other = place(action.with, running, engine)
      const swapped = tableOf(action.with, running, engine)
      schema.relations.set(full[2], swapped)
      other.schema.relations.set(other.full[2], table)
      return done
    }
    case 'add':
    case 'drop':
    case 'renameColumn':
    case 'type': {
      const columns = await alterColumns(table, action, running, engine)
      schema.relations.set(full[2], { ...table, columns })
      return done
    }
  }
}

/** @see https://docs.snowflake.com/en/sql-reference/sql/alter-table-column */
async function alterColumns(
  table: Table,
  action: Alter,
  running: Running,
  engine: Engine,
): Promise<readonly Column[]> {
  const { connection } = running.session
  const has = (name: string): boolean => table.columns.some((column) => column.name === name)
  const needs = (name: string): Column => {
    const column = table.columns.find((candidate) => candidate.name === name)
    if (column === undefined) throw invalidIdentifier(shown([name]))
    return column
  }
  switch (action.kind) {
    case 'add': {
      const added: Column[] = []
      for (const definition of action.columns) {
        const column = columnOf(definition, running, engine)
        if (has(column.name)) {
          if (action.ifNotExists) continue
          throw new SnowflakeError(
            '001430',
            '42601',
            `SQL compilation error:\ncolumn '${column.name}' already exists`,
          )
        }
        if (column.notNull) throw notModelled('ADD COLUMN … NOT NULL')
        if (action.ifNotExists && column.default !== undefined)
          throw notModelled('ADD COLUMN IF NOT EXISTS with a default')
        await connection.run(`ALTER TABLE ${table.physical} ADD COLUMN ${columnSql(column)}`)
        added.push(column)
      }
      return [...table.columns, ...added]
    }
    case 'drop': {
      for (const name of action.columns) {
        if (action.ifExists && !has(name)) continue
        needs(name)
        if (table.columns.length === 1) throw notModelled('dropping the only column')
        await connection.run(`ALTER TABLE ${table.physical} DROP COLUMN ${quoted(name)}`)
      }
      return table.columns.filter((column) => !action.columns.includes(column.name))
    }
    case 'renameColumn': {
      needs(action.from)
      if (has(action.to))
        throw new SnowflakeError(
          '001430',
          '42601',
          `SQL compilation error:\ncolumn '${action.to}' already exists`,
        )
      await connection.run(
        `ALTER TABLE ${table.physical} RENAME COLUMN ${quoted(action.from)} TO ${quoted(action.to)}`,
      )
      return table.columns.map((column) =>
        column.name === action.from ? { ...column, name: action.to } : column,
      )
    }
    case 'type': {
      const { type: from } = needs(action.column)
      const to = typeOf(action.type)
      if (!canWiden(from, to)) {
        throw new SnowflakeError(
          '002108',
          '22000',
          `SQL compilation error:\ncannot change column ${action.column} from type ${typeText(from)} to ${typeText(to)}`,
        )
      }
      await connection.run(
        `ALTER TABLE ${table.physical} ALTER COLUMN ${quoted(action.column)} TYPE ${physicalType(to)}`,
      )
      return table.columns.map((column) => (column.name === action.column ? { ...column, type: to } : column))
    }
    case 'rename':
    case 'swap':
    case 'note':
      return table.columns
  }
}

/** Text may grow, and numbers may change their precision but not their scale; no other type can be changed. */
function canWiden(from: SfType, to: SfType): boolean {
  if (from.kind === 'text' && to.kind === 'text') return to.length >= from.length
  return (
    from.kind === 'number' &&
    to.kind === 'number' &&
    from.scale === to.scale &&
    to.precision >= from.precision
  )
}
