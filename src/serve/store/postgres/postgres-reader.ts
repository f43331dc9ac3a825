import { ProblemError, problem } from '../../../diagnostics/problem.ts'
import { firstUse } from '../first-use.ts'
import type { Answer, Part, ProfileReader, ReadQuery, Release } from '../store.ts'
import { type Connection, connectionTo, isMissing, type PostgresStore } from './connection.ts'
import { exactKey, identifierKey, profileKey } from './keys.ts'
import { readSql } from './read-sql.ts'
import { format, type Tables, tablesOf } from './tables.ts'

/** How long a token that was revoked may still be known. */
const tokenMs = 500
const maxTokens = 10_000

export function openPostgresReader(store: PostgresStore): Promise<ProfileReader> {
  return firstUse(new PostgresReader(store), (opened) => opened.release())
}

type Row = Readonly<Record<string, unknown>>

export class PostgresReader implements ProfileReader {
  protected readonly connection: Connection
  protected readonly tables: Tables
  readonly #tokens = new Map<string, { readonly name: string; readonly asked: number }>()

  constructor(store: PostgresStore) {
    this.connection = connectionTo(store)
    this.tables = tablesOf(store.schema)
  }

  async read({ collection, by, parts, linked = 0 }: ReadQuery): Promise<Answer> {
    const sql = readSql(this.tables, parts, linked > 0 && parts.includes('links'))
    const profile = 'id' in by ? profileKey(collection, by.id) : null
    const leads = 'id' in by ? [profile, null, profile] : [identifierKey(by), exactKey(by), null]
    const row = await this.#row(sql, [...leads, collection, linked])
    const release = releaseOf(row)
    if (row === undefined || release === undefined || typeof row.id !== 'string') {
      return { release, profile: undefined }
    }
    const found: Partial<Record<Part, string>> = {}
    for (const part of parts) {
      const text = row[part]
      if (typeof text === 'string') found[part] = text
    }
    const links = Array.isArray(row.linked) ? row.linked.map(String) : []
    return { release, profile: { id: String(JSON.parse(row.id)), parts: found, linked: links } }
  }

  async release(): Promise<Release | undefined> {
    return releaseOf(await this.#row(`select store.format, store.release from ${this.tables.store} as store`))
  }

  protected async isMade(): Promise<boolean> {
    return (await this.#row(`select store.format from ${this.tables.store} as store`)) !== undefined
  }

  async tokenName(hash: string): Promise<string | undefined> {
    const asked = performance.now()
    const known = this.#tokens.get(hash)
    if (known !== undefined && asked - known.asked < tokenMs) return known.name
    const sql = `
      select store.format, tokens.name
      from ${this.tables.store} as store
      left join ${this.tables.tokens} as tokens on tokens.hash = $1`
    const row = await this.#row(sql, [hash])
    this.#tokens.delete(hash)
    if (typeof row?.name !== 'string') return undefined
    if (this.#tokens.size >= maxTokens) this.#tokens.clear()
    const name = String(JSON.parse(row.name))
    this.#tokens.set(hash, { name, asked })
    return name
  }

  async close(): Promise<void> {
    await this.connection.close()
  }

  /** @returns undefined where no store is yet; @throws {ProblemError} PSN7002, PSN7004 */
  async #row(sql: string, values: readonly unknown[] = []): Promise<Row | undefined> {
    try {
      return this.#ofOurFormat((await this.connection.query(sql, values)).rows[0])
    } catch (error) {
      if (!isMissing(error)) throw error
      // A table that is not there may be of another format, or not there yet; or it has come while the server looked.
      if (!(await this.#isOfOurFormat())) return undefined
      return (await this.connection.query(sql, values)).rows[0]
    }
  }

  async #isOfOurFormat(): Promise<boolean> {
    try {
      const { rows } = await this.connection.query(`select format from ${this.tables.store}`)
      return this.#ofOurFormat(rows[0]) !== undefined
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  }

  #ofOurFormat(row: Row | undefined): Row | undefined {
    if (row === undefined || row.format === format) return row
    const reason = `its format is ${row.format}, not ${format}`
    throw new ProblemError([problem('PSN7002', { store: this.connection.name, reason })])
  }
}

export function releaseOf(row: Row | undefined): Release | undefined {
  if (typeof row?.release !== 'string') return undefined
  // What a publish wrote.
  return JSON.parse(row.release) as Release
}
