import { typeText } from '../values/types.ts'
import { type Address, newTable, type Table } from './database.ts'
import { BigqueryError, EmulatorGap } from './errors.ts'
import { type Context, type Reading, readBytes, stopIfCancelled } from './reading.ts'
import { done, type Result } from './results.ts'
import { refuseInTransaction } from './session.ts'
import type { StatementOf } from './statements.ts'
import { checkColumns, checkTableName, storable } from './tables.ts'

export async function createTable(
  reading: Reading,
  statement: StatementOf<'createTable'>,
  context: Context,
): Promise<Result> {
  const { session } = context
  const type = statement.select === undefined ? 'CREATE_TABLE' : 'CREATE_TABLE_AS_SELECT'
  if (statement.from !== '') throw new EmulatorGap(`create table … ${statement.from.toLowerCase()}`)
  if (!statement.temporary) refuseInTransaction(session, 'CREATE TABLE')
  const address: Address = statement.temporary
    ? { dataset: undefined, name: statement.target.segments.at(-1) ?? '' }
    : reading.resolve(statement.target, context)
  checkTableName(address.name)
  if (address.dataset !== undefined) {
    context.require('bigquery.tables.create', `Dataset ${reading.database.project}:${address.dataset}`)
  }
  const { inputs } = await reading.inputs(statement, context)
  let columns = await reading.analyze(statement, inputs, context)
  const existing = session.find(address)
  if (existing !== undefined) {
    if (statement.ifNotExists) return { ...done(type, statement), target: address }
    if (!statement.orReplace) throw reading.database.alreadyExists(address)
    if (existing.kind === 'view') throw reading.database.isCurrently(address, 'VIEW')
    sameLayout(existing, statement)
  }
  let data: readonly Buffer[] = []
  if (statement.select !== undefined) {
    const rows = await reading.evaluate(statement, inputs, context, statement.select)
    for (const [index, each] of columns.entries()) {
      const from = rows.columns[index]
      if (from === undefined || typeText(from.type) !== typeText(each.type)) {
        throw new EmulatorGap('create table with a column list of other types than its select')
      }
    }
    if (columns.length === 0) columns = rows.columns
    data = storable(columns, rows.data)
  }
  checkColumns(columns)
  stopIfCancelled(context)
  session.replace(address, {
    ...newTable(columns, data),
    partitionBy: statement.partitionBy,
    clusterBy: statement.clusterBy,
    options: statement.options,
  })
  return { ...done(type, statement), target: address, bytesRead: readBytes(inputs) }
}

function sameLayout(existing: Table, statement: StatementOf<'createTable'>): void {
  for (const [what, before, now] of [
    ['partitioning', existing.partitionBy, statement.partitionBy],
    ['clustering', existing.clusterBy, statement.clusterBy],
  ] as const) {
    if (before !== now) {
      throw new BigqueryError(
        'invalidQuery',
        `Cannot replace a table with a different ${what} spec. Instead, DROP the table, and then recreate it. ` +
          `New ${what} spec is ${now || 'none'} and existing spec is ${before || 'none'}`,
      )
    }
  }
}

export async function createView(
  reading: Reading,
  statement: StatementOf<'createView'>,
  context: Context,
): Promise<Result> {
  const { session } = context
  if (statement.materialized) throw new EmulatorGap('materialized views')
  refuseInTransaction(session, 'CREATE VIEW')
  if (context.parameters.length > 0) {
    throw new BigqueryError('invalidQuery', 'Query parameters cannot be used in CREATE VIEW')
  }
  const address = reading.resolve(statement.target, context)
  checkTableName(address.name)
  if (address.dataset !== undefined) {
    context.require('bigquery.tables.create', `Dataset ${reading.database.project}:${address.dataset}`)
  }
  const { inputs } = await reading.inputs(statement, context)
  const columns = await reading.analyze(statement, inputs, context)
  checkColumns(columns)
  const existing = session.find(address)
  if (existing !== undefined) {
    if (statement.ifNotExists) return { ...done('CREATE_VIEW', statement), target: address }
    if (!statement.orReplace) throw reading.database.alreadyExists(address)
    if (existing.kind === 'table') throw reading.database.isCurrently(address, 'TABLE')
  }
  const now = Date.now()
  stopIfCancelled(context)
  session.replace(address, {
    kind: 'view',
    columns,
    sql: statement.sql.slice(statement.select),
    defaultDataset: context.defaultDataset,
    options: statement.options,
    created: now,
    modified: now,
  })
  return { ...done('CREATE_VIEW', statement), target: address }
}

export async function drop(
  reading: Reading,
  statement: StatementOf<'drop'>,
  context: Context,
): Promise<Result> {
  const { session } = context
  const type = `DROP_${statement.what}`
  await reading.analyze(statement, [], context)
  const address = reading.resolve(statement.target, context)
  if (address.dataset !== undefined) refuseInTransaction(session, `DROP ${statement.what}`)
  if (
    address.dataset !== undefined &&
    !reading.database.datasets.has(address.dataset) &&
    statement.ifExists
  ) {
    return { ...done(type, statement), target: address }
  }
  reading.requireTable('bigquery.tables.delete', address, context)
  const found = session.find(address)
  if (found === undefined) {
    if (statement.ifExists) return { ...done(type, statement), target: address }
    throw reading.database.noTable(address)
  }
  if ((found.kind === 'view') !== (statement.what === 'VIEW')) {
    throw reading.database.isCurrently(address, found.kind === 'view' ? 'VIEW' : 'TABLE')
  }
  stopIfCancelled(context)
  session.replace(address, undefined)
  return { ...done(type, statement), target: address }
}

export function createSchema(
  reading: Reading,
  statement: StatementOf<'createSchema'>,
  context: Context,
): Result {
  refuseInTransaction(context.session, 'CREATE SCHEMA')
  context.require('bigquery.datasets.create', `Project ${reading.database.project}`)
  const id = statement.target.segments.flatMap((each) => each.split('.')).at(-1) ?? ''
  if (!(statement.ifNotExists && reading.database.datasets.has(id))) {
    const location = statement.options.get('location')?.slice(1, -1) ?? context.place.location
    reading.database.createDataset(id, location === undefined ? {} : { location })
  }
  return done('CREATE_SCHEMA', statement)
}

export function dropSchema(reading: Reading, statement: StatementOf<'dropSchema'>, context: Context): Result {
  refuseInTransaction(context.session, 'DROP SCHEMA')
  const id = statement.target.segments.flatMap((each) => each.split('.')).at(-1) ?? ''
  context.require('bigquery.datasets.delete', `Dataset ${reading.database.project}:${id}`)
  const found = reading.database.datasets.get(id)
  if (found === undefined) {
    if (statement.ifExists) return done('DROP_SCHEMA', statement)
    throw reading.database.noDataset(id)
  }
  if (found.relations.size > 0 && !statement.cascade) {
    throw new BigqueryError('resourceInUse', `Dataset ${reading.database.project}:${id} is still in use`)
  }
  reading.database.datasets.delete(id)
  return done('DROP_SCHEMA', statement)
}
