import { Binder } from '../binder/binder.ts'
import { castTo, within } from '../binder/casts.ts'
import { quoted, shown } from '../binder/names.ts'
import type { BoundQuery, Surroundings } from '../binder/queries.ts'
import { Scope, type ScopeItem } from '../binder/scope.ts'
import { boolean, type Typed, unknown } from '../binder/types.ts'
import { invalidIdentifier, notModelled, SnowflakeError } from '../errors.ts'
import type { Assignment, Expr, From, MergeClause, Name, Query, Statement } from '../language/syntax.ts'
import type { Column, Table } from './catalog.ts'
import { assigned, tableOf } from './definitions.ts'
import type { Engine, Running } from './engine.ts'
import { surroundings } from './relations.ts'
import { affected, type Result, typeIds } from './results.ts'

const semiStructured = new Set(
  'PARSE_JSON TRY_PARSE_JSON OBJECT_CONSTRUCT OBJECT_CONSTRUCT_KEEP_NULL ARRAY_CONSTRUCT TO_VARIANT TO_JSON SPLIT'.split(
    ' ',
  ),
)

/** Rows of VALUES take constants and simple expressions, no functions that make semi-structured values. */
function checkValues(query: Query): void {
  if (query.body.kind !== 'values') return
  for (const value of query.body.rows.flat()) {
    if (value.kind === 'call' && semiStructured.has(value.call.name)) {
      throw new SnowflakeError(
        '002014',
        '22000',
        `SQL compilation error:\nInvalid expression [${value.call.name}(...)] in VALUES clause`,
      )
    }
  }
}

function columnsOf(table: Table, names: readonly string[]): readonly Column[] {
  if (names.length === 0) return table.columns
  if (new Set(names).size < names.length)
    throw new SnowflakeError('002025', '42S21', 'SQL compilation error:\nduplicate column name')
  return names.map((name) => {
    const column = table.columns.find((candidate) => candidate.name === name)
    if (column === undefined) throw invalidIdentifier(shown([name]))
    return column
  })
}

/** Text longer than its column is refused even where its type says nothing of its length. */
function stored(value: Typed, column: Column): string {
  const sql = assigned(value, column.type)
  return column.type.kind === 'text' && value.type.kind === 'text'
    ? within(sql, column.type.length, value.type)
    : sql
}

export async function insertRows(
  statement: Statement & { kind: 'insert' },
  running: Running,
  engine: Engine,
): Promise<Result> {
  const { session, binds } = running
  const table = tableOf(statement.name, running, engine)
  const columns = columnsOf(table, statement.columns)
  checkValues(statement.query)
  const write = async (bound: BoundQuery): Promise<number> => {
    if (bound.columns.length !== columns.length) {
      throw new SnowflakeError(
        '002020',
        '21S01',
        `SQL compilation error:\nInsert value list does not match column list expecting ${columns.length} but got ${bound.columns.length}`,
      )
    }
    const values = bound.columns.map((column, index) => {
      const into = columns[index]
      if (into === undefined) throw new Error('no column')
      return stored({ sql: column.sql, type: column.type }, into)
    })
    const sql = `INSERT INTO ${table.physical} (${columns.map(({ name }) => quoted(name)).join(', ')}) SELECT ${values.join(', ')} FROM (${bound.sql}) AS made`
    return (await session.connection.run(sql)).rowsChanged
  }
  const work = async (): Promise<number> => {
    if (statement.overwrite) await session.connection.run(`DELETE FROM ${table.physical}`)
    if (binds.rows > 1) return await write(await boundRows(statement.query, running, engine))
    return await write(new Binder(surroundings(running, engine, session.home)).query(statement.query))
  }
  const inserted = await atomically(running, work)
  return affected(typeIds.insert, { 'number of rows inserted': inserted })
}

/** Array binds: they become a table, over which the one row of VALUES is evaluated. */
async function boundRows(query: Query, running: Running, engine: Engine): Promise<BoundQuery> {
  const { session, binds } = running
  const { connection } = session
  const [only, ...more] = query.body.kind === 'values' ? query.body.rows : []
  if (only === undefined || more.length > 0) throw notModelled('array binds other than for one row of VALUES')
  const name = `binds_${session.id}`
  await connection.run(
    `CREATE OR REPLACE TEMPORARY TABLE ${name} (${binds.columns.map((_, at) => `b${at} VARCHAR`).join(', ')})`,
  )
  const appender = await connection.createAppender(name, 'main', 'temp')
  for (let row = 0; row < binds.rows; row += 1) {
    for (const { values } of binds.columns) {
      const value = values[row] ?? null
      if (value === null) appender.appendNull()
      else appender.appendVarchar(value)
    }
    appender.endRow()
  }
  appender.closeSync()
  const columnOf = new Map(binds.columns.map(({ key, typed }, at) => [key, typed(`b${at}`)]))
  const around: Surroundings = {
    ...surroundings(running, engine, session.home),
    bindValue: (key) => columnOf.get(key) ?? binds.value(key),
  }
  const values = only.map((value) => new Binder(around).expr(value, new Scope([]), new Map()))
  const columns = values.map(({ type }, at) => ({
    name: `COLUMN${at + 1}`,
    type,
    sql: `c${at}`,
    unnamed: false,
  }))
  return { sql: `SELECT ${values.map(({ sql }, at) => `${sql} AS c${at}`).join(', ')} FROM ${name}`, columns }
}

async function atomically<T>({ session }: Running, work: () => Promise<T>): Promise<T> {
  if (session.inTransaction) return await work()
  await session.connection.run('BEGIN TRANSACTION')
  try {
    const result = await work()
    await session.connection.run('COMMIT')
    return result
  } catch (error) {
    await session.connection.run('ROLLBACK')
    throw error
  }
}

interface Target {
  readonly table: Table
  readonly sql: string
  readonly item: ScopeItem
  readonly rowid: string
}

function targetOf(name: Name, alias: string | undefined, running: Running, engine: Engine): Target {
  const table = tableOf(name, running, engine)
  const item = {
    name: alias === undefined ? engine.catalog.full(name, running.session.home) : [alias],
    columns: table.columns.map((column) => ({
      name: column.name,
      type: column.type,
      sql: `target.${quoted(column.name)}`,
    })),
  }
  return { table, sql: `${table.physical} AS target`, item, rowid: 'target.rowid' }
}

function condition(binder: Binder, of: Expr | undefined, scope: Scope): string {
  if (of === undefined) return 'TRUE'
  const bound = binder.expr(of, scope, new Map())
  if (bound.type.kind !== 'boolean' && bound.type.kind !== 'null')
    throw notModelled('a condition that is no BOOLEAN')
  return castTo(bound, boolean).sql
}

function sources(binder: Binder, from: From | undefined): { sql: string; items: readonly ScopeItem[] } {
  if (from === undefined) return { sql: '', items: [] }
  const bound = binder.from(from, new Map())
  return { sql: `, ${bound.sql}`, items: bound.items }
}

export async function deleteRows(
  statement: Statement & { kind: 'delete' },
  running: Running,
  engine: Engine,
): Promise<Result> {
  const binder = new Binder(surroundings(running, engine, running.session.home))
  const target = targetOf(statement.name, statement.alias, running, engine)
  const using = sources(binder, statement.using)
  const where = condition(binder, statement.where, new Scope([target.item, ...using.items]))
  const sql = `DELETE FROM ${target.table.physical} WHERE rowid IN (SELECT ${target.rowid} FROM ${target.sql}${using.sql} WHERE ${where})`
  const deleted = (await running.session.connection.run(sql)).rowsChanged
  return affected(typeIds.delete, { 'number of rows deleted': deleted })
}

function settings(
  binder: Binder,
  table: Table,
  set: readonly Assignment[],
  scope: Scope,
): readonly { column: Column; sql: string }[] {
  return set.map(({ column: name, value }) => {
    const [column] = columnsOf(table, [name])
    if (column === undefined) throw invalidIdentifier(shown([name]))
    return { column, sql: stored(binder.expr(value, scope, new Map()), column) }
  })
}

/** A row that several rows would update gets any of them in Snowflake: that is refused. */
export async function updateRows(
  statement: Statement & { kind: 'update' },
  running: Running,
  engine: Engine,
): Promise<Result> {
  const { connection } = running.session
  const binder = new Binder(surroundings(running, engine, running.session.home))
  const target = targetOf(statement.name, statement.alias, running, engine)
  const from = sources(binder, statement.from)
  const scope = new Scope([target.item, ...from.items])
  const set = settings(binder, target.table, statement.set, scope)
  const where = condition(binder, statement.where, scope)
  const rows = `SELECT ${target.rowid} AS rid, ${set.map(({ sql }, index) => `${sql} AS v${index}`).join(', ')} FROM ${target.sql}${from.sql} WHERE ${where}`
  if (statement.from !== undefined) {
    const twice = await connection.runAndReadAll(
      `SELECT 1 FROM (${rows}) GROUP BY rid HAVING count(*) > 1 LIMIT 1`,
    )
    if (twice.currentRowCount > 0) throw notModelled('an UPDATE in which several rows match one')
  }
  const assignments = set.map(({ column }, index) => `${quoted(column.name)} = made.v${index}`)
  const sql = `UPDATE ${target.table.physical} SET ${assignments.join(', ')} FROM (${rows}) AS made WHERE ${target.table.physical}.rowid = made.rid`
  const updated = (await connection.run(sql)).rowsChanged
  return affected(typeIds.update, {
    'number of rows updated': updated,
    'number of multi-joined rows updated': 0,
  })
}

/**
 * The source is matched once; for each pair the first clause whose condition holds fires.
 *
 * @see https://docs.snowflake.com/en/sql-reference/sql/merge#nondeterministic-results-for-update-and-delete
 */
export async function mergeRows(
  statement: Statement & { kind: 'merge' },
  running: Running,
  engine: Engine,
): Promise<Result> {
  const { connection } = running.session
  const binder = new Binder(surroundings(running, engine, running.session.home))
  const target = targetOf(statement.name, statement.alias, running, engine)
  const source = binder.from(statement.using, new Map())
  const both = new Scope([target.item, ...source.items])
  const alone = new Scope(source.items)
  const on = condition(binder, statement.on, both)
  const clauses = [...statement.matched, ...statement.notMatched].map((clause) => ({
    clause,
    ...clauseValues(clause, binder, target.table, clause.kind === 'insert' ? alone : both),
  }))
  const fires = clauses.map(
    ({ clause, when }, index) =>
      `WHEN ${target.rowid} IS ${clause.kind === 'insert' ? '' : 'NOT '}NULL AND ${when} THEN ${index}`,
  )
  const values = clauses.flatMap((clause, index) =>
    clause.values.map(({ sql }, at) => `${sql} AS c${index}_${at}`),
  )
  const stage = `"merge_${running.session.id}"`
  const counts = { inserted: 0, updated: 0, deleted: 0 }
  await atomically(running, async () => {
    await connection.run(
      `CREATE TEMPORARY TABLE ${stage} AS SELECT * FROM (SELECT ${[`${target.rowid} AS rid`, `CASE ${fires.join(' ')} END AS act`, ...values].join(', ')} ` +
        `FROM ${source.sql} LEFT JOIN ${target.sql} ON ${on}) WHERE act IS NOT NULL`,
    )
    const twice = await connection.runAndReadAll(
      `SELECT 1 FROM ${stage} WHERE rid IS NOT NULL GROUP BY rid HAVING count(*) > 1 LIMIT 1`,
    )
    if (twice.currentRowCount > 0)
      throw new SnowflakeError('100090', '42P18', 'Duplicate row detected during DML action')
    for (const [index, clause] of clauses.entries()) {
      const rows = `FROM ${stage} WHERE act = ${index}`
      const names = clause.values.map(({ column }) => quoted(column.name))
      switch (clause.clause.kind) {
        case 'delete':
          counts.deleted += (
            await connection.run(`DELETE FROM ${target.table.physical} WHERE rowid IN (SELECT rid ${rows})`)
          ).rowsChanged
          break
        case 'update':
          counts.updated += (
            await connection.run(
              `UPDATE ${target.table.physical} SET ${names.map((name, at) => `${name} = made.c${index}_${at}`).join(', ')} FROM (SELECT * ${rows}) AS made WHERE ${target.table.physical}.rowid = made.rid`,
            )
          ).rowsChanged
          break
        case 'insert':
          counts.inserted += (
            await connection.run(
              `INSERT INTO ${target.table.physical} (${names.join(', ')}) SELECT ${names.map((_, at) => `c${index}_${at}`).join(', ')} ${rows}`,
            )
          ).rowsChanged
          break
      }
    }
    await connection.run(`DROP TABLE ${stage}`)
  })
  const has = (kind: MergeClause['kind']): boolean => clauses.some(({ clause }) => clause.kind === kind)
  return affected(typeIds.merge, {
    ...(has('insert') ? { 'number of rows inserted': counts.inserted } : {}),
    ...(has('update') ? { 'number of rows updated': counts.updated } : {}),
    ...(has('delete') ? { 'number of rows deleted': counts.deleted } : {}),
  })
}

function clauseValues(
  clause: MergeClause,
  binder: Binder,
  table: Table,
  scope: Scope,
): { when: string; values: readonly { column: Column; sql: string }[] } {
  const when = condition(binder, clause.when, scope)
  switch (clause.kind) {
    case 'delete':
      return { when, values: [] }
    case 'update':
      return { when, values: settings(binder, table, clause.set, scope) }
    case 'insert': {
      const columns = columnsOf(table, clause.columns)
      if (columns.length !== clause.values.length)
        throw new SnowflakeError(
          '002020',
          '21S01',
          'SQL compilation error:\nInsert value list does not match column list',
        )
      const values = columns.map((column, index) => {
        const value = clause.values[index]
        return {
          column,
          sql: stored(
            value === undefined ? { sql: 'NULL', type: unknown } : binder.expr(value, scope, new Map()),
            column,
          ),
        }
      })
      return { when, values }
    }
  }
}
