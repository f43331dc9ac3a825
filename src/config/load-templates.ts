import { existsSync, readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nearest } from '../diagnostics/nearest.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import type { Config } from './config.ts'
import { projectPath, readText } from './read-text.ts'

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
  const templates = new Map<string, string>()
  const problems: Problem[] = []
  const names = templateNames(builtInTemplates)
  if (names.length === 0) throw new Error(`the package holds no templates at ${builtInTemplates}`)
  const read = (folder: string, name: string): void => {
    const path = join(folder, name + extension)
    const found = readText(path, projectPath(config.projectDir, path))
    if (found.ok) templates.set(name, found.text)
    else problems.push(found.problem)
  }
  for (const name of names) read(builtInTemplates, name)
  if (config.paths.templates === builtInTemplates) return { templates, problems }
  for (const name of templateNames(config.paths.templates)) {
    if (names.includes(name)) {
      read(config.paths.templates, name)
    } else {
      const file = projectPath(config.projectDir, join(config.paths.templates, name + extension))
      const span = { file, line: 1, column: 1, endLine: 1, endColumn: 1 }
      problems.push(problem('PSN1040', { template: name, near: nearest(name, names) }, span))
    }
  }
  return { templates, problems }
}

/** Sorted; a folder that does not exist has none. */
function templateNames(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(extension))
    .map((file) => file.slice(0, -extension.length).split(sep).join('/'))
    .toSorted()
}
