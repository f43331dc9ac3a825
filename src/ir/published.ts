import type { NodeColumn } from './node.ts'

/** A public table and the select over working tables that fills it; the run's last transaction replaces its rows. */
export interface PublishedTable {
  readonly name: string
  readonly columns: readonly NodeColumn[]
  /** Returns exactly `columns`, by name. */
  readonly select: string
  /** Where not all rows need be replaced: those that go, as a condition, and a select of those that come. */
  readonly changes?: { readonly stale: string; readonly select: string }
  /** Columns are added, or widened to hold other values as well, and never go. */
  readonly keepsColumns?: true
  /** Rows are added and stay; `time` is the timestamp that they are of. */
  readonly log?: { readonly time: string }
  /** The table has a `run_id`, and rows of other runs stay. */
  readonly keepsRuns?: true
}
