import type { CatalogReader } from '../adapters/adapter.ts'
import type { Manifest } from '../compiler/manifest.ts'
import type { Project } from '../definitions/load-project.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import { compileFor } from '../runner/compile-for.ts'
import { selectNodes } from '../runner/select/select-nodes.ts'
import { reportProblems } from './failure.ts'
import type { Invocation } from './invocation.ts'

/** Compiles for an open target; warnings go to stderr. */
export async function compiledProject(
  { output }: Invocation,
  project: Project,
  warehouse: CatalogReader,
): Promise<Manifest> {
  const { manifest, problems } = await compileFor(project, warehouse, { cached: true })
  reportProblems(problems, output, project.config.projectDir)
  return manifest
}

/**
 * Ids of the nodes that --select and --exclude choose; selectors that match nothing are warned of.
 *
 * @throws {SelectorError} a selector cannot be read
 */
export function selectedNodes(
  { options, output }: Invocation,
  { config }: Project,
  manifest: Manifest,
): readonly string[] {
  const { ids, unmatched } = selectNodes(manifest.nodes, options.select, options.exclude)
  const warnings: Problem[] = unmatched.map((selector) => problem('PSN5006', { selector }))
  reportProblems(warnings, output, config.projectDir)
  return ids
}
