import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nearest } from '../diagnostics/nearest.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import type { Config } from './config.ts'
import { projectPath, readText } from './read-text.ts'
import { isRecord } from './shape.ts'

/** The package's own templates; the same step up from src/ and from dist/. */
export const builtInTemplates: string = fileURLToPath(new URL('../../templates', import.meta.url))

const extension = '.sql.hbs'

export interface LoadedTemplates {
  /** Name, for example `trait` or `identity/edges`, → text. */
  readonly templates: ReadonlyMap<string, string>
  readonly problems: readonly Problem[]
}

/** The built-in templates with those of the project over them. */
export function loadTemplates(config: Pick<Config, 'projectDir' | 'paths'>): LoadedTemplates {
  const { templates, ...ofPackage } = builtIn(config)
  const problems = [...ofPackage.problems]
  if (config.paths.templates === builtInTemplates) return { templates, problems }
  const names = [...templates.keys()]
  for (const name of templateNames(config.paths.templates)) {
    if (names.includes(name)) {
      readTemplate(config, config.paths.templates, name, templates, problems)
    } else {
      const file = projectPath(config.projectDir, join(config.paths.templates, name + extension))
      const span = { file, line: 1, column: 1, endLine: 1, endColumn: 1 }
      problems.push(problem('PSN1040', { template: name, near: nearest(name, names) }, span))
    }
  }
  return { templates, problems }
}

/** As one file, where the build has written it: name → text. */
const joinedTemplates = new URL('../config/built-in-templates.json', import.meta.url)

function builtIn(config: Pick<Config, 'projectDir' | 'paths'>): {
  readonly templates: Map<string, string>
  readonly problems: readonly Problem[]
} {
  // A project whose own folder this is may be editing it.
  if (config.paths.templates !== builtInTemplates && existsSync(joinedTemplates)) {
    const read: unknown = JSON.parse(readFileSync(joinedTemplates, 'utf8'))
    const entries = Object.entries(isRecord(read) ? read : {})
    return { templates: new Map(entries.map(([name, text]) => [name, String(text)])), problems: [] }
  }
  const templates = new Map<string, string>()
  const problems: Problem[] = []
  for (const name of templateNames(builtInTemplates)) {
    readTemplate(config, builtInTemplates, name, templates, problems)
  }
  if (templates.size === 0) throw new Error(`the package holds no templates at ${builtInTemplates}`)
  return { templates, problems }
}

function readTemplate(
  { projectDir }: Pick<Config, 'projectDir'>,
  folder: string,
  name: string,
  templates: Map<string, string>,
  problems: Problem[],
): void {
  const path = join(folder, name + extension)
  const found = readText(path, projectPath(projectDir, path))
  if (found.ok) templates.set(name, found.text)
  else problems.push(found.problem)
}

/** Sorted; a folder that does not exist has none. */
function templateNames(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(extension))
    .map((file) => file.slice(0, -extension.length).split(sep).join('/'))
    .toSorted()
}
