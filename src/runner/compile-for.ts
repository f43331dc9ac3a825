import type { Adapter } from '../adapters/adapter.ts'
import { catalogSchemas, compileProject } from '../compiler/compile-project.ts'
import type { Manifest } from '../compiler/manifest.ts'
import type { Config } from '../config/config.ts'
import { loadTemplates } from '../config/load-templates.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { hasErrors, type Problem, ProblemError } from '../diagnostics/problem.ts'
import { prepareTemplates } from '../sql/templates.ts'

export interface CompiledProject {
  readonly manifest: Manifest
  /** Warnings. */
  readonly problems: readonly Problem[]
}

/**
 * Compiles a project for the target an adapter is connected to. Of the warehouse only the catalogue is read.
 *
 * @throws {ProblemError} with all problems, where one of them is an error
 * @throws {WarehouseError} the catalogue cannot be read
 */
export async function compileFor(
  config: Config,
  definitions: Definitions,
  adapter: Adapter,
): Promise<CompiledProject> {
  const loaded = loadTemplates(config)
  if (hasErrors(loaded.problems)) throw new ProblemError(loaded.problems)
  const { manifest, problems } = await compileProject({
    config,
    definitions,
    catalog: await adapter.catalog(catalogSchemas(config, definitions)),
    dialect: adapter.dialect,
    templates: prepareTemplates(loaded.templates),
    env: process.env,
    describe: (select) => adapter.describe(select),
  })
  const all = [...loaded.problems, ...problems]
  if (hasErrors(all)) throw new ProblemError(all)
  return { manifest, problems: all }
}
