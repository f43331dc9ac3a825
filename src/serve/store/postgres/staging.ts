import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { copyLine } from '../../../adapters/postgres-values.ts'
import { linkedIds } from '../documents.ts'
import type { Collection, ProfileDocument, PublishWriter } from '../store.ts'
import { leadsOf } from '../suppression.ts'
import { exactKey, identifierKey, profileKey } from './keys.ts'
import { definitions, partColumns, profileColumns } from './tables.ts'

/** Of lines that are sent together. */
const batchBytes = 2 ** 22

/** Only this session has it, and it ends with it. */
export const staged = 'pg_temp.staged'

/**
 * What a publish writes goes into a table of its session by COPY, in batches that are transactions of their own: while it waits
 * for the warehouse, none is open that would keep old rows of the whole database. All at once it is then applied.
 */
export class Staging implements PublishWriter {
  readonly #client: Client
  #lines: string[] = []
  #bytes = 0
  #place = 0
  #copying: Promise<void> = Promise.resolve()

  constructor(client: Client) {
    this.#client = client
  }

  async open(): Promise<void> {
    const columns = profileColumns.map((name) => `${name} ${definitions[name]}`).join(', ')
    await this.#client.query(`create temporary table staged (place bigint, is_put boolean, ${columns})`)
    // What is thrown away in the end is not worth being compressed.
    const plain = partColumns.map((name) => `alter column ${name} set storage external`)
    await this.#client.query(`alter table ${staged} ${plain.join(', ')}`)
  }

  put(collection: Collection, document: ProfileDocument): Promise<void> {
    const { id, identifiers, formerIds, parts } = document
    const texts = partColumns.map((part) => parts[part] || null)
    const hash = createHash('sha256').update(leadsOf(document))
    // A separator that no text of a part can hold.
    for (const text of texts) hash.update(`\0${text ?? ''}`)
    const lookups = [
      ...identifiers.map(identifierKey),
      ...formerIds.map((each) => profileKey(collection, each)),
    ]
    const other: Collection = collection === 'users' ? 'accounts' : 'users'
    const links = linkedIds(parts.links).map((each) => profileKey(other, each))
    return this.#line([
      true,
      hex(profileKey(collection, id)),
      collection,
      JSON.stringify(id),
      hex(hash.digest()),
      hexes(new Set(lookups.map(hex))),
      hexes(identifiers.map(exactKey).map(hex)),
      hexes(links.map(hex)),
      ...texts,
    ])
  }

  remove(collection: Collection, id: string): Promise<void> {
    return this.#line([false, hex(profileKey(collection, id)), collection])
  }

  async flush(): Promise<void> {
    await this.#send()
    await this.#copying
  }

  /** While one batch is on its way the next one is made. */
  async #line(values: readonly (string | boolean | null)[]): Promise<void> {
    const width = profileColumns.length + 1
    this.#place += 1
    const row = Array.from({ length: width }, (_, index) => values[index] ?? null)
    const line = copyLine([String(this.#place), ...row])
    this.#lines.push(line)
    this.#bytes += line.length
    if (this.#bytes >= batchBytes) await this.#send()
  }

  async #send(): Promise<void> {
    if (this.#lines.length === 0) return
    const batch = this.#lines
    this.#lines = []
    this.#bytes = 0
    const before = this.#copying
    const sent = before.then(() => this.#copy(batch))
    // Whoever waits for it next hears of it.
    sent.catch(() => undefined)
    this.#copying = sent
    await before
  }

  async #copy(lines: readonly string[]): Promise<void> {
    await pipeline(Readable.from([lines.join('')]), this.#client.query(copyFrom(`copy ${staged} from stdin`)))
  }
}

function hex(bytes: Buffer): string {
  return `\\x${bytes.toString('hex')}`
}

/** An array of them, in which a backslash is written twice. */
function hexes(keys: Iterable<string>): string {
  return `{${[...keys].map((key) => `"\\${key}"`).join(',')}}`
}
