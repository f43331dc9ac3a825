import { join, relative } from 'node:path'
import type { Manifest } from '../compiler/manifest.ts'
import { readCacheFile, writeCacheFile } from '../config/cache-file.ts'
import type { Config } from '../config/config.ts'
import { ProblemError, problem } from '../diagnostics/problem.ts'
import { cacheFile } from '../runner/cache-files.ts'
import { compiledPath, fileName, writeCompiledFiles } from '../runner/compiled-files.ts'
import { createFileRecord } from '../runner/file-record.ts'
import { renderManifest } from '../runner/manifest-file.ts'
import { personasVersion } from './version.ts'

/**
 * Writes compiled SQL and manifest.json.
 *
 * @throws {ProblemError} PSN5015 the folder cannot be written
 */
export function writeCompiled(config: Config, manifest: Manifest): void {
  writing(config, () => {
    const file = cacheFile(config, 'files')
    const record = createFileRecord(config.paths.target, readCacheFile(file))
    writeCompiledFiles(config.paths.target, config.target.name, manifest.nodes, record)
    const text = renderManifest({
      personasVersion: personasVersion(),
      project: config.name,
      target: config.target,
      nodes: manifest.nodes,
    })
    record.write('manifest.json', text)
    const written = record.toText()
    if (written !== undefined) writeCacheFile(file, written)
  })
}

/**
 * Writes what a publish sends.
 *
 * @throws {ProblemError} PSN5015 the folder cannot be written
 */
export function writeServing(config: Config, files: ReadonlyMap<string, string>): void {
  writing(config, () => {
    const record = createFileRecord(config.paths.target)
    for (const [name, text] of files) {
      record.write(`compiled/${fileName(config.target.name)}/serving/${name}.sql`, text)
    }
  })
}

/** A node's compiled file as the author would open it: relative to where they are. */
export function compiledFile(config: Config, node: Manifest['nodes'][number]): string | undefined {
  const path = compiledPath(config.target.name, node)
  return path === undefined ? undefined : relative(process.cwd(), join(config.paths.target, path))
}

/** @throws {ProblemError} PSN5015 what was to be written cannot be */
export function writing(config: Config, write: () => void): void {
  try {
    write()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    if (code === undefined) throw error
    const file = relative(process.cwd(), config.paths.target) || '.'
    throw new ProblemError([problem('PSN5015', { file, reason: code })], { cause: error })
  }
}
