import type { Adapter } from '../adapters/adapter.ts'
import { WarehouseError } from '../adapters/warehouse-error.ts'
import type { Problem } from '../diagnostics/problem.ts'
import type { CompiledNode } from '../ir/node.ts'
import type { NodeEvent, NodeResult } from './node-result.ts'
import { waitsFor } from './run-order.ts'
import { runSteps } from './run-steps.ts'
import { tagged } from './run-tag.ts'

export interface RunNodes {
  readonly adapter: Adapter
  /** All nodes of the project. */
  readonly nodes: readonly CompiledNode[]
  /** Ids of those to run; sources among them are passed over. */
  readonly selected: ReadonlySet<string>
  /** Nodes computed side by side. */
  readonly threads: number
  readonly project: string
  readonly runId: string
  /** Once aborted nothing more starts; what is running ends as the warehouse's cancel makes it. */
  readonly signal: AbortSignal
  readonly report: (event: NodeEvent) => void
}

/**
 * Runs nodes as soon as what they wait for has succeeded. A node whose dependency did not succeed is skipped, so
 * `publish`, which depends on everything, only runs when all that was selected did.
 *
 * @returns one result for each selected node with steps, in the order they ended
 */
export async function runNodes(run: RunNodes): Promise<readonly NodeResult[]> {
  const waits = waitsFor(run.nodes, run.selected)
  const pending = run.nodes.filter((node) => waits.has(node.id))
  const results = new Map<string, NodeResult>()
  const running = new Set<Promise<void>>()

  const end = (result: NodeResult): void => {
    results.set(result.nodeId, result)
    run.report({ kind: 'ended', result })
  }
  const start = (node: CompiledNode): void => {
    run.report({ kind: 'started', nodeId: node.id })
    const work = runNode(run, node).then((result) => {
      running.delete(work)
      end(result)
    })
    running.add(work)
  }

  while (pending.length > 0 || running.size > 0) {
    for (let index = 0; index < pending.length; ) {
      const node = pending[index]
      if (node === undefined) break
      const next = decide(run, waits.get(node.id) ?? new Set(), results, running.size)
      if (next.kind === 'wait') {
        index += 1
        continue
      }
      pending.splice(index, 1)
      if (next.kind === 'start') start(node)
      if (next.kind === 'end')
        end({ nodeId: node.id, status: next.status, seconds: 0, message: next.message })
    }
    if (running.size > 0) await Promise.race(running)
  }
  return [...results.values()]
}

type Next =
  | { readonly kind: 'wait' }
  | { readonly kind: 'start' }
  | { readonly kind: 'end'; readonly status: 'skipped' | 'cancelled'; readonly message: string }

function decide(
  run: RunNodes,
  dependencies: ReadonlySet<string>,
  results: ReadonlyMap<string, NodeResult>,
  running: number,
): Next {
  if (run.signal.aborted) return { kind: 'end', status: 'cancelled', message: 'the run was stopped' }
  let ready = true
  for (const dependency of dependencies) {
    const result = results.get(dependency)
    if (result === undefined) ready = false
    else if (result.status !== 'success') {
      return { kind: 'end', status: 'skipped', message: `${dependency}: ${result.status}` }
    }
  }
  return ready && running < run.threads ? { kind: 'start' } : { kind: 'wait' }
}

async function runNode(run: RunNodes, node: CompiledNode): Promise<NodeResult> {
  const target = tagged(run.adapter, run.project, run.runId, node.id)
  const startedAt = new Date().toISOString()
  const started = performance.now()
  const warnings: Problem[] = []
  const soFar = () => ({
    nodeId: node.id,
    startedAt,
    seconds: (performance.now() - started) / 1000,
    ...(warnings.length === 0 ? {} : { warnings }),
  })
  try {
    await runSteps(
      target,
      node.steps,
      (event) => {
        if (event.kind === 'round') run.report({ ...event, nodeId: node.id })
        if (event.kind === 'warning') warnings.push(event.problem)
      },
      run.signal,
    )
    const rows = await countRows(run.adapter, node)
    return { ...soFar(), status: 'success', ...(rows === undefined ? {} : { rows }) }
  } catch (error) {
    // A stop cancels statements; it loses no connections.
    const wasLost = error instanceof WarehouseError && error.code === 'PSN4009'
    if (run.signal.aborted && !wasLost)
      return { ...soFar(), status: 'cancelled', message: 'the run was stopped' }
    const message = error instanceof Error ? firstLine(error.message) : String(error)
    return { ...soFar(), status: 'error', message, error }
  }
}

/** Asked rather than taken from the statements: what they affect is counted differently by each warehouse. */
async function countRows(adapter: Adapter, node: CompiledNode): Promise<number | undefined> {
  if (node.relation === undefined) return undefined
  const rows = await adapter.query(
    `select count(*) as row_count from ${adapter.dialect.relation(node.relation)}`,
  )
  return Number(rows[0]?.row_count ?? 0)
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text
}
