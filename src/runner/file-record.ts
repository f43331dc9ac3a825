import type { BigIntStats } from 'node:fs'
import { closeSync, fstatSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { hashOf, parseCache, renderCache } from '../config/cache-file.ts'
import { makeFolder } from '../config/make-folder.ts'

/** Files as they were written: one that has not been touched since need not be read to know what is in it. */
export interface FileRecord {
  /** Writes a file unless that is what is in it. @param path relative to the folder, with forward slashes */
  write(path: string, text: string): void
  /** Of the files written since, or undefined where that is what was read. */
  toText(): string | undefined
}

/** Path → hash of the text and {@link stateOf} the file. */
type Written = Readonly<Record<string, readonly [hash: string, state: string]>>

/** @param text what {@link FileRecord.toText} gave; anything else is an empty record */
export function createFileRecord(folder: string, text?: string): FileRecord {
  const content = parseCache(text, '')
  const old: Written = content !== undefined && isWritten(content) ? content : {}
  const now: Record<string, readonly [string, string]> = {}
  let kept = 0
  const folders = new Set<string>()
  return {
    write(path, wanted) {
      const file = join(folder, path)
      const hash = hashOf(wanted)
      const found = statSync(file, { bigint: true, throwIfNoEntry: false })
      const known = Object.hasOwn(old, path) ? old[path] : undefined
      if (known !== undefined && found !== undefined && known[0] === hash && known[1] === stateOf(found)) {
        now[path] = known
        kept += 1
      } else if (found?.isFile() === true && readFileSync(file, 'utf8') === wanted) {
        now[path] = [hash, stateOf(found)]
      } else {
        if (!folders.has(dirname(file))) makeFolder(dirname(file))
        folders.add(dirname(file))
        now[path] = [hash, writeText(file, wanted)]
      }
    },
    toText() {
      const same = kept === Object.keys(now).length && kept === Object.keys(old).length
      return same ? undefined : renderCache('', now)
    },
  }
}

/** @returns the state it leaves the file in */
function writeText(file: string, text: string): string {
  const opened = openSync(file, 'w')
  try {
    writeFileSync(opened, text)
    return stateOf(fstatSync(opened, { bigint: true }))
  } finally {
    closeSync(opened)
  }
}

function stateOf({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return `${ino} ${size} ${mtimeNs} ${ctimeNs}`
}

/** What this build wrote is of the types of this build. */
function isWritten(content: object): content is Written {
  return !Array.isArray(content)
}
