import type { CompiledNode } from '../ir/node.ts'

/** Everything a run does, in an order in which each node comes after those it reads. */
export interface Manifest {
  readonly project: string
  readonly target: string
  readonly schema: string
  readonly workSchema: string
  readonly nodes: readonly CompiledNode[]
}
