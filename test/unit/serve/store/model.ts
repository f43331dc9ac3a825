import type {
  Collection,
  FoundProfile,
  Identifier,
  ProfileDocument,
  ReadQuery,
} from '../../../../src/serve/store/store.ts'

export type Change =
  | { readonly kind: 'put'; readonly collection: Collection; readonly document: ProfileDocument }
  | { readonly kind: 'remove'; readonly collection: Collection; readonly id: string }

type Profiles = ReadonlyMap<string, ProfileDocument>
export type Served = Readonly<Record<Collection, Profiles>>

export const nothing: Served = { users: new Map(), accounts: new Map() }

/** What a store is to do, as plainly as it can be said. */
export function published(
  served: Served,
  suppressed: readonly Identifier[],
  full: boolean,
  changes: readonly Change[],
): Served {
  const now = full
    ? { users: new Map<string, ProfileDocument>(), accounts: new Map<string, ProfileDocument>() }
    : { users: new Map(served.users), accounts: new Map(served.accounts) }
  for (const change of changes) {
    if (change.kind === 'remove') now[change.collection].delete(change.id)
    else if (isOneOf(change.document, suppressed)) now[change.collection].delete(change.document.id)
    else now[change.collection].set(change.document.id, change.document)
  }
  return now
}

export function without(served: Served, identifier: Identifier): Served {
  const kept = (profiles: Profiles): Profiles =>
    new Map([...profiles].filter(([, document]) => !isOneOf(document, [identifier])))
  return { users: kept(served.users), accounts: kept(served.accounts) }
}

/** Of several the first by its id, but one that has the id, or wrote the identifier just so, before them. */
export function found(
  served: Served,
  { collection, by, parts, linked = 0 }: ReadQuery,
): FoundProfile | undefined {
  const document = 'id' in by ? byId(served[collection], by.id) : byIdentifier(served[collection], by)
  if (document === undefined) return undefined
  const other = served[collection === 'users' ? 'accounts' : 'users']
  const links = parts.includes('links') ? (document.parts.links ?? '').split('\n').slice(0, linked) : []
  return {
    id: document.id,
    parts: Object.fromEntries(
      parts.flatMap((part) => (document.parts[part] ? [[part, document.parts[part]]] : [])),
    ),
    linked: links
      .map((id) => byId(other, id))
      .filter((target) => target !== undefined)
      .map((target) => target.parts.external_ids ?? ''),
  }
}

/** Written is what differs from before, removed what is gone. */
export function difference(before: Served, after: Served): { written: number; removed: number } {
  let [written, removed] = [0, 0]
  for (const collection of ['users', 'accounts'] as const) {
    for (const [id, document] of after[collection]) {
      if (JSON.stringify(before[collection].get(id)) !== JSON.stringify(document)) written += 1
    }
    for (const id of before[collection].keys()) if (!after[collection].has(id)) removed += 1
  }
  return { written, removed }
}

function byId(profiles: Profiles, id: string): ProfileDocument | undefined {
  return profiles.get(id) ?? first([...profiles.values()].filter(({ formerIds }) => formerIds.includes(id)))
}

function byIdentifier(profiles: Profiles, identifier: Identifier): ProfileDocument | undefined {
  const owners = [...profiles.values()].filter((document) => isOneOf(document, [identifier]))
  const exact = owners.filter(({ identifiers }) =>
    identifiers.some(({ type, value }) => type === identifier.type && value === identifier.value),
  )
  return first(exact) ?? first(owners)
}

function isOneOf({ identifiers }: ProfileDocument, among: readonly Identifier[]): boolean {
  return identifiers.some(({ type, value }) =>
    among.some((each) => each.type === type && each.value.toLowerCase() === value.toLowerCase()),
  )
}

function first(documents: readonly ProfileDocument[]): ProfileDocument | undefined {
  return [...documents].sort((a, b) => (a.id < b.id ? -1 : 1))[0]
}
