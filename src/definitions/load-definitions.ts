import type { Config } from '../config/config.ts'
import { projectPath, readText } from '../config/read-text.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import { placeOf } from '../diagnostics/span.ts'
import { checkDepth } from './check-depth.ts'
import { checkNames } from './check-names.ts'
import { checkReferences } from './check-references.ts'
import type { Definitions, IdentityRules } from './definitions.ts'
import { defaultIdentifiers } from './identifier-defaults.ts'
import { linkAudiences } from './link-audiences.ts'
import type { ParseCache } from './parse-cache.ts'
import { type ParsedFile, parseFile } from './parse-file.ts'
import { listFiles } from './project-files.ts'
import { linkSqlFiles, type SqlFile } from './read-sql-files.ts'

export interface DefinitionsOptions {
  /** For `{{ env_var 'X' }}`. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Asked before a file is parsed, told afterwards. */
  readonly cache?: ParseCache
}

export interface LoadedDefinitions {
  /** What could be read; whoever goes on with problems at hand may miss definitions. */
  readonly definitions: Definitions
  /** Every problem of every file, in no particular order. */
  readonly problems: readonly Problem[]
  /** Environment values in destinations: never print them. */
  readonly secrets: readonly string[]
}

/** Reads everything under the project's models folder and checks it against itself; no warehouse is asked. */
export function loadDefinitions(
  config: Pick<Config, 'projectDir' | 'paths' | 'vars'>,
  options: DefinitionsOptions,
): LoadedDefinitions {
  const { projectDir, paths, vars } = config
  const modelsFolder = projectPath(projectDir, paths.models)
  const { yaml, sql, problems: unlisted } = listFiles(paths.models, projectDir)
  const problems: Problem[] = [...unlisted]
  const parsed: ParsedFile[] = []
  const secrets = new Set<string>()
  let unread = unlisted.length
  for (const path of yaml) {
    const file = projectPath(projectDir, path)
    const read = readText(path, file)
    if (!read.ok) {
      problems.push(read.problem)
      unread += 1
      continue
    }
    const cached = options.cache?.find(file, read.text, vars)
    if (cached !== undefined) {
      parsed.push(cached)
      continue
    }
    const result = parseFile(file, read.text, { env: options.env, vars })
    options.cache?.put(file, read.text, vars, result)
    parsed.push(result.file)
    for (const secret of result.secrets) if (secret !== '') secrets.add(secret)
  }
  const sqlFiles: SqlFile[] = []
  for (const path of sql) {
    const file = projectPath(projectDir, path)
    const read = readText(path, file)
    if (read.ok) sqlFiles.push({ file, text: read.text })
    else problems.push(read.problem)
  }

  const linked = linkSqlFiles(
    parsed.flatMap(({ traits }) => traits),
    sqlFiles,
    modelsFolder,
  )
  const relationships = parsed.flatMap((file) => file.relationships)
  const definitions: Definitions = {
    sources: parsed.flatMap(({ sources }) => sources),
    identity: onlyIdentity(parsed, problems),
    entities: parsed.flatMap(({ entities }) => entities),
    relationships,
    traits: linked.traits,
    audiences: linkAudiences(
      parsed.flatMap(({ audiences }) => audiences),
      relationships,
    ),
    models: linked.models,
    destinations: parsed.flatMap(({ destinations }) => destinations),
    syncs: parsed.flatMap(({ syncs }) => syncs),
    unitTests: parsed.flatMap(({ unitTests }) => unitTests),
  }
  const broken = new Set(parsed.flatMap((file) => file.broken))
  // A file that cannot be read may hold any name: only what is surely wrong is reported beside it.
  const anyName = unread > 0 || parsed.some(({ opaque }) => opaque)
  problems.push(...parsed.flatMap((file) => file.problems), ...linked.problems, ...checkNames(definitions))
  const tooDeep = checkDepth(definitions)
  // What follows walks definitions.
  problems.push(
    ...(tooDeep.length > 0 ? tooDeep : checkReferences(definitions, (name) => anyName || broken.has(name))),
  )
  if (definitions.sources.length === 0 && problems.length === 0) {
    problems.push(problem('PSN2060', { folder: modelsFolder }))
  }
  return { definitions, problems, secrets: [...secrets] }
}

function onlyIdentity(files: readonly ParsedFile[], problems: Problem[]): IdentityRules {
  const [first, ...others] = files.flatMap(({ identity }) => identity)
  if (first === undefined) return { identifiers: defaultIdentifiers() }
  for (const { span } of others) {
    problems.push(problem('PSN2050', { first: placeOf(first.span) }, span))
  }
  return first.rules
}
