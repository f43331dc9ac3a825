import { type Collection, type Identifier, type ProfileDocument, parts } from '../store.ts'
import { collections, leadsOf } from '../suppression.ts'
import type { ControlTables, ProfileTables } from './files.ts'
import { identifierKey, isOf, partKey, profileKey } from './keys.ts'
import { addOwner, leadsOfProfile, lookupKeys, ownersOf, removeOwner } from './lookups.ts'
import { isSuppressed } from './suppressions.ts'

export interface Counts {
  users: number
  accounts: number
  written: number
  removed: number
}

/** So many profiles are looked for at a time that were not put. */
const sweptAtATime = 10_000

/** Changes profiles within a transaction of `profiles.mdb`, and counts. */
export class ProfileWriter {
  readonly counts: Counts
  readonly #tables: ProfileTables
  readonly #full: boolean

  constructor(tables: ProfileTables, served: { users: number; accounts: number }, full: boolean) {
    this.#tables = tables
    this.#full = full
    this.counts = { users: served.users, accounts: served.accounts, written: 0, removed: 0 }
  }

  put(collection: Collection, document: ProfileDocument, control: ControlTables): void {
    const profile = profileKey(collection, document.id)
    if (isSuppressed(control, document.identifiers)) {
      this.remove(collection, document.id)
      return
    }
    if (this.#full) this.#tables.seen.putSync(profile, '')
    const { ids } = this.#tables
    const isNew = ids.get(profile) === undefined
    if (isNew) {
      ids.putSync(profile, JSON.stringify(document.id))
      this.counts[collection] += 1
    }
    const led = this.#putLeads(collection, profile, document)
    const changed = this.#putParts(profile, document)
    if (isNew || led || changed) this.counts.written += 1
  }

  remove(collection: Collection, id: string): void {
    const profile = profileKey(collection, id)
    if (this.#full) this.#tables.seen.removeSync(profile)
    this.#take(profile)
  }

  /** Those an identifier belongs to. */
  removeOwners(identifier: Identifier): void {
    for (const collection of collections) {
      for (const owner of ownersOf(this.#tables, identifierKey(collection, identifier))) this.#take(owner)
    }
  }

  /** Everything that was not put. */
  sweep(): void {
    const { ids, seen } = this.#tables
    const { users, accounts } = this.counts
    if (seen.getKeysCount() < users + accounts) {
      let start: Buffer | undefined
      do {
        const keys: Buffer[] = [
          ...ids.getKeys({ limit: sweptAtATime, ...(start === undefined ? {} : { start }) }),
        ]
        for (const key of keys) if (seen.get(key) === undefined) this.#take(key)
        // It is met again, and no harm done.
        start = keys.length < sweptAtATime ? undefined : keys.at(-1)
      } while (start !== undefined)
    }
    seen.clearSync()
  }

  #putLeads(collection: Collection, profile: Buffer, document: ProfileDocument): boolean {
    const { parts: table } = this.#tables
    const key = partKey(profile, 'leads')
    const text = leadsOf(document)
    if (table.get(key) === text) return false
    const before = lookupKeys(collection, leadsOfProfile(this.#tables, profile))
    const now = lookupKeys(collection, document)
    for (const [name, lookup] of before) if (!now.has(name)) removeOwner(this.#tables, lookup, profile)
    for (const [name, lookup] of now) if (!before.has(name)) addOwner(this.#tables, lookup, profile)
    table.putSync(key, text)
    return true
  }

  #putParts(profile: Buffer, document: ProfileDocument): boolean {
    const { parts: table } = this.#tables
    let changed = false
    for (const part of parts) {
      const key = partKey(profile, part)
      const text = document.parts[part] ?? ''
      if ((table.get(key) ?? '') === text) continue
      if (text === '') table.removeSync(key)
      else table.putSync(key, text)
      changed = true
    }
    return changed
  }

  /** Its lookups lead to it alone, so that those of another profile with the same identifier stay. */
  #take(profile: Buffer): void {
    const { ids, parts: table } = this.#tables
    if (ids.get(profile) === undefined) return
    const collection = isOf('users', profile) ? 'users' : 'accounts'
    for (const lookup of lookupKeys(collection, leadsOfProfile(this.#tables, profile)).values()) {
      removeOwner(this.#tables, lookup, profile)
    }
    for (const part of ['leads', ...parts] as const) table.removeSync(partKey(profile, part))
    ids.removeSync(profile)
    this.counts[collection] -= 1
    this.counts.removed += 1
  }
}
