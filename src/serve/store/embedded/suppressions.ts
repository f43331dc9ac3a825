import type { Identifier } from '../store.ts'
import type { ControlTables, Files } from './files.ts'
import { suppressionKey } from './keys.ts'
import { ProfileWriter } from './profile-writer.ts'
import { tryPublishLock } from './publish-lock.ts'
import { isEmpty, noteWhetherPending, readRelease, writeRelease } from './state.ts'

export function isSuppressed({ suppressed }: ControlTables, identifiers: readonly Identifier[]): boolean {
  if (isEmpty(suppressed)) return false
  return identifiers.some((identifier) => suppressed.get(suppressionKey(identifier)) !== undefined)
}

/** Those whose owners wait to be taken out, by key. */
export function pendingOnes({ pending }: ControlTables): ReadonlyMap<Buffer, Identifier> {
  const found = new Map<Buffer, Identifier>()
  for (const { key, value } of pending.getRange()) {
    // What `remember` wrote.
    const [type, text] = JSON.parse(value) as [string, string]
    found.set(key, { type, value: text })
  }
  return found
}

export function remember({ control }: Files, identifier: Identifier): void {
  const { write, tables } = control.writer()
  const text = JSON.stringify([identifier.type, identifier.value])
  write(() => {
    tables.suppressed.putSync(suppressionKey(identifier), text)
    tables.pending.putSync(suppressionKey(identifier), text)
    noteWhetherPending(tables)
  })
}

export function forget({ control }: Files, identifier: Identifier): boolean {
  const { write, tables } = control.writer()
  return write(() => tables.suppressed.removeSync(suppressionKey(identifier)))
}

export function settled({ control }: Files, keys: Iterable<Buffer>): void {
  const { write, tables } = control.writer()
  write(() => {
    for (const key of keys) tables.pending.removeSync(key)
    noteWhetherPending(tables)
  })
}

/** Takes out those who wait for it, unless another publishes: that one does it then. See `suppression.ts`. */
export function settlePending(files: Files): void {
  while (pendingOnes(files.control.writer().tables).size > 0) {
    const lock = tryPublishLock(files)
    if (lock === undefined) return
    try {
      takeOut(files)
    } finally {
      lock.release()
    }
  }
}

/** Under the lock of publishers. */
export function takeOut(files: Files): void {
  const pending = pendingOnes(files.control.writer().tables)
  if (pending.size === 0) return
  const { write, tables } = files.profiles.writer()
  write(() => {
    const release = readRelease(tables)
    if (release === undefined) return
    const writer = new ProfileWriter(tables, release, false)
    for (const identifier of pending.values()) writer.removeOwners(identifier)
    const { users, accounts } = writer.counts
    writeRelease(tables, { ...release, users, accounts })
  })
  settled(files, pending.keys())
}
