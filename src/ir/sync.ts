import type { ValueType } from './value-type.ts'

/** An input of a sync's mapping, as a text column of its state tables. */
export interface SyncColumn {
  readonly name: string
  /** By `inputKey` of the definitions. */
  readonly input: string
  /** Of the value, written as text by `Dialect.toText`. */
  readonly type: ValueType
}

/** What a sync reads, before it is compared with what was delivered. */
export interface SyncRecords {
  readonly columns: readonly SyncColumn[]
  /** Returns `record_key` and the columns, all as text. */
  readonly select: string
  /** Of the mapping: records are sent anew when it is another. */
  readonly mappingDigest: string
  /** Whether each record is of a user's profile. */
  readonly ofPeople: boolean
  /** Whether `record_key` may be NULL or there twice. */
  readonly unsafeKey: boolean
}
