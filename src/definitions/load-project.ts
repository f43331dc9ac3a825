import type { Config } from '../config/config.ts'
import { type ConfigOptions, loadConfig } from '../config/load-config.ts'
import { loadTemplates } from '../config/load-templates.ts'
import { hasErrors, type Problem, ProblemError } from '../diagnostics/problem.ts'
import type { Definitions } from './definitions.ts'
import { loadDefinitions } from './load-definitions.ts'

/** A project as its files tell it: all that compiling needs beside the warehouse's catalogue. */
export interface Project {
  /** Its `secrets` include those of destinations. */
  readonly config: Config
  readonly definitions: Definitions
  /** Name → text; the project's own have replaced the built-in ones. */
  readonly templates: ReadonlyMap<string, string>
  readonly warnings: readonly Problem[]
}

/**
 * Reads config, definitions and templates.
 *
 * @throws {ProblemError} with every problem of every file; those of personas.config.yaml stop before the rest, which
 * depends on it
 */
export function loadProject(options: ConfigOptions): Project {
  const config = loadConfig(options)
  const { definitions, problems: found, secrets } = loadDefinitions(config, { env: options.env })
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
