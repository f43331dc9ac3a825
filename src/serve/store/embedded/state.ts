import { randomUUID } from 'node:crypto'
import { ProblemError, problem } from '../../../diagnostics/problem.ts'
import type { Release } from '../store.ts'
import type { ControlTables, Files, ProfileTables } from './files.ts'
import { wordKey } from './keys.ts'

/** Of what is in the files. Another one is refused, since it may mean anything. */
const format = '2'

const formatKey = wordKey('format')
const idKey = wordKey('id')
const releaseKey = wordKey('release')
/** Another one whenever the release is: so short that every read can look at it. */
const stampKey = wordKey('stamp')
const pendingKey = wordKey('pending')

/** Makes the store where there is none. @throws {ProblemError} PSN7002 */
export function makeStore(folder: string, { control }: Files): void {
  if (isMade(folder, control.reader())) return
  const { write, tables } = control.writer()
  write(() => {
    if (isMade(folder, tables)) return
    tables.state.putSync(formatKey, format)
    tables.state.putSync(idKey, randomUUID())
  })
}

/** @throws {ProblemError} PSN7002 */
export function isMade(folder: string, tables: ControlTables | undefined): boolean {
  const found = tables?.state.get(formatKey)
  if (found === undefined || found === format) return found === format
  const reason = `its format is ${found}, not ${format}`
  throw new ProblemError([problem('PSN7002', { store: folder, reason })])
}

export function storeId(tables: ControlTables): string {
  return tables.state.get(idKey) ?? ''
}

/** One that answers many requests is parsed once. */
export interface KnownRelease {
  stamp: string | undefined
  release: Release | undefined
}

export function readRelease({ state }: ProfileTables, known?: KnownRelease): Release | undefined {
  const stamp = known && state.get(stampKey)
  if (known !== undefined && stamp !== undefined && stamp === known.stamp) return known.release
  const text = state.get(releaseKey)
  if (text === undefined) return undefined
  // What `writeRelease` wrote.
  const release = JSON.parse(text) as Release
  if (known !== undefined) Object.assign(known, { stamp, release })
  return release
}

/** Whether somebody waits to be taken out; kept beside `pending`, since a look at one key is what every read can afford. */
export function anyPending({ state }: ControlTables): boolean {
  return state.get(pendingKey) !== undefined
}

export function noteWhetherPending({ state, pending }: ControlTables): void {
  if (isEmpty(pending)) state.removeSync(pendingKey)
  else state.putSync(pendingKey, '')
}

export function isEmpty(table: ControlTables['pending']): boolean {
  for (const _ of table.getKeys({ limit: 1 })) return false
  return true
}

export function writeRelease({ state }: ProfileTables, release: Release): void {
  state.putSync(releaseKey, JSON.stringify(release))
  state.putSync(stampKey, randomUUID().slice(0, 8))
}
