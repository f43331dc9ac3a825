import { join, relative } from 'node:path'
import { withCatalog } from '../../adapters/with-catalog.ts'
import { cacheFile } from '../../runner/cache-files.ts'
import { writeCompiled } from '../artifacts.ts'
import { compiledProject, selectedNodes } from '../compiled-project.ts'
import { type CommandBody, exitCode } from '../invocation.ts'
import { openProject } from '../project.ts'

export const compile: CommandBody = async (invocation) => {
  const project = openProject(invocation)
  const { config } = project
  const manifest = await withCatalog(config.target, cacheFile(config, 'catalog'), (warehouse) =>
    compiledProject(invocation, project, warehouse),
  )
  writeCompiled(config, manifest)
  const selected = new Set(selectedNodes(invocation, project, manifest))
  const nodes = manifest.nodes.filter((node) => selected.has(node.id) && node.steps.length > 0)
  const statements = nodes.reduce((count, node) => count + node.steps.length, 0)
  const folder = relative(process.cwd(), join(config.paths.target, 'compiled', config.target.name))
  invocation.output.result(
    `${nodes.length} nodes with ${statements} steps for ${config.target.name}, in ${folder || '.'}`,
  )
  return exitCode.done
}
