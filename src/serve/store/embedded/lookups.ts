import type { Collection, Identifier } from '../store.ts'
import type { ControlTables, ProfileTables } from './files.ts'
import { formerIdKey, identifierKey, partKey, profileKey, suppressionKey, textOfKey } from './keys.ts'
import { readBytes } from './read-value.ts'
import { anyPending } from './state.ts'

export interface Leads {
  readonly identifiers: readonly Identifier[]
  readonly formerIds: readonly string[]
}

/** Bytes before each of them, for its length. */
const lengthBytes = 2

/** Those that `key` leads to, sorted. */
export function ownersOf({ lookups }: ProfileTables, key: Buffer): readonly Buffer[] {
  const all = readBytes(lookups, key)
  const owners: Buffer[] = []
  for (let at = 0; all !== undefined && at < all.length; ) {
    const from = at + lengthBytes
    at = from + all.readUInt16BE(at)
    owners.push(all.subarray(from, at))
  }
  return owners
}

export function addOwner(tables: ProfileTables, key: Buffer, owner: Buffer): void {
  const others = ownersOf(tables, key).filter((each) => !each.equals(owner))
  putOwners(tables, key, [...others, owner].sort(Buffer.compare))
}

export function removeOwner(tables: ProfileTables, key: Buffer, owner: Buffer): void {
  const others = ownersOf(tables, key).filter((each) => !each.equals(owner))
  if (others.length === 0) tables.lookups.removeSync(key)
  else putOwners(tables, key, others)
}

function putOwners({ lookups }: ProfileTables, key: Buffer, owners: readonly Buffer[]): void {
  const parts = owners.flatMap((owner) => {
    const length = Buffer.allocUnsafe(lengthBytes)
    length.writeUInt16BE(owner.length)
    return [length, owner]
  })
  lookups.putSync(key, Buffer.concat(parts))
}

export function leadsOfProfile({ parts }: ProfileTables, profile: Buffer): Leads {
  const text = parts.get(partKey(profile, 'leads'))
  if (text === undefined) return { identifiers: [], formerIds: [] }
  // What `leadsOf` wrote.
  const [identifiers, formerIds] = JSON.parse(text) as [[string, string][], string[]]
  return { identifiers: identifiers.map(([type, value]) => ({ type, value })), formerIds }
}

/** The id it has: in its key, or as JSON where the key is a hash. */
export function idOf({ ids }: ProfileTables, profile: Buffer): string {
  return textOfKey(profile) ?? String(JSON.parse(ids.get(profile) ?? '""'))
}

/** By what they are equal to, so that two cases of one identifier are one. */
export function lookupKeys(collection: Collection, { identifiers, formerIds }: Leads): Map<string, Buffer> {
  const keys = [
    ...identifiers.map((identifier) => identifierKey(collection, identifier)),
    ...formerIds.map((id) => formerIdKey(collection, id)),
  ]
  return new Map(keys.map((key) => [key.toString('latin1'), key]))
}

/** Those who are served, whatever the letter case. */
export function ownersOfIdentifier(
  tables: ProfileTables,
  control: ControlTables | undefined,
  collection: Collection,
  identifier: Identifier,
): readonly Buffer[] {
  return shown(tables, control, ownersOf(tables, identifierKey(collection, identifier)))
}

/** Of several that share it but for its letter case, the one that wrote it so; else the first by its id. */
export function ownerOfIdentifier(
  tables: ProfileTables,
  control: ControlTables | undefined,
  collection: Collection,
  identifier: Identifier,
): Buffer | undefined {
  const owners = ownersOfIdentifier(tables, control, collection, identifier)
  if (owners.length < 2) return owners[0]
  return owners.find((owner) => hasExactly(tables, owner, identifier)) ?? owners[0]
}

/** The profile that has the id, else one that had it before it merged. */
export function ownerOfId(
  tables: ProfileTables,
  control: ControlTables | undefined,
  collection: Collection,
  id: string,
): Buffer | undefined {
  const profile = profileKey(collection, id)
  const now = tables.ids.get(profile) === undefined ? [] : shown(tables, control, [profile])
  return now[0] ?? shown(tables, control, ownersOf(tables, formerIdKey(collection, id)))[0]
}

function hasExactly(tables: ProfileTables, owner: Buffer, { type, value }: Identifier): boolean {
  return leadsOfProfile(tables, owner).identifiers.some((each) => each.type === type && each.value === value)
}

/** Without those that wait to be taken out. */
function shown(
  tables: ProfileTables,
  control: ControlTables | undefined,
  owners: readonly Buffer[],
): readonly Buffer[] {
  if (control === undefined || owners.length === 0 || !anyPending(control)) return owners
  return owners.filter(
    (owner) =>
      !leadsOfProfile(tables, owner).identifiers.some(
        (identifier) => control.pending.get(suppressionKey(identifier)) !== undefined,
      ),
  )
}
