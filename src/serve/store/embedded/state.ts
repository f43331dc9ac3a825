import { randomUUID } from 'node:crypto'
import { ProblemError, problem } from '../../../diagnostics/problem.ts'
import type { Release } from '../store.ts'
import type { ControlTables, Files, ProfileTables } from './files.ts'
import { wordKey } from './keys.ts'

/** Of what is in the files. Another one is refused, since it may mean anything. */
const format = '1'

const formatKey = wordKey('format')
const idKey = wordKey('id')
const releaseKey = wordKey('release')

/** Makes the store where there is none. @throws {ProblemError} PSN7002 */
export function makeStore(folder: string, { control }: Files): void {
  if (isMade(folder, control.reader()?.tables)) return
  const { root, tables } = control.writer()
  root.transactionSync(() => {
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

export function readRelease({ state }: ProfileTables): Release | undefined {
  const text = state.get(releaseKey)
  if (text === undefined) return undefined
  // What `writeRelease` wrote.
  return JSON.parse(text) as Release
}

export function writeRelease({ state }: ProfileTables, release: Release): void {
  state.putSync(releaseKey, JSON.stringify(release))
}
