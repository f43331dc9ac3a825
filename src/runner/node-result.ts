import type { Problem } from '../diagnostics/problem.ts'

export type NodeStatus = 'success' | 'error' | 'skipped' | 'cancelled'

/** How one node of a run ended. */
export interface NodeResult {
  readonly nodeId: string
  readonly status: NodeStatus
  /** ISO instant; absent where it never started. */
  readonly startedAt?: string
  readonly seconds: number
  /** Rows of the relation it wrote, where it wrote one. */
  readonly rows?: number
  /** Why it is not a success, in one line. */
  readonly message?: string
  /** What its steps warned of; absent where they did not. */
  readonly warnings?: readonly Problem[]
  /** What was thrown, for rendering. */
  readonly error?: unknown
}

/** Told while nodes run. */
export type NodeEvent =
  | { readonly kind: 'started'; readonly nodeId: string }
  | {
      readonly kind: 'round'
      readonly nodeId: string
      readonly step: string
      readonly round: number
      readonly remaining: bigint
    }
  | { readonly kind: 'ended'; readonly result: NodeResult }
