import { DuckDBInstance } from '@duckdb/node-api'
import type { Typed } from '../binder/types.ts'
import { cancelled, insufficientPrivileges, missingObject, noWarehouse, SnowflakeError } from '../errors.ts'
import { parseScript } from '../language/statements.ts'
import type { Statement } from '../language/syntax.ts'
import { numberMacros } from '../twins/numbers.ts'
import { Catalog } from './catalog.ts'
import { failureOf } from './failures.ts'
import { registerNatives } from './natives.ts'
import type { Result } from './results.ts'
import { Session, WriteLock } from './session.ts'
import { StatementLog } from './statement-log.ts'
import { runStatement } from './statements.ts'

/** Values for `?` and `:1`, by their number; each as many as there are rows to bind. */
export interface BoundColumn {
  readonly key: string
  readonly values: readonly (string | null)[]
  /** The column as DuckDB has it, text, in the type it was sent as. */
  typed(sql: string): Typed
}

export interface Binds {
  readonly rows: number
  /** The value of the first row. */
  value(key: string): Typed
  readonly columns: readonly BoundColumn[]
}

export const noBinds: Binds = {
  rows: 1,
  columns: [],
  value: (key) => {
    throw new SnowflakeError(
      '002049',
      '42601',
      `SQL compilation error: error line 1 at position 0\nBind variable ${key} not set.`,
    )
  },
}

export interface Running {
  readonly session: Session
  readonly binds: Binds
  readonly signal: AbortSignal
  /** ISO instant, the same for all of a statement. */
  readonly now: string
}

export class Engine {
  readonly catalog = new Catalog()
  readonly log = new StatementLog()
  readonly warehouses = new Set<string>()
  readonly roles = new Map<string, 'all' | 'read' | 'nothing'>()
  readonly #instance: DuckDBInstance
  readonly #lock = new WriteLock()
  #sessions = 0

  private constructor(instance: DuckDBInstance) {
    this.#instance = instance
  }

  static async open(): Promise<Engine> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
    const connection = await instance.connect()
    for (const macro of numberMacros) await connection.run(`CREATE MACRO ${macro}`)
    registerNatives(connection)
    connection.closeSync()
    return new Engine(instance)
  }

  close(): void {
    this.#instance.closeSync()
  }

  async openSession(token: string, user: string): Promise<Session> {
    const connection = await this.#instance.connect()
    await connection.run("SET TimeZone = 'UTC'; SET max_expression_depth TO 10000")
    this.#sessions += 1
    return new Session(token, this.#sessions, user, connection)
  }

  /** What it left open is rolled back, as Snowflake does when a session ends. */
  async closeSession(session: Session): Promise<void> {
    session.ending.abort(cancelled())
    session.connection.interrupt()
    await session.queue(async () => {
      if (session.inTransaction) await session.connection.run('ROLLBACK')
      session.inTransaction = false
      session.release?.()
      session.release = undefined
      session.connection.closeSync()
    })
  }

  /** Statements of one text in order, with the results of each. */
  async run(sql: string, session: Session, binds: Binds, signal: AbortSignal): Promise<readonly Result[]> {
    let statements: ReturnType<typeof parseScript>
    try {
      statements = parseScript(sql)
    } catch (error) {
      this.log.refused(sql, error)
      throw error
    }
    const results: Result[] = []
    for (const { statement, text } of statements) {
      results.push(
        await session.queue(() =>
          this.#one(statement, text, { session, binds, signal, now: new Date().toISOString() }),
        ),
      )
    }
    return results
  }

  /** A role may do everything, or read, or nothing at all: to the last what is there does not exist. */
  #authorize(statement: Statement, session: Session): void {
    const right = this.roles.get(session.role ?? '') ?? 'nothing'
    if (right === 'all') return
    if (writesWhat(statement) !== 'nothing') throw insufficientPrivileges(`schema '${session.schema ?? ''}'`)
    if (
      right === 'nothing' &&
      statement.kind === 'query' &&
      statement.query.body.kind === 'select' &&
      statement.query.body.from !== undefined
    ) {
      throw missingObject('Schema', session.schema ?? '')
    }
  }

  async #one(statement: Statement, text: string, running: Running): Promise<Result> {
    const { session } = running
    const signal = AbortSignal.any([running.signal, session.ending.signal])
    const begun = performance.now()
    const writes = writesWhat(statement)
    let release: (() => void) | undefined
    const interrupt = (): void => session.connection.interrupt()
    try {
      if (signal.aborted) throw cancelled()
      this.#authorize(statement, session)
      if (needsWarehouse(statement) && session.warehouse === undefined) throw noWarehouse()
      if (writes !== 'nothing' && session.release === undefined)
        release = await this.#lock.take(signal, Number(session.parameters.get('LOCK_TIMEOUT') ?? 60))
      signal.addEventListener('abort', interrupt)
      // Definitions commit what was before them, and themselves.
      if (writes === 'definitions' && session.inTransaction) await commit(session)
      if (writes === 'data' && session.inTransaction && release !== undefined) {
        session.release = release
        release = undefined
      }
      const result = await runStatement(statement, running, this)
      this.log.executed(text, performance.now() - begun)
      return result
    } catch (error) {
      const failure = signal.aborted ? cancelled() : failureOf(error)
      this.log.refused(text, failure, performance.now() - begun)
      throw failure
    } finally {
      signal.removeEventListener('abort', interrupt)
      release?.()
    }
  }
}

export async function commit(session: Session): Promise<void> {
  await session.connection.run('COMMIT')
  session.inTransaction = false
  session.release?.()
  session.release = undefined
}

function writesWhat(statement: Statement): 'nothing' | 'data' | 'definitions' {
  switch (statement.kind) {
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
      return 'data'
    case 'createTable':
    case 'createView':
    case 'createSchema':
    case 'drop':
    case 'alterTable':
    case 'truncate':
      return 'definitions'
    case 'query':
    case 'begin':
    case 'commit':
    case 'rollback':
    case 'use':
    case 'setSession':
    case 'unsetSession':
    case 'show':
    case 'describe':
    case 'explain':
      return 'nothing'
  }
}

/** Definitions and metadata run in the cloud services layer. */
function needsWarehouse(statement: Statement): boolean {
  switch (statement.kind) {
    case 'query':
      return statement.query.body.kind !== 'select' || statement.query.body.from !== undefined
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
      return true
    case 'createTable':
      return statement.as !== undefined
    default:
      return false
  }
}
