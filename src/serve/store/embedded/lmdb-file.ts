import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { ProblemError, problem } from '../../../diagnostics/problem.ts'

/** Which file is in a path: another one in its place is another store. */
export function fileOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? undefined : `${stat.dev}:${stat.ino}`
}

/** Behind the header of the first page. */
const magicAt = 24
const magic = 0xbeefc0de
const version = 2

/**
 * The driver would end the process at a file that is none of LMDB.
 *
 * @returns whether there is anything in it yet
 * @throws {ProblemError} PSN7002
 */
export function holdsData(path: string): boolean {
  const header = Buffer.alloc(magicAt + 8)
  const file = openSync(path, 'r')
  let read: number
  try {
    read = readSync(file, header)
  } finally {
    closeSync(file)
  }
  if (read === 0) return false
  if (header.readUInt32LE(magicAt) === magic && header.readUInt32LE(magicAt + 4) === version) return true
  const reason = `${path} is no file of LMDB, or of another version of it`
  throw new ProblemError([problem('PSN7002', { store: dirname(path), reason })])
}
