import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { projectPath, reasonOf } from '../config/read-text.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'

/** Absolute paths, in the order of their names. */
export interface ProjectFiles {
  readonly yaml: readonly string[]
  readonly sql: readonly string[]
  /** The folder is missing, or one in it cannot be read. */
  readonly problems: readonly Problem[]
}

/** Files with definitions under a folder, at any depth. Names that begin with a dot are left out. */
export function listFiles(folder: string, projectDir: string): ProjectFiles {
  const files: string[] = []
  const problems: Problem[] = []
  if (existsSync(folder)) walk(folder, projectDir, files, problems)
  else problems.push(problem('PSN1003', { folder: projectPath(projectDir, folder) }))
  return {
    yaml: files.filter((file) => /\.ya?ml$/.test(file)),
    sql: files.filter((file) => file.endsWith('.sql')),
    problems,
  }
}

function walk(folder: string, projectDir: string, files: string[], problems: Problem[]): void {
  const entries = entriesOf(folder, projectDir, problems)
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) walk(path, projectDir, files, problems)
    else if (isFile(entry, path)) files.push(path)
  }
}

function entriesOf(folder: string, projectDir: string, problems: Problem[]): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    problems.push(problem('PSN1002', { file: projectPath(projectDir, folder), reason: reasonOf(error) }))
    return []
  }
}

/** A link to a folder is not followed: it could lead back. Links that lead nowhere, or in a circle, are no files. */
function isFile(entry: Dirent, path: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isFile()
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}
