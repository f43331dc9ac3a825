import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { fileName } from './compiled-files.ts'

/** Where commands keep what they know of a target to save time; everything in `cache/` can be removed. */
export function cacheFile(
  { paths, target }: Pick<Config, 'paths' | 'target'>,
  of: 'nodes' | 'catalog' | 'files' | 'lint',
): string {
  return join(paths.target, 'cache', `${of}.${fileName(target.name)}.json`)
}
