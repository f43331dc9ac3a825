import { linkedIds } from '../documents.ts'
import type { Answer, Collection, Part, ProfileReader, ReadQuery, Release } from '../store.ts'
import { storeError } from './embedded-errors.ts'
import { replacedAfterMs } from './environment.ts'
import { type ControlReads, type Files, leaveFiles, type ProfileReads, useFiles } from './files.ts'
import { partKey, wordKey } from './keys.ts'
import { idOf, ownerOfId, ownerOfIdentifier } from './lookups.ts'
import { isMade, type KnownRelease, readRelease } from './state.ts'

/** @param folder absolute; it need not be there yet */
export async function openEmbeddedReader(folder: string): Promise<ProfileReader> {
  const reader = new EmbeddedReader(folder)
  try {
    await reader.release()
    return reader
  } catch (error) {
    await reader.close()
    throw error
  }
}

/** The newest version, when it was looked at. */
interface View {
  readonly changes: number
  readonly control: ControlReads | undefined
  readonly profiles: ProfileReads | undefined
  readonly release: Release | undefined
  isOpen(): boolean
  letGo(): void
}

/**
 * What a call reads it reads of one snapshot. Calls that come in one turn of the event loop share it: taking one costs about as
 * much as an answer. So a change in another process counts from the next turn on, one in this process at once.
 */
export class EmbeddedReader implements ProfileReader {
  protected readonly folder: string
  protected readonly files: Files
  readonly #known: KnownRelease = { stamp: undefined, release: undefined }
  /** When the store was found to be of this version of personas. */
  #madeAt: number | undefined
  #view: View | undefined
  #closed = false

  constructor(folder: string) {
    this.folder = folder
    this.files = useFiles(folder)
  }

  async read({ collection, by, parts, linked = 0 }: ReadQuery): Promise<Answer> {
    const { control, profiles: tables, release } = this.view()
    if (tables === undefined || release === undefined) return { release: undefined, profile: undefined }
    const owner =
      'id' in by
        ? ownerOfId(tables, control, collection, by.id)
        : ownerOfIdentifier(tables, control, collection, by)
    if (owner === undefined) return { release, profile: undefined }
    const found: Partial<Record<Part, string>> = {}
    for (const part of parts) {
      const text = tables.parts.get(partKey(owner, part))
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
          return profile === undefined ? [] : [tables.parts.get(partKey(profile, 'external_ids')) ?? '']
        }),
      },
    }
  }

  async release(): Promise<Release | undefined> {
    return this.view().release
  }

  async tokenName(hash: string): Promise<string | undefined> {
    return this.view().control?.tokenNames.get(wordKey(hash))
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.letGo()
    leaveFiles(this.folder)
  }

  /** @throws {ProblemError} PSN7002, PSN7004 */
  protected view(): View {
    if (this.#closed) throw new Error(`the store in ${this.folder} is read after it was closed`)
    if (this.#view?.changes === this.files.changes && this.#view.isOpen()) return this.#view
    this.letGo()
    const view = this.#look()
    this.#view = view
    setImmediate(() => {
      if (this.#view === view) this.letGo()
    })
    return view
  }

  /** Of what the last call saw. */
  protected letGo(): void {
    this.#view?.letGo()
    this.#view = undefined
  }

  #look(): View {
    const { changes } = this.files
    const taken: { isOpen(): boolean; letGo(): void }[] = []
    const isOpen = (): boolean => taken.every((each) => each.isOpen())
    const letGo = (): void => {
      for (const each of taken) each.letGo()
    }
    try {
      const control = this.files.control.snapshot()
      if (control !== undefined) taken.push(control)
      if (!this.#isMade(control?.tables)) {
        return { changes, control: undefined, profiles: undefined, release: undefined, isOpen, letGo }
      }
      const profiles = this.files.profiles.snapshot()
      if (profiles !== undefined) taken.push(profiles)
      const release = profiles && readRelease(profiles.tables, this.#known)
      return { changes, control: control?.tables, profiles: profiles?.tables, release, isOpen, letGo }
    } catch (error) {
      letGo()
      throw storeError(this.folder, error)
    }
  }

  #isMade(control: ControlReads | undefined): boolean {
    const now = performance.now()
    if (control !== undefined && this.#madeAt !== undefined && now - this.#madeAt < replacedAfterMs)
      return true
    const made = isMade(this.folder, control)
    this.#madeAt = made ? now : undefined
    return made
  }
}
