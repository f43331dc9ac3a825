import type { Source } from '../definitions/definitions.ts'
import type { CompiledNode } from '../ir/node.ts'

/** Sources are nodes without steps, so that selectors and lineage start with them. */
export function sourceNode(source: Source): CompiledNode {
  return {
    id: `source.${source.name}`,
    type: 'source',
    name: source.name,
    origin: { file: source.span.file, line: source.span.line },
    ...(source.description !== undefined && { description: source.description }),
    ...(source.owner !== undefined && { owner: source.owner }),
    tags: source.tags,
    meta: source.meta,
    dependsOn: [],
    columns: [],
    steps: [],
  }
}
