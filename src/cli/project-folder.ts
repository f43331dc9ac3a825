import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** The folder given, else the nearest one upwards that holds a project, else the current one. */
export function projectFolder(given: string | undefined): string {
  if (given !== undefined) return resolve(given)
  const start = process.cwd()
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'personas.config.yaml'))) return folder
    if (folder === dirname(folder)) return start
  }
}
