import type { Kind, Plain, Typed } from './values.ts'

/** Everything traits and audiences can see, before any SQL. */
export interface World {
  readonly asOf: string
  readonly users: readonly WorldUser[]
  readonly accounts: readonly WorldAccount[]
  /** Custom traits and their column types. */
  readonly userTraits: Readonly<Record<string, Kind>>
  readonly accountTraits: Readonly<Record<string, Kind>>
  /** Event name → its properties and context paths, with their column types. */
  readonly events: Readonly<Record<string, WorldEvent>>
  readonly rows: readonly WorldRow[]
  /** Tables of entities and junctions, by name. */
  readonly tables?: Readonly<Record<string, WorldTable>>
  /** As the project writes them, relationships not nested. */
  readonly entities?: readonly Readonly<Record<string, unknown>>[]
  readonly relationships?: readonly Readonly<Record<string, unknown>>[]
  /** Who owns which identifier, as identity found. */
  readonly identifiers?: readonly { readonly type: string; readonly value: string; readonly user: string }[]
}

export interface WorldTable {
  readonly columns: Readonly<Record<string, Kind>>
  readonly rows: readonly Readonly<Record<string, Plain>>[]
}

export interface WorldUser {
  readonly id: string
  readonly known: boolean
  readonly traits: Readonly<Record<string, Plain>>
}

export interface WorldAccount {
  readonly id: string
  readonly users: readonly string[]
  readonly traits: Readonly<Record<string, Plain>>
}

export interface WorldEvent {
  readonly properties: Readonly<Record<string, Kind>>
  readonly contexts: Readonly<Record<string, Kind>>
}

export interface WorldRow {
  readonly event: string
  readonly id: string
  readonly user: string
  readonly source?: string
  readonly at: string
  readonly properties: Readonly<Record<string, Plain>>
  readonly contexts: Readonly<Record<string, Plain>>
}

/** Traits of a user or account as typed values; unknown ones are absent. */
export function typedTraits(
  traits: Readonly<Record<string, Plain>>,
  kinds: Readonly<Record<string, Kind>>,
): Record<string, Typed> {
  return Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => [name, { kind, value: traits[name] ?? null }]),
  )
}
