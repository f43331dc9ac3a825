import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Files with definitions under a folder, at any depth, by path. Names that begin with a dot are left out. */
export function listFiles(folder: string): {
  readonly yaml: readonly string[]
  readonly sql: readonly string[]
} {
  const files = existsSync(folder) ? walk(folder) : []
  return {
    yaml: files.filter((file) => /\.ya?ml$/.test(file)),
    sql: files.filter((file) => file.endsWith('.sql')),
  }
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return walk(path)
      return isFile(entry, path) ? [path] : []
    })
}

/** A link to a folder is not followed: it could lead back. */
function isFile(entry: Dirent, path: string): boolean {
  return (
    entry.isFile() || (entry.isSymbolicLink() && statSync(path, { throwIfNoEntry: false })?.isFile() === true)
  )
}
