import type { SnowflakeTarget } from '../config/config.ts'
import { problem } from '../diagnostics/problem.ts'
import type { Row } from './adapter.ts'
import { snowflakeDriver } from './snowflake-driver.ts'
import { connectionError, isLost, isSessionGone, statementError } from './snowflake-errors.ts'
import { SnowflakeSession } from './snowflake-session.ts'
import { connectionOptions } from './snowflake-settings.ts'
import { WarehouseError } from './warehouse-error.ts'

type Settings = SnowflakeTarget['settings']

/** Sessions that are opened as they are needed; who finds none waits for one. */
export class SnowflakePool {
  readonly #settings: Settings
  readonly #size: number
  readonly #driver = snowflakeDriver()
  readonly #idle: SnowflakeSession[] = []
  readonly #busy = new Set<SnowflakeSession>()
  readonly #waiting: (() => void)[] = []
  #opening = 0
  #closed = false

  /** @throws {WarehouseError} the driver is not installed */
  constructor(settings: Settings, size: number) {
    this.#settings = settings
    this.#size = size
  }

  /**
   * @param repeatable work whose statement may be done twice, or leaves nothing behind
   * @throws {WarehouseError} no session, or what the server said of the work
   */
  async use<T>(work: (session: SnowflakeSession) => Promise<T>, repeatable: boolean): Promise<T> {
    try {
      return await this.#with(work)
    } catch (error) {
      if (!isSessionGone(error)) throw statementError(error, isLost(error) && !repeatable)
    }
    // It had expired, so nothing was begun: a fresh one is as good.
    try {
      return await this.#with(work)
    } catch (error) {
      throw statementError(error, isLost(error) && !repeatable)
    }
  }

  /** Rows of a select as they come. @throws {WarehouseError} no session, or what the server said */
  async *stream(select: string): AsyncIterable<readonly Row[]> {
    const session = await this.#take()
    let ended = false
    try {
      yield* session.stream({ sql: select })
      ended = true
    } catch (error) {
      throw statementError(error, false)
    } finally {
      // What nobody read is still under way.
      this.#free(session, !ended)
    }
  }

  async #with<T>(work: (session: SnowflakeSession) => Promise<T>): Promise<T> {
    const session = await this.#take()
    let gone = false
    try {
      return await work(session)
    } catch (error) {
      gone = isLost(error) || isSessionGone(error)
      throw error
    } finally {
      this.#free(session, gone)
    }
  }

  #free(session: SnowflakeSession, gone: boolean): void {
    this.#busy.delete(session)
    if (gone || !session.isUp()) void session.close()
    else this.#idle.push(session)
    this.#waiting.shift()?.()
  }

  async #take(): Promise<SnowflakeSession> {
    for (;;) {
      if (this.#closed) throw closed()
      const idle = this.#idle.pop()
      if (idle !== undefined) {
        this.#busy.add(idle)
        return idle
      }
      if (this.#busy.size + this.#opening < this.#size) return this.#open()
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
    }
  }

  async #open(): Promise<SnowflakeSession> {
    this.#opening += 1
    try {
      const session = new SnowflakeSession(this.#driver.createConnection(connectionOptions(this.#settings)))
      await session.open(sessionSettings(this.#settings))
      this.#busy.add(session)
      return session
    } catch (error) {
      this.#waiting.shift()?.()
      throw connectionError(error, this.#settings)
    } finally {
      this.#opening -= 1
    }
  }

  async cancel(): Promise<void> {
    await Promise.all([...this.#busy].map((session) => session.cancel()))
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const wake of this.#waiting.splice(0)) wake()
    await Promise.all([...this.#idle.splice(0), ...this.#busy].map((session) => session.close()))
  }
}

function closed(): WarehouseError {
  return new WarehouseError(problem('PSN4009', { message: 'it was closed' }), { cause: undefined })
}

/** Nothing that a statement means may depend on what an administrator has set for account or user. */
function sessionSettings(settings: Settings): string {
  const parameters = {
    timezone: "'UTC'",
    timestamp_type_mapping: "'TIMESTAMP_NTZ'",
    timestamp_input_format: "'AUTO'",
    week_start: '1',
    week_of_year_policy: '0',
    autocommit: 'true',
    quoted_identifiers_ignore_case: 'false',
    json_indent: '0',
    strict_json_output: 'true',
    multi_statement_count: '1',
    query_tag: `'${JSON.stringify({ app: 'personas' })}'`,
    ...(settings.statement_timeout === undefined
      ? {}
      : { statement_timeout_in_seconds: `${settings.statement_timeout}` }),
  }
  return `alter session set ${Object.entries(parameters)
    .map(([name, value]) => `${name} = ${value}`)
    .join(' ')}`
}
