import type { Published, PublishRequest, PublishWriter } from '../store.ts'
import { storeError } from './embedded-errors.ts'
import type { Files } from './files.ts'
import { ProfileWriter } from './profile-writer.ts'
import { readRelease, writeRelease } from './state.ts'
import { pendingOnes, settled, takeOut } from './suppressions.ts'

/** In one transaction, which readers see all of or nothing. */
export async function publishUnderLock(
  folder: string,
  files: Files,
  { full, release: given }: PublishRequest,
  write: (writer: PublishWriter) => Promise<void>,
): Promise<Published> {
  const { write: inTransaction, tables, forgetKilledReaders } = files.profiles.writer()
  const control = files.control.writer().tables
  forgetKilledReaders()
  let failure: { readonly of: unknown } | undefined
  try {
    const { published, settling } = await inTransaction(async () => {
      const before = readRelease(tables)
      const writer = new ProfileWriter(tables, before ?? { users: 0, accounts: 0 }, full)
      try {
        await write({
          async put(collection, document) {
            wrapped(folder, () => writer.put(collection, document, control))
          },
          async remove(collection, id) {
            wrapped(folder, () => writer.remove(collection, id))
          },
        })
      } catch (error) {
        failure = { of: error }
        throw error
      }
      if (full) writer.sweep()
      const pending = pendingOnes(files.control.writer().tables)
      for (const identifier of pending.values()) writer.removeOwners(identifier)
      const { users, accounts, written, removed } = writer.counts
      const release = { version: (before?.version ?? 0) + 1, ...given, users, accounts }
      writeRelease(tables, release)
      return { published: { release, written, removed }, settling: pending.keys() }
    })
    settled(files, settling)
    takeOut(files)
    return published
  } catch (error) {
    // What is wrong with its source, `write` has said already.
    throw failure === undefined ? storeError(folder, error) : failure.of
  }
}

function wrapped(folder: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    throw storeError(folder, error)
  }
}
