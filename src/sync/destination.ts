import type { z } from 'zod'
import type { Entity, SyncMode } from '../definitions/definitions.ts'
import type { JsonForm } from '../ir/sync.ts'
import type { FieldType } from './mapping/field-types.ts'

/** Plain data, as JSON has it. */
export type FieldValue =
  | string
  | number
  | boolean
  | null
  | readonly FieldValue[]
  | { readonly [name: string]: FieldValue }

export type Fields = Readonly<Record<string, FieldValue>>

/** What a destination is told of one record. */
export interface Change {
  readonly operation: 'add' | 'update' | 'remove'
  /** Of the record, among those of its sync. */
  readonly key: string
  /** The mapping's answer; of a removal as it was last delivered. */
  readonly fields: Fields
  /** Names of the fields at the top that differ from what was delivered; of an update only. */
  readonly changed: readonly string[]
  /** The same whenever this very change is sent again. */
  readonly idempotencyKey: string
}

export type RowResult =
  | { readonly ok: true }
  | {
      readonly ok: false
      /** A few words, the same for the same cause: `invalid email`. */
      readonly reason: string
      /** What the destination said, without what we sent. */
      readonly message: string
      /** Whether the same row may be taken later. */
      readonly retryable: boolean
    }

/** A whole batch that was not taken. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError'
  readonly reason: string
  readonly kind: DeliveryErrorKind
  readonly retryAfterMs: number | undefined

  constructor(
    kind: DeliveryErrorKind,
    reason: string,
    message: string,
    options: { readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.kind = kind
    this.reason = reason
    this.retryAfterMs = options.retryAfterMs
  }
}

/**
 * `retryable`: later it may go well, and it may have gone well already. `rejected`: something in the batch is not acceptable;
 * smaller batches tell what. `fatal`: nothing will be taken until somebody changes a setting.
 */
export type DeliveryErrorKind = 'retryable' | 'rejected' | 'fatal'

export interface Capabilities {
  readonly modes: readonly SyncMode[]
  /** At most so many rows, and bytes of their fields as JSON, in a call of `write`. */
  readonly batchRows: number
  readonly batchBytes?: number
  /** Calls of `write` side by side. */
  readonly concurrency: number
  /** Calls of `write` at most. */
  readonly rate?: { readonly requests: number; readonly perMs: number }
  /**
   * What a change does that arrives twice. `harmless`: nothing more. `keyed`: nothing more, as the destination knows its idempotency
   * key. `harmful`: it counts twice, so what may have arrived is not sent again unless somebody says so.
   */
  readonly repeated: 'harmless' | 'keyed' | 'harmful'
  /** When what was written is there: after each batch, or only once `finish` is done. */
  readonly visible: 'batch' | 'finish'
}

/** What a session works with besides its settings. */
export interface SessionContext {
  readonly sync: string
  readonly mode: SyncMode
  readonly entity: Entity
  /** What records are: members of an audience, rows of an entity for which they are, profiles with certain traits, or something else. */
  readonly about:
    | { readonly kind: 'audience'; readonly name: string }
    | {
        readonly kind: 'rows'
        readonly audience: string
        readonly relationship: string
        /** Name of the entity. */
        readonly entity: string
      }
    | { readonly kind: 'traits'; readonly names: readonly string[] }
    | { readonly kind: 'records' }
  readonly runId: string
  /** Of the fields at the top of the mapping, in its order. */
  readonly fields: readonly FieldType[]
  /** ISO instant of the run. */
  readonly startedAt: string
  readonly version: string
}

/** Records of one request. */
export interface JsonBatch {
  readonly rows: number
  /** In UTF-8, where it is bytes. */
  readonly body: string | Uint8Array
  /** The same for the same changes in one batch, and for no others. */
  readonly key: string
}

/** For a destination whose requests hold records as JSON as they are: most warehouses write these many times as fast. */
export interface JsonRecords extends JsonForm {
  /** As {@link Session.write}. */
  write(batch: JsonBatch, signal: AbortSignal): Promise<readonly RowResult[]>
}

/** A destination while a sync delivers. */
export interface Session {
  /** Where there is one, either may be called, whatever the batch. */
  readonly json?: JsonRecords
  /** Once, before the first batch: creates what it writes to, where it can. */
  prepare?(signal: AbortSignal): Promise<void>
  /**
   * @returns one result for each change, in their order
   * @throws {DeliveryError} the batch as a whole was not taken
   */
  write(changes: readonly Change[], signal: AbortSignal): Promise<readonly RowResult[]>
  /** Once, after the last batch, unless the sync failed. */
  finish?(signal: AbortSignal): Promise<void>
  /** Always, and last. */
  close(): Promise<void>
}

/** A kind of destination. Built in, or a module of the project; see docs/destinations.md. */
export interface DestinationType<Settings = unknown> {
  readonly type: string
  readonly summary: string
  /** What stands beside `name` and `type` in a definition. */
  readonly settings: z.ZodType<Settings>
  /** Names of settings that are secret. */
  readonly secrets: readonly string[]
  /** Names of settings that are paths; those that are relative are so to the project. */
  readonly paths?: readonly string[]
  /** Said in lists: what was never run against the real service, for example. */
  readonly note?: string
  /** What the fields of a mapping are to it. */
  readonly takes?: string
  /** Settings as a project may have them; `personas destinations <type>` says what a destination with these can do. */
  readonly example?: Readonly<Record<string, unknown>>
  capabilities(settings: Settings): Capabilities
  /** Asks the destination whether settings and credentials are good. Sends no data. @throws {DeliveryError} they are not */
  check(settings: Settings, signal: AbortSignal): Promise<void>
  open(settings: Settings, context: SessionContext): Promise<Session>
}

/** Keeps the types of settings together; the registry knows only that there are some. */
export function destinationType<Settings>(type: DestinationType<Settings>): DestinationType<Settings> {
  return type
}
