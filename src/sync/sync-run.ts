import type { Adapter } from '../adapters/adapter.ts'
import type { CompiledSync } from '../compiler/syncs/compile-sync.ts'
import type { Templates } from '../sql/templates.ts'
import type { RetryPolicy } from './deliver/deliver-batch.ts'
import type { Clock, Pace } from './deliver/pace.ts'
import type { Capabilities, Change, DestinationType } from './destination.ts'

/** A destination with its settings read. */
export interface OpenedDestination {
  readonly type: DestinationType
  readonly settings: unknown
  readonly capabilities: Capabilities
  /** Shared by all syncs to it. */
  readonly pace: Pace
}

export interface RunSync {
  readonly sync: CompiledSync
  readonly destination: OpenedDestination
  /** The warehouse that records are read from. */
  readonly warehouse: Adapter
  /** What was delivered is remembered here: the warehouse itself, or a DuckDB file. */
  readonly state: Adapter
  readonly templates: Templates
  readonly schemas: { readonly sync: string; readonly public: string }
  readonly runId: string
  readonly version: string
  readonly clock: Clock
  readonly policy: RetryPolicy
  readonly signal: AbortSignal
  readonly dryRun: boolean
  /** Everything counts as never delivered. */
  readonly fullResync: boolean
  /** What was held back is sent again. */
  readonly release: boolean
  readonly allowDeletes: boolean
  readonly report: (event: SyncEvent) => void
}

export type SyncEvent =
  /** A sync that was interrupted is taken in before. */
  | { readonly kind: 'recovered'; readonly runId: string }
  /** What was delivered went to another destination, so that it counts for nothing here. */
  | { readonly kind: 'moved'; readonly from: string; readonly to: string }
  /** What the mode before did not send and this one would have sent is not made up for. */
  | { readonly kind: 'sends more'; readonly from: string; readonly to: string }
  | { readonly kind: 'planned'; readonly plan: PlanCounts }
  | { readonly kind: 'delivered'; readonly acknowledged: number; readonly others: number }

/** What a plan holds. */
export interface PlanCounts {
  readonly records: number
  /** As delivered before. */
  readonly delivered: number
  readonly add: number
  readonly update: number
  readonly remove: number
  /** Removals of who is forgotten, whatever the mode. */
  readonly forgotten: number
  /** Held back since they were rejected or given up, or may have arrived already. */
  readonly held: number
  readonly nullKeys: number
  readonly duplicateKeys: number
  /** Of a sync with a filter: what it leaves out, and what it cannot be asked of. */
  readonly leftOut: number
  readonly unjudged: number
}

export interface SyncResult {
  readonly sync: string
  readonly destination: string
  readonly status: 'success' | 'partial' | 'failed' | 'cancelled' | 'planned'
  readonly plan: PlanCounts
  /** Records by what became of them: `acknowledged`, `rejected`, … */
  readonly records: Readonly<Record<string, number>>
  readonly requests: number
  readonly message?: string
  /** Of a dry run: the first changes. */
  readonly samples: readonly Change[]
}
