import { ProblemError, problem } from '../../../diagnostics/problem.ts'
import { firstUse } from '../first-use.ts'
import type { Identifier, ProfileStore, Published, PublishRequest, PublishWriter, Token } from '../store.ts'
import { collections } from '../suppression.ts'
import { storeError } from './embedded-errors.ts'
import { EmbeddedReader } from './embedded-reader.ts'
import { idOf, ownersOfIdentifier } from './lookups.ts'
import { publishUnderLock } from './publish.ts'
import { tryPublishLock } from './publish-lock.ts'
import { makeStore, storeId } from './state.ts'
import { forget, remember, settlePending } from './suppressions.ts'
import { addToken, listTokens, revokeToken } from './tokens.ts'

/** @param folder absolute; made where it is missing */
export function openEmbeddedStore(folder: string): Promise<ProfileStore> {
  return firstUse(new EmbeddedStore(folder), (opened) => opened.make())
}

class EmbeddedStore extends EmbeddedReader implements ProfileStore {
  #publishing: Promise<unknown> = Promise.resolve()

  make(): void {
    this.#wrapped(() => makeStore(this.folder, this.files))
  }

  async id(): Promise<string> {
    return this.#wrapped(() => storeId(this.files.control.writer().tables))
  }

  async publish(
    request: PublishRequest,
    write: (writer: PublishWriter) => Promise<void>,
  ): Promise<Published> {
    const lock = this.#wrapped(() => tryPublishLock(this.files))
    if (lock === undefined) throw new ProblemError([problem('PSN7001', { store: this.folder })])
    try {
      const publishing = publishUnderLock(this.folder, this.files, request, write)
      this.#publishing = publishing.catch(() => undefined)
      return await publishing
    } finally {
      lock.release()
      this.#settleForThoseWhoCouldNot()
    }
  }

  async suppress(identifier: Identifier): Promise<readonly string[]> {
    return this.#wrapped(() => {
      const control = this.control()
      const tables = this.profiles()
      const ids =
        tables === undefined
          ? []
          : collections
              .flatMap((collection) => ownersOfIdentifier(tables, control, collection, identifier))
              .map((owner) => idOf(tables, owner))
      remember(this.files, identifier)
      settlePending(this.files)
      return ids
    })
  }

  async unsuppress(identifier: Identifier): Promise<boolean> {
    return this.#wrapped(() => forget(this.files, identifier))
  }

  async addToken(token: Token): Promise<boolean> {
    return this.#wrapped(() => addToken(this.files, token))
  }

  async tokens(): Promise<readonly Token[]> {
    return this.#wrapped(() => listTokens(this.files))
  }

  async revokeToken(name: string): Promise<boolean> {
    return this.#wrapped(() => revokeToken(this.files, name))
  }

  /** Waits for its publish. */
  override async close(): Promise<void> {
    await this.#publishing
    await super.close()
  }

  #settleForThoseWhoCouldNot(): void {
    try {
      settlePending(this.files)
    } catch {
      // Readers pass over them, and the next publish takes them out. What it said of the disk is told already.
    }
  }

  #wrapped<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw storeError(this.folder, error)
    }
  }
}
