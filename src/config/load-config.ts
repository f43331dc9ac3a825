import { resolve } from 'node:path'
import { nearest } from '../diagnostics/nearest.ts'
import { type Problem, ProblemError, problem } from '../diagnostics/problem.ts'
import type { Span } from '../diagnostics/span.ts'
import { checkShape } from './check-shape.ts'
import type { Config } from './config.ts'
import { configShape } from './config-schema.ts'
import { parseYaml } from './parse-yaml.ts'
import { readText } from './read-text.ts'
import { secretsOf } from './secrets.ts'
import { selectTarget } from './select-target.ts'
import { dispatch, isRecord } from './shape.ts'
import { yamlValues } from './yaml-values.ts'

export const configFile = 'personas.config.yaml'

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
  const bareVars = {
    ...recordAt(bare.value, ['vars']),
    ...recordAt(bare.value, ['spaces', spaceName, 'vars']),
  }
  const variables = { env, vars: { ...bareVars, ...options.vars } }
  const { value, places, problems, fromEnvironment } = yamlValues(yaml, variables)

  const checked = checkShape(schema, value, places, 'personas.config.yaml')
  const targets = recordAt(value, ['targets'])
  const fileTarget = isRecord(value) && typeof value.target === 'string' ? value.target : undefined
  const targetName = options.targetName ?? (env.PERSONAS_TARGET || fileTarget)
  const unused = [
    ...otherMembers(targets, targetName).map((key) => places.valueSpan(targets, key)),
    ...otherMembers(recordAt(value, ['spaces']), spaceName).map((key) =>
      places.valueSpan(recordAt(value, ['spaces']), key),
    ),
  ]
  const isUnused = (span: Span | undefined): boolean => unused.some((part) => contains(part, span))
  const unfilled = problems.filter(({ span }) => isUnused(span))
  const found: Problem[] = [
    ...problems.filter(({ span }) => !isUnused(span)),
    ...nestedVariables(bare.problems, bare.value, bare.places),
    ...(checked.ok
      ? []
      : checked.problems.filter(({ span }) => !unfilled.some((at) => contains(span, at.span)))),
  ]
  if (
    targetName !== undefined &&
    !Object.hasOwn(targets, targetName) &&
    isRecord(value) &&
    'targets' in value
  ) {
    const from =
      options.targetName !== undefined ? '--target' : env.PERSONAS_TARGET ? 'PERSONAS_TARGET' : '`target`'
    const known = Object.keys(targets)
    const span = from === '`target`' ? places.valueSpan(value, 'target') : places.keySpan(value, 'targets')
    found.push(
      problem('PSN1030', { target: targetName, near: nearest(targetName, known), known, from }, span),
    )
  }
  const spaces = recordAt(value, ['spaces'])
  if (spaceName !== undefined && !Object.hasOwn(spaces, spaceName)) {
    const known = Object.keys(spaces)
    found.push(
      problem(
        'PSN1031',
        { space: spaceName, near: nearest(spaceName, known), known },
        places.valueSpan(spaces),
      ),
    )
  }
  if (found.length > 0 || !checked.ok || targetName === undefined) throw new ProblemError(found)

  const file = checked.value
  const space = spaceName === undefined ? undefined : file.spaces?.[spaceName]
  const { target, problems: targetProblems } = selectTarget(
    file,
    targetName,
    space?.schema,
    projectDir,
    places,
  )
  if (target === undefined || targetProblems.length > 0) throw new ProblemError(targetProblems)
  const paths = file.paths ?? {}
  const used = fromEnvironment.filter(({ span }) => !isUnused(span))
  return {
    name: file.name,
    version: 1,
    projectDir,
    target,
    targetNames: Object.keys(file.targets),
    ...(spaceName === undefined ? {} : { space: spaceName }),
    paths: {
      models: resolve(projectDir, paths.models ?? 'models'),
      templates: resolve(projectDir, paths.templates ?? 'templates'),
      seeds: resolve(projectDir, paths.seeds ?? 'seeds'),
      target: resolve(projectDir, (env.PERSONAS_TARGET_PATH || paths.target) ?? 'target'),
    },
    vars: { ...file.vars, ...space?.vars, ...options.vars },
    secrets: secretsOf(target, used),
    span: yaml.span(0, 0),
  }
}

function recordAt(value: unknown, path: readonly (string | undefined)[]): Readonly<Record<string, unknown>> {
  let current = value
  for (const key of path) current = isRecord(current) && key !== undefined ? current[key] : undefined
  return isRecord(current) ? current : {}
}

function otherMembers(record: Readonly<Record<string, unknown>>, chosen: string | undefined): string[] {
  return Object.keys(record).filter((key) => key !== chosen)
}

/** A variable made of another would depend on the order they are read in. */
function nestedVariables(
  problems: readonly Problem[],
  value: unknown,
  places: { valueSpan(container: object, key: string): Span },
): Problem[] {
  if (!isRecord(value) || !isRecord(value.vars)) return []
  const vars = places.valueSpan(value, 'vars')
  return problems
    .filter(({ code, span }) => code === 'PSN1021' && contains(vars, span))
    .map(({ span }) => problem('PSN1022', { detail: 'a variable cannot be made of another variable' }, span))
}

function contains(outer: Span | undefined, inner: Span | undefined): boolean {
  if (outer === undefined || inner === undefined) return false
  const startsBefore = outer.line < inner.line || (outer.line === inner.line && outer.column <= inner.column)
  const endsAfter =
    outer.endLine > inner.endLine || (outer.endLine === inner.endLine && outer.endColumn >= inner.endColumn)
  return startsBefore && endsAfter
}
