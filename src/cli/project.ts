import { setTimeout as delay } from 'node:timers/promises'
import type { Adapter } from '../adapters/adapter.ts'
import { openAdapter } from '../adapters/open-adapter.ts'
import { WarehouseError } from '../adapters/warehouse-error.ts'
import type { Config } from '../config/config.ts'
import { type ConfigOptions, loadConfig } from '../config/load-config.ts'
import { parseYaml } from '../config/parse-yaml.ts'
import { isRecord } from '../config/shape.ts'
import { yamlValues } from '../config/yaml-values.ts'
import { loadProject, type Project } from '../definitions/load-project.ts'
import { reportProblems } from './failure.ts'
import type { Invocation } from './invocation.ts'
import { lintProject } from './lint-project.ts'
import { projectFolder } from './project-folder.ts'
import { UsageError } from './usage-error.ts'

/**
 * Reads the config alone; what it holds of secrets is masked from here on.
 *
 * @throws {ProblemError} everything wrong with it
 */
export function openConfig(invocation: Invocation): Config {
  const config = loadConfig(configOptions(invocation))
  invocation.output.hide(config.secrets)
  return withThreads(config, invocation)
}

/**
 * Reads config, definitions and templates; warnings go to stderr.
 *
 * @throws {ProblemError} everything wrong with them
 */
export function openProject(invocation: Invocation): Project {
  const project = loadProject({ ...configOptions(invocation), cached: true })
  const { output } = invocation
  output.hide(project.config.secrets)
  const warnings = [...project.warnings, ...lintProject(project)]
  reportProblems(warnings, output, project.config.projectDir)
  return { ...project, config: withThreads(project.config, invocation) }
}

function configOptions({ options }: Invocation): ConfigOptions {
  return {
    projectDir: projectFolder(options.projectDir),
    targetName: options.target,
    vars: options.vars === undefined ? undefined : parseVars(options.vars),
    env: process.env,
  }
}

function withThreads(config: Config, { options: { threads } }: Invocation): Config {
  return threads === undefined ? config : { ...config, target: { ...config.target, threads } }
}

/** Opens the target for `use` and closes it whatever happens. */
export async function withAdapter<T>(config: Config, use: (adapter: Adapter) => Promise<T>): Promise<T> {
  return closing(await openAdapter(config.target), use)
}

/**
 * As {@link withAdapter}, but waits up to --lock-timeout for another process that has a DuckDB file open.
 *
 * @throws {WarehouseError} PSN4005 it still has
 */
export async function withFreeAdapter<T>(
  { options, output, signal }: Invocation,
  config: Config,
  use: (adapter: Adapter) => Promise<T>,
): Promise<T> {
  const giveUpAt = performance.now() + options.lockTimeoutSeconds * 1000
  for (let told = false; ; told = true) {
    try {
      return await closing(await openAdapter(config.target), use)
    } catch (error) {
      const inUse = error instanceof WarehouseError && error.code === 'PSN4005'
      if (!inUse || performance.now() >= giveUpAt) throw error
      if (!told) output.log('waiting', `waiting: ${error.message}`)
    }
    await delay(200, undefined, { signal })
  }
}

async function closing<T>(adapter: Adapter, use: (adapter: Adapter) => Promise<T>): Promise<T> {
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
