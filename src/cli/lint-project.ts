import { hashOf, parseCache, readCacheFile, renderCache, writeCacheFile } from '../config/cache-file.ts'
import type { Project } from '../definitions/load-project.ts'
import type { Problem } from '../diagnostics/problem.ts'
import { lintDefinitions } from '../lint/lint-definitions.ts'
import { cacheFile } from '../runner/cache-files.ts'

interface Kept {
  readonly problems: readonly Problem[]
}

/** What the linter says of a project; not asked again where traits and audiences are what they were. */
export function lintProject({ config, definitions }: Project): readonly Problem[] {
  const file = cacheFile(config, 'lint')
  const key = hashOf(JSON.stringify([definitions.traits, definitions.audiences]))
  const kept = parseCache(readCacheFile(file), key)
  if (kept !== undefined && isKept(kept)) return kept.problems
  const problems = lintDefinitions(definitions)
  const content: Kept = { problems }
  writeCacheFile(file, renderCache(key, content))
  return problems
}

/** What this build wrote under this key is of the types of this build. */
function isKept(content: object): content is Kept {
  return 'problems' in content
}
