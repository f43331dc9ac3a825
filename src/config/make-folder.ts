import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * A folder with all above it, if it is missing. Node's own recursive `mkdir` never returns where a folder can have no
 * children, as under /proc.
 *
 * @throws {NodeJS.ErrnoException} it cannot be made
 */
export function makeFolder(folder: string): void {
  if (isFolder(folder)) return
  if (dirname(folder) !== folder) makeFolder(dirname(folder))
  try {
    mkdirSync(folder)
  } catch (error) {
    // Another process may have made it meanwhile.
    if (isFolder(folder)) return
    if (!existsSync(folder)) throw error
    throw Object.assign(new Error(`ENOTDIR: not a directory, '${folder}'`), { code: 'ENOTDIR' })
  }
}

/** False also below a file. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
