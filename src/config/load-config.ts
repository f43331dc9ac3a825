import { resolve } from 'node:path'
import { type Problem, ProblemError, problem } from '../diagnostics/problem.ts'
import { type Span, spanContains } from '../diagnostics/span.ts'
import { checkShape } from './check-shape.ts'
import { choose, recordAt } from './choose.ts'
import type { Config } from './config.ts'
import { configShape } from './config-schema.ts'
import { parseYaml } from './parse-yaml.ts'
import { readText } from './read-text.ts'
import { secretsOf } from './secrets.ts'
import { selectTarget } from './select-target.ts'
import { servingOf } from './serving.ts'
import { dispatch, isRecord } from './shape.ts'
import { type Places, yamlValues } from './yaml-values.ts'

const configFile = 'personas.config.yaml'

export interface ConfigOptions {
  readonly projectDir: string
  /** `--target`; else PERSONAS_TARGET, else `target` of the file. */
  readonly targetName?: string | undefined
  /** `--vars`; they win over those of the file and of the space. */
  readonly vars?: Readonly<Record<string, unknown>> | undefined
  /**
   * The process's environment. Beside what the file reads: PERSONAS_TARGET, PERSONAS_SPACE (which of `spaces` to use)
   * and PERSONAS_TARGET_PATH (instead of `paths.target`).
   */
  readonly env: Readonly<Record<string, string | undefined>>
}

const schema = configShape(dispatch)

/**
 * Reads personas.config.yaml. Only the chosen target's and space's variables need to exist.
 *
 * @throws {ProblemError} with everything that is wrong in it
 */
export function loadConfig(options: ConfigOptions): Config {
  const { env } = options
  const projectDir = resolve(options.projectDir)
  const read = readText(resolve(projectDir, configFile), configFile)
  if (!read.ok) {
    throw new ProblemError([read.missing ? problem('PSN1001', { folder: options.projectDir }) : read.problem])
  }
  const yaml = parseYaml(configFile, read.text)
  if (yaml.problems.length > 0) throw new ProblemError(yaml.problems)

  const bare = yamlValues(yaml, { env, vars: {} })
  const spaceName = env.PERSONAS_SPACE || undefined
  const fileVars = {
    ...recordAt(bare.value, ['vars']),
    ...recordAt(bare.value, ['spaces', spaceName, 'vars']),
  }
  const { value, places, problems, fromEnvironment } = yamlValues(yaml, {
    env,
    vars: { ...fileVars, ...options.vars },
  })
  const checked = checkShape(schema, value, places, configFile)
  const chosen = choose(value, places, options.targetName, env)
  const isUsed = ({ span }: { readonly span?: Span }): boolean =>
    span === undefined || !chosen.unused.some((part) => spanContains(part, span))
  const found: Problem[] = [
    ...problems.filter(isUsed),
    ...nestedVariables(bare.problems, bare.value, bare.places),
    ...(checked.ok ? [] : checked.problems),
    ...chosen.problems,
  ]
  if (found.length > 0 || !checked.ok || chosen.target === undefined) throw new ProblemError(found)

  const file = checked.value
  const space = chosen.space === undefined ? undefined : file.spaces?.[chosen.space]
  const selected = selectTarget(file, chosen.target, space?.schema, projectDir, places)
  if (!selected.ok) throw new ProblemError(selected.problems)
  const { target } = selected
  const paths = file.paths ?? {}
  const targetFolder = resolve(projectDir, (env.PERSONAS_TARGET_PATH || paths.target) ?? 'target')
  const serving = servingOf(file.serving, {
    projectDir,
    targetFolder,
    project: file.name,
    target: target.name,
    space: chosen.space,
  })
  return {
    name: file.name,
    version: 1,
    projectDir,
    target,
    targetNames: Object.keys(file.targets),
    ...(chosen.space === undefined ? {} : { space: chosen.space }),
    paths: {
      models: resolve(projectDir, paths.models ?? 'models'),
      templates: resolve(projectDir, paths.templates ?? 'templates'),
      seeds: resolve(projectDir, paths.seeds ?? 'seeds'),
      target: targetFolder,
    },
    serving,
    vars: { ...file.vars, ...space?.vars, ...options.vars },
    secrets: secretsOf(target, serving, fromEnvironment.filter(isUsed)),
    span: yaml.span(0, 0),
  }
}

/** A variable made of another would depend on the order they are read in. */
function nestedVariables(problems: readonly Problem[], value: unknown, places: Places): Problem[] {
  if (!isRecord(value) || !isRecord(value.vars)) return []
  const vars = places.valueSpan(value, 'vars')
  return problems
    .filter(({ code, span }) => code === 'PSN1021' && span !== undefined && spanContains(vars, span))
    .map(({ span }) => problem('PSN1022', { detail: 'a variable cannot be made of another variable' }, span))
}
