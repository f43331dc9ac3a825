import { Binder } from '../binder/binder.ts'
import { shown } from '../binder/names.ts'
import { type SfType, text } from '../binder/types.ts'
import { missingContainer, objectExists } from '../errors.ts'
import type { Name, Query, Statement } from '../language/syntax.ts'
import { deleteRows, insertRows, mergeRows, updateRows } from './changes.ts'
import { alterTable, createTable, createView, drop, schemaName, tableOf } from './definitions.ts'
import { commit, type Engine, type Running } from './engine.ts'
import { checkParameter } from './parameters.ts'
import { surroundings } from './relations.ts'
import { listing, type Result, type ResultColumn, status, typeIds } from './results.ts'
import { describe, show } from './show.ts'

export async function runStatement(statement: Statement, running: Running, engine: Engine): Promise<Result> {
  const { session } = running
  const { connection } = session
  switch (statement.kind) {
    case 'query':
      return await runQuery(statement.query, running, engine)
    case 'explain': {
      const bound = new Binder(surroundings(running, engine, session.home)).query(statement.query)
      await connection.prepare(bound.sql)
      return listing(['step', 'id', 'operation'], [['1', '0', 'Result']])
    }
    case 'createTable':
      return await createTable(statement, running, engine)
    case 'createView':
      return await createView(statement, running, engine)
    case 'createSchema': {
      const [database, name] = schemaName(statement.name, running)
      const schemas = engine.catalog.database(database)
      if (schemas.has(name)) {
        if (!statement.how.ifNotExists) throw objectExists(name)
        return status(`${name} already exists, statement succeeded.`)
      }
      schemas.set(name, { transient: statement.how.transient, relations: new Map() })
      session.database = database
      session.schema = name
      return status(`Schema ${name} successfully created.`)
    }
    case 'drop':
      return await drop(statement, running, engine)
    case 'alterTable':
      return await alterTable(statement, running, engine)
    case 'truncate': {
      if (statement.ifExists && engine.catalog.find(statement.name, session.home) === undefined)
        return status('Statement executed successfully.')
      await connection.run(`DELETE FROM ${tableOf(statement.name, running, engine).physical}`)
      return status('Statement executed successfully.')
    }
    case 'insert':
      return await insertRows(statement, running, engine)
    case 'update':
      return await updateRows(statement, running, engine)
    case 'delete':
      return await deleteRows(statement, running, engine)
    case 'merge':
      return await mergeRows(statement, running, engine)
    case 'begin':
      // A BEGIN inside of a transaction changes nothing.
      if (!session.inTransaction) await connection.run('BEGIN TRANSACTION')
      session.inTransaction = true
      return status('Statement executed successfully.', typeIds.transaction)
    case 'commit':
      if (session.inTransaction) await commit(session)
      return status('Statement executed successfully.', typeIds.transaction)
    case 'rollback':
      if (session.inTransaction) {
        await connection.run('ROLLBACK')
        session.inTransaction = false
        session.release?.()
        session.release = undefined
      }
      return status('Statement executed successfully.', typeIds.transaction)
    case 'use':
      return use(statement.what, statement.name, running, engine)
    case 'setSession':
      for (const [name, value] of statement.parameters) {
        checkParameter(name, value)
        session.parameters.set(name, value)
      }
      return status('Statement executed successfully.', typeIds.session)
    case 'unsetSession':
      for (const name of statement.names) session.parameters.delete(name)
      return status('Statement executed successfully.', typeIds.session)
    case 'show':
      return show(statement, running, engine)
    case 'describe':
      return describe(statement.name, running, engine)
  }
}

/** Output columns of a query, as a driver is told them. */
function outputColumns(columns: readonly { name: string; type: SfType }[]): readonly ResultColumn[] {
  return columns.map(({ name, type }) => ({ name, type: type.kind === 'null' ? text : type, nullable: true }))
}

async function runQuery(query: Query, running: Running, engine: Engine): Promise<Result> {
  const bound = new Binder(surroundings(running, engine, running.session.home)).query(query)
  const reader = await running.session.connection.runAndReadAll(bound.sql)
  return {
    columns: outputColumns(bound.columns),
    rows: reader.getRowsJson(),
    typeId: typeIds.select,
    numberOfBinds: 0,
  }
}

/** The columns of a statement's result without running it, as `describeOnly` asks for them. */
export async function describeStatement(
  statement: Statement,
  running: Running,
  engine: Engine,
): Promise<Result> {
  if (statement.kind !== 'query')
    return {
      columns: outputColumns([{ name: 'status', type: text }]),
      rows: [],
      typeId: typeIds.definition,
      numberOfBinds: 0,
    }
  const bound = new Binder(surroundings(running, engine, running.session.home)).query(statement.query)
  await running.session.connection.prepare(bound.sql)
  return { columns: outputColumns(bound.columns), rows: [], typeId: typeIds.select, numberOfBinds: 0 }
}

function use(
  what: 'ROLE' | 'WAREHOUSE' | 'DATABASE' | 'SCHEMA',
  name: Name,
  { session }: Running,
  engine: Engine,
): Result {
  const done = status('Statement executed successfully.', typeIds.session)
  const [first = '', second] = name
  switch (what) {
    case 'ROLE':
      session.role = first
      return done
    case 'WAREHOUSE':
      if (!engine.warehouses.has(first)) throw missingContainer('Warehouse', first)
      session.warehouse = first
      return done
    case 'DATABASE':
      session.schema = engine.catalog.database(first).has('PUBLIC') ? 'PUBLIC' : undefined
      session.database = first
      return done
    case 'SCHEMA': {
      const [database, schema] = second === undefined ? [session.database ?? '', first] : [first, second]
      if (!engine.catalog.database(database).has(schema))
        throw missingContainer('Schema', shown([database, schema]))
      session.database = database
      session.schema = schema
      return done
    }
  }
}
