import { hashOf, parseCache, readCacheFile, renderCache, writeCacheFile } from '../config/cache-file.ts'
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
  const content = parseCache(json, '')
  const old = isEntries(content) ? content : {}
  const used: Record<string, Entry> = {}
  let hits = 0
  return {
    find(file, text, vars) {
      const entry = Object.hasOwn(old, file) ? old[file] : undefined
      if (entry === undefined || entry.hash !== keyOf(text, entry.varNames, vars)) return undefined
      used[file] = entry
      hits += 1
      return entry.parsed
    },
    put(file, text, vars, { file: parsed, varNames: names, readsEnvironment }) {
      // What the environment gives may be a secret, and must not come to lie in a file.
      if (readsEnvironment) return
      const varNames = [...names].toSorted()
      used[file] = { hash: keyOf(text, varNames, vars), varNames, parsed }
    },
    toJson() {
      const same = hits === Object.keys(used).length && hits === Object.keys(old).length
      return same ? undefined : renderCache('', used)
    },
  }
}

/** @returns an empty cache where there is no such file */
export function readParseCache(path: string): ParseCache {
  return createParseCache(readCacheFile(path))
}

/** Writes the cache if it has changed. */
export function writeParseCache(path: string, cache: ParseCache): void {
  const text = cache.toJson()
  if (text !== undefined) writeCacheFile(path, text)
}

function keyOf(text: string, varNames: readonly string[], vars: Readonly<Record<string, unknown>>): string {
  return hashOf(text, JSON.stringify(varNames.map((name) => vars[name] ?? null)))
}

function isEntries(content: object | undefined): content is Readonly<Record<string, Entry>> {
  // What this build wrote is of the types of this build.
  return content !== undefined
}
