import { readdir, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type CommandBody, exitCode } from '../invocation.ts'
import { openConfig } from '../project.ts'

/** A DuckDB file, its write-ahead log and what it spills while it is open. */
const database = /\.(duckdb|db)(\.wal|\.tmp)?$/

export const clean: CommandBody = async (invocation) => {
  const { paths, target } = openConfig(invocation)
  const own = target.type === 'duckdb' ? [target.path, `${target.path}.wal`, `${target.path}.tmp`] : []
  const entries = await readdir(paths.target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const kept = (entry: string): boolean =>
    !invocation.options.all && (database.test(entry) || own.includes(join(paths.target, entry)))
  const removed = entries.filter((entry) => !kept(entry))
  for (const entry of removed) await rm(join(paths.target, entry), { recursive: true })
  const folder = relative(process.cwd(), paths.target) || '.'
  const left = entries.filter(kept)
  invocation.output.result(
    `removed ${removed.length === 0 ? 'nothing' : removed.join(', ')} from ${folder}${left.length === 0 ? '' : `; kept ${left.join(', ')}`}`,
  )
  return exitCode.done
}
