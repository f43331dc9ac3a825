import { type Column, typeText } from '../values/types.ts'
import { columnsOf } from './analysis.ts'
import type { Address, Table } from './database.ts'
import { BigqueryError, EmulatorGap } from './errors.ts'
import { quoteName } from './lexer.ts'
import type { Context, Reading } from './reading.ts'
import { done, type Result } from './results.ts'
import { refuseInTransaction, type Session } from './session.ts'
import type { AlterAction, Path, StatementOf } from './statements.ts'
import { checkColumns, checkTableName } from './tables.ts'

export async function alter(
  reading: Reading,
  statement: StatementOf<'alter'>,
  context: Context,
): Promise<Result> {
  const { session } = context
  const address = reading.resolve(statement.target, context)
  if (address.dataset !== undefined) refuseInTransaction(session, `ALTER ${statement.what}`)
  const result = { ...done(`ALTER_${statement.what}`, statement), target: address }
  reading.requireTable('bigquery.tables.update', address, context)
  const found = session.find(address)
  if (found === undefined) {
    if (statement.ifExists) return result
    throw reading.database.noTable(address)
  }
  await reading.analyze(
    statement,
    [{ segments: statement.target.segments, columns: found.columns, data: [] }],
    context,
  )
  if (found.kind === 'view') {
    if (statement.what !== 'VIEW') throw reading.database.isCurrently(address, 'VIEW')
    const options = statement.actions.flatMap((action) =>
      action.kind === 'setOptions' ? [...action.options] : [],
    )
    session.replace(address, { ...found, options: new Map([...found.options, ...options]) })
    return result
  }
  if (statement.what !== 'TABLE') throw reading.database.isCurrently(address, 'TABLE')
  let table = found
  for (const action of statement.actions) {
    if (action.kind === 'renameTo') {
      rename(reading, session, address, action.to, table)
      return result
    }
    table = await altered(reading, table, action, address)
  }
  checkColumns(table.columns)
  session.replace(address, { ...table, modified: Date.now() })
  return result
}

function rename(reading: Reading, session: Session, address: Address, to: Path, table: Table): void {
  const name = to.segments.at(-1) ?? ''
  if (to.segments.length > 1) {
    throw new BigqueryError(
      'invalidQuery',
      `Invalid table name "${to.segments.join('.')}" in RENAME TO: it takes the name of a table within its dataset only`,
    )
  }
  checkTableName(name)
  const target = { ...address, name }
  if (session.find(target) !== undefined) throw reading.database.alreadyExists(target)
  session.replace(address, undefined)
  session.replace(target, { ...table, modified: Date.now() })
}

async function altered(
  reading: Reading,
  table: Table,
  action: AlterAction,
  address: Address,
): Promise<Table> {
  const at = (name: string): number =>
    table.columns.findIndex((each) => each.name.toLowerCase() === name.toLowerCase())
  const changed = (name: string, change: (column: Column) => Column): Table => {
    const index = at(name)
    if (index < 0) throw new BigqueryError('invalidQuery', `Column not found: ${name}`)
    return {
      ...table,
      columns: table.columns.map((each, place) => (place === index ? change(each) : each)),
    }
  }
  switch (action.kind) {
    case 'addColumn': {
      if (at(action.name) >= 0) {
        if (action.ifNotExists) return table
        throw new BigqueryError('invalidQuery', `Column already exists: ${action.name}`)
      }
      const [added] = columnsOf(
        await reading.analyst.analyze(`create table added (${action.definition})`, [], []),
      )
      if (added === undefined) throw new Error('a definition without a column')
      if (added.required) {
        throw new BigqueryError(
          'invalidQuery',
          `Cannot add required columns to an existing schema. (field: ${action.name})`,
        )
      }
      const columns = [...table.columns, added]
      return {
        ...table,
        columns,
        data: await recast(
          reading,
          table,
          columns.map(({ name }, index) =>
            index < table.columns.length ? quoteName(name) : `cast(null as ${typeText(added.type)})`,
          ),
        ),
      }
    }
    case 'dropColumn': {
      const index = at(action.name)
      if (index < 0) {
        if (action.ifExists) return table
        throw new BigqueryError('invalidQuery', `Column not found: ${action.name}`)
      }
      const name = action.name.toLowerCase()
      const layout = `${table.partitionBy} , ${table.clusterBy}`.split(/[^\p{L}\p{N}_]+/u)
      if (layout.includes(name)) {
        throw new BigqueryError(
          'invalidQuery',
          `Column ${action.name} cannot be dropped: the table is partitioned or clustered by it`,
        )
      }
      if (table.columns.length === 1)
        throw new BigqueryError('invalidQuery', 'Cannot drop the only column of a table')
      const columns = table.columns.filter((_, place) => place !== index)
      return {
        ...table,
        columns,
        data: await recast(
          reading,
          table,
          columns.map((each) => quoteName(each.name)),
        ),
      }
    }
    case 'renameColumn': {
      if (at(action.name) < 0 && action.ifExists) return table
      if (at(action.to) >= 0) throw new BigqueryError('invalidQuery', `Column already exists: ${action.to}`)
      return changed(action.name, (of) => ({ ...of, name: action.to }))
    }
    case 'setType': {
      const [next] = columnsOf(
        await reading.analyst.analyze(`create table altered (altered ${action.type})`, [], []),
      )
      if (next === undefined) throw new Error('a type without a column')
      const index = at(action.name)
      const of = table.columns[index]
      if (of === undefined) throw new BigqueryError('invalidQuery', `Column not found: ${action.name}`)
      const from = typeText(of.type)
      const to = typeText(next.type)
      if (from !== to && !(widens[from]?.includes(to) ?? false)) {
        throw new BigqueryError(
          'invalidQuery',
          `ALTER TABLE ALTER COLUMN SET DATA TYPE requires that the existing column type (${from}) is assignable to the new column type (${to})`,
        )
      }
      const casts = table.columns.map((each, place) =>
        place === index ? `cast(${quoteName(each.name)} as ${to})` : quoteName(each.name),
      )
      return {
        ...changed(action.name, (old) => ({ ...old, type: next.type, parameters: next.parameters })),
        data: await recast(reading, table, casts),
      }
    }
    case 'dropNotNull':
      return changed(action.name, (of) => ({ ...of, required: false }))
    case 'setColumnOptions': {
      const description = action.options.get('description')
      return changed(action.name, (of) => ({
        ...of,
        description: description === undefined ? of.description : description.slice(1, -1),
      }))
    }
    case 'setOptions':
      return { ...table, options: new Map([...table.options, ...action.options]) }
    case 'renameTo':
      return table
    case 'other':
      throw new EmulatorGap(`alter table ${address.name} ${action.what}`)
  }
}

/** Changes of a column's type that BigQuery makes in place. */
const widens: Readonly<Record<string, readonly string[]>> = {
  INT64: ['NUMERIC', 'BIGNUMERIC', 'FLOAT64'],
  NUMERIC: ['BIGNUMERIC', 'FLOAT64'],
}

/** A table's rows with an expression for each of its new columns. */
async function recast(
  reading: Reading,
  table: Table,
  expressions: readonly string[],
): Promise<readonly Buffer[]> {
  if (table.data.length === 0) return []
  const named = expressions.map((each, index) => `${each} as c${index}`)
  const input = { segments: [':0'], columns: table.columns, data: table.data }
  const { data } = await reading.analyst.evaluate(
    `select ${named.join(', ')} from ${quoteName(':0')}`,
    [input],
    [],
  )
  return data
}
