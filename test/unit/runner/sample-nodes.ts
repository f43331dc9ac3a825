import type { CompiledNode, NodeType } from '../../../src/ir/node.ts'
import type { Step } from '../../../src/ir/step.ts'

/** A node by hand; its id is `<type>.<name>`. */
export function node(
  type: NodeType,
  name: string,
  dependsOn: readonly string[] = [],
  more: Partial<CompiledNode> = {},
): CompiledNode {
  return { id: `${type}.${name}`, type, name, tags: [], meta: {}, dependsOn, columns: [], steps: [], ...more }
}

/** A step that is one statement. */
export function sql(text: string): Step {
  return { kind: 'statement', name: 'statement', sql: text }
}
