import { randomUUID } from 'node:crypto'
import { firstUse } from '../first-use.ts'
import type { Identifier, ProfileStore, Published, PublishRequest, PublishWriter, Token } from '../store.ts'
import { inTransaction, type PostgresStore as Store } from './connection.ts'
import { hashOf } from './keys.ts'
import { PostgresReader } from './postgres-reader.ts'
import { publish } from './publish.ts'
import { forget, remember, settlePending } from './suppressions.ts'
import { createTables, format } from './tables.ts'

/** @throws {ProblemError} PSN7002 it is of another version of personas, PSN7004 it cannot be reached */
export function openPostgresStore(store: Store): Promise<ProfileStore> {
  return firstUse(new PostgresStore(store), (opened) => opened.make())
}

class PostgresStore extends PostgresReader implements ProfileStore {
  async make(): Promise<void> {
    if (await this.isMade()) return
    await this.connection.dedicated(async (client) => {
      try {
        await client.query('set client_min_messages = warning')
        await inTransaction(client, async () => {
          // Two that make the same at once would fail.
          const key = String(hashOf('personas serving', this.tables.schema).readBigInt64BE(0))
          await client.query('select pg_advisory_xact_lock($1::bigint)', [key])
          for (const sql of createTables(this.tables)) await client.query(sql)
          await client.query(
            `insert into ${this.tables.store} (format, id) values ($1, $2) on conflict do nothing`,
            [format, randomUUID()],
          )
        })
      } catch (error) {
        throw this.connection.failure(error)
      }
    })
  }

  async id(): Promise<string> {
    const { rows } = await this.connection.query(`select id from ${this.tables.store}`)
    return String(rows[0]?.id)
  }

  async publish(
    request: PublishRequest,
    write: (writer: PublishWriter) => Promise<void>,
  ): Promise<Published> {
    try {
      return await publish(this.connection, this.tables, request, write)
    } finally {
      await this.#settleForThoseWhoCouldNot()
    }
  }

  async suppress(identifier: Identifier): Promise<readonly string[]> {
    const ids = await remember(this.connection, this.tables, identifier)
    await settlePending(this.connection, this.tables)
    return ids.map((id) => String(JSON.parse(id)))
  }

  unsuppress(identifier: Identifier): Promise<boolean> {
    return forget(this.connection, this.tables, identifier)
  }

  async addToken({ name, hash, createdAt }: Token): Promise<boolean> {
    const added = await this.connection.query(
      `insert into ${this.tables.tokens} (name, hash, created_at) values ($1, $2, $3) on conflict (name) do nothing`,
      [JSON.stringify(name), hash, createdAt],
    )
    return added.rowCount !== 0
  }

  async tokens(): Promise<readonly Token[]> {
    const { rows } = await this.connection.query(`select name, hash, created_at from ${this.tables.tokens}`)
    return rows
      .map((row) => ({
        name: String(JSON.parse(String(row.name))),
        hash: String(row.hash),
        createdAt: String(row.created_at),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async revokeToken(name: string): Promise<boolean> {
    const sql = `delete from ${this.tables.tokens} where name = $1`
    return (await this.connection.query(sql, [JSON.stringify(name)])).rowCount !== 0
  }

  async #settleForThoseWhoCouldNot(): Promise<void> {
    try {
      await settlePending(this.connection, this.tables)
    } catch {
      // Readers pass over them, and the next publish takes them out.
    }
  }
}
