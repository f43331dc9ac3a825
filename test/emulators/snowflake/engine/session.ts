import type { DuckDBConnection } from '@duckdb/node-api'
import { lockTimeout } from '../errors.ts'
import type { Home, Table } from './catalog.ts'

/** One login. Statements of a session run one after the other, as in Snowflake. */
export class Session {
  readonly token: string
  readonly id: number
  readonly user: string
  readonly connection: DuckDBConnection
  role: string | undefined
  warehouse: string | undefined
  database: string | undefined
  schema: string | undefined
  readonly parameters = new Map<string, string>()
  readonly temporary = new Map<string, Table>()
  inTransaction = false
  /** Aborted when the session ends: what still runs or waits in it goes no further. */
  readonly ending = new AbortController()
  /** Ends a session's hold on the right to write. */
  release: (() => void) | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(token: string, id: number, user: string, connection: DuckDBConnection) {
    this.token = token
    this.id = id
    this.user = user
    this.connection = connection
  }

  get home(): Home {
    return { database: this.database, schema: this.schema }
  }

  /** In turn, whatever becomes of the ones before. */
  queue<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work)
    this.#last = next.catch(() => undefined)
    return next
  }
}

/** Whoever changes data or definitions does so alone; DuckDB would refuse what Snowflake makes wait. */
export class WriteLock {
  #tail: Promise<void> = Promise.resolve()

  /**
   * @returns how to give it back
   * @throws SnowflakeError 000625 where it is not given in time
   */
  async take(signal: AbortSignal, seconds: number): Promise<() => void> {
    const before = this.#tail
    let done: () => void = () => {}
    this.#tail = new Promise((resolve) => {
      done = resolve
    })
    const timeout = new AbortController()
    const timer = setTimeout(() => timeout.abort(lockTimeout()), seconds * 1000)
    try {
      await Promise.race([before, rejected(AbortSignal.any([signal, timeout.signal]))])
    } catch (error) {
      void before.then(done)
      throw error
    } finally {
      clearTimeout(timer)
    }
    return done
  }
}

function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}
