import type { CompiledNode } from '../ir/node.ts'

/**
 * Nodes so that each comes after those it depends on; among equals by type and name, so that the order is the project's alone.
 *
 * @returns the order, or the ids of one cycle from its first node back to it
 */
export function orderNodes(
  nodes: readonly CompiledNode[],
): { readonly ordered: readonly CompiledNode[] } | { readonly cycle: readonly string[] } {
  const byId = new Map([...nodes].sort((a, b) => (a.id < b.id ? -1 : 1)).map((node) => [node.id, node]))
  const ordered: CompiledNode[] = []
  const state = new Map<string, 'open' | 'done'>()
  const path: string[] = []
  // An explicit stack: a chain of ten thousand audiences must not overflow the call stack.
  for (const root of byId.keys()) {
    const stack: { readonly id: string; readonly rest: string[] }[] = []
    const open = (id: string): void => {
      state.set(id, 'open')
      path.push(id)
      stack.push({
        id,
        rest: [...(byId.get(id)?.dependsOn ?? [])].filter((other) => byId.has(other)).reverse(),
      })
    }
    if (!state.has(root)) open(root)
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.rest.pop()
      if (next === undefined) {
        const node = byId.get(top.id)
        if (node !== undefined) ordered.push(node)
        state.set(top.id, 'done')
        path.pop()
        stack.pop()
      } else if (state.get(next) === 'open') {
        return { cycle: [...path.slice(path.indexOf(next)), next] }
      } else if (!state.has(next)) open(next)
    }
  }
  return { ordered }
}
