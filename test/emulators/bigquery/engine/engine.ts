import type { Column } from '../values/types.ts'
import { alter } from './alter.ts'
import type { Analyst } from './analysis.ts'
import { type Address, byteCount, type Database } from './database.ts'
import { createSchema, createTable, createView, drop, dropSchema } from './ddl.ts'
import { change, insert, merge, truncate } from './dml.ts'
import { BigqueryError, EmulatorGap } from './errors.ts'
import { tokensOf } from './lexer.ts'
import { parseStatement, splitStatements } from './parse-statement.ts'
import { type Context, Reading, readBytes, stopIfCancelled } from './reading.ts'
import { done, type Result, typeOf } from './results.ts'
import { keyOf } from './session.ts'
import type { StatementLog } from './statement-log.ts'
import type { Statement } from './statements.ts'
import { splitQuotedPaths } from './table-names.ts'

const maxQueryBytes = 1024 * 1024

/** GoogleSQL statements over tables in memory; all SQL is understood and evaluated by Google's own code. */
export class Engine {
  readonly database: Database
  readonly #reading: Reading
  readonly #log: StatementLog
  readonly #locks = new Map<string, Promise<unknown>>()

  constructor(database: Database, analyst: Analyst, log: StatementLog) {
    this.database = database
    this.#reading = new Reading(database, analyst, log)
    this.#log = log
  }

  /** Runs a request's statements in order. @throws BigqueryError of the first that fails; an open transaction is undone */
  async run(sql: string, context: Context): Promise<readonly Result[]> {
    const statements = cut(sql)
    const results: Result[] = []
    const { session } = context
    const wasInTransaction = session.inTransaction
    try {
      for (const { text } of statements) {
        stopIfCancelled(context)
        results.push(await this.#judged(text, context))
      }
    } catch (error) {
      if (session.inTransaction) session.rollback()
      throw error instanceof BigqueryError && statements.length > 1
        ? inScript(error, sql, statements, results.length)
        : error
    }
    // A transaction that a single request leaves open ends with it.
    if (session.inTransaction && !wasInTransaction && statements.length > 1) session.rollback()
    return results
  }

  /** Analyzes without running. @returns what a run would read, in bytes, and the columns of the last statement */
  async dryRun(
    sql: string,
    context: Context,
  ): Promise<{ readonly bytes: number; readonly columns: readonly Column[]; readonly type: string }> {
    let bytes = 0
    let columns: readonly Column[] = []
    let type = 'SCRIPT'
    const statements = cut(sql)
    for (const { text } of statements) {
      const statement = this.#parse(text)
      if (statement.kind === 'begin' || statement.kind === 'commit' || statement.kind === 'rollback') continue
      const { inputs } = await this.#reading.inputs(statement, context)
      columns = await this.#reading.analyze(statement, inputs, context)
      bytes += inputs.reduce((sum, input) => sum + byteCount(input.data), 0)
      if (statements.length === 1) type = typeOf(statement)
    }
    return { bytes, columns, type }
  }

  #parse(text: string): Statement {
    return parseStatement(splitQuotedPaths(text, tokensOf(text), this.#reading.splitPath))
  }

  async #judged(text: string, context: Context): Promise<Result> {
    const start = performance.now()
    try {
      const result = await this.#execute(this.#parse(text), context)
      this.#log.ran(performance.now() - start)
      return result
    } catch (error) {
      if (error instanceof EmulatorGap) this.#log.notVerifiable(text, error.message)
      else if (error instanceof BigqueryError) this.#log.refused(text, error.message)
      throw error
    }
  }

  async #execute(statement: Statement, context: Context): Promise<Result> {
    const { session } = context
    switch (statement.kind) {
      case 'begin':
        session.begin()
        return done('BEGIN_TRANSACTION', statement)
      case 'commit':
        session.commit()
        return done('COMMIT_TRANSACTION', statement)
      case 'rollback':
        session.rollback()
        return done('ROLLBACK_TRANSACTION', statement)
      case 'other':
        throw new EmulatorGap(`statement ${statement.what}`)
      case 'query':
        return await this.#query(statement, context)
      case 'insert':
        return await insert(this.#reading, statement, context)
      case 'update':
      case 'delete':
        return await this.#alone(this.#reading.resolve(statement.target, context), () =>
          change(this.#reading, statement, context),
        )
      case 'merge':
        return await this.#alone(this.#reading.resolve(statement.target, context), () =>
          merge(this.#reading, statement, context),
        )
      case 'truncate':
        return await truncate(this.#reading, statement, context)
      case 'createTable':
        return await createTable(this.#reading, statement, context)
      case 'createView':
        return await createView(this.#reading, statement, context)
      case 'drop':
        return await drop(this.#reading, statement, context)
      case 'alter':
        return await this.#alone(this.#reading.resolve(statement.target, context), () =>
          alter(this.#reading, statement, context),
        )
      case 'createSchema':
        return createSchema(this.#reading, statement, context)
      case 'dropSchema':
        return dropSchema(this.#reading, statement, context)
    }
  }

  /** One after the other for each table, so that no change is lost. */
  async #alone<T>(address: Address, work: () => Promise<T>): Promise<T> {
    const key = keyOf(address)
    const before = this.#locks.get(key) ?? Promise.resolve()
    const mine = before.then(work, work)
    const settled = mine.catch(() => {})
    this.#locks.set(key, settled)
    try {
      return await mine
    } finally {
      if (this.#locks.get(key) === settled) this.#locks.delete(key)
    }
  }

  async #query(statement: Statement, context: Context): Promise<Result> {
    const { inputs } = await this.#reading.inputs(statement, context)
    await this.#reading.analyze(statement, inputs, context)
    const rows = await this.#reading.evaluate(statement, inputs, context)
    return { ...done('SELECT', statement), rows, bytesRead: readBytes(inputs) }
  }
}

function cut(sql: string): readonly { readonly text: string; readonly start: number }[] {
  if (Buffer.byteLength(sql) > maxQueryBytes) {
    throw new BigqueryError(
      'invalid',
      'The query is too large. The maximum standard SQL query length is 1024.00K characters, including comments and white space characters.',
    )
  }
  const statements = splitStatements(sql)
  if (statements.length === 0)
    throw new BigqueryError('invalidQuery', 'Syntax error: Unexpected end of script at [1:1]', 'query')
  return statements
}

/** Positions count from the start of the request, and BigQuery says which statement of a script it was. */
function inScript(
  error: BigqueryError,
  sql: string,
  statements: readonly { readonly text: string; readonly start: number }[],
  index: number,
): BigqueryError {
  const start = statements[index]?.start ?? 0
  const before = sql.slice(0, start).split('\n')
  const message = error.message.replace(/ at \[(\d+):(\d+)\]$/, (_, line: string, place: string) => {
    const offset = line === '1' ? (before.at(-1)?.length ?? 0) : 0
    return ` at [${Number(line) + before.length - 1}:${Number(place) + offset}]`
  })
  if (error instanceof EmulatorGap) return error
  return new BigqueryError(error.reason, message, error.location)
}
