import type { Adapter } from '../adapters/adapter.ts'
import { openAdapter } from '../adapters/open-adapter.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import { parseYaml } from '../config/parse-yaml.ts'
import { isRecord } from '../config/shape.ts'
import { yamlValues } from '../config/yaml-values.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { loadDefinitions } from '../definitions/load-definitions.ts'
import { reportProblems } from './failure.ts'
import type { Invocation } from './invocation.ts'
import { projectFolder } from './project-folder.ts'
import { UsageError } from './usage-error.ts'

export interface Project {
  readonly config: Config
  readonly definitions: Definitions
}

/**
 * Reads the config; what it holds of secrets is masked from here on.
 *
 * @throws {ProblemError} everything wrong with it
 */
export function openConfig({ options, output }: Invocation): Config {
  const config = loadConfig({
    projectDir: projectFolder(options.projectDir),
    targetName: options.target,
    vars: options.vars === undefined ? undefined : parseVars(options.vars),
    env: process.env,
  })
  output.hide(config.secrets)
  const { threads } = options
  return threads === undefined ? config : { ...config, target: { ...config.target, threads } }
}

/** @throws {ProblemError} everything wrong with the definitions */
export async function openProject(invocation: Invocation): Promise<Project> {
  const config = openConfig(invocation)
  const { definitions, problems } = await loadDefinitions(config)
  reportProblems(problems, invocation.output, config.projectDir)
  return { config, definitions }
}

/** Opens the target for `use` and closes it whatever happens. */
export async function withAdapter<T>(config: Config, use: (adapter: Adapter) => Promise<T>): Promise<T> {
  const adapter = await openAdapter(config.target)
  try {
    return await use(adapter)
  } finally {
    await adapter.close()
  }
}

/** `--vars` is an object in YAML, of which JSON is a part. */
function parseVars(text: string): Readonly<Record<string, unknown>> {
  const yaml = parseYaml('--vars', text)
  const { value, problems } = yamlValues(yaml, { env: process.env, vars: {} })
  const [first] = [...yaml.problems, ...problems]
  if (first === undefined && isRecord(value)) return value
  throw new UsageError(
    `--vars takes a YAML object, not \`${text}\`${first ? `: ${first.message}` : ''}`,
    "for example --vars '{lookback_days: 30}'",
  )
}
