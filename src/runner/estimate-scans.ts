import type { Adapter } from '../adapters/adapter.ts'
import { WarehouseError } from '../adapters/warehouse-error.ts'
import { statementsOf } from '../compiler/statements-of.ts'
import type { CompiledNode } from '../ir/node.ts'

/** What a run of a node would read; what is repeated counts once. */
export interface ScanEstimate {
  readonly node: string
  /** Of the statements that the warehouse could look at. */
  readonly bytes: bigint
  readonly statements: number
  /** Statements that it could not: mostly they read tables that the run makes first. */
  readonly notEstimated: number
  /** What it said of the first of them. */
  readonly reason?: string
}

/**
 * Asks a warehouse for each statement what it would read, without running any; as many side by side as the target has threads.
 *
 * @returns in the order of the nodes; undefined where the warehouse says no such thing
 * @throws {WarehouseError} it cannot be asked
 */
export async function estimateScans(
  adapter: Adapter,
  nodes: readonly CompiledNode[],
  threads: number,
): Promise<readonly ScanEstimate[] | undefined> {
  if ((await adapter.scannedBytes('select 1 as one')) === undefined) return undefined
  const found: ScanEstimate[] = []
  const waiting = nodes.entries()
  const work = async (): Promise<void> => {
    for (const [index, node] of waiting) found[index] = await estimateNode(adapter, node)
  }
  await Promise.all(Array.from({ length: threads }, work))
  return found
}

async function estimateNode(adapter: Adapter, node: CompiledNode): Promise<ScanEstimate> {
  const statements = node.steps.flatMap(statementsOf)
  const reasons: string[] = []
  let bytes = 0n
  for (const sql of statements) {
    try {
      bytes += (await adapter.scannedBytes(sql)) ?? 0n
    } catch (error) {
      if (!isRefusal(error)) throw error
      reasons.push(error.message.split('\n')[0] ?? '')
    }
  }
  const [reason] = reasons
  return {
    node: node.id,
    bytes,
    statements: statements.length,
    notEstimated: reasons.length,
    ...(reason !== undefined && { reason }),
  }
}

/** Of a table, a column or a dataset that is not there yet. */
function isRefusal(error: unknown): error is WarehouseError {
  return error instanceof WarehouseError && (error.code === 'PSN4000' || error.code === 'PSN4033')
}
