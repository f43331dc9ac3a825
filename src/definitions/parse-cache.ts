import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isRecord } from '../config/shape.ts'
import type { ParsedFile, ParsedWith } from './parse-file.ts'

interface Entry {
  /** Of the file's text and the variables it uses. */
  readonly hash: string
  readonly varNames: readonly string[]
  readonly parsed: ParsedFile
}

/** Parsed files of an earlier call by path: one whose text and variables are as they were is not parsed again. */
export interface ParseCache {
  find(file: string, text: string, vars: Readonly<Record<string, unknown>>): ParsedFile | undefined
  put(file: string, text: string, vars: Readonly<Record<string, unknown>>, parsed: ParsedWith): void
  /** Of the files found or put, or undefined where that is what was read. */
  toJson(): string | undefined
}

/** Where a project's cache is, under its target folder. */
export const parseCacheName = 'partial_parse.json'

/** @param json what {@link ParseCache.toJson} gave; anything else, also of another build, is an empty cache */
export function createParseCache(json?: string): ParseCache {
  const old = json === undefined ? {} : readEntries(json)
  const used: Record<string, Entry> = {}
  let hits = 0
  return {
    find(file, text, vars) {
      const entry = Object.hasOwn(old, file) ? old[file] : undefined
      if (entry === undefined || entry.hash !== hashOf(text, entry.varNames, vars)) return undefined
      used[file] = entry
      hits += 1
      return entry.parsed
    },
    put(file, text, vars, { file: parsed, varNames: names, readsEnvironment }) {
      // What the environment gives may be a secret, and must not come to lie in a file.
      if (readsEnvironment) return
      const varNames = [...names].toSorted()
      used[file] = { hash: hashOf(text, varNames, vars), varNames, parsed }
    },
    toJson() {
      const same = hits === Object.keys(used).length && hits === Object.keys(old).length
      return same ? undefined : JSON.stringify({ build: buildStamp(), files: used })
    },
  }
}

/** @returns an empty cache where there is no such file */
export function readParseCache(path: string): ParseCache {
  try {
    return createParseCache(readFileSync(path, 'utf8'))
  } catch {
    // Missing or unreadable: the cache only saves time.
    return createParseCache()
  }
}

/** Writes the cache if it has changed. Whole or not at all, since two commands may run at once. */
export function writeParseCache(path: string, cache: ParseCache): void {
  const json = cache.toJson()
  if (json === undefined) return
  const temporary = `${path}.${process.pid}`
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(temporary, json)
    renameSync(temporary, path)
  } catch {
    // A folder that cannot be written to: what has to be written there will say so, the cache only saves time.
  }
}

function hashOf(text: string, varNames: readonly string[], vars: Readonly<Record<string, unknown>>): string {
  const hash = createHash('sha1').update(text)
  if (varNames.length > 0)
    hash.update('\0').update(JSON.stringify(varNames.map((name) => vars[name] ?? null)))
  return hash.digest('base64')
}

function readEntries(json: string): Readonly<Record<string, Entry>> {
  try {
    const read: unknown = JSON.parse(json)
    return isOfThisBuild(read) ? read.files : {}
  } catch {
    return {}
  }
}

/** What a build wrote is of the types of that build. */
function isOfThisBuild(read: unknown): read is { readonly files: Readonly<Record<string, Entry>> } {
  return isRecord(read) && read.build === buildStamp() && isRecord(read.files)
}

let stamp: string | undefined

/** Another version, or the same one built anew, may parse differently. */
function buildStamp(): string {
  if (stamp !== undefined) return stamp
  const folder = dirname(fileURLToPath(import.meta.url))
  const newest = ['.', '../config', '../diagnostics']
    .flatMap((part) => readdirSync(join(folder, part)).map((file) => join(folder, part, file)))
    .reduce((latest, file) => Math.max(latest, statSync(file).mtimeMs), 0)
  const manifest: unknown = JSON.parse(readFileSync(join(folder, '../../package.json'), 'utf8'))
  stamp = `${isRecord(manifest) ? String(manifest.version) : ''} ${newest}`
  return stamp
}
