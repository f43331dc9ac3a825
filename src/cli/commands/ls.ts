import { withCatalog } from '../../adapters/with-catalog.ts'
import type { CompiledNode } from '../../ir/node.ts'
import { cacheFile } from '../../runner/cache-files.ts'
import { compiledProject, selectedNodes } from '../compiled-project.ts'
import { type CommandBody, exitCode } from '../invocation.ts'
import { openProject } from '../project.ts'

export const ls: CommandBody = async (invocation) => {
  const project = openProject(invocation)
  const { config } = project
  const manifest = await withCatalog(config.target, cacheFile(config, 'catalog'), (warehouse) =>
    compiledProject(invocation, project, warehouse),
  )
  const selected = new Set(selectedNodes(invocation, project, manifest))
  const nodes = manifest.nodes.filter((node) => selected.has(node.id))
  const lines = linesOf(nodes, invocation.options.output ?? 'text')
  invocation.output.result(lines.map((line) => `${line}\n`).join(''))
  return exitCode.done
}

function linesOf(nodes: readonly CompiledNode[], format: string): readonly string[] {
  switch (format) {
    case 'json':
      return nodes.map((node) => JSON.stringify(jsonOf(node)))
    case 'path':
      return [...new Set(nodes.map((node) => node.origin?.file).filter((file) => file !== undefined))]
    case 'selector':
      return nodes.map((node) => node.name)
    default:
      return nodes.map((node) => node.id)
  }
}

/** One object a line, as the manifest has it. */
function jsonOf(node: CompiledNode): object {
  const { id, type, name, description, owner, tags, meta, origin, dependsOn, relation, columns } = node
  return {
    id,
    type,
    name,
    description,
    owner,
    tags,
    meta,
    file: origin?.file,
    line: origin?.line,
    depends_on: dependsOn,
    relation,
    columns,
  }
}
