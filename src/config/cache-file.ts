import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeFolder } from './make-folder.ts'
import { isRecord } from './shape.ts'

/** The text of a cache, or undefined where there is none that can be read: caches only save time. */
export function readCacheFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/**
 * Writes a cache whole or not at all, since two commands may run at once. A folder that cannot be written to is left
 * alone: what has to be written there will say so.
 */
export function writeCacheFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}`
  try {
    makeFolder(dirname(path))
    writeFileSync(temporary, text)
    renameSync(temporary, path)
  } catch {
    return
  }
}

/** What was written for another key, by another build or by hand is no cache. */
export function parseCache(
  text: string | undefined,
  key: string,
): Readonly<Record<string, unknown>> | undefined {
  if (text === undefined) return undefined
  try {
    const read: unknown = JSON.parse(text)
    return isRecord(read) && read.build === buildStamp() && read.key === key && isRecord(read.content)
      ? read.content
      : undefined
  } catch {
    return undefined
  }
}

/** The text that {@link parseCache} reads. */
export function renderCache(key: string, content: object): string {
  return JSON.stringify({ build: buildStamp(), key, content })
}

export function hashOf(...parts: readonly string[]): string {
  const hash = createHash('sha1')
  for (const part of parts) hash.update(`${part.length}\n`).update(part)
  return hash.digest('base64')
}

let stamp: string | undefined

/** Another version of this package, or the same one built anew, may do things differently. */
function buildStamp(): string {
  if (stamp !== undefined) return stamp
  const own = dirname(fileURLToPath(import.meta.url))
  const root = dirname(own)
  // What the build has joined is all in one folder.
  const joined = basename(own) === 'chunks'
  const newest = readdirSync(joined ? own : root, { recursive: !joined, encoding: 'utf8' })
    .filter((file) => /(?<!\.d)\.c?[jt]s$/.test(file))
    .reduce((latest, file) => Math.max(latest, statSync(join(joined ? own : root, file)).mtimeMs), 0)
  const manifest: unknown = JSON.parse(readFileSync(join(root, '../package.json'), 'utf8'))
  stamp = `${isRecord(manifest) ? String(manifest.version) : ''} ${newest}`
  return stamp
}
