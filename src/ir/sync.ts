import type { ValueType } from './value-type.ts'

/** An input of a sync's mapping, as a text column of its state tables. */
export interface SyncColumn {
  readonly name: string
  /** By `inputKey` of the definitions. */
  readonly input: string
  /** Of the value, written as text by `Dialect.toText`. */
  readonly type: ValueType
}

/** What stands around records in a request that holds them as JSON. */
export interface JsonForm {
  /** Stands in each record before its own members: members as JSON, each with a comma behind. */
  readonly head: string
  /** Stand before the first record, between two, and behind the last. */
  readonly before: string
  readonly between: string
  readonly behind: string
}

/** What a sync reads, before it is compared with what was delivered. */
export interface SyncRecords {
  readonly columns: readonly SyncColumn[]
  /** Returns `record_key` and the columns, all as text. */
  readonly select: string
  /** The same with values as they are where `Dialect.differsFromText` compares them; absent where there are none. */
  readonly values?: string
  /** Of what makes a record of values: records are sent anew when it is another. */
  readonly mappingDigest: string
  /** Whether each record is of a user's profile. */
  readonly ofPeople: boolean
  /** Whether `record_key` may be NULL or there twice. */
  readonly unsafeKey: boolean
}
