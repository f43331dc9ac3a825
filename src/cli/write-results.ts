import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { makeFolder } from '../config/make-folder.ts'
import { writing } from './artifacts.ts'

/**
 * Writes a file of target/ whole or not at all, whenever the process ends.
 *
 * @throws {ProblemError} PSN5015 the folder cannot be written
 */
export function writeResults(config: Config, name: string, text: string): void {
  const file = join(config.paths.target, name)
  writing(config, () => {
    makeFolder(config.paths.target)
    writeFileSync(`${file}.next`, text)
    renameSync(`${file}.next`, file)
  })
}
