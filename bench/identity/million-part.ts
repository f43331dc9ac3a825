import { join } from 'node:path'
import { compareComponents } from './components-part.ts'
import { inProcess } from './in-process.ts'
import type { PartInput } from './part.ts'
import { compareStrings } from './strings-part.ts'

const usualIdentifiers = 10_000_000

/** The size others publish: 10 million identifiers and 16.1 million edges in 1.84 million clusters. */
export function millionPart({ scale = usualIdentifiers, seed, folder }: PartInput): void {
  const file = join(folder, 'clusters.duckdb')
  const generated = inProcess('generateClusters', { file, seed, identifiers: scale })
  compareComponents('clusters of about five', file, generated, false)
  compareStrings('their strings', file, generated, folder, false)
}
