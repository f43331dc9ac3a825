import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { type ConfigOptions, loadConfig } from '../config/load-config.ts'
import { loadTemplates } from '../config/load-templates.ts'
import { hasErrors, type Problem, ProblemError } from '../diagnostics/problem.ts'
import type { Definitions } from './definitions.ts'
import { loadDefinitions } from './load-definitions.ts'
import { createParseCache, parseCacheName, readParseCache, writeParseCache } from './parse-cache.ts'

/** A project as its files tell it: all that compiling needs beside the warehouse's catalogue. */
export interface Project {
  /** Its `secrets` include those of destinations. */
  readonly config: Config
  readonly definitions: Definitions
  /** Name → text; the project's own have replaced the built-in ones. */
  readonly templates: ReadonlyMap<string, string>
  readonly warnings: readonly Problem[]
}

export interface ProjectOptions extends ConfigOptions {
  /** Keep what was parsed in `partial_parse.json` of the target folder, and use what is there. */
  readonly cached?: boolean
}

/**
 * Reads config, definitions and templates.
 *
 * @throws {ProblemError} with every problem of every file; those of personas.config.yaml stop before the rest, which
 * depends on it
 */
export function loadProject(options: ProjectOptions): Project {
  const config = loadConfig(options)
  const cacheFile = options.cached === true ? join(config.paths.target, parseCacheName) : undefined
  const cache = cacheFile === undefined ? createParseCache() : readParseCache(cacheFile)
  const { definitions, problems: found, secrets } = loadDefinitions(config, { env: options.env, cache })
  if (cacheFile !== undefined) writeParseCache(cacheFile, cache)
  const { templates, problems: ofTemplates } = loadTemplates(config)
  const problems = [...found, ...ofTemplates]
  if (hasErrors(problems)) throw new ProblemError(problems)
  return {
    config: { ...config, secrets: [...new Set([...config.secrets, ...secrets])] },
    definitions,
    templates,
    warnings: problems,
  }
}
