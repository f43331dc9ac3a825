/** What profiles are of, in words of the Profile API. */
export type Collection = 'users' | 'accounts'

/** What is read of a profile apart from the rest; how each is written: `documents.ts`. */
export type Part =
  | 'traits'
  | 'trait_classes'
  | 'trait_sources'
  | 'external_ids'
  | 'events'
  | 'metadata'
  | 'links'

export const parts: readonly Part[] = [
  'traits',
  'trait_classes',
  'trait_sources',
  'external_ids',
  'events',
  'metadata',
  'links',
]

export interface Identifier {
  readonly type: string
  readonly value: string
}

/** One profile as it is served. */
export interface ProfileDocument {
  /** `use_…`, or the id of an account. */
  readonly id: string
  /** Ids of profiles that merged into it: they lead to it. */
  readonly formerIds: readonly string[]
  readonly identifiers: readonly Identifier[]
  /** A part that is left out is empty. */
  readonly parts: Readonly<Partial<Record<Part, string>>>
}

/** One publish: everything that is served at a time belongs to one. Instants are ISO with `Z`. */
export interface Release {
  /** Counts the publishes into this store, from 1. */
  readonly version: number
  /** The run whose tables were published, and the instant it computed for. */
  readonly runId: string
  readonly asOf: string
  /** A hash of the definitions of that run. */
  readonly definitions: string
  readonly publishedAt: string
  /** Profiles that are served. */
  readonly users: number
  readonly accounts: number
}

export interface ReadQuery {
  readonly collection: Collection
  /** Identifiers are found whatever their letter case; the one written exactly so is preferred. Ids may be former ones. */
  readonly by: Identifier | { readonly id: string }
  readonly parts: readonly Part[]
  /** With the part `links`: so many of the profiles it leads to are read too, with their `external_ids`. */
  readonly linked?: number
}

export interface FoundProfile {
  /** The id it has now. */
  readonly id: string
  readonly parts: Readonly<Partial<Record<Part, string>>>
  /** `external_ids` of the profiles that `links` leads to, in its order; those that are not served are left out. */
  readonly linked: readonly string[]
}

export interface Answer {
  /** Undefined where nothing was published yet. */
  readonly release: Release | undefined
  readonly profile: FoundProfile | undefined
}

/** Who may ask; the token itself is never stored. */
export interface Token {
  readonly name: string
  /** SHA-256 of the token, in hex. */
  readonly hash: string
  readonly createdAt: string
}

/** Serves one version until the next one is complete. Many processes may read while one writes. */
export interface ProfileReader {
  /** All that one call answers belongs to one release. */
  read(query: ReadQuery): Promise<Answer>
  release(): Promise<Release | undefined>
  /** The name of the token with this hash, unless it was revoked. */
  tokenName(hash: string): Promise<string | undefined>
  close(): Promise<void>
}

export interface PublishRequest {
  /** Everything that is not put is gone; otherwise it stays. */
  readonly full: boolean
  readonly release: Pick<Release, 'runId' | 'asOf' | 'definitions' | 'publishedAt'>
}

export interface PublishWriter {
  /** Only what differs from what is there is written. People who are suppressed are passed over. */
  put(collection: Collection, document: ProfileDocument): Promise<void>
  remove(collection: Collection, id: string): Promise<void>
}

export interface Published {
  readonly release: Release
  /** Profiles that came or changed, and those that went. */
  readonly written: number
  readonly removed: number
}

export interface ProfileStore extends ProfileReader {
  /** Given when the store was made: another one, even in the same place, has another. */
  id(): Promise<string>
  /**
   * Makes a new version visible when `write` is done, all at once; if it fails, or the process ends, nothing has changed.
   *
   * @throws {ProblemError} PSN7001 another process is publishing
   */
  publish(request: PublishRequest, write: (writer: PublishWriter) => Promise<void>): Promise<Published>
  /**
   * From now on nobody with this identifier is served, whatever is published, until `unsuppress`.
   *
   * @returns ids of the profiles that were served until now
   */
  suppress(identifier: Identifier): Promise<readonly string[]>
  /** The profile is back with the next publish. @returns whether it was suppressed */
  unsuppress(identifier: Identifier): Promise<boolean>
  /** @returns whether the name was free */
  addToken(token: Token): Promise<boolean>
  /** By name. */
  tokens(): Promise<readonly Token[]>
  /** @returns whether there was one */
  revokeToken(name: string): Promise<boolean>
}
