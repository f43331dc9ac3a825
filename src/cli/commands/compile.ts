import { join, relative } from 'node:path'
import { withCatalog } from '../../adapters/with-catalog.ts'
import type { Manifest } from '../../compiler/manifest.ts'
import type { Project } from '../../definitions/load-project.ts'
import { ProblemError, problem } from '../../diagnostics/problem.ts'
import type { CompiledNode } from '../../ir/node.ts'
import { cacheFile } from '../../runner/cache-files.ts'
import { estimateScans } from '../../runner/estimate-scans.ts'
import { withComputing } from '../../runner/select/select-nodes.ts'
import { writeCompiled } from '../artifacts.ts'
import { compiledProject, selectedNodes } from '../compiled-project.ts'
import { type CommandBody, exitCode, type Invocation } from '../invocation.ts'
import { openProject, withAdapter } from '../project.ts'
import { renderEstimates, totalOf } from '../render-estimates.ts'

export const compile: CommandBody = async (invocation) => {
  const { options, output } = invocation
  const project = openProject(invocation)
  const { config } = project
  if (options.dryRun) return estimate(invocation, project)
  const manifest = await withCatalog(config.target, cacheFile(config, 'catalog'), (warehouse) =>
    compiledProject(invocation, project, warehouse),
  )
  writeCompiled(config, manifest)
  output.result(summaryOf(project, chosen(manifest, selectedNodes(invocation, project, manifest))))
  return exitCode.done
}

/** What a run of the same selection would read, which the warehouse knows without running it. */
async function estimate(invocation: Invocation, project: Project): Promise<number> {
  const { options, output } = invocation
  const { config } = project
  const { threads, type: warehouse } = config.target
  return withAdapter(config, async (adapter) => {
    const manifest = await compiledProject(invocation, project, adapter)
    writeCompiled(config, manifest)
    const selected = withComputing(manifest.nodes, selectedNodes(invocation, project, manifest))
    // Publishing is part of every run, and syncs of none.
    const publishers = manifest.nodes.filter(({ type }) => type === 'publish').map(({ id }) => id)
    const nodes = chosen(manifest, [...selected, ...publishers]).filter(({ type }) => type !== 'sync')
    output.log('compiled', summaryOf(project, nodes))
    const estimates = await estimateScans(adapter, nodes, threads)
    if (estimates === undefined) throw new ProblemError([problem('PSN5034', { warehouse })])
    output.result(renderEstimates(options.output === 'json' ? 'json' : 'table', estimates))
    const { notEstimated } = totalOf(estimates)
    const [reason] = estimates.flatMap((each) => each.reason ?? [])
    if (reason !== undefined) {
      output.log(
        'not_estimated',
        `${notEstimated} statements could not be estimated, mostly because they read what a run makes first: ${reason}`,
        { statements: notEstimated, reason },
      )
    }
    return exitCode.done
  })
}

function chosen({ nodes }: Manifest, ids: Iterable<string>): readonly CompiledNode[] {
  const selected = new Set(ids)
  return nodes.filter((node) => selected.has(node.id) && node.steps.length > 0)
}

function summaryOf({ config }: Project, nodes: readonly CompiledNode[]): string {
  const statements = nodes.reduce((count, node) => count + node.steps.length, 0)
  const folder = relative(process.cwd(), join(config.paths.target, 'compiled', config.target.name))
  return `${nodes.length} nodes with ${statements} steps for ${config.target.name}, in ${folder || '.'}`
}
