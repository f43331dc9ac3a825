import type { CatalogReader } from '../adapters/adapter.ts'
import { catalogSchemas, compileProject } from '../compiler/compile-project.ts'
import type { Manifest } from '../compiler/manifest.ts'
import { createNodeCache } from '../compiler/node-cache.ts'
import type { ServingPlan } from '../compiler/serving/serving-plan.ts'
import { hashOf, readCacheFile, writeCacheFile } from '../config/cache-file.ts'
import type { Config } from '../config/config.ts'
import { projectPath } from '../config/read-text.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { hasErrors, type Problem, ProblemError } from '../diagnostics/problem.ts'
import { prepareTemplates } from '../sql/templates.ts'
import { cacheFile } from './cache-files.ts'

export interface CompiledProject {
  readonly manifest: Manifest
  readonly serving: () => ServingPlan
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

export interface CompileOptions {
  /** Keep what was compiled in the target folder, and use what is there. */
  readonly cached?: boolean
}

/**
 * Compiles a project for the target an adapter is connected to. Of the warehouse only the catalogue is read.
 *
 * @throws {ProblemError} with all problems, where one of them is an error
 * @throws {WarehouseError} the catalogue cannot be read
 */
export async function compileFor(
  { config, definitions, templates }: ProjectParts,
  warehouse: CatalogReader,
  { cached = false }: CompileOptions = {},
): Promise<CompiledProject> {
  const { dialect } = warehouse
  const { schema, workSchema } = config.target
  const file = cacheFile(config, 'nodes')
  const key = hashOf(dialect.name, schema, workSchema, JSON.stringify([...templates]))
  const cache = createNodeCache(key, cached ? readCacheFile(file) : undefined)
  const { manifest, serving, problems } = await compileProject({
    config,
    definitions,
    catalog: await warehouse.catalog(catalogSchemas(config, definitions)),
    dialect,
    templates: prepareTemplates(templates, projectPath(config.projectDir, config.paths.templates)),
    env: process.env,
    cache,
    describe: (select) => warehouse.describe(select),
  })
  const text = cached ? cache.toText() : undefined
  if (text !== undefined) writeCacheFile(file, text)
  if (hasErrors(problems)) throw new ProblemError(problems)
  if (serving === undefined) throw new Error('what compiles can be published')
  return { manifest, serving, problems }
}
