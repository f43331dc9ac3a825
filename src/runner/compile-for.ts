import type { Adapter } from '../adapters/adapter.ts'
import { catalogSchemas, compileProject } from '../compiler/compile-project.ts'
import type { Manifest } from '../compiler/manifest.ts'
import type { Config } from '../config/config.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { hasErrors, type Problem, ProblemError } from '../diagnostics/problem.ts'
import { prepareTemplates } from '../sql/templates.ts'

export interface CompiledProject {
  readonly manifest: Manifest
  /** Warnings. */
  readonly problems: readonly Problem[]
}

/** What compiling needs of a project's files. */
export interface ProjectParts {
  readonly config: Config
  readonly definitions: Definitions
  /** Name → text. */
  readonly templates: ReadonlyMap<string, string>
}

/**
 * Compiles a project for the target an adapter is connected to. Of the warehouse only the catalogue is read.
 *
 * @throws {ProblemError} with all problems, where one of them is an error
 * @throws {WarehouseError} the catalogue cannot be read
 */
export async function compileFor(
  { config, definitions, templates }: ProjectParts,
  adapter: Adapter,
): Promise<CompiledProject> {
  const { manifest, problems } = await compileProject({
    config,
    definitions,
    catalog: await adapter.catalog(catalogSchemas(config, definitions)),
    dialect: adapter.dialect,
    templates: prepareTemplates(templates),
    env: process.env,
    describe: (select) => adapter.describe(select),
  })
  if (hasErrors(problems)) throw new ProblemError(problems)
  return { manifest, problems }
}
