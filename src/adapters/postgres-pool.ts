import knex, { type Knex } from 'knex'
import pg from 'pg'
import { connectionError, statementError } from './postgres-errors.ts'
import type { PostgresSettings } from './postgres-settings.ts'

/** A pooled client; `processID` is its backend on the server, which the driver's types leave out. */
export type PooledClient = pg.Client & { readonly processID?: number | null }

/**
 * Our statements join whole tables without indexes. Postgres guesses few rows for a window read from a subquery and then
 * loops one table over another: 6 minutes instead of 0.2 s for an audience over 23,000 profiles. Hash joins never go that
 * wrong, and want the memory. Compiling expressions costs more than it saves on statements of this size.
 */
const planner = "set enable_nestloop = off; set jit = off; set work_mem = '64MB'"

/**
 * A server that does not look notices only at the end of a statement that nobody waits for it any more. Servers before 14, and
 * those on Windows, cannot look.
 */
const notice =
  "do $personas$ begin set client_connection_check_interval = '5s'; exception when others then null; end $personas$"

const sessionSettings = `set timezone = 'UTC'; set standard_conforming_strings = on; set client_min_messages = warning; ${planner}; ${notice}`

/** knex's pool of our own clients: statements go straight to `pg`, since knex would read `?` as a parameter. */
export class PostgresPool {
  readonly #settings: PostgresSettings
  readonly #knex: Knex
  readonly #busy = new Set<PooledClient>()

  constructor(settings: PostgresSettings, size: number) {
    this.#settings = settings
    const timeouts = Object.entries(settings.timeoutsMs)
      .map(([name, ms]) => `; set ${name} = ${ms}`)
      .join('')
    this.#knex = knex({
      client: 'pg',
      connection: { ...settings.client },
      // What it would print on its own we throw, or the caller has no use for.
      log: { warn: silent, error: silent, deprecate: silent, debug: silent },
      // Statements wait for a connection as long as it takes, but what keeps one from opening is said at once.
      acquireConnectionTimeout: 24 * 3_600_000,
      pool: {
        min: 0,
        max: size,
        propagateCreateError: true,
        afterCreate: (client: PooledClient, done: (error: unknown, client: PooledClient) => void) => {
          client.query(`${sessionSettings}${timeouts}`).then(
            () => done(undefined, client),
            (error: unknown) => done(error, client),
          )
        },
      },
    })
  }

  /** @throws {WarehouseError} no connection, or what the server said of the work */
  async use<T>(work: (client: PooledClient) => Promise<T>): Promise<T> {
    const client = await this.#acquire()
    this.#busy.add(client)
    try {
      return await work(client)
    } catch (error) {
      const failure = statementError(error)
      // The server says it before the socket closes; knex gives out no client that carries this mark.
      if (failure.code === 'PSN4009') Object.assign(client, { __knex__disposed: failure })
      throw failure
    } finally {
      this.#busy.delete(client)
      await this.#knex.client.releaseConnection(client)
    }
  }

  /** A client for as long as the caller reads from it. */
  async borrow(): Promise<{ readonly client: PooledClient; release(): Promise<void> }> {
    const client = await this.#acquire()
    this.#busy.add(client)
    return {
      client,
      release: async () => {
        this.#busy.delete(client)
        await this.#knex.client.releaseConnection(client)
      },
    }
  }

  async #acquire(): Promise<PooledClient> {
    try {
      return await this.#knex.client.acquireConnection()
    } catch (error) {
      throw connectionError(error, this.#settings.server)
    }
  }

  /** A connection of its own, outside the pool; the caller ends it. */
  async dedicated(): Promise<pg.Client> {
    const client = new pg.Client(this.#settings.client)
    // Losing an idle connection must not end the process; the next statement on it fails and says so.
    client.on('error', () => undefined)
    try {
      await client.connect()
      return client
    } catch (error) {
      throw connectionError(error, this.#settings.server)
    }
  }

  /** Backends on the server that work for us at this moment. */
  busyBackends(): readonly number[] {
    return [...this.#busy].map((client) => client.processID).filter((id) => typeof id === 'number')
  }

  close(): Promise<void> {
    return this.#knex.destroy()
  }
}

function silent(): void {}
