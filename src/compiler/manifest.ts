import type { CompiledNode } from '../ir/node.ts'
import type { CompiledSync } from './syncs/compile-sync.ts'

/** Everything a run does, in an order in which each node comes after those it reads. */
export interface Manifest {
  readonly project: string
  readonly target: string
  readonly schema: string
  readonly workSchema: string
  readonly nodes: readonly CompiledNode[]
  readonly syncs: readonly CompiledSync[]
}
