import { linkedIds } from '../documents.ts'
import { firstUse } from '../first-use.ts'
import type { Answer, Collection, Part, ProfileReader, ReadQuery, Release } from '../store.ts'
import { storeError } from './embedded-errors.ts'
import { replacedAfterMs } from './environment.ts'
import { type ControlTables, type Files, leaveFiles, type ProfileTables, useFiles } from './files.ts'
import { partKey, wordKey } from './keys.ts'
import { idOf, ownerOfId, ownerOfIdentifier } from './lookups.ts'
import { readText } from './read-value.ts'
import { anyPending, isMade, type KnownRelease, readRelease } from './state.ts'

/** @param folder absolute; it need not be there yet */
export function openEmbeddedReader(folder: string): Promise<ProfileReader> {
  return firstUse(new EmbeddedReader(folder), (opened) => opened.release())
}

/** What many calls ask of a version of `control.mdb`. */
interface Seen {
  readonly looks: number
  readonly tables: ControlTables
  readonly anyPending: boolean
  /** By hash of the token; undefined where nobody has it. */
  readonly tokenNames: Map<string, string | undefined>
}

/** What a call reads it reads without a pause, in one transaction: all of one version. */
export class EmbeddedReader implements ProfileReader {
  protected readonly folder: string
  protected readonly files: Files
  readonly #known: KnownRelease = { stamp: undefined, release: undefined }
  /** Of `control.mdb`, when it was looked at last. */
  #seen: Seen | undefined
  /** When it was found to be of this version of personas. */
  #madeAt = 0
  #closed = false

  constructor(folder: string) {
    this.folder = folder
    this.files = useFiles(folder)
  }

  async read({ collection, by, parts, linked = 0 }: ReadQuery): Promise<Answer> {
    const made = this.control()
    const tables = made && this.profiles()
    // Nobody waits to be taken out, mostly.
    const control = this.#seen?.anyPending === true ? made : undefined
    const release = tables && readRelease(tables, this.#known)
    if (tables === undefined || release === undefined) return { release: undefined, profile: undefined }
    const owner =
      'id' in by
        ? ownerOfId(tables, control, collection, by.id)
        : ownerOfIdentifier(tables, control, collection, by)
    if (owner === undefined) return { release, profile: undefined }
    const found: Partial<Record<Part, string>> = {}
    for (const part of parts) {
      const text = readText(tables.parts, partKey(owner, part))
      if (text !== undefined) found[part] = text
    }
    const other: Collection = collection === 'users' ? 'accounts' : 'users'
    const ids = linked > 0 ? linkedIds(found.links).slice(0, linked) : []
    return {
      release,
      profile: {
        id: idOf(tables, owner),
        parts: found,
        linked: ids.flatMap((id) => {
          const profile = ownerOfId(tables, control, other, id)
          return profile === undefined ? [] : [readText(tables.parts, partKey(profile, 'external_ids')) ?? '']
        }),
      },
    }
  }

  async release(): Promise<Release | undefined> {
    const tables = this.control() && this.profiles()
    return tables && readRelease(tables)
  }

  async tokenName(hash: string): Promise<string | undefined> {
    const control = this.control()
    if (control === undefined || this.#seen === undefined) return undefined
    const { tokenNames } = this.#seen
    if (!tokenNames.has(hash)) tokenNames.set(hash, control.tokenNames.get(wordKey(hash)))
    return tokenNames.get(hash)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    leaveFiles(this.folder)
  }

  /** @throws {ProblemError} PSN7002, PSN7004 */
  protected control(): ControlTables | undefined {
    const tables = this.#view(() => this.files.control.reader())
    const { looks } = this.files.control
    const before = this.#seen
    if (before?.looks === looks && before.tables === tables) return tables
    this.#seen = undefined
    if (tables === undefined || !this.#isMade(tables, before?.tables)) return undefined
    this.#seen = { looks, tables, anyPending: anyPending(tables), tokenNames: new Map() }
    return tables
  }

  protected profiles(): ProfileTables | undefined {
    return this.#view(() => this.files.profiles.reader())
  }

  #isMade(tables: ControlTables, before: ControlTables | undefined): boolean {
    const now = performance.now()
    if (tables === before && now - this.#madeAt < replacedAfterMs) return true
    const made = isMade(this.folder, tables)
    this.#madeAt = now
    return made
  }

  #view<T>(open: () => T): T {
    if (this.#closed) throw new Error(`the store in ${this.folder} is read after it was closed`)
    try {
      return open()
    } catch (error) {
      throw storeError(this.folder, error)
    }
  }
}
