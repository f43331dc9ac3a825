import type { NodeColumn } from './node.ts'

/** A public table and the select over working tables that fills it; the run's last transaction replaces its rows. */
export interface PublishedTable {
  readonly name: string
  readonly columns: readonly NodeColumn[]
  /** Returns exactly `columns`, by name. */
  readonly select: string
  /** The table has a `run_id`, and rows of other runs stay. */
  readonly keepsRuns?: true
}
